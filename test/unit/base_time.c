/* Moments stop at the ends of the clock. */
#include <hoy/time.h>

#include "../t.h"

static const int64_t MAX = INT64_MAX, MIN = INT64_MIN;

TEST(add_saturates)
{
	static const struct { int64_t t, d, want; } cases[] = {
		{ 0, 0, 0 },
		{ 5, 7, 12 },
		{ 5, -7, -2 },
		{ INT64_MAX, 1, INT64_MAX },
		{ INT64_MAX - 1, 1, INT64_MAX },
		{ INT64_MAX, INT64_MAX, INT64_MAX },
		{ 1, INT64_MAX, INT64_MAX },
		{ 0, INT64_MAX, INT64_MAX },
		{ INT64_MIN, -1, INT64_MIN },
		{ -2, INT64_MIN, INT64_MIN },
		{ 0, INT64_MIN, INT64_MIN },
		{ INT64_MAX, INT64_MIN, -1 },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy_time_add((hoy_time){ cases[i].t }, cases[i].d).ns, cases[i].want);
}

TEST(sub_saturates)
{
	static const struct { int64_t a, b, want; } cases[] = {
		{ 12, 7, 5 },
		{ 7, 12, -5 },
		{ INT64_MAX, -1, INT64_MAX },
		{ INT64_MIN, 1, INT64_MIN },
		{ INT64_MIN, INT64_MIN, 0 },
		{ 0, INT64_MIN, INT64_MAX },
		{ -1, INT64_MIN, INT64_MAX },
		{ -2, INT64_MIN, INT64_MAX - 1 },
		{ 0, INT64_MAX, -INT64_MAX },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy_time_sub((hoy_time){ cases[i].a }, (hoy_time){ cases[i].b }), cases[i].want);
}

TEST(before)
{
	CHECK(hoy_time_before((hoy_time){ 1 }, (hoy_time){ 2 }));
	CHECK(!hoy_time_before((hoy_time){ 2 }, (hoy_time){ 2 }));
	CHECK(!hoy_time_before((hoy_time){ 3 }, (hoy_time){ 2 }));
	CHECK(hoy_time_before((hoy_time){ MIN }, (hoy_time){ MAX }));
}

TEST(units)
{
	CHECK_INT(HOY_HOUR, 3600 * HOY_SECOND);
	CHECK_INT(HOY_SECOND, 1000000000);
	CHECK_INT(HOY_MILLISECOND, 1000 * HOY_MICROSECOND);
}
