/* What the user sees of hoy bench: the result as text with a histogram, or as JSON, the progress, and hints. */
#include <string.h>
#include <unistd.h>

#include "bench.h"

const struct percentile percentiles[] = {
	{ "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "p99.9", 999 }, { NULL, 0 }
};

/* ---- the histogram ---- */

static void find_largest(hoy_duration above, hoy_duration to, int64_t n, void *largest)
{
	(void)above;
	(void)to;
	if (n > *(int64_t *)largest)
		*(int64_t *)largest = n;
}

/* A bar of so many eighths of a column. */
static void draw_bar(int eighths)
{
	static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	bool unicode = term_is_unicode();

	for (int i = 0; i < eighths / 8; i++)
		out_print(unicode ? "█" : "#");
	out_print("%s", unicode ? parts[eighths % 8] : eighths % 8 >= 4 || eighths < 8 ? "#" : "");
}

/* Green as far as 90 of 100 requests get, red for the slowest one. */
static enum ink ink_of(hoy_duration above)
{
	return above < histogram_percentile(&tally.latency, 900) ? INK_GOOD
	     : above < histogram_percentile(&tally.latency, 990) ? INK_WARN : INK_BAD;
}

static void draw_row(hoy_duration above, hoy_duration to, int64_t n, void *largest)
{
	enum { WIDTH = 40 };
	long long all = atomic_load(&tally.latency.count), most = *(int64_t *)largest;
	char text[DURATION_STRLEN];

	out_print("  to %6s %10lld %6.2f%%", duration_string(to, text), (long long)n, 100.0 * (double)n / (double)all);
	if (n) {
		out_print("  %s", ink(stdout, ink_of(above)));
		draw_bar((int)(n * 8 * WIDTH / most) + !(n * 8 * WIDTH / most));
		out_print("%s", ink(stdout, INK_OFF));
	}
	out_print("\n");
}

static void draw_histogram(void)
{
	int64_t largest = 0;

	histogram_each_row(&tally.latency, find_largest, &largest);
	out_print("\n");
	histogram_each_row(&tally.latency, draw_row, &largest);
}

/* ---- text ---- */

static void tell_load(void)
{
	out_print("%s", bench.target);
	if (bench.protocol != &protocol_http)
		out_print(", messages of %d byte%s", bench.size, bench.size == 1 ? "" : "s");
	out_print(", %d connection%s\n", bench.connections, bench.connections == 1 ? "" : "s");
	if (bench.rate)
		out_print("open loop: %d requests/s, latency from the moment each was due\n", bench.rate);
	else
		out_print("closed loop: each connection asks again once it has its answer, so a slow server is asked less\n");
}

static void tell_counts(void)
{
	char text[DURATION_STRLEN];
	long long answered = atomic_load(&tally.answered);
	hoy_duration took = tally_elapsed() / HOY_MILLISECOND * HOY_MILLISECOND;

	out_print("%lld requests in %s, %lld answered: %.1f/s, %.2f MB/s out, %.2f MB/s in\n", (long long)atomic_load(&tally.requests),
		  duration_string(took, text), answered, tally_per_second(answered), tally_per_second(atomic_load(&tally.sent_bytes)) / 1e6,
		  tally_per_second(atomic_load(&tally.received_bytes)) / 1e6);
}

static void tell_times(const char *what, const struct histogram *h)
{
	char ms[MS_STRLEN];

	if (!atomic_load(&h->count))
		return;
	out_print("%s", what);
	for (const struct percentile *p = percentiles; p->name; p++)
		out_print("  %s %s", p->name, ms_string(histogram_percentile(h, p->thousandths), ms));
	out_print("  max %s", ms_string(atomic_load(&h->max), ms));
	out_print("  mean %s ms\n", ms_string(histogram_mean(h), ms));
}

static void tell_count(const char *what, long long n)
{
	if (n)
		out_print("%s%lld %s%s\n", ink(stdout, INK_WARN), n, what, ink(stdout, INK_OFF));
}

static void tell_failures(void)
{
	for (int i = 0; i < tally.failure_kinds; i++) {
		const struct failure *f = &tally.failures[i];

		out_print("%s%lld failed: %s: %s%s\n", ink(stdout, INK_BAD), f->count, f->err.op ? f->err.op : "request",
			  i == FAILURES_MOST - 1 ? "of several kinds" : hoy_strerror(f->err.code), ink(stdout, INK_OFF));
	}
}

static void tell_trouble(void)
{
	for (int i = 0; i < STATUS_END; i++)
		if (atomic_load(&tally.statuses[i]))
			out_print("%lld with status %d\n", (long long)atomic_load(&tally.statuses[i]), i);
	hoy_mutex_lock(&tally.lock);
	if (tally.wrong)
		out_print("%s%lld wrong, the first: %s%s\n", ink(stdout, INK_BAD), tally.wrong, tally.first_wrong,
			  ink(stdout, INK_OFF));
	tell_failures();
	hoy_mutex_unlock(&tally.lock);
	tell_count("were due, but not sent by the end", atomic_load(&tally.unsent));
	tell_count("were not answered yet", atomic_load(&tally.in_flight));
	tell_count("datagrams came twice", atomic_load(&tally.duplicates));
	tell_count("reconnects", atomic_load(&tally.reconnects));
}

static void show_text(void)
{
	tell_load();
	tell_counts();
	tell_trouble();
	tell_times("latency  ", &tally.latency);
	tell_times("sent late", &tally.lateness);
	if (atomic_load(&tally.latency.count))
		draw_histogram();
}

/* ---- either ---- */

void show_result(bool complete)
{
	if (common.json)
		show_json(complete);
	else
		show_text();
}

/* ---- beside the result ---- */

static bool has_progress;		/* the line is there */

void show_progress(void)
{
	char took[DURATION_STRLEN], ms[MS_STRLEN];
	long long answered = atomic_load(&tally.answered);

	if (!isatty(STDERR_FILENO) || common.json)
		return;
	has_progress = true;
	if (!answered)
		dprintf(STDERR_FILENO, "\rwarming up\033[K");
	else
		dprintf(STDERR_FILENO, "\r%s: %lld answered, %.0f/s, p99 %s ms\033[K",
			duration_string(tally_elapsed() / HOY_SECOND * HOY_SECOND, took), answered, tally_per_second(answered),
			ms_string(histogram_percentile(&tally.latency, 990), ms));
}

void end_progress(void)
{
	if (has_progress)
		dprintf(STDERR_FILENO, "\r\033[K");
	has_progress = false;
}

static long long refusals(void)
{
	long long n = 0;

	for (int i = 400; i < STATUS_END; i++)
		n += atomic_load(&tally.statuses[i]);
	return n;
}

/* What the figures do not show, or show in a wrong light. */
static void hint(void)
{
	long long requests = atomic_load(&tally.requests), answered = atomic_load(&tally.answered);
	hoy_duration late = histogram_percentile(&tally.lateness, 900);
	char ms[MS_STRLEN];

	if (atomic_load(&tally.is_web_server))
		say("that is a web server; try: hoy bench http://ADDRESS/");
	if (refusals() * 2 > answered)
		say("most answers are errors, which a server may give faster than what you mean to measure");
	if (atomic_load(&tally.unsent) * 100 > requests)
		say("the server did not keep up with the rate: the percentiles depend on the duration; take a lower --rate, or more "
		    "--connections");
	if (atomic_load(&tally.reconnects) * 2 > requests && bench.protocol == &protocol_http)
		say("the server keeps no connection alive: the figures are mostly those of connecting");
	if (late > HOY_MILLISECOND && late * 2 > histogram_percentile(&tally.latency, 900))
		say("one request of ten was sent %s ms late or more, since this machine woke hoy up late; that is part of the latency",
		    ms_string(late, ms));
}

int show_hints(void)
{
	long long answered = atomic_load(&tally.answered);

	hint();
	if (!answered && tally.failure_kinds)
		return fail(&tally.failures[0].err, NULL);
	if (tally.wrong || refusals())
		return EXIT_NO;
	return answered == atomic_load(&tally.requests) ? EXIT_YES : answered ? EXIT_PARTIAL : EXIT_UNASKED;
}
