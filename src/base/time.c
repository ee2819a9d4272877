/* What hoy/time.h has that needs no clock. */
#include "base/moment.h"

hoy_time hoy_time_add(hoy_time t, hoy_duration d)
{
	return (hoy_time){ hoy__moment_add(t.ns, d) };
}

hoy_duration hoy_time_sub(hoy_time a, hoy_time b)
{
	return hoy__moment_sub(a.ns, b.ns);
}

int hoy_time_before(hoy_time a, hoy_time b)
{
	return a.ns < b.ns;
}
