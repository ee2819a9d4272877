/* What became of the probes of one target: counts, round-trip times, and the last samples for percentiles and the graph. */
#ifndef PING_STATS_H
#define PING_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hoy.h>

enum {
	SAMPLE_PENDING = -1,	/* no reply yet */
	SAMPLE_LOST = -2,	/* no reply in time, or an error in its place */
	STATS_WINDOW = 4096	/* samples kept at most: percentiles are over these */
};

/* All-zero is ready. Probes are numbered from 1, in the order in which they are sent. */
struct stats {
	int64_t sent, received, lost, errors;	/* a probe with an error is lost as well */
	int64_t duplicates, disordered;		/* disordered: replies that came after one to a later probe */
	int64_t latest;				/* the highest number that has a reply */
	hoy_duration min, max, last;
	double mean, squares;			/* squares: the sum of (rtt - mean)^2 */
	hoy_duration *samples;			/* of probe i at (i - 1) % size: its RTT, or one of the above */
	size_t size;
};

/* The number of the next probe. */
int64_t stats_sent(struct stats *s);
/* A reply to probe i. A reply that comes after its time-out makes up for the loss. */
void stats_reply(struct stats *s, int64_t i, hoy_duration rtt);
/* No reply to probe i in time, or an error in its place. An error that comes after the time-out is no second loss. */
void stats_loss(struct stats *s, int64_t i, bool error);

/* The sample of probe i, SAMPLE_PENDING when it is not kept. */
hoy_duration stats_sample(const struct stats *s, int64_t i);
int64_t stats_pending(const struct stats *s);
/* In percent of the probes that are not pending. */
double stats_loss_percent(const struct stats *s);
/* The standard deviation of all RTTs. */
hoy_duration stats_deviation(const struct stats *s);

struct percentiles {
	hoy_duration p50, p95, p99;
};
/* By nearest rank over the samples kept; zeros without any. */
struct percentiles stats_percentiles(const struct stats *s);

#endif
