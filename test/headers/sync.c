#include <hoy/sync.h>

int main(void)
{
	hoy_wait_group group = { 0 };
	hoy_mutex mutex = { 0 };

	hoy_mutex_lock(&mutex);
	hoy_wait_group_add(&group, 1);
	hoy_wait_group_done(&group);
	hoy_wait_group_wait(&group);
	if (hoy_mutex_try_lock(&mutex))
		return 1;
	hoy_mutex_unlock(&mutex);
	return 0;
}
