#include <hoy/raw.h>

int main(void)
{
	hoy_addr any = { .kind = HOY_ADDR_IP };
	hoy_err err;

	if (hoy_listen_ip("ip4", &any, &err) || err.code != HOY_ENETWORK)
		return 1;
	return hoy_dial_ip("ip4:icmp", NULL, NULL, &err) || err.code != HOY_EMISSING;
}
