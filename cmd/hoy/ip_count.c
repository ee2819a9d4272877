/* How many addresses a network has: up to 2^128, for which no type is wide enough. */
#include <string.h>

#include "ip.h"

char *power_string(int exponent, char buf[COUNT_STRLEN])
{
	size_t len = 1;

	strcpy(buf, "1");	/* the last digit first, while it is doubled */
	for (; exponent > 0; exponent--) {
		int carry = 0;

		for (size_t i = 0; i < len; i++) {
			int twice = 2 * (buf[i] - '0') + carry;

			buf[i] = (char)('0' + twice % 10);
			carry = twice / 10;
		}
		if (carry)
			buf[len++] = '1';
	}
	for (size_t i = 0; i < len / 2; i++) {
		char digit = buf[i];

		buf[i] = buf[len - 1 - i];
		buf[len - 1 - i] = digit;
	}
	buf[len] = '\0';
	return buf;
}

uint64_t ipv4_hosts(int bits)
{
	uint64_t addresses = (uint64_t)1 << (32 - bits);

	return bits < 31 ? addresses - 2 : addresses;
}
