/* What it costs tasks to wait for each other, on one worker and on two. One line for each cost: its name, nanoseconds. */
#include <hoy.h>

#include "waiting.h"

static const hoy_go_opts here, spread = { .place = HOY_PLACE_SPREAD };	/* of two workers the other one, which has no task */

/* ---- channels ---- */

struct stream {
	hoy_chan *chan;
	uint64_t count;
	hoy_wait_group sent;
};

static int send_all(void *arg)
{
	struct stream *s = arg;

	for (uint64_t i = 0; i < s->count; i++)
		hoy_chan_send(s->chan, &i);
	hoy_wait_group_done(&s->sent);
	return 0;
}

static void receive_all(struct stream *s)
{
	uint64_t got = 0;

	for (uint64_t i = 0; i < s->count; i++)
		if (hoy_chan_recv(s->chan, &got) < 0 || got != i)
			errx(1, "received %llu, not %llu", (unsigned long long)got, (unsigned long long)i);
	hoy_wait_group_wait(&s->sent);
}

static double pass(size_t capacity, uint64_t count, const hoy_go_opts *place, double (*now)(void))
{
	struct stream s = { .chan = hoy_chan_new(sizeof(uint64_t), capacity), .count = count };
	double began;

	hoy_wait_group_add(&s.sent, 1);
	if (!s.chan || hoy_go_with(place, send_all, &s) < 0)
		errx(1, "no memory");
	began = now();
	receive_all(&s);
	hoy_chan_free(s.chan);
	return (now() - began) / (double)count;
}

static double pass_in_group(uint64_t count)
{
	struct stream s = { .chan = hoy_chan_new(sizeof(uint64_t), 0), .count = count };
	hoy_group *g = hoy_group_new();
	double began;

	hoy_wait_group_add(&s.sent, 1);
	if (!s.chan || !g || hoy_group_go(g, send_all, &s) < 0)
		errx(1, "no memory");
	began = cpu_ns();
	receive_all(&s);
	began = cpu_ns() - began;
	hoy_group_free(g);
	hoy_chan_free(s.chan);
	return began / (double)count;
}

/* ---- on one worker ---- */

static int yield_often(void *unused)
{
	for (int i = 0; i < SWITCHES; i++)
		hoy_yield();
	return unused != NULL;
}

static double switches(void)
{
	double began = cpu_ns();

	if (hoy_go(yield_often, NULL) < 0)
		errx(1, "no memory");
	yield_often(NULL);
	return (cpu_ns() - began) / SWITCHES / 2;
}

static double locks(void)
{
	static hoy_mutex m;
	double began = cpu_ns();

	for (int i = 0; i < LOCKS; i++) {
		hoy_mutex_lock(&m);
		hoy_mutex_unlock(&m);
	}
	return (cpu_ns() - began) / LOCKS;
}

static int nothing(void *unused)
{
	return unused != NULL;
}

static double groups(void)
{
	double began = cpu_ns();

	for (int i = 0; i < GROUPS; i++) {
		hoy_group *g = hoy_group_new();

		for (int j = 0; j < CHILDREN; j++)
			if (!g || hoy_group_go(g, nothing, NULL) < 0)
				errx(1, "no memory");
		hoy_group_wait(g);
		hoy_group_free(g);
	}
	return (cpu_ns() - began) / GROUPS;
}

static double scopes(void)
{
	hoy_time deadline = hoy_in(HOY_HOUR);
	double began = cpu_ns();

	for (int i = 0; i < SCOPES; i++) {
		hoy_scope s;

		hoy_scope_enter(&s, deadline);
		if (hoy_scope_leave(&s) < 0)
			errx(1, "a scope is over before its time");
	}
	return (cpu_ns() - began) / SCOPES;
}

static int on_one_worker(void *unused)
{
	report("switch", switches());
	report("unbuffered", pass(0, ITEMS, &here, cpu_ns));
	report("unbuffered in a group", pass_in_group(ITEMS));
	report("buffered", pass(CAPACITY, ITEMS, &here, cpu_ns));
	report("lock", locks());
	report("group of ten", groups());
	report("scope", scopes());
	return unused != NULL;
}

/* ---- on two ---- */

struct contest {
	hoy_mutex mutex;
	hoy_wait_group all;
	volatile long counter;
};

static int contend(void *arg)
{
	struct contest *c = arg;

	for (int i = 0; i < LOCKS_EACH; i++) {
		hoy_mutex_lock(&c->mutex);
		c->counter++;
		hoy_mutex_unlock(&c->mutex);
	}
	hoy_wait_group_done(&c->all);
	return 0;
}

static double contended_locks(void)
{
	struct contest c = { .counter = 0 };
	double began = wall_ns();

	hoy_wait_group_add(&c.all, CONTENDERS);
	for (int i = 0; i < CONTENDERS; i++)
		if (hoy_go_with(&spread, contend, &c) < 0)
			errx(1, "no memory");
	hoy_wait_group_wait(&c.all);
	if (c.counter != CONTENDERS * LOCKS_EACH)
		errx(1, "the mutex did not exclude");
	return (wall_ns() - began) / CONTENDERS / LOCKS_EACH;
}

struct alarm {
	hoy_sem rung, heard;
	double at, late[WAKES];
};

static int sleep_and_wake(void *arg)
{
	struct alarm *a = arg;

	for (int i = 0; i < WAKES; i++) {
		hoy_sem_wait(&a->rung);
		a->late[i] = wall_ns() - a->at;
		hoy_sem_post(&a->heard);
	}
	return 0;
}

/* From before the call that wakes until the woken task runs. */
static double wakes(void)
{
	static struct alarm a;

	if (hoy_go_with(&spread, sleep_and_wake, &a) < 0)
		errx(1, "no memory");
	for (int i = 0; i < WAKES; i++) {
		pause_busily();
		a.at = wall_ns();
		hoy_sem_post(&a.rung);
		hoy_sem_wait(&a.heard);
	}
	return median(a.late, WAKES);
}

/* Until the tasks of the row before have ended: only then is the other worker the less loaded one. */
static void settle(void)
{
	hoy_sleep(20 * HOY_MILLISECOND);
}

static int on_two_workers(void *unused)
{
	report("unbuffered, two workers", pass(0, ITEMS_ACROSS, &spread, wall_ns));
	settle();
	report("buffered, two workers", pass(CAPACITY, ITEMS_ACROSS, &spread, wall_ns));
	settle();
	report("lock of four, two workers", contended_locks());
	settle();
	report("wake a sleeping worker", wakes());
	return unused != NULL;
}

int main(void)
{
	static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };

	return hoy_run_with(&one, on_one_worker, NULL) || hoy_run_with(&two, on_two_workers, NULL);
}
