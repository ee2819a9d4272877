#include <hoy/ping.h>

int main(void)
{
	hoy_addr nowhere = { .kind = HOY_ADDR_IP };
	hoy_ping_opts opts = { .len = 4 };
	hoy_ping_reply reply;
	hoy_err err;

	if (hoy_pinger_new(&nowhere, &opts, &err) || err.code != HOY_EMISSING)
		return 1;
	return hoy_ping("", &opts, &reply, &err) != HOY_EMISSING;
}
