/* The buckets of struct histogram, and what is computed from them. */
#include "bench_histogram.h"

static int bucket_of(uint64_t d)
{
	int doublings = d < HISTOGRAM_FIRST ? 0 : 56 - __builtin_clzll(d);
	int bucket = doublings * HISTOGRAM_STEP + (int)(d >> doublings);

	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The highest value that belongs into the bucket. */
static hoy_duration top_of(int bucket)
{
	int doublings = bucket < HISTOGRAM_FIRST ? 0 : bucket / HISTOGRAM_STEP - 1;

	return (((hoy_duration)bucket - doublings * HISTOGRAM_STEP + 1) << doublings) - 1;
}

static void raise_to(atomic_llong *max, long long value)
{
	long long was = atomic_load(max);

	while (was < value && !atomic_compare_exchange_weak(max, &was, value))
		continue;
}

void histogram_add(struct histogram *h, hoy_duration d)
{
	if (d < 0)
		d = 0;
	atomic_fetch_add_explicit(&h->buckets[bucket_of((uint64_t)d)], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum, d, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->count, 1, memory_order_relaxed);
	raise_to(&h->max, d);
}

hoy_duration histogram_percentile(const struct histogram *h, int thousandths)
{
	int64_t rank = (atomic_load(&h->count) * thousandths + 999) / 1000, seen = 0;
	hoy_duration max = atomic_load(&h->max);

	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += atomic_load(&h->buckets[i]);
		if (seen && seen >= rank)
			return top_of(i) < max && i < HISTOGRAM_BUCKETS - 1 ? top_of(i) : max;
	}
	return max;
}

hoy_duration histogram_mean(const struct histogram *h)
{
	int64_t count = atomic_load(&h->count);

	return count ? atomic_load(&h->sum) / count : 0;
}

/* The next of 1, 2, 5, 10, 20, 50 and so on. */
static hoy_duration next_edge(hoy_duration edge)
{
	hoy_duration unit = 1;

	while (unit * 10 <= edge)
		unit *= 10;
	return edge == 2 * unit ? 5 * unit : 2 * edge;
}

/* How many values are in (above, to], but for those of a bucket that ends after `to`. */
static int64_t between(const struct histogram *h, hoy_duration above, hoy_duration to)
{
	int64_t sum = 0;

	for (int i = 0; i < HISTOGRAM_BUCKETS && top_of(i) <= to; i++)
		if (top_of(i) > above)
			sum += atomic_load(&h->buckets[i]);
	return sum;
}

void histogram_each_row(const struct histogram *h, histogram_row *row, void *arg)
{
	int64_t left = atomic_load(&h->count), n;
	hoy_duration above = -1, max = atomic_load(&h->max);
	bool begun = false;

	for (hoy_duration to = HOY_MICROSECOND; left > 0; above = to, to = next_edge(to)) {
		n = to >= max ? left : between(h, above, to);
		begun |= n > 0;
		if (begun)
			row(above, to, n, arg);
		left -= n;
	}
}
