/*
 * A fixed number of workers behind a queue with a limit: for each number on standard input, how many steps it takes
 * to get to 1 (halve it, or if it is odd, take 3n + 1).
 *
 *	WorkerPool WORKERS
 *
 * The reader waits while the queue is full, so of a long input no more is in memory than the workers will soon take. Closing
 * the queue tells the workers that nothing follows. A line that is no number ends everything: the reader's negative
 * value cancels its group, hence all workers, wherever they wait.
 */
#include <err.h>
#include <errno.h>
#include <hoy.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { QUEUE = 16 };

struct job {
	long number, steps;
};

static struct {
	hoy_chan *jobs, *results;
	int workers;
} pool;

/* The jobs, from standard input. */
static int read_jobs(void *arg)
{
	hoy_conn *in = hoy_conn_from_fd(STDIN_FILENO, HOY_FD_SHARED, NULL);
	hoy_reader *r = hoy_reader_new(in, 0, NULL);
	struct job job = { 0 };
	char *line, *end;
	int code;

	(void)arg;
	for (int n = 1; (code = hoy_reader_line(r, &line, NULL, NULL)) > 0; n++) {
		job.number = strtol(line, &end, 10);
		if (job.number < 1 || job.number > 1000000000 || *end) {
			warnx("line %d: '%s' is no number from 1 to 1000000000", n, line);
			code = -EINVAL;
			break;
		}
		if ((code = hoy_chan_send(pool.jobs, &job)) < 0)
			break;
	}
	hoy_chan_close(pool.jobs);
	hoy_reader_free(r);
	hoy_conn_free(in);
	return code;
}

static int work(void *arg)
{
	struct job job;

	(void)arg;
	while (hoy_chan_recv(pool.jobs, &job) == 0) {
		job.steps = 0;
		for (long n = job.number; n != 1; n = n % 2 ? 3 * n + 1 : n / 2)
			job.steps++;
		if (hoy_chan_send(pool.results, &job) < 0)
			break;
	}
	return 0;
}

/* When the last worker has ended, there are no more results. */
static int run_workers(void *arg)
{
	const hoy_go_opts opts = { .name = "worker", .place = HOY_PLACE_SPREAD };
	hoy_group *g = hoy_group_new();
	int code = 0;

	(void)arg;
	for (int i = 0; i < pool.workers && code == 0; i++)
		code = hoy_group_go_with(g, &opts, work, NULL);
	hoy_group_wait(g);
	hoy_group_free(g);
	hoy_chan_close(pool.results);
	return code;
}

static int run(void *arg)
{
	hoy_group *g = hoy_group_new();
	struct job job;
	int code;

	(void)arg;
	pool.jobs = hoy_chan_new(sizeof(struct job), QUEUE);
	pool.results = hoy_chan_new(sizeof(struct job), 0);
	if (hoy_group_go(g, run_workers, NULL) < 0 || hoy_group_go(g, read_jobs, NULL) < 0)
		errx(1, "out of memory");
	while (hoy_chan_recv(pool.results, &job) == 0)
		printf("%ld %ld\n", job.number, job.steps);
	code = hoy_group_wait(g);
	hoy_group_free(g);
	hoy_chan_free(pool.jobs);
	hoy_chan_free(pool.results);
	return code < 0;
}

int main(int argc, char **argv)
{
	pool.workers = argc == 2 ? atoi(argv[1]) : 0;
	if (pool.workers < 1 || pool.workers > 1000)
		errx(1, "Usage: %s WORKERS, from 1 to 1000", argv[0]);
	return hoy_run(run, NULL);
}
