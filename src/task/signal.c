/*
 * A handler may do next to nothing: it notes the number and writes a byte into the pipe
 * of each wait that asked for it. Waits look at the notes first, so a signal between
 * two waits is found. The pipes are kept for the next wait; a handler may still be
 * writing into one.
 */
#include <errno.h>

#include <hoy/err.h>

#include "os/signal.h"
#include "task/runtime.h"
#include "task/source.h"

enum { WAITS_MOST = 16 };

struct wait {
	struct hoy__source source;	/* the pipe's end for reading */
	int write_end;
	bool taken, open;
	_Atomic uint64_t wanted;
};

static struct wait waits[WAITS_MOST];
static atomic_uint guard;		/* of `taken`, `open` and `caught` */
static uint64_t caught;			/* signals whose handler is ours */
static _Atomic uint64_t noted;		/* arrived and not yet returned */

static uint64_t bit(int signo)
{
	return UINT64_C(1) << (signo - 1);
}

static void on_signal(int signo)
{
	atomic_fetch_or(&noted, bit(signo));
	for (int i = 0; i < WAITS_MOST; i++)
		if (atomic_load(&waits[i].wanted) & bit(signo))
			hoy__os_write(waits[i].write_end, "", 1);
}

static int open_wait(struct wait *wait)
{
	int ends[2], code = hoy__os_pipe(ends);

	if (code < 0)
		return code;
	wait->write_end = ends[1];
	hoy__source_open(&wait->source, ends[0]);
	wait->open = true;
	return 0;
}

static struct wait *take_wait(int *code)
{
	struct wait *wait = NULL;

	*code = -EAGAIN;
	hoy__spin_lock(&guard);
	for (int i = 0; i < WAITS_MOST && !wait; i++)
		if (!waits[i].taken)
			wait = &waits[i];
	if (wait && (*code = wait->open ? 0 : open_wait(wait)) == 0)
		wait->taken = true;
	else
		wait = NULL;
	hoy__spin_unlock(&guard);
	return wait;
}

static void give_wait(struct wait *wait)
{
	atomic_store(&wait->wanted, 0);
	hoy__spin_lock(&guard);
	wait->taken = false;
	hoy__spin_unlock(&guard);
}

static int catch(int signo)
{
	int code = 0;

	hoy__spin_lock(&guard);
	if (!(caught & bit(signo)) && (code = hoy__os_signal_catch(signo, on_signal)) == 0)
		caught |= bit(signo);
	hoy__spin_unlock(&guard);
	return code;
}

/* Takes the lowest noted signal of the set; 0 when there is none. */
static int take_noted(uint64_t wanted)
{
	uint64_t found;

	while ((found = atomic_load(&noted) & wanted)) {
		int signo = __builtin_ctzll(found) + 1;

		if (atomic_fetch_and(&noted, ~bit(signo)) & bit(signo))
			return signo;
	}
	return 0;
}

static void empty(struct wait *wait)
{
	uint32_t seen = hoy__source_look(&wait->source);
	char bytes[64];

	while (hoy__os_read(wait->source.sys, bytes, sizeof bytes) > 0)
		;
	hoy__source_drained(&wait->source, HOY__IN, seen);
}

static int wait_for(struct wait *wait, uint64_t wanted)
{
	int code = 0, signo;

	atomic_store(&wait->wanted, wanted);
	for (;;) {
		empty(wait);
		if ((signo = take_noted(wanted)) || code < 0)
			return signo ? signo : code;
		code = hoy__source_wait(&wait->source, HOY__IN, HOY__WHY_SIGNAL, HOY__NEVER);
	}
}

int hoy_signal_wait(const int *signals, size_t n)
{
	uint64_t wanted = 0;
	struct wait *wait;
	int code;

	for (size_t i = 0; i < n; i++) {
		if (signals[i] <= 0 || signals[i] >= HOY__OS_SIGNALS)
			return -EINVAL;
		wanted |= bit(signals[i]);
	}
	if (!wanted)
		return -EINVAL;
	if (!(wait = take_wait(&code)))
		return code;
	for (size_t i = 0; i < n && code >= 0; i++)
		code = catch(signals[i]);
	if (code >= 0)
		code = wait_for(wait, wanted);
	give_wait(wait);
	return code;
}

void hoy__signals_lock(void)
{
	hoy__spin_lock(&guard);
}

void hoy__signals_unlock(void)
{
	hoy__spin_unlock(&guard);
}

/* The handlers stay, as a fork leaves them; signals of the child go into pipes of its own. */
void hoy__signals_forget(void)
{
	for (int i = 0; i < WAITS_MOST; i++) {
		struct wait *wait = &waits[i];

		atomic_store(&wait->wanted, 0);
		if (wait->open) {
			hoy__os_close(wait->write_end);
			hoy__os_close(wait->source.sys);
		}
		wait->open = wait->taken = false;
	}
	atomic_store(&noted, 0);
	hoy__signals_unlock();
}

void hoy__signals_restore(void)
{
	hoy__spin_lock(&guard);
	for (int signo = 1; signo < HOY__OS_SIGNALS; signo++)
		if (caught & bit(signo))
			hoy__os_signal_restore(signo);
	caught = 0;
	atomic_store(&noted, 0);
	hoy__spin_unlock(&guard);
}
