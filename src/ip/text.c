/*
 * From address to text. A field of IPv4 is copied from a table, four bytes at a time
 * whatever its length; so is a group of IPv6, whose leading zeros are shifted out first.
 * What was copied too much is overwritten by what comes next.
 */
#include "ip/text.h"

#include <string.h>

#include "ip/mapped.h"

#define TEN(tens) tens "0", tens "1", tens "2", tens "3", tens "4", tens "5", tens "6", tens "7", tens "8", tens "9"
#define HUNDRED(h) \
	TEN(h "0"), TEN(h "1"), TEN(h "2"), TEN(h "3"), TEN(h "4"), TEN(h "5"), TEN(h "6"), TEN(h "7"), \
	TEN(h "8"), TEN(h "9")

static const char octets[256][4] = {
	TEN(""), TEN("1"), TEN("2"), TEN("3"), TEN("4"), TEN("5"), TEN("6"), TEN("7"), TEN("8"), TEN("9"),
	HUNDRED("1"), TEN("20"), TEN("21"), TEN("22"), TEN("23"), TEN("24"),
	"250", "251", "252", "253", "254", "255",
};

static const char hex[16] = "0123456789abcdef";

char *hoy__put_text(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

char *hoy__put_decimal(char *p, unsigned value)
{
	char digits[10];
	int n = 0;

	do
		digits[n++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

char *hoy__put_hex(char *p, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		*p++ = hex[bytes[i] >> 4];
		*p++ = hex[bytes[i] & 15];
	}
	return p;
}

static char *put_octet(char *p, uint8_t value)
{
	memcpy(p, octets[value], 4);
	return p + 1 + (value > 9) + (value > 99);
}

static char *put_ipv4(char *p, const uint8_t b[4])
{
	p = put_octet(p, b[0]);
	*p++ = '.';
	p = put_octet(p, b[1]);
	*p++ = '.';
	p = put_octet(p, b[2]);
	*p++ = '.';
	return put_octet(p, b[3]);
}

static char *put_group(char *p, unsigned value)
{
	int digits = 1 + (value > 0xf) + (value > 0xff) + (value > 0xfff);

	value <<= 4 * (4 - digits);
	p[0] = hex[value >> 12];
	p[1] = hex[value >> 8 & 15];
	p[2] = hex[value >> 4 & 15];
	p[3] = hex[value & 15];
	return p + digits;
}

static unsigned group(const hoy_ip *ip, int i)
{
	return (unsigned)ip->bytes[2 * i] << 8 | ip->bytes[2 * i + 1];
}

/* The longest run of at least two zero groups, the first of equals; RFC 5952, section 4.2. */
static int longest_gap(const hoy_ip *ip, int *len)
{
	int best = -1, run = 0;

	*len = 1;
	for (int i = 0; i < 8; i++) {
		run = group(ip, i) == 0 ? run + 1 : 0;
		if (run > *len) {
			*len = run;
			best = i + 1 - run;
		}
	}
	return best;
}

static char *put_ipv6(char *p, const hoy_ip *ip)
{
	int len, gap = longest_gap(ip, &len);

	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			*p++ = ':';
			*p++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0 && i != gap + len)
			*p++ = ':';
		p = put_group(p, group(ip, i));
	}
	return p;
}

char *hoy__put_ip(char *p, const hoy_ip *ip)
{
	if (ip->len == 4)
		return put_ipv4(p, ip->bytes);
	return hoy__is_mapped(ip) ? put_ipv4(p, ip->bytes + 12) : put_ipv6(p, ip);
}

char *hoy__put_ip_4in6(char *p, const hoy_ip *ip)
{
	if (hoy__is_mapped(ip))
		p = hoy__put_text(p, "::ffff:");
	return hoy__put_ip(p, ip);
}

char *hoy_ip_string(hoy_ip ip, char buf[HOY_IP_STRLEN])
{
	char *end;

	if (ip.len == 4 || ip.len == 16)
		end = hoy__put_ip(buf, &ip);
	else if (ip.len == 0)
		end = hoy__put_text(buf, "<nil>");
	else	/* no length that an address can have */
		end = hoy__put_hex(hoy__put_text(buf, "?"), ip.bytes, ip.len < 16 ? ip.len : 16);
	*end = '\0';
	return buf;
}

char *hoy_ip_string_4in6(hoy_ip ip, char buf[HOY_IP_STRLEN])
{
	char *end = ip.len == 4 || ip.len == 16 ? hoy__put_ip_4in6(buf, &ip) : hoy__put_text(buf, "invalid IP");

	*end = '\0';
	return buf;
}

char *hoy_ip_string_expanded(hoy_ip ip, char buf[HOY_IP_STRLEN])
{
	char *p = buf;

	if (ip.len != 16)
		return hoy_ip_string_4in6(ip, buf);
	for (int i = 0; i < 8; i++) {
		if (i > 0)
			*p++ = ':';
		p = hoy__put_hex(p, ip.bytes + 2 * i, 2);
	}
	*p = '\0';
	return buf;
}
