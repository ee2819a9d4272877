/*
 * The guide's first lines about the IP type: addresses made of their bytes.
 *
 *	IP
 */
#include <hoy.h>

#include <stdio.h>

int main(void)
{
	static const uint8_t bytes[16] = { 0xfc };
	hoy_ip ipv6 = hoy_ip_from_bytes(bytes, sizeof bytes);
	hoy_ip ipv4 = { 4, { 10, 123, 0, 12 } };
	char text[HOY_IP_STRLEN];

	printf("%s\n", hoy_ip_string(ipv6, text));
	printf("%s\n", hoy_ip_string(ipv4, text));	/* the guide misprints this as 10.255.0.0 */
	printf("%s\n", hoy_ip_string(hoy_ipv4(10, 255, 0, 0), text));
	return 0;
}
