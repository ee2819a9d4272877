/*
 * The sieve of Eratosthenes as a pipeline: each prime that comes out adds a stage, which lets no multiples of it pass.
 *
 *	Pipeline COUNT		the first COUNT primes
 *
 * A stage knows only the channel before it and the one behind it. None asks whether it should end: when there are enough
 * primes, the group is cancelled, every send and receive in it returns HOY_ECANCELED, and hoy_group_free returns once
 * the last stage has. In Go, Pipeline.go, each stage is handed a context and selects on it at every step.
 */
#include <err.h>
#include <hoy.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 10000 };

struct stage {
	hoy_chan *in, *out;
	int prime;
};

static int count_up(void *arg)
{
	struct stage *s = arg;

	for (int n = 2; hoy_chan_send(s->out, &n) == 0; n++)
		continue;
	return 0;
}

static int sieve(void *arg)
{
	struct stage *s = arg;
	int n;

	while (hoy_chan_recv(s->in, &n) == 0)
		if (n % s->prime && hoy_chan_send(s->out, &n) < 0)
			break;
	return 0;
}

/* Returns the channel that the new stage sends to. */
static hoy_chan *add_stage(hoy_group *g, hoy_fn *fn, hoy_chan *in, int prime)
{
	struct stage s = { in, hoy_chan_new(sizeof(int), 0), prime };

	if (!s.out || hoy_group_go_copy(g, fn, &s, sizeof s) < 0)
		errx(1, "out of memory");
	return s.out;
}

static int run(void *count)
{
	static hoy_chan *chans[MOST + 1];
	hoy_group *g = hoy_group_new();
	int prime, n = *(int *)count;

	chans[0] = add_stage(g, count_up, NULL, 0);
	for (int i = 0; i < n && hoy_chan_recv(chans[i], &prime) == 0; i++) {
		printf("%d\n", prime);
		chans[i + 1] = add_stage(g, sieve, chans[i], prime);
	}
	hoy_group_free(g);		/* cancels the stages and waits for them: then no one uses a channel */
	for (int i = 0; i <= n; i++)
		hoy_chan_free(chans[i]);
	return 0;
}

int main(int argc, char **argv)
{
	int count = argc == 2 ? atoi(argv[1]) : 0;

	if (count < 1 || count > MOST)
		errx(1, "Usage: %s COUNT, from 1 to %d", argv[0], MOST);
	return hoy_run(run, &count);
}
