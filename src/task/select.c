/*
 * All channels of a select are locked at once, in the order of their addresses, while it looks whether a case can happen and
 * while it takes its turn in every queue: so no other can end the wait before it has begun, and two selects that meet
 * need not agree on who waits for whom. Other cases are looked at before, since that may take system calls. When one of them may
 * have changed during the wait, the turns are given back, and the select begins anew.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "os/os.h"
#include "task/case.h"
#include "task/chan.h"

/* What a channel's case holds besides, in its reserved fields. */
struct selected {
	struct hoy__turn turn;
	hoy_case *next;		/* in the order of locking */
};

_Static_assert(sizeof(struct selected) <= sizeof ((hoy_case *)0)->reserved, "fits into the case");
_Static_assert(sizeof(hoy_case) == 88, "part of the binary interface");

static struct selected *part_of(hoy_case *a)
{
	return (struct selected *)(void *)a->reserved;
}

static bool has_channel(const hoy_case *a)
{
	return a->kind <= HOY_CASE_RECV && a->chan;
}

static bool has_ops(const hoy_case *a)
{
	return a->kind > HOY_CASE_DEFAULT;
}

/* ---- the channels' locks ---- */

/* Those with a channel, by its address. */
static hoy_case *sort(hoy_case *cases, size_t n)
{
	hoy_case *first = NULL;

	for (size_t i = 0; i < n; i++) {
		hoy_case **at = &first;

		if (!has_channel(&cases[i]))
			continue;
		while (*at && (uintptr_t)(*at)->chan < (uintptr_t)cases[i].chan)
			at = &part_of(*at)->next;
		part_of(&cases[i])->next = *at;
		*at = &cases[i];
	}
	return first;
}

static void lock_all(hoy_case *first)
{
	const hoy_chan *last = NULL;

	for (hoy_case *a = first; a; last = a->chan, a = part_of(a)->next)
		if (a->chan != last)
			hoy__chan_lock(a->chan);
}

static void unlock_all(hoy_case *first)
{
	const hoy_chan *last = NULL;

	for (hoy_case *a = first, *next; a; a = next) {
		next = part_of(a)->next;
		if (a->chan != last)
			hoy__chan_unlock(a->chan);
		last = a->chan;
	}
}

/* ---- which can happen ---- */

static void look_beforehand(hoy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_ops(&cases[i]))
			cases[i].code = hoy__case_ops(&cases[i])->look(&cases[i]);
}

static bool can_happen(const hoy_case *a)
{
	switch (a->kind) {
	case HOY_CASE_SEND:
		return a->chan && hoy__chan_can_send(a->chan);
	case HOY_CASE_RECV:
		return a->chan && hoy__chan_can_recv(a->chan);
	case HOY_CASE_UNTIL:
		return hoy__deadline_of(a->until) <= hoy__os_monotonic();
	case HOY_CASE_DEFAULT:
		return false;
	default:
		return a->code != -EAGAIN;
	}
}

/* xorshift64*, a sequence for each thread. */
static size_t random_below(size_t n)
{
	static _Thread_local uint64_t x;

	if (!x)
		x = (uint64_t)(uintptr_t)&x | 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (size_t)((x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n);
}

/* Of those that can happen, each is as likely: the second takes the first one's place half of the time, and so on. -1: none. */
static int choose(const hoy_case *cases, size_t n)
{
	size_t possible = 0;
	int chosen = -1;

	for (size_t i = 0; i < n; i++)
		if (can_happen(&cases[i]) && (++possible == 1 || random_below(possible) == 0))
			chosen = (int)i;
	return chosen;
}

static int find_default(const hoy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cases[i].kind == HOY_CASE_DEFAULT)
			return (int)i;
	return -1;
}

/* With all locks held. -EAGAIN: the other side has just found another partner. */
static int use_channel(hoy_case *a)
{
	return a->kind == HOY_CASE_SEND ? hoy__chan_send_now(a->chan, a->item) : hoy__chan_recv_now(a->chan, a->item);
}

static int choose_and_use(hoy_case *cases, size_t n, int *code)
{
	int i;

	do {
		*code = 0;
		i = choose(cases, n);
	} while (i >= 0 && has_channel(&cases[i]) && (*code = use_channel(&cases[i])) == -EAGAIN);
	return i;
}

/* ---- waiting ---- */

static void take_turns(hoy_case *cases, size_t n, struct hoy__choice *choice)
{
	for (size_t i = 0; i < n; i++)
		if (has_channel(&cases[i])) {
			struct hoy__turn *turn = &part_of(&cases[i])->turn;

			*turn = (struct hoy__turn){ .choice = choice, .item = cases[i].item, .number = (int)i };
			hoy__list_push(cases[i].kind == HOY_CASE_SEND ? &cases[i].chan->senders : &cases[i].chan->receivers,
				       &turn->link);
		}
}

static void leave_queues(hoy_case *first)
{
	lock_all(first);
	for (hoy_case *a = first; a; a = part_of(a)->next)
		hoy__list_remove(&part_of(a)->turn.link);
	unlock_all(first);
}

static int watch(hoy_case *a, int64_t *until)
{
	if (a->kind == HOY_CASE_UNTIL)
		*until = hoy__earlier(*until, hoy__deadline_of(a->until));
	return has_ops(a) ? hoy__case_ops(a)->watch(a, until) : 0;
}

static void unwatch(hoy_case *a)
{
	if (has_ops(a))
		hoy__case_ops(a)->unwatch(a);
}

/* A channel has let one happen, or another look is worth it. */
static bool is_over(hoy_case *cases, size_t n, struct hoy__choice *choice)
{
	if (atomic_load_explicit(&choice->won, memory_order_relaxed) != HOY__NONE_YET)
		return true;
	for (size_t i = 0; i < n; i++)
		if (has_ops(&cases[i]) && hoy__case_ops(&cases[i])->has_changed(&cases[i]))
			return true;
	return false;
}

/* Until it is over: 0; or a moment has come, or a code. */
static int wait(hoy_case *cases, size_t n, struct hoy__choice *choice)
{
	int why = HOY__WHY_SELECT;
	int64_t until = HOY__NEVER;
	size_t watched = 0;
	int code = 0;

	for (; code == 0 && watched < n; watched++) {
		why |= has_ops(&cases[watched]) ? HOY__WHY_EVENT | HOY__WHY_ANY : 0;
		code = watch(&cases[watched], &until);
	}
	while (code == 0 && !is_over(cases, n, choice)) {
		hoy__arm(choice->task);
		if (is_over(cases, n, choice) && hoy__disarm(choice->task))
			break;
		code = hoy__park((enum hoy__why)why, NULL, until);
	}
	while (watched > 0)
		unwatch(&cases[--watched]);
	return code;
}

/* With all locks held, which are released. The index of the case that happened; -EAGAIN: look again; or why it cannot wait. */
static int wait_for_one(struct hoy__task *me, hoy_case *cases, size_t n, hoy_case *first, int *code)
{
	struct hoy__choice choice = { .task = me, .won = HOY__NONE_YET, .many = true };
	int ended, won;

	if (!me) {
		unlock_all(first);
		return hoy__self_failure();
	}
	take_turns(cases, n, &choice);
	unlock_all(first);
	ended = wait(cases, n, &choice);
	leave_queues(first);
	won = atomic_load_explicit(&choice.won, memory_order_relaxed);
	if (won == HOY__NONE_YET)
		return ended == 0 || ended == HOY_ETIMEOUT ? -EAGAIN : ended;
	*code = choice.code;
	return won;
}

/* ---- the whole ---- */

/* The index of the case that happened, with its code; -EAGAIN: look again; or a code. */
static int select_once(hoy_case *cases, size_t n, int *code)
{
	hoy_case *first = sort(cases, n);
	int i, otherwise = find_default(cases, n);
	struct hoy__task *me = otherwise < 0 ? hoy__self() : NULL;	/* before the locks: a thread's first time allocates */

	look_beforehand(cases, n);
	lock_all(first);
	i = choose_and_use(cases, n, code);
	if (i < 0 && (i = otherwise) < 0)
		return wait_for_one(me, cases, n, first, code);
	unlock_all(first);
	if (has_ops(&cases[i]))
		*code = cases[i].code < 0 ? cases[i].code : hoy__case_ops(&cases[i])->take(&cases[i]);
	if (*code == -EAGAIN)
		return -EAGAIN;
	hoy__spend();
	return i;
}

static void begin_all(hoy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_ops(&cases[i]))
			hoy__case_ops(&cases[i])->begin(&cases[i]);
}

static void end_all(hoy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_ops(&cases[i]))
			hoy__case_ops(&cases[i])->end(&cases[i]);
}

int hoy_select(hoy_case *cases, size_t n, int *code)
{
	int i, unused;

	if (!code)
		code = &unused;
	begin_all(cases, n);
	do
		i = select_once(cases, n, code);
	while (i == -EAGAIN);
	end_all(cases, n);
	if (i < 0)
		*code = 0;
	return i;
}
