#include <hoy/time.h>

int main(void)
{
	hoy_time now = hoy_now(), later = hoy_time_add(now, HOY_HOUR);

	return !hoy_time_before(now, later) || hoy_time_sub(later, now) != 60 * HOY_MINUTE || hoy_in(INT64_MAX).ns != INT64_MAX;
}
