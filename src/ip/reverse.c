/* The names under which PTR records stand: the address backwards, a label a byte or a nibble. */
#include <hoy/ip.h>

#include "ip/text.h"

char *hoy_ip_reverse_name(hoy_ip ip, char buf[HOY_REVERSE_STRLEN])
{
	static const char hex[] = "0123456789abcdef";
	char *p = buf;

	ip = hoy_ip_unmap(ip);
	if (ip.len == 4) {
		for (int i = 3; i >= 0; i--) {
			p = hoy__put_decimal(p, ip.bytes[i]);
			*p++ = '.';
		}
		p = hoy__put_text(p, "in-addr.arpa.");
	} else if (ip.len == 16) {
		for (int i = 15; i >= 0; i--) {
			*p++ = hex[ip.bytes[i] & 15];
			*p++ = '.';
			*p++ = hex[ip.bytes[i] >> 4];
			*p++ = '.';
		}
		p = hoy__put_text(p, "ip6.arpa.");
	}
	*p = '\0';
	return buf;
}
