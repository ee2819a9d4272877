#include <hoy/debug.h>

int main(void)
{
	struct hoy_runtime_info info;
	struct hoy_stats stats;

	hoy_runtime_info(&info);
	hoy_stats(&stats);
	return !hoy_version()[0] || info.workers != 0 || stats.tasks != 0 || hoy_dump(2) != 0;
}
