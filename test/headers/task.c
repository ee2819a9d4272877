#include <hoy/task.h>

static int child(void *arg)
{
	return hoy_sleep(HOY_HOUR) != HOY_ECANCELED || *(int *)arg;
}

static int first(void *arg)
{
	hoy_yield();
	return hoy_go(child, arg);
}

int main(void)
{
	int result = -1, zero = 0;
	hoy_run_opts opts = { .workers = 1, .grace = 10 * HOY_SECOND, .result = &result };

	if (hoy_go(child, &zero) != HOY_ENORUNTIME)
		return 1;
	return hoy_run_with(&opts, first, &zero) != 0 || result != 0;
}
