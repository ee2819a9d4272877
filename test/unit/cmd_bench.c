/* The histogram of hoy bench, against the same values sorted. */
#include "../../cmd/hoy/bench_histogram.c"

#include <stdlib.h>
#include <string.h>

#include "../t.h"

/* At most 1/128 more than a value, and never less. */
static void check_near(hoy_duration got, hoy_duration value)
{
	CHECK(got >= value && got - value <= value / HISTOGRAM_STEP);
}

TEST(an_empty_one_has_zeros)
{
	static struct histogram h;

	CHECK_INT(histogram_percentile(&h, 500), 0);
	CHECK_INT(histogram_percentile(&h, 999), 0);
	CHECK_INT(histogram_mean(&h), 0);
}

TEST(every_value_is_in_a_bucket_that_is_near)
{
	for (hoy_duration d = 0; d < HOY_HOUR; d += d / 50 + 1) {
		static struct histogram h;

		memset(&h, 0, sizeof h);
		histogram_add(&h, d);
		histogram_add(&h, 2 * HOY_HOUR);
		if (d < INT64_C(1) << 41)
			check_near(histogram_percentile(&h, 500), d);
		CHECK_INT(histogram_percentile(&h, 999), 2 * HOY_HOUR);
	}
}

TEST(what_is_negative_counts_as_zero)
{
	static struct histogram h;

	histogram_add(&h, -5);
	CHECK_INT(histogram_percentile(&h, 999), 0);
	CHECK_INT(h.count, 1);
}

static int compare(const void *a, const void *b)
{
	hoy_duration x = *(const hoy_duration *)a, y = *(const hoy_duration *)b;

	return (x > y) - (x < y);
}

TEST(percentiles_are_those_of_the_sorted_values)
{
	enum { N = 5000 };
	static hoy_duration values[N];
	static struct histogram h;
	static const int thousandths[] = { 1, 500, 900, 990, 999 };
	int64_t sum = 0;

	for (int i = 0; i < N; i++) {
		values[i] = (hoy_duration)(random() % 1000) << (random() % 25);
		histogram_add(&h, values[i]);
		sum += values[i];
	}
	qsort(values, N, sizeof *values, compare);
	for (size_t i = 0; i < LEN(thousandths); i++)
		check_near(histogram_percentile(&h, thousandths[i]), values[(N * thousandths[i] + 999) / 1000 - 1]);
	CHECK_INT(histogram_mean(&h), sum / N);
	CHECK_INT(histogram_percentile(&h, 1000), values[N - 1]);
}

struct rows {
	int count;
	int64_t sum;
	hoy_duration above, to;
};

static void add_row(hoy_duration above, hoy_duration to, int64_t n, void *arg)
{
	struct rows *rows = arg;

	CHECK(!rows->count || above == rows->to);
	if (!rows->count)
		rows->above = above;
	rows->count++;
	rows->sum += n;
	rows->to = to;
}

TEST(rows_go_from_the_smallest_to_the_largest_value)
{
	static struct histogram h;
	struct rows rows = { 0 };

	histogram_each_row(&h, add_row, &rows);
	CHECK_INT(rows.count, 0);
	histogram_add(&h, 30 * HOY_MICROSECOND);
	histogram_add(&h, 40 * HOY_MICROSECOND);
	histogram_add(&h, 15 * HOY_MILLISECOND);
	histogram_each_row(&h, add_row, &rows);
	CHECK_INT(rows.above, 20 * HOY_MICROSECOND);
	CHECK_INT(rows.to, 20 * HOY_MILLISECOND);
	CHECK_INT(rows.sum, 3);
	CHECK_INT(rows.count, 9);
}
