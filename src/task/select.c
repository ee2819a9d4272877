/*
 * All channels of a select are locked at once, in the order of their addresses, while it looks whether a case can happen and
 * while it takes its turn in every queue: so no other can end the wait before it has begun, and two selects that meet
 * need not agree on who waits for whom.
 */
#include <errno.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/moment.h"
#include "os/os.h"
#include "task/chan.h"

/* What a case holds besides, in its reserved fields. */
struct selected {
	struct hoy__turn turn;
	hoy_case *next;		/* in the order of locking */
};

_Static_assert(sizeof(struct selected) <= sizeof ((hoy_case *)0)->reserved, "fits into the case");
_Static_assert(sizeof(hoy_case) == 80, "part of the binary interface");

static struct selected *part_of(hoy_case *a)
{
	return (struct selected *)(void *)a->reserved;
}

static bool has_channel(const hoy_case *a)
{
	return a->kind <= HOY_CASE_RECV && a->chan;
}

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
			hoy__spin_lock(&a->chan->lock);
}

static void unlock_all(hoy_case *first)
{
	const hoy_chan *last = NULL;

	for (hoy_case *a = first, *next; a; a = next) {
		next = part_of(a)->next;
		if (a->chan != last)
			hoy__spin_unlock(&a->chan->lock);
		last = a->chan;
	}
}

static int try_case(hoy_case *a)
{
	if (a->kind == HOY_CASE_UNTIL)
		return hoy__deadline_of(a->until) <= hoy__os_monotonic() ? 0 : -EAGAIN;
	if (!has_channel(a))
		return -EAGAIN;
	return a->kind == HOY_CASE_SEND ? hoy__chan_send_now(a->chan, a->item) : hoy__chan_recv_now(a->chan, a->item);
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

/* From a case at random on, so that none that can always happen keeps the others waiting. */
static int try_all(hoy_case *cases, size_t n, int *code)
{
	size_t start = n ? random_below(n) : 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = (start + i) % n;

		if ((*code = try_case(&cases[at])) != -EAGAIN)
			return (int)at;
	}
	return -EAGAIN;
}

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

/* The case whose moment comes first, or -1. */
static int first_moment(const hoy_case *cases, size_t n, int64_t *moment)
{
	int first = -1;

	*moment = HOY__NEVER;
	for (size_t i = 0; i < n; i++)
		if (cases[i].kind == HOY_CASE_UNTIL && hoy__deadline_of(cases[i].until) < *moment) {
			*moment = hoy__deadline_of(cases[i].until);
			first = (int)i;
		}
	return first;
}

static int find_default(const hoy_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cases[i].kind == HOY_CASE_DEFAULT)
			return (int)i;
	return -1;
}

/* With all locks held, which are let go. The index of the case that happened, or why none did. */
static int wait_for_one(hoy_case *cases, size_t n, hoy_case *first, int *code)
{
	struct hoy__choice choice = { .task = hoy__self(), .won = HOY__NONE_YET, .many = true };
	int64_t moment;
	int timed = first_moment(cases, n, &moment), ended;

	if (!choice.task) {
		unlock_all(first);
		return hoy__self_failure();
	}
	take_turns(cases, n, &choice);
	unlock_all(first);
	ended = hoy__choice_wait(&choice, HOY__WHY_SELECT, NULL, moment);
	leave_queues(first);
	if (atomic_load(&choice.won) == HOY__NONE_YET)
		return ended == HOY_ETIMEOUT ? timed : ended;
	*code = choice.code;
	return choice.won;
}

int hoy_select(hoy_case *cases, size_t n, int *code)
{
	hoy_case *first = sort(cases, n);
	int i, unused;

	if (!code)
		code = &unused;
	lock_all(first);
	i = try_all(cases, n, code);
	if (i != -EAGAIN) {
		unlock_all(first);
		hoy__spend();
		return i;
	}
	*code = 0;
	if ((i = find_default(cases, n)) < 0)
		return wait_for_one(cases, n, first, code);
	unlock_all(first);
	return i;
}
