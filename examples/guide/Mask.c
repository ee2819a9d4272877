/*
 * The guide's masks: the network of an address by a length, and by the default mask of
 * its class.
 *
 *	Mask address [ones]
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	char text[HOY_ERR_STRLEN], mask_text[HOY_IPMASK_STRLEN];
	hoy_ipmask mask;
	hoy_err err;
	hoy_ip ip;
	int ones, bits;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "Usage: %s address [ones]\n", argv[0]);
		return 1;
	}
	if (hoy_parse_ip(argv[1], &ip, &err) < 0) {
		fprintf(stderr, "Fatal error: %s\n", hoy_err_string(&err, text));
		return 1;
	}
	mask = argc == 3 ? hoy_cidr_mask(atoi(argv[2]), ip.len * 8) : hoy_ip_default_mask(ip);
	ones = hoy_ipmask_size(mask, &bits);
	printf("Address is %s\n", hoy_ip_string(ip, text));
	printf("Mask is %s, %d ones of %d bits\n", hoy_ipmask_string(mask, mask_text), ones, bits);
	printf("Network is %s\n", hoy_ip_string(hoy_ip_mask(ip, mask), text));
	return 0;
}
