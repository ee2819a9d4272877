#include <hoy/handover.h>

int main(void)
{
	hoy_err err;

	if (hoy_activation_count() != 0 || hoy_activation_listener(NULL, NULL, &err) || hoy_activation_conn("name", &err))
		return 1;
	if (hoy_notify("READY=1", NULL) != 0)
		return 1;
	hoy_handover_free(NULL);
	return hoy_handover_open("/nowhere/at/all", &err) != NULL;
}
