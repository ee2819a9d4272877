/* A descriptor as the poller sees it: readiness remembered, waits, kicks, tasks that start when readable. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

#include <hoy.h>

#include "t.h"
#include "os/os.h"
#include "task/runtime.h"
#include "task/source.h"

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static struct hoy__source s;	/* type-stable, as the contract asks */
static int ends[2];
static atomic_int happened;

static bool open_pair(void)
{
	if (!CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0))
		return false;
	hoy__source_open(&s, ends[0]);
	return true;
}

static void close_pair(void)
{
	hoy__source_close(&s, false);
	close(ends[0]);
	close(ends[1]);
}

static void drain(enum hoy__direction d)
{
	uint32_t seen = hoy__source_look(&s);
	char buf[4096] = { 0 };

	while ((d == HOY__IN ? read(ends[0], buf, sizeof buf) : write(ends[0], buf, sizeof buf)) > 0)
		;
	hoy__source_drained(&s, d, seen);
}

static int soon(void)
{
	return hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, hoy_in(30 * t_scale() * HOY_MILLISECOND).ns);
}

/* The poller knows it from now on, and has told that it is writable, as it does once. */
static void settle(void)
{
	drain(HOY__IN);
	CHECK_INT(soon(), HOY_ETIMEOUT);
	drain(HOY__IN);
}

static int writes_later(void *arg)
{
	(void)arg;
	hoy_sleep(5 * HOY_MILLISECOND);
	CHECK(write(ends[1], "x", 1) == 1);
	return 0;
}

/* Readiness is remembered between waits, and asked of the system only by trying. */
static int remember(void *arg)
{
	(void)arg;
	if (!open_pair())
		return 1;
	CHECK(hoy__source_maybe(&s, HOY__IN, hoy__source_look(&s)));	/* a new one is worth a try */
	CHECK_INT(soon(), 0);
	drain(HOY__IN);
	CHECK(!hoy__source_maybe(&s, HOY__IN, hoy__source_look(&s)));
	settle();
	CHECK(!hoy__source_maybe(&s, HOY__IN, hoy__source_look(&s)));
	CHECK_INT(soon(), HOY_ETIMEOUT);
	drain(HOY__IN);			/* whoever has waited tries again */
	hoy_go(writes_later, arg);
	CHECK_INT(soon(), 0);
	CHECK_INT(soon(), 0);		/* still */
	CHECK(hoy__source_maybe(&s, HOY__OUT, hoy__source_look(&s)));
	shutdown(ends[1], SHUT_WR);
	hoy_sleep(2 * HOY_MILLISECOND);
	CHECK(hoy__source_hung_up(hoy__source_look(&s)));
	close_pair();
	return 0;
}

/* Between the try that found nothing and saying so, an event comes. */
static int event_between(void *arg)
{
	uint32_t seen;

	(void)arg;
	if (!open_pair())
		return 1;
	settle();
	hoy__source_kick(&s, HOY__IN);
	seen = hoy__source_look(&s);
	CHECK(read(ends[0], (char[1]){ 0 }, 1) < 0);
	CHECK(write(ends[1], "x", 1) == 1);
	hoy_sleep(HOY_MILLISECOND);		/* the poll takes the event */
	hoy__source_drained(&s, HOY__IN, seen);
	CHECK(hoy__source_maybe(&s, HOY__IN, hoy__source_look(&s)));
	CHECK_INT(soon(), 0);
	close_pair();
	return 0;
}

/* The numbers come round: after a wait it is not drained as of any of them. */
static int forget(void *arg)
{
	if (!open_pair())
		return 1;
	settle();
	hoy_go(writes_later, arg);
	CHECK_INT(soon(), 0);
	for (uint32_t number = 0; number < 64; number++)
		if (!(number & 2))	/* no number of events has that bit */
			CHECK(hoy__source_maybe(&s, HOY__IN, number));
	CHECK(!(hoy__source_look(&s) & 2));
	close_pair();
	return 0;
}

static int kicks(void *arg)
{
	(void)arg;
	hoy_sleep(2 * HOY_MILLISECOND);
	hoy__source_kick(&s, HOY__IN);
	return 0;
}

static int kicked(void *arg)
{
	if (!open_pair())
		return 1;
	settle();
	hoy_go(kicks, arg);
	CHECK_INT(hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, HOY__NEVER), 0);
	drain(HOY__IN);
	hoy__source_kick(&s, HOY__IN);		/* nobody there: the next to wait looks again */
	CHECK_INT(hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, HOY__NEVER), 0);
	close_pair();
	return 0;
}

/* An event that carries another generation, or none, is dropped. */
static int stale(void *arg)
{
	uint64_t old;
	uint32_t before;

	(void)arg;
	if (!open_pair())
		return 1;
	old = (uint64_t)(uintptr_t)&s << 16 | s.generation;
	close_pair();
	if (!open_pair())
		return 1;
	before = hoy__source_look(&s);
	hoy__source_event(old, HOY__READABLE | HOY__HANGUP);
	hoy__source_event(0, HOY__READABLE);
	CHECK_INT(hoy__source_look(&s), before);
	hoy__source_event((uint64_t)(uintptr_t)&s << 16 | s.generation, HOY__READABLE);
	CHECK(hoy__source_look(&s) != before);
	close_pair();
	return 0;
}

static int note_start(void *arg)
{
	(void)arg;
	happened++;
	return 0;
}

static int by_write(void) { return write(ends[1], "x", 1) == 1 ? 0 : -1; }
static int by_kick(void) { return hoy__source_kick(&s, HOY__IN), 0; }
static int by_hang_up(void) { return shutdown(ends[1], SHUT_RDWR); }

/* No stack waits; it starts once, whatever the reason, and not again. */
static int start_when(void *arg)
{
	static int (*const ways[])(void) = { by_write, by_kick, by_hang_up };

	(void)arg;
	for (size_t i = 0; i < LEN(ways); i++) {
		if (!open_pair())
			return 1;
		happened = 0;
		settle();
		CHECK_INT(hoy__source_start_when(&s, HOY__IN, note_start, NULL, NULL), 0);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(happened, 0);
		CHECK_INT(ways[i](), 0);
		CHECK_INT(ways[i](), 0);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(happened, 1);
		CHECK_INT(hoy__source_start_when(&s, HOY__IN, note_start, NULL, NULL), 0);
		hoy_sleep(2 * HOY_MILLISECOND);
		CHECK_INT(happened, 2);		/* still perhaps ready: at once */
		close_pair();
	}
	return 0;
}

/* Two wait without a stack when the root is cancelled; one more comes afterwards. */
static int after_the_end(void *arg)
{
	(void)arg;
	hoy_sleep(HOY_HOUR);
	happened += 100;
	hoy__source_drained(&s, HOY__IN, hoy__source_look(&s));
	CHECK_INT(hoy__source_start_when(&s, HOY__IN, note_start, NULL, NULL), 0);
	return 0;
}

static int start_at_the_end(void *arg)
{
	if (!open_pair())
		return 1;
	happened = 0;
	settle();
	CHECK_INT(hoy__source_start_when(&s, HOY__IN, note_start, NULL, NULL), 0);
	hoy_go(after_the_end, arg);
	hoy_sleep(2 * HOY_MILLISECOND);
	return 0;
}

static int wait_again(void *arg)
{
	(void)arg;
	settle();
	hoy_go(writes_later, NULL);
	CHECK_INT(soon(), 0);
	return 0;
}

TEST(readiness_is_remembered) { CHECK_INT(hoy_run_with(&one, remember, NULL), 0); }
TEST(after_a_wait_nothing_is_drained) { CHECK_INT(hoy_run_with(&one, forget, NULL), 0); }
TEST(an_event_during_a_try_is_not_lost) { CHECK_INT(hoy_run_with(&one, event_between, NULL), 0); }
TEST(a_kick_makes_the_waiter_look_again) { CHECK_INT(hoy_run_with(&two, kicked, NULL), 0); }
TEST(stale_events_are_dropped) { CHECK_INT(hoy_run_with(&one, stale, NULL), 0); }
TEST(a_task_starts_when_readable_and_only_once) { CHECK_INT(hoy_run_with(&one, start_when, NULL), 0); }

TEST(cancellation_starts_what_would_start_when_readable)
{
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1, .grace = 3 * HOY_SECOND }, start_at_the_end, NULL), 0);
	CHECK_INT(happened, 102);
	close_pair();
	CHECK_INT(hoy__source_start_when(&s, HOY__IN, note_start, NULL, NULL), HOY_ENORUNTIME);
}

/* Its home was a worker of a run that is over; the next to wait gives it another. */
TEST(a_descriptor_outlives_its_run)
{
	if (!open_pair())
		return;
	for (int i = 0; i < 3; i++)
		CHECK_INT(hoy_run_with(i % 2 ? &two : &one, wait_again, NULL), 0);
	drain(HOY__IN);
	CHECK_INT(soon(), HOY_ETIMEOUT);	/* and a plain thread */
	close_pair();
}

static int pump_out(void *arg)
{
	(void)arg;
	for (int left = 1 << 20; left > 0; ) {
		char buf[5000] = { 0 };
		uint32_t seen = hoy__source_look(&s);
		ssize_t n = write(ends[0], buf, left < (int)sizeof buf ? (size_t)left : sizeof buf);

		if (n > 0) {
			left -= (int)n;
			continue;
		}
		hoy__source_drained(&s, HOY__OUT, seen);
		CHECK_INT(hoy__source_wait(&s, HOY__OUT, HOY__WHY_WRITE, HOY__NEVER), 0);
	}
	happened++;
	return 0;
}

static int pump_in(void *arg)
{
	(void)arg;
	for (int left = 1 << 20; left > 0; ) {
		char buf[3000];
		uint32_t seen = hoy__source_look(&s);
		ssize_t n = read(ends[0], buf, sizeof buf);

		if (n > 0) {
			left -= (int)n;
			continue;
		}
		hoy__source_drained(&s, HOY__IN, seen);
		CHECK_INT(hoy__source_wait(&s, HOY__IN, HOY__WHY_READ, HOY__NEVER), 0);
	}
	happened++;
	return 0;
}

/* The other end: sends back all it gets, as a blocking thread. */
static void *mirror(void *arg)
{
	char buf[2000];
	ssize_t n;

	(void)arg;
	for (int left = 1 << 20; left > 0; left -= (int)n)
		if ((n = read(ends[1], buf, sizeof buf)) <= 0 || write(ends[1], buf, (size_t)n) != n)
			break;
	return NULL;
}

static int both_ways(void *arg)
{
	hoy_go_opts there = { .place = HOY_PLACE_SPREAD };

	CHECK_INT(hoy_go_with(&there, pump_out, arg), 0);
	CHECK_INT(hoy_go_with(&there, pump_in, arg), 0);
	while (happened < 2)
		hoy_sleep(HOY_MILLISECOND);
	return 0;
}

static void *pump_in_thread(void *arg)
{
	pump_in(arg);
	return NULL;
}

static int other_way(void *arg)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, pump_in_thread, NULL) == 0);
	pump_out(arg);
	while (happened < 2)
		hoy_sleep(HOY_MILLISECOND);
	pthread_join(thread, NULL);
	return 0;
}

/* Two directions from two workers, and then from a task and a plain thread. */
TEST(two_directions_at_once)
{
	hoy_fn *const ways[] = { both_ways, other_way };
	pthread_t thread;

	for (size_t i = 0; i < LEN(ways); i++) {
		if (!open_pair())
			return;
		happened = 0;
		fcntl(ends[1], F_SETFL, 0);
		CHECK(pthread_create(&thread, NULL, mirror, NULL) == 0);
		CHECK_INT(hoy_run_with(&two, ways[i], NULL), 0);
		pthread_join(thread, NULL);
		close_pair();
	}
}

static void *reads_later(void *arg)
{
	char buf[4096];

	usleep(20000);
	while (recv(ends[1], buf, sizeof buf, MSG_DONTWAIT) > 0)
		;
	return arg;
}

/* A source whose poller reports only that it can be read waits for the other direction all the same, each time anew. */
static int wait_to_write(void *arg)
{
	int64_t limit = hoy_in(5 * t_scale() * HOY_SECOND).ns;

	(void)arg;
	if (!open_pair())
		return 1;
	s.kind = HOY__SOURCE_IN_ONLY;
	for (int times = 0; times < 2; times++) {
		pthread_t thread;

		drain(HOY__IN);
		CHECK_INT(soon(), HOY_ETIMEOUT);
		drain(HOY__OUT);
		CHECK_INT(pthread_create(&thread, NULL, reads_later, NULL), 0);
		do {
			CHECK_INT(hoy__source_wait(&s, HOY__OUT, HOY__WHY_WRITE, limit), 0);
		} while (send(ends[0], "x", 1, MSG_DONTWAIT) < 0 && hoy_now().ns < limit);
		CHECK(hoy_now().ns < limit);
		pthread_join(thread, NULL);
	}
	s.kind = 0;
	close_pair();
	return 0;
}

TEST(waits_to_write_when_watched_for_reading)
{
	CHECK_INT(hoy_run_with(&one, wait_to_write, NULL), 0);
}

TEST(waits_to_write_in_a_thread)
{
	CHECK_INT(wait_to_write(NULL), 0);
}
