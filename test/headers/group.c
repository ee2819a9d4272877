#include <hoy/group.h>

static int child(void *unused)
{
	(void)unused;
	return hoy_sleep(HOY_HOUR) == HOY_ECANCELED ? 0 : 1;
}

static int first(void *unused)
{
	hoy_group *g = hoy_group_new();
	hoy_scope s;
	int code;

	(void)unused;
	if (!g || hoy_group_go(g, child, NULL) < 0)
		return 1;
	if (hoy_group_wait_until(g, hoy_in(HOY_MILLISECOND)) != HOY_ETIMEOUT)
		return 1;
	hoy_group_cancel(g);
	code = hoy_group_wait(g);
	hoy_group_free(g);
	hoy_scope_enter(&s, hoy_in(HOY_MILLISECOND));
	hoy_sleep(HOY_HOUR);
	return code != 0 || hoy_scope_leave(&s) != HOY_ETIMEOUT;
}

int main(void)
{
	return hoy_run(first, NULL);
}
