/* The life of a descriptor: locks, queues, close in every state, and the memory after. */
#include "base/base.h"
#include "base/list.h"
#include "base/spin.h"
#include "fd_help.h"

static bool is_open(int sys)
{
	return fcntl(sys, F_GETFD) >= 0;
}

static struct hoy__fd *null_fd(void)
{
	return own(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
}

static struct hoy__fd *shared;
static int order[64];
static atomic_int n_order;

static int queue_up(void *arg)
{
	int code = hoy__fd_enter(shared, HOY__IN);

	if (CHECK_INT(code, 0)) {
		order[atomic_fetch_add(&n_order, 1)] = (int)(intptr_t)arg;
		hoy__fd_leave(shared, HOY__IN);
	}
	return 0;
}

static int queue_length(struct hoy__fd *fd, enum hoy__direction d)
{
	struct hoy__link *first, *l;
	int n = 0;

	hoy__spin_lock(&fd->queue_guard);
	for (first = l = fd->queue[d]; l; l = l->next == first ? NULL : l->next)
		n++;
	hoy__spin_unlock(&fd->queue_guard);
	return n;
}

static int first_come_first_served(void *unused)
{
	(void)unused;
	shared = null_fd();
	n_order = 0;
	CHECK_INT(hoy__fd_enter(shared, HOY__IN), 0);
	for (intptr_t i = 0; i < 10; i++) {
		start(queue_up, (void *)i);
		while (queue_length(shared, HOY__IN) != i + 1)
			pause_ms(1);
	}
	CHECK_INT(hoy__fd_enter(shared, HOY__OUT), 0);	/* the other direction is free */
	hoy__fd_leave(shared, HOY__OUT);
	CHECK_INT(n_order, 0);
	hoy__fd_leave(shared, HOY__IN);
	join();
	CHECK_INT(n_order, 10);
	for (int i = 0; i < 10; i++)
		CHECK_INT(order[i], i);
	CHECK_INT(refs(shared), 1);
	hoy__fd_free(shared);
	return 0;
}

TEST(queue_is_in_order) { both(first_come_first_served); }

static atomic_int codes[3];	/* closed, timed out, canceled */

static int collect(void *unused)
{
	int code = hoy__fd_enter(shared, HOY__IN);

	(void)unused;
	if (code == HOY_ECLOSED)
		codes[0]++;
	else if (code == HOY_ETIMEOUT)
		codes[1]++;
	else if (code == HOY_ECANCELED)
		codes[2]++;
	else
		CHECK_INT(code, HOY_ECLOSED);
	return 0;
}

/* A call that waited for the lock in vain still has its reference, and gives it back at its end. */
static int ends_undo_what_was_begun(void *unused)
{
	int begun;

	(void)unused;
	released = 0;
	shared = null_fd();
	CHECK_INT(hoy__fd_begin(shared, HOY__OUT), 0);
	CHECK_INT(refs(shared), 2);
	CHECK_INT(hoy__fd_set_deadline(shared, HOY__OUT, in_ms(5)), 0);
	begun = hoy__fd_begin(shared, HOY__OUT);
	CHECK_INT(hoy__fd_begun(begun), HOY_ETIMEOUT);
	CHECK(begun > 0);
	CHECK_INT(refs(shared), 3);
	hoy__fd_end(shared, HOY__OUT, begun);
	CHECK_INT(refs(shared), 2);
	CHECK_INT(hoy__fd_enter(shared, HOY__OUT), HOY_ETIMEOUT);
	CHECK_INT(refs(shared), 2);
	CHECK_INT(hoy__fd_begin(shared, HOY__NEITHER), 0);
	CHECK_INT(refs(shared), 3);
	hoy__fd_free(shared);
	begun = hoy__fd_begin(shared, HOY__IN);
	CHECK_INT(begun, HOY_ECLOSED);
	hoy__fd_end(shared, HOY__IN, begun);
	hoy__fd_end(shared, HOY__NEITHER, 0);
	CHECK_INT(released, 0);
	hoy__fd_end(shared, HOY__OUT, 0);
	CHECK_INT(released, 1);
	return 0;
}

TEST(ends_undo_what_was_begun) { both(ends_undo_what_was_begun); }

static int queued_calls_end(void *unused)
{
	int sys;

	(void)unused;
	codes[0] = codes[1] = released = 0;
	shared = null_fd();
	sys = shared->source.sys;
	CHECK_INT(hoy__fd_enter(shared, HOY__IN), 0);
	for (int i = 0; i < 5; i++)
		start(collect, NULL);
	until_inside(shared, 6);
	CHECK_INT(hoy__fd_set_deadline(shared, HOY__IN, in_ms(10)), 0);
	join();
	CHECK_INT(refs(shared), 2);
	CHECK_INT(codes[1], 5);
	CHECK_INT(hoy__fd_enter(shared, HOY__IN), HOY_ETIMEOUT);	/* queued calls know the past too */
	CHECK_INT(hoy__fd_set_deadline(shared, HOY__IN, HOY__NEVER), 0);
	for (int i = 0; i < 5; i++)
		start(collect, NULL);
	until_inside(shared, 6);
	CHECK_INT(hoy__fd_close(shared), 0);
	join();
	CHECK_INT(codes[0], 5);
	CHECK_INT(hoy__fd_close(shared), HOY_ECLOSED);
	CHECK_INT(hoy__fd_enter(shared, HOY__IN), HOY_ECLOSED);
	CHECK_INT(hoy__fd_hold(shared), HOY_ECLOSED);
	CHECK_INT(hoy__fd_set_deadline(shared, HOY__IN, HOY__NEVER), HOY_ECLOSED);
	CHECK_INT(hoy__fd_check(shared, HOY__IN), HOY_ECLOSED);
	CHECK(is_open(sys));	/* we are still inside */
	hoy__fd_leave(shared, HOY__IN);
	CHECK(!is_open(sys));
	CHECK_INT(released, 0);
	hoy__fd_free(shared);
	CHECK_INT(released, 1);
	return 0;
}

TEST(queued_calls_obey_deadline_and_close) { both(queued_calls_end); }

static int leave_them_queued(void *unused)
{
	(void)unused;
	shared = null_fd();
	CHECK_INT(hoy__fd_enter(shared, HOY__IN), 0);
	for (int i = 0; i < 5; i++)
		start(collect, NULL);
	until_inside(shared, 6);
	return 0;
}

TEST(queued_calls_obey_cancel)
{
	in_runtime = true;
	CHECK_INT(hoy_run(leave_them_queued, NULL), 0);
	CHECK_INT(codes[2], 5);
	CHECK_INT(refs(shared), 2);
	hoy__fd_leave(shared, HOY__IN);
	hoy__fd_free(shared);
}

/* What is inside when the owner frees, and in which order it leaves. */
TEST(released_once_after_free_and_the_last_call)
{
	static const struct { bool close_first, in, out, hold; } cases[] = {
		{ false, false, false, false }, { true, false, false, false }, { false, true, false, false },
		{ true, true, false, false }, { false, true, true, false }, { true, true, true, true },
		{ false, false, false, true },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__fd *fd = null_fd();
		int sys = fd->source.sys;
		bool busy = cases[i].in || cases[i].out || cases[i].hold;

		released = 0;
		if (cases[i].in)
			CHECK_INT(hoy__fd_enter(fd, HOY__IN), 0);
		if (cases[i].out)
			CHECK_INT(hoy__fd_enter(fd, HOY__OUT), 0);
		if (cases[i].hold)
			CHECK_INT(hoy__fd_hold(fd), 0);
		if (cases[i].close_first)
			CHECK_INT(hoy__fd_close(fd), 0);
		hoy__fd_free(fd);
		CHECK_INT(is_open(sys), busy);
		CHECK_INT(released, !busy);
		if (cases[i].hold)
			hoy__fd_drop(fd);
		if (cases[i].out)
			hoy__fd_leave(fd, HOY__OUT);
		if (cases[i].in)
			hoy__fd_leave(fd, HOY__IN);
		CHECK(!is_open(sys));
		CHECK_INT(released, 1);
	}
}

TEST(a_record_lives_again_as_another_generation)
{
	struct hoy__fd *a = null_fd(), *b;
	uint64_t generation = atomic_load(&a->state) / HOY__FD_GENERATION;

	hoy__fd_set_deadline(a, HOY__IN, HOY__PAST);
	hoy__fd_free(a);
	CHECK_INT(hoy__fd_hold(a), HOY_ECLOSED);
	b = null_fd();
	CHECK(a == b);
	CHECK_INT(atomic_load(&b->state) / HOY__FD_GENERATION, generation + 1);
	CHECK_INT(hoy__fd_check(b, HOY__IN), 0);
	hoy__fd_free(b);
}

TEST(a_million_calls_inside_are_too_many)
{
	struct hoy__fd *fd = null_fd();

	atomic_fetch_or(&fd->state, HOY__FD_REFS);
	CHECK_INT(hoy__fd_hold(fd), -EUSERS);
	CHECK_INT(hoy__fd_enter(fd, HOY__IN), -EUSERS);
	hoy__fd_drop(fd);
	CHECK_INT(hoy__fd_enter(fd, HOY__IN), 0);
	hoy__fd_leave(fd, HOY__IN);
	atomic_fetch_and(&fd->state, ~HOY__FD_REFS | HOY__FD_REF);
	hoy__fd_free(fd);
}

static void *refuse(void *block, size_t size)
{
	if (size)
		return NULL;
	free(block);
	return NULL;
}

TEST(want_of_memory)
{
	void *(*hook)(void *, size_t) = hoy__realloc_hook;
	int sys = open("/dev/null", O_RDWR);

	hoy__realloc_hook = refuse;
	CHECK(!hoy__fd_new(sys, 0, NULL, NULL));
	CHECK(is_open(sys));	/* still the caller's */
	hoy__realloc_hook = hook;
	hoy__fd_free(hoy__fd_new(sys, 0, NULL, NULL));
	CHECK(!is_open(sys));
}

TEST(no_descriptor_at_all)
{
	struct hoy__fd *fd = own(-1, HOY__FD_NONE);

	CHECK_INT(hoy__fd_enter(fd, HOY__OUT), 0);
	CHECK_INT(hoy__fd_set_deadline(fd, HOY__OUT, hoy__os_monotonic() - 1), 0);
	CHECK_INT(hoy__fd_check(fd, HOY__OUT), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_check(fd, HOY__IN), 0);
	CHECK_INT(hoy__fd_close(fd), 0);
	hoy__fd_leave(fd, HOY__OUT);
	hoy__fd_free(fd);
	CHECK_INT(released, 1);
}

TEST(exported)
{
	struct hoy__fd *fd = null_fd();
	int copy = hoy__fd_export(fd);

	CHECK(copy >= 0 && is_open(copy));
	CHECK_INT(fcntl(copy, F_GETFD), FD_CLOEXEC);
	hoy__fd_close(fd);
	CHECK_INT(hoy__fd_export(fd), HOY_ECLOSED);
	CHECK(is_open(copy));
	hoy__fd_free(fd);
	close(copy);
}

/* Every way in and out at once, and then an end: TSan looks on. */
static int64_t guarded[2];
static atomic_int entered;

static int hustle(void *arg)
{
	unsigned seed = (unsigned)(intptr_t)arg;

	for (;;) {
		enum hoy__direction d = (seed = seed * 1103515245 + 12345) >> 16 & 1;
		int code;

		if ((seed >> 17 & 7) == 0) {
			hoy__fd_set_deadline(shared, d, seed & 1 << 21 ? hoy__os_monotonic() + 20000 : HOY__NEVER);
			continue;
		}
		code = hoy__fd_enter(shared, d);
		if (code == HOY_ECLOSED)
			return 0;
		if (code == HOY_ETIMEOUT)
			continue;
		CHECK_INT(code, 0);
		guarded[d]++;
		entered++;
		if (seed >> 20 & 1)
			hoy_yield();
		hoy__fd_leave(shared, d);
		if ((seed >> 22 & 31) == 0)
			hoy_yield();
	}
}

static int mill(void *unused)
{
	(void)unused;
	for (int round = 0; round < SCALED(20); round++) {
		released = entered = 0;
		guarded[0] = guarded[1] = 0;
		shared = null_fd();
		for (intptr_t i = 0; i < 8; i++)
			start(hustle, (void *)(i + 1));
		do
			pause_ms(10);
		while (!entered);
		CHECK_INT(hoy__fd_close(shared), 0);
		join();
		CHECK_INT(guarded[0] + guarded[1], entered);
		CHECK_INT(released, 0);
		hoy__fd_free(shared);
		CHECK_INT(released, 1);
	}
	return 0;
}

TEST(everything_at_once) { both(mill); }
