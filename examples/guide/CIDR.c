/*
 * The guide's CIDR notation: which address and which network a text such as
 * 127.0.0.1/23 means.
 *
 *	CIDR address/ones
 */
#include <hoy.h>

#include <stdio.h>

int main(int argc, char **argv)
{
	char text[HOY_ERR_STRLEN], mask[HOY_IPMASK_STRLEN];
	hoy_ipnet net;
	hoy_err err;
	hoy_ip ip;

	if (argc != 2) {
		fprintf(stderr, "Usage: %s address/ones\n", argv[0]);
		return 1;
	}
	if (hoy_parse_cidr(argv[1], &ip, &net, &err) < 0) {
		fprintf(stderr, "Fatal error: %s\n", hoy_err_string(&err, text));
		return 1;
	}
	printf("Address is %s\n", hoy_ip_string(ip, text));
	printf("Network is %s\n", hoy_ipnet_string(&net, text));
	printf("Mask is %s\n", hoy_ipmask_string(net.mask, mask));
	return 0;
}
