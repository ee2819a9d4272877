/* Many tasks, and many processors: what a task costs, and what a second worker brings. */
#include <pthread.h>

#include <hoy.h>

#define TEST_LIMIT 60
#include "support/clients.h"
#include "t.h"
#include "task/worker.h"

enum { MANY = 300000, MOST_BYTES = 4710 /* 4.6 KiB */, CONNS = 500, SHARE = CONNS * 55 / 100, PARTS = 64 };

static const hoy_run_opts one = { .workers = 1 }, two = { .workers = 2 };
static atomic_int alive, ended;

/* In bytes; -1 when the system does not tell. */
static long resident(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kib = -1;

	while (f && fgets(line, sizeof line, f))
		sscanf(line, "VmRSS: %ld", &kib);
	if (f)
		fclose(f);
	return kib < 0 ? -1 : kib * 1024;
}

static int stay(void *arg)
{
	(void)arg;
	alive++;
	CHECK_INT(hoy_sleep(HOY_HOUR), HOY_ECANCELED);
	ended++;
	return 0;
}

/* A sanitizer keeps books of its own for each of them: fewer there, and nothing to weigh. */
static int many(void)
{
	return t_scale() > 1 ? 2000 : MANY;
}

/* A canary is a page of every guard that is written to; the other guards cost nothing. */
static long bytes_allowed(void)
{
	struct hoy_runtime_info info;

	hoy_runtime_info(&info);
	return MOST_BYTES + (strcmp(info.guard, "canary") == 0 ? 4096 : 0);
}

static int start_many(void *arg)
{
	long before = resident(), each;
	struct hoy_stats stats;

	for (int i = 0; i < many(); i++)
		if (!CHECK_INT(hoy_go(stay, arg), 0))
			return 1;
	while (alive < many())
		hoy_sleep(HOY_MILLISECOND);
	each = (resident() - before) / many();
	hoy_stats(&stats);
	printf("     %ld bytes of memory for each of %d waiting tasks\n", each, many());
	CHECK(t_scale() > 1 || (before > 0 && each <= bytes_allowed()));
	CHECK_INT((long long)stats.tasks, many() + 1);
	return 0;
}

TEST(each_of_300000_waiting_tasks_takes_a_page_and_little_more)
{
	CHECK_INT(hoy_run(start_many, NULL), 0);
	CHECK_INT(ended, many());
}

/* Some milliseconds of nothing but the processor. */
static int compute(void *arg)
{
	volatile unsigned x = 1;

	(void)arg;
	for (int i = 0; i < 2000000; i++)
		x = x * 1664525 + 1013904223;
	ended++;
	return 0;
}

static int compute_in_tasks(void *arg)
{
	for (int i = 0; i < PARTS; i++)
		CHECK_INT(hoy_go(compute, arg), 0);
	while (ended < PARTS)
		hoy_sleep(100 * HOY_MICROSECOND);
	return 0;
}

static void run_tasks(int workers)
{
	CHECK_INT(hoy_run_with(workers == 1 ? &one : &two, compute_in_tasks, NULL), 0);
}

static void *compute_share(void *parts)
{
	for (int i = 0; i < *(int *)parts; i++)
		compute(NULL);
	return NULL;
}

static void run_threads(int n)
{
	pthread_t thread[2];
	int parts = PARTS / n;

	for (int i = 0; i < n; i++)
		CHECK_INT(pthread_create(&thread[i], NULL, compute_share, &parts), 0);
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

static double seconds(void (*run)(int n), int n)
{
	hoy_time before = hoy_now();

	ended = 0;
	run(n);
	CHECK_INT(ended, PARTS);
	return (double)hoy_time_sub(hoy_now(), before) / 1e9;
}

/* Seconds at best: of one and two threads, of one and two workers. */
static double best[4] = { 1e9, 1e9, 1e9, 1e9 };

/* Side by side, so that what else the machine does falls on all of them. */
static void measure_all(void)
{
	for (int i = 0; i < 4; i++) {
		double took = seconds(i < 2 ? run_threads : run_tasks, 1 + i % 2);

		best[i] = took < best[i] ? took : best[i];
	}
}

/* On a machine that others load, no program gains 1.8; then threads are the measure. */
static bool good(void)
{
	double threads = best[0] / best[1], tasks = best[2] / best[3];

	return tasks >= 1.8 || tasks >= 0.9 * threads;
}

TEST(two_workers_compute_as_two_threads_do)
{
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP("this machine has one processor");
	for (int round = 0; round < 3 || (round < 12 && !good()); round++)
		measure_all();
	printf("     two workers are %.2f times as fast as one, two threads %.2f times\n", best[2] / best[3],
	       best[0] / best[1]);
	CHECK(t_scale() > 1 || good());	/* a sanitizer's own books are shared between threads */
}

static atomic_int on[2];

static void count_here(hoy_conn *c, void *arg)
{
	char byte;

	(void)arg;
	on[hoy__this->index]++;
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	CHECK_INT(hoy_conn_write(c, &byte, 1, NULL), 1);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 0);
}

/* All are open until the last one was served. */
static void connect_many(int port)
{
	static int fd[CONNS];
	char byte = 'x';

	for (int i = 0; i < CONNS; i++) {
		fd[i] = connect_to(1, port);
		CHECK_INT(write(fd[i], &byte, 1), 1);
	}
	for (int i = 0; i < CONNS; i++)
		CHECK_INT(read(fd[i], &byte, 1), 1);
}

static int serve_many(void *clients)
{
	hoy_wait_group all = { 0 };
	hoy_listener *l = serve_in_background(count_here, &all);

	CHECK_INT(clients_go(clients, port_of(l)), 0);
	hoy_listener_close(l, NULL);
	hoy_wait_group_wait(&all);
	hoy_listener_free(l);
	return 0;
}

TEST(accepted_connections_are_shared_between_workers)
{
	struct clients clients;

	if (!allow_files(CONNS + 100))
		SKIP("too few descriptors are allowed");
	clients_fork(&clients, connect_many);
	CHECK_INT(hoy_run_with(&two, serve_many, &clients), 0);
	printf("     connections of the two workers: %d and %d\n", on[0], on[1]);
	CHECK_INT(on[0] + on[1], CONNS);
	CHECK(on[0] <= SHARE && on[1] <= SHARE);
}
