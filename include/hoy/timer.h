/*
 * Timers that start a task when their time comes, and tickers. Neither has a stack, a thread or a descriptor meanwhile. Durations
 * are those of hoy/time.h: INT64_MAX is never.
 */
#ifndef HOY_TIMER_H
#define HOY_TIMER_H

#include <stdint.h>

#include <hoy/chan.h>
#include <hoy/task.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Refers to a timer. hoy keeps no pointer to this record: it may be copied and dropped while no call uses it, and a timer that nobody
 * refers to fires all the same. All-zero refers to none. The fields are hoy's.
 */
typedef struct hoy_timer {
	hoy_fn *fn;
	void *arg;
	const void *site;
	void *slot;
	uint64_t number;
	uint32_t worker, guard;
	uint64_t reserved[2];
} hoy_timer;

/*
 * Starts fn(arg) as a new task after d; at once if d is 0 or negative. The task is like one of hoy_go: scopes and groups of the caller
 * (hoy/group.h) do not apply to it. It starts on the caller's worker; a plain thread may call this during a hoy_run, on one of
 * whose workers it then starts. When the function given to hoy_run has returned, timers fire no more, and arg is still the caller's.
 *
 * t may be NULL; else *t refers to the timer from now on. After 0 nothing can fail any more, and after a negative code fn never
 * runs: HOY_ENORUNTIME outside hoy_run, -ENOMEM, -EAGAIN with two million timers and tasks on this worker. Go's time.AfterFunc.
 */
int hoy_after(hoy_duration d, hoy_fn *fn, void *arg, hoy_timer *t);
/*
 * From any task or thread. 1: in time, the task does not start. 0: too late, it has started or is about to (this does not wait
 * for it), or the timer had been stopped before.
 */
int hoy_timer_stop(hoy_timer *t);
/*
 * The timer fires after d from now instead, from any task or thread. 1: it had not fired. 0: it had, or was stopped, and is started
 * anew, as by hoy_after. Negative, and nothing has changed: as hoy_after; -EINVAL if t never referred to a timer. Go's Timer.Reset.
 */
int hoy_timer_reset(hoy_timer *t, hoy_duration d);

/*
 * Ticks at regular moments, in tasks and in plain threads, also without hoy_run. A tick that nobody takes waits for its receiver, and
 * further ones are dropped until then; the moments stay multiples of the period. Of several receivers each tick goes to one. All-zero
 * has been stopped, and a ticker needs no end; it is not to be moved while a call uses it. The fields are hoy's. Go's time.Ticker.
 */
typedef struct hoy_ticker {
	hoy_time next;
	hoy_duration period;
	void *waiters;
	uint32_t guard, unused;
	uint64_t reserved[4];
} hoy_ticker;

/*
 * Starts the ticker, or starts it anew: ticks come after d, 2 d, and so on. 0 is no period: it is stopped. Negative: a tick is always due.
 * Go's time.NewTicker and Ticker.Reset, which panic in these two cases.
 */
void hoy_ticker_reset(hoy_ticker *t, hoy_duration d);
/* No more ticks; who waits for one goes on waiting. Go's Ticker.Stop. */
void hoy_ticker_stop(hoy_ticker *t);
/* Waits for a tick. 0, or HOY_ECANCELED, or another code when it cannot wait. */
int hoy_ticker_wait(hoy_ticker *t);

/* A case of hoy_select: the ticker ticks, and the tick is taken. NULL: never. */
#define HOY_TICK(ticker_) hoy_case_tick(ticker_)
hoy_case hoy_case_tick(hoy_ticker *t);

#ifdef __cplusplus
}
#endif
#endif
