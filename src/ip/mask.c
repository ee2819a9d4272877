/*
 * Masks and the networks made with them. net's rule for mixed lengths is kept in one
 * place, hoy_ip_mask, and in shorten, which brings a network to the length it is compared in.
 */
#include <hoy/ip.h>

#include <stdbool.h>
#include <string.h>

#include "base/fail.h"
#include "ip/mapped.h"
#include "ip/scan.h"
#include "ip/text.h"

hoy_ipmask hoy_cidr_mask(int ones, int bits)
{
	hoy_ipmask mask = { 0 };

	if ((bits != 32 && bits != 128) || ones < 0 || ones > bits)
		return mask;
	mask.len = (uint8_t)(bits / 8);
	memset(mask.bytes, 0xff, ones / 8);
	if (ones % 8)
		mask.bytes[ones / 8] = (uint8_t)(0xff00 >> ones % 8);
	return mask;
}

hoy_ipmask hoy_ipv4_mask(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (hoy_ipmask){ 4, { a, b, c, d } };
}

char *hoy_ipmask_string(hoy_ipmask mask, char buf[HOY_IPMASK_STRLEN])
{
	char *end = mask.len ? hoy__put_hex(buf, mask.bytes, mask.len < 16 ? mask.len : 16) : hoy__put_text(buf, "<nil>");

	*end = '\0';
	return buf;
}

/* The ones it begins with, or -1 when another follows a zero. */
static int leading_ones(const hoy_ipmask *mask)
{
	int i = 0, ones;

	while (i < mask->len && mask->bytes[i] == 0xff)
		i++;
	ones = 8 * i;
	if (i < mask->len)
		for (uint8_t rest = mask->bytes[i]; rest & 0x80; rest = (uint8_t)(rest << 1))
			ones++;
	for (int bit = ones; bit < 8 * mask->len; bit++)
		if (mask->bytes[bit / 8] & 0x80 >> bit % 8)
			return -1;
	return ones;
}

int hoy_ipmask_size(hoy_ipmask mask, int *bits)
{
	int ones = leading_ones(&mask);

	if (bits)
		*bits = ones < 0 ? 0 : 8 * mask.len;
	return ones < 0 ? 0 : ones;
}

hoy_ipmask hoy_ip_default_mask(hoy_ip ip)
{
	ip = hoy_ip_to4(ip);
	if (ip.len == 0)
		return (hoy_ipmask){ 0 };
	return hoy_cidr_mask(ip.bytes[0] < 128 ? 8 : ip.bytes[0] < 192 ? 16 : 24, 32);
}

static bool begins_with_96_ones(const hoy_ipmask *mask)
{
	for (int i = 0; i < 12; i++)
		if (mask->bytes[i] != 0xff)
			return false;
	return true;
}

/* The last four bytes of a 16-byte mask. */
static hoy_ipmask mask_tail(const hoy_ipmask *mask)
{
	hoy_ipmask tail = { .len = 4 };

	memcpy(tail.bytes, mask->bytes + 12, 4);
	return tail;
}

hoy_ip hoy_ip_mask(hoy_ip ip, hoy_ipmask mask)
{
	if (mask.len == 16 && ip.len == 4 && begins_with_96_ones(&mask))
		mask = mask_tail(&mask);
	else if (mask.len == 4 && hoy__is_mapped(&ip))
		ip = hoy_ip_to4(ip);
	if (ip.len != mask.len)
		return (hoy_ip){ 0 };
	for (int i = 0; i < ip.len; i++)
		ip.bytes[i] &= mask.bytes[i];
	return ip;
}

int hoy_parse_cidr(const char *text, hoy_ip *ip, hoy_ipnet *net, hoy_err *err)
{
	const char *end = text + strlen(text), *slash = hoy__find(text, end, '/'), *at = end;
	hoy_ip got;
	uint64_t ones = 0;
	int code = HOY_ENOSLASH;

	if (slash < end)
		code = hoy__scan_ip(text, slash, &got, NULL, &at);
	if (code == 0 && !hoy__scan_decimal(slash + 1, end, got.len * 8, &ones)) {
		at = slash + 1;
		code = HOY_EPREFIXBITS;
	}
	if (code < 0)
		return hoy__parse_fail(code, "CIDR address", text, at - text, err);
	if (ip)
		*ip = got;
	if (net) {
		net->mask = hoy_cidr_mask((int)ones, got.len * 8);
		net->ip = hoy_ip_mask(got, net->mask);
	}
	return 0;
}

/* Network and mask in the shorter form, if they fit together. */
static bool shorten(const hoy_ipnet *net, hoy_ip *ip, hoy_ipmask *mask)
{
	*ip = hoy_ip_unmap(net->ip);
	*mask = net->mask;
	if (ip->len == 4 && mask->len == 16)
		*mask = mask_tail(mask);
	return (ip->len == 4 || ip->len == 16) && ip->len == mask->len;
}

int hoy_ipnet_contains(const hoy_ipnet *net, hoy_ip ip)
{
	hoy_ip base;
	hoy_ipmask mask;

	ip = hoy_ip_unmap(ip);
	if (!shorten(net, &base, &mask) || ip.len != base.len)
		return 0;
	for (int i = 0; i < ip.len; i++)
		if ((ip.bytes[i] ^ base.bytes[i]) & mask.bytes[i])
			return 0;
	return 1;
}

char *hoy_ipnet_string(const hoy_ipnet *net, char buf[HOY_IPNET_STRLEN])
{
	hoy_ip base;
	hoy_ipmask mask;
	char *p = buf;

	if (!shorten(net, &base, &mask)) {
		p = hoy__put_text(p, "<nil>");
	} else {
		int ones = leading_ones(&mask);

		p = hoy__put_ip(p, &base);
		*p++ = '/';
		p = ones < 0 ? hoy__put_hex(p, mask.bytes, mask.len) : hoy__put_decimal(p, (unsigned)ones);
	}
	*p = '\0';
	return buf;
}
