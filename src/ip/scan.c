/*
 * From text to address, in one pass: an IPv4 field is a running value, an IPv6 group is
 * shifted in four bits at a time, and the place of a "::" is remembered, so that what
 * follows it is moved to the end once, when its length is known. What stands at `end`, a
 * NUL or a separator of the longer text, is never a digit, so digits need no bound.
 */
#include "ip/scan.h"

#include <string.h>

#include <hoy/err.h>

/* The value of a hexadecimal digit, plus one: the zeros of the table are no digits. */
static const uint8_t hex_plus_one[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9,
	['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11,
	['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

const char *hoy__find(const char *s, const char *end, char c)
{
	while (s < end && *s != c)
		s++;
	return s;
}

bool hoy__scan_decimal(const char *s, const char *end, uint64_t limit, uint64_t *value)
{
	uint64_t n = 0;

	if (s == end)
		return false;
	for (; s < end; s++) {
		unsigned digit = (unsigned char)*s - '0';

		if (digit > 9)
			return false;
		if (n > limit / 10 || n * 10 > limit - digit)
			return false;
		n = n * 10 + digit;
	}
	*value = n;
	return true;
}

/*
 * One field, 0 to 255 without leading zeros; its value, with *p behind it, or a code.
 */
static int scan_field(const char **p)
{
	const char *s = *p;
	unsigned value = (unsigned char)s[0] - '0', second = 10, third = 10;

	if (value > 9)
		return HOY_EIP4_EMPTY;
	if ((second = (unsigned char)s[1] - '0') > 9) {
		*p = s + 1;
		return (int)value;
	}
	if (value == 0)
		return HOY_EIP4_ZERO;
	value = value * 10 + second;
	if ((third = (unsigned char)s[2] - '0') > 9) {
		*p = s + 2;
		return (int)value;
	}
	value = value * 10 + third;
	if (value > 255 || (unsigned char)s[3] - '0' + 0u <= 9)
		return HOY_EIP4_VALUE;
	*p = s + 3;
	return (int)value;
}

static int scan_ipv4(const char *p, const char *end, uint8_t out[4], const char **at)
{
	for (int i = 0;; i++) {
		int value = scan_field(&p);

		*at = p;
		if (value < 0)
			return value == HOY_EIP4_EMPTY && p < end && *p != '.' ? HOY_EIP_CHAR : value;
		out[i] = (uint8_t)value;
		if (p == end)
			return i == 3 ? 0 : HOY_EIP4_SHORT;
		if (*p != '.')
			return HOY_EIP_CHAR;
		if (p + 1 == end)
			return HOY_EIP4_EMPTY;
		if (i == 3)
			return HOY_EIP4_LONG;
		p++;
	}
}

/* IPv4 at the end of IPv6, where already n bytes are known. */
static int scan_embedded(const char *s, const char *end, uint8_t out[16], int n, int gap, const char **at)
{
	*at = s;
	if (gap < 0 && n != 12)
		return HOY_EIP6_EARLY4;
	if (n > 12)
		return HOY_EIP6_LATE4;
	return scan_ipv4(s, end, out + n, at);
}

/* Moves what stands behind the gap to the end and puts zeros in between. */
static int widen_gap(uint8_t out[16], int n, int gap)
{
	if (gap < 0)
		return n == 16 ? 0 : HOY_EIP6_SHORT;
	if (n == 16)
		return HOY_EIP6_NOGAP;
	memmove(out + 16 - (n - gap), out + gap, n - gap);
	memset(out + gap, 0, 16 - n);
	return 0;
}

static int scan_ipv6(const char *p, const char *end, uint8_t out[16], const char **at)
{
	int n = 0, gap = -1;	/* bytes known, and how many of them stand before the :: */

	if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (n < 16 && (p < end || gap != n)) {
		const char *group = p;
		unsigned value = 0, digit;

		for (; (digit = hex_plus_one[(unsigned char)*p]) != 0; p++)
			value = value << 4 | (digit - 1);
		*at = group;
		if (p - group > 4)
			return HOY_EIP6_DIGITS;
		if (p == group)
			return HOY_EIP6_EMPTY;
		if (p < end && *p == '.') {
			int code = scan_embedded(group, end, out, n, gap, at);

			if (code < 0)
				return code;
			n += 4;
			p = end;
			break;
		}
		out[n++] = (uint8_t)(value >> 8);
		out[n++] = (uint8_t)value;
		if (p == end)
			break;
		*at = p;
		if (*p != ':')
			return HOY_EIP6_COLON;
		if (p + 1 == end)
			return HOY_EIP6_END;
		p++;
		if (*p == ':') {
			*at = p;
			if (gap >= 0)
				return HOY_EIP6_GAPS;
			gap = n;
			p++;
		}
	}
	*at = p;
	return p < end ? HOY_EIP6_TRAILING : widen_gap(out, n, gap);
}

/* An IPv6 address with an optional zone, which few have: it is looked for when all else fails. */
static int scan_zoned(const char *s, const char *end, hoy_ip *ip, const char **zone, const char **at)
{
	const char *percent;
	int code;

	ip->len = 16;
	code = scan_ipv6(s, end, ip->bytes, at);
	if (code == 0 || !(percent = memchr(s, '%', end - s)))
		return code;
	*at = percent;
	if (percent + 1 == end)
		return HOY_EIP6_ZONE;
	if (!zone)
		return HOY_EIP_ZONE;
	*zone = percent + 1;
	return scan_ipv6(s, percent, ip->bytes, at);
}

int hoy__scan_ip(const char *s, const char *end, hoy_ip *ip, const char **zone, const char **at)
{
	/* Most texts are IPv4, and nothing else reads as that. */
	*ip = (hoy_ip){ .len = 4 };
	if (zone)
		*zone = NULL;
	if (scan_ipv4(s, end, ip->bytes, at) == 0)
		return 0;
	/* The first of these three tells what the text wants to be. */
	for (const char *p = s; p < end; p++) {
		if (*p == ':')
			return scan_zoned(s, end, ip, zone, at);
		if (*p == '.')
			return scan_ipv4(s, end, ip->bytes, at);
		if (*p == '%') {
			*at = p;
			return HOY_EIP6_MISSING;
		}
	}
	*at = end;
	return HOY_EIP_UNABLE;
}
