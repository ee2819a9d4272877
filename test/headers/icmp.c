#include <hoy/icmp.h>

int main(void)
{
	hoy_icmp echo = { .kind = HOY_ICMP_ECHO, .family = 4, .id = 1, .seq = 2 }, got;
	hoy_ip none = { 0 };
	uint8_t packet[64];
	hoy_err err;
	ssize_t n = hoy_icmp_marshal(&echo, none, none, packet, sizeof packet, &err);

	if (n < 8 || hoy_checksum(packet, (size_t)n) != 0 || hoy_icmp_parse(4, packet, 4, &got, &err) != HOY_ESHORT)
		return 1;
	return hoy_icmp_parse(4, packet, (size_t)n, &got, &err) < 0 || got.seq != 2;
}
