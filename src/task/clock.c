/* Moments, and waiting for one. */
#include <errno.h>

#include <hoy/err.h>
#include <hoy/time.h>

#include "os/os.h"
#include "task/runtime.h"

hoy_time hoy_now(void)
{
	return (hoy_time){ hoy__os_monotonic() };
}

hoy_time hoy_in(hoy_duration d)
{
	hoy_time t = hoy_time_add(hoy_now(), d);

	return t.ns ? t : (hoy_time){ -1 };	/* a moment, not {0} for none */
}

int64_t hoy__limit(hoy_duration d)
{
	return d > 0 ? hoy_in(d).ns : d < 0 ? HOY__PAST : HOY__NEVER;
}

/* A wake-up may be stale: only the clock or a cancellation ends the sleep. */
int hoy_sleep(hoy_duration d)
{
	int64_t until = hoy_in(d).ns;
	struct hoy__task *me = hoy__self();
	int code;

	if (!me)
		return hoy__self_failure();
	do {
		hoy__arm(me);
		code = hoy__park(HOY__WHY_SLEEP, NULL, until);
	} while (code == 0);
	return code == HOY_ETIMEOUT ? 0 : code;
}
