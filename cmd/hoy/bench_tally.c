/* What the clients of hoy bench count, from any task. */
#include <stdarg.h>
#include <string.h>

#include "bench.h"

struct tally tally;

void tally_count(const struct client *c, atomic_llong *what, long long n)
{
	if (c->counts)
		atomic_fetch_add_explicit(what, n, memory_order_relaxed);
}

static void note_moment(atomic_llong *latest, long long now)
{
	long long was = atomic_load(latest);

	while (was < now && !atomic_compare_exchange_weak(latest, &was, now))
		continue;
}

void tally_answer(const struct client *c, hoy_duration latency)
{
	if (!c->counts)
		return;
	tally_count(c, &tally.requests, 1);
	tally_count(c, &tally.answered, 1);
	histogram_add(&tally.latency, latency);
	note_moment(&tally.last_answer, hoy_now().ns);
}

void tally_given_up(const struct client *c, hoy_duration waited, atomic_llong *what)
{
	if (!c->counts)
		return;
	tally_count(c, &tally.requests, 1);
	tally_count(c, what, 1);
	histogram_add(&tally.latency, waited);
}

static bool is_kind(const struct failure *f, const hoy_err *err)
{
	return f->err.code == err->code && !strcmp(f->err.op ? f->err.op : "", err->op ? err->op : "");
}

static void note_kind(const hoy_err *err)
{
	int i = 0;

	while (i < tally.failure_kinds && !is_kind(&tally.failures[i], err))
		i++;
	if (i == FAILURES_MOST)
		i--;
	if (i == tally.failure_kinds) {
		tally.failures[i].err = *err;
		tally.failure_kinds++;
	}
	tally.failures[i].count++;
}

/* A request that timed out has waited at least that long; one that was refused at once was not slow, nor fast. */
void tally_failure(const struct client *c, hoy_duration waited, const hoy_err *err)
{
	if (!c->counts)
		return;
	tally_count(c, &tally.requests, 1);
	tally_count(c, &tally.failed, 1);
	if (hoy_is_timeout(err->code))
		histogram_add(&tally.latency, waited);
	hoy_mutex_lock(&tally.lock);
	note_kind(err);
	hoy_mutex_unlock(&tally.lock);
}

void tally_status(const struct client *c, int status)
{
	tally_count(c, &tally.statuses[status], 1);
}

void tally_wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	hoy_mutex_lock(&tally.lock);
	if (!tally.wrong++)
		vsnprintf(tally.first_wrong, sizeof tally.first_wrong, format, args);
	hoy_mutex_unlock(&tally.lock);
	va_end(args);
}

hoy_duration tally_elapsed(void)
{
	hoy_time now = hoy_now(), end = { atomic_load(&bench.end) }, last = { atomic_load(&tally.last_answer) };

	if (!bench.start.ns || hoy_time_before(now, bench.start))
		return 0;
	if (hoy_time_before(now, end))
		end = now;
	if (hoy_time_before(end, last))
		end = last;
	return hoy_time_before(bench.start, end) ? hoy_time_sub(end, bench.start) : 0;
}

double tally_per_second(long long n)
{
	hoy_duration took = tally_elapsed();

	return took > 0 ? (double)n * HOY_SECOND / (double)took : 0;
}
