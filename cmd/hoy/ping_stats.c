/* Running sums for all probes (Welford's algorithm, which loses no precision), and a ring of the last samples. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "ping_stats.h"

static hoy_duration *slot(const struct stats *s, int64_t i)
{
	return &s->samples[(size_t)(i - 1) % s->size];
}

/* The ring grows before it wraps for the first time, so each sample keeps its place. */
static void grow(struct stats *s)
{
	s->size = s->size ? 2 * s->size : 16;
	s->samples = must(realloc(s->samples, s->size * sizeof *s->samples));
}

int64_t stats_sent(struct stats *s)
{
	if ((size_t)s->sent == s->size && s->size < STATS_WINDOW)
		grow(s);
	*slot(s, ++s->sent) = SAMPLE_PENDING;
	return s->sent;
}

static bool is_kept(const struct stats *s, int64_t i)
{
	return i >= 1 && i <= s->sent && (uint64_t)(s->sent - i) < s->size;
}

hoy_duration stats_sample(const struct stats *s, int64_t i)
{
	return is_kept(s, i) ? *slot(s, i) : SAMPLE_PENDING;
}

static void add_rtt(struct stats *s, hoy_duration rtt)
{
	double off = (double)rtt - s->mean;

	s->received++;
	s->mean += off / (double)s->received;
	s->squares += off * ((double)rtt - s->mean);
	if (s->received == 1 || rtt < s->min)
		s->min = rtt;
	if (rtt > s->max)
		s->max = rtt;
	s->last = rtt;
}

void stats_reply(struct stats *s, int64_t i, hoy_duration rtt)
{
	if (stats_sample(s, i) == SAMPLE_LOST)
		s->lost--;
	if (is_kept(s, i))
		*slot(s, i) = rtt;
	if (i < s->latest)
		s->disordered++;
	else
		s->latest = i;
	add_rtt(s, rtt);
}

void stats_loss(struct stats *s, int64_t i, bool error)
{
	if (is_kept(s, i) && *slot(s, i) == SAMPLE_PENDING) {
		*slot(s, i) = SAMPLE_LOST;
		s->lost++;
	}
	s->errors += error;
}

int64_t stats_pending(const struct stats *s)
{
	return s->sent - s->received - s->lost;
}

double stats_loss_percent(const struct stats *s)
{
	int64_t known = s->received + s->lost;

	return known ? 100.0 * (double)s->lost / (double)known : 0;
}

/* Newton's method; sqrt itself would need another library. */
hoy_duration stats_deviation(const struct stats *s)
{
	double square = s->received ? s->squares / (double)s->received : 0, root = square;

	for (int i = 0; i < 100 && root > 0.5; i++)
		root = (root + square / root) / 2;
	return (hoy_duration)root;
}

static int compare(const void *a, const void *b)
{
	hoy_duration x = *(const hoy_duration *)a, y = *(const hoy_duration *)b;

	return (x > y) - (x < y);
}

/* The smallest value that percent of all values do not exceed. */
static hoy_duration rank(const hoy_duration *sorted, size_t n, size_t percent)
{
	return n ? sorted[(n * percent + 99) / 100 - 1] : 0;
}

struct percentiles stats_percentiles(const struct stats *s)
{
	size_t kept = (uint64_t)s->sent < s->size ? (size_t)s->sent : s->size, n = 0;
	hoy_duration *sorted = must(malloc((kept + 1) * sizeof *sorted));
	struct percentiles p;

	for (size_t i = 0; i < kept; i++)
		if (s->samples[i] >= 0)
			sorted[n++] = s->samples[i];
	qsort(sorted, n, sizeof *sorted, compare);
	p = (struct percentiles){ rank(sorted, n, 50), rank(sorted, n, 95), rank(sorted, n, 99) };
	free(sorted);
	return p;
}
