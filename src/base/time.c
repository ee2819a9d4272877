/*
 * Arithmetic of moments that stops at the ends of the clock instead of wrapping round:
 * "a very long time from now" must never become "long ago".
 */
#include <hoy/time.h>

static int64_t add(int64_t a, int64_t b)
{
	if (b > 0 && a > INT64_MAX - b)
		return INT64_MAX;
	if (b < 0 && a < INT64_MIN - b)
		return INT64_MIN;
	return a + b;
}

hoy_time hoy_time_add(hoy_time t, hoy_duration d)
{
	return (hoy_time){ add(t.ns, d) };
}

hoy_duration hoy_time_sub(hoy_time a, hoy_time b)
{
	/* -INT64_MIN is one more than there is */
	if (b.ns == INT64_MIN)
		return a.ns >= 0 ? INT64_MAX : a.ns - b.ns;
	return add(a.ns, -b.ns);
}

int hoy_time_before(hoy_time a, hoy_time b)
{
	return a.ns < b.ns;
}
