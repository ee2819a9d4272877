/*
 * A worker without a ready task may wait awake for a few microseconds before it sleeps: what another worker sends it then
 * costs neither of them a system call. That pays only between workers that answer each other at once, so a worker learns:
 * each sleep that a wake-up ended soon raises its score, and each busy wait in vain lowers it by what eight of those raise it.
 * A program that waits for the network, or for nothing, never waits awake.
 */
#include "task/busywait.h"

#include "task/switch.h"
#include "task/worker.h"

enum { LOSS = 8, MOST = 4 * LOSS };

/*
 * In ticks: 5 us, about what the system calls and the switch between threads cost that are spared; and 20 us, in which a sleep
 * ends that they made that long.
 */
static uint64_t limit(const struct hoy__worker *w) { return w->slice / 20; }
static uint64_t soon(const struct hoy__worker *w) { return w->slice / 5; }

static void raise(struct hoy__worker *w)
{
	if (w->busywait_score < MOST)
		w->busywait_score++;
}

bool hoy__busywait(struct hoy__worker *w)
{
	uint64_t begin = hoy__ticks();

	do {
		if (hoy__worker_has_tasks(w)) {
			raise(w);
			return true;
		}
		hoy__pause();
	} while (hoy__ticks() - begin < limit(w));
	w->busywait_score -= LOSS;
	return false;
}

/* With one CPU the others run only while this one sleeps. */
void hoy__busywait_learn(struct hoy__worker *w, uint64_t since)
{
	if (since > soon(w))
		return;
	raise(w);
	if (w->busywait_score == HOY__BUSYWAIT_PAYS && hoy__os_cpus_allowed() == 1)
		w->busywait_score = 0;
}
