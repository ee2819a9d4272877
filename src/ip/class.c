/*
 * What an address is. Everything about IPv4 is asked of its 4-byte form, so an address
 * cannot slip past a check by coming as ::ffff:127.0.0.1.
 */
#include <hoy/ip.h>

#include <stdbool.h>
#include <string.h>

#include "ip/mapped.h"

const hoy_ip hoy_ipv4_zero = { 4, { 0 } };
const hoy_ip hoy_ipv4_bcast = { 4, { 255, 255, 255, 255 } };
const hoy_ip hoy_ipv4_all_sys = { 4, { 224, 0, 0, 1 } };
const hoy_ip hoy_ipv4_all_router = { 4, { 224, 0, 0, 2 } };
const hoy_ip hoy_ipv6_zero = { 16, { 0 } };
const hoy_ip hoy_ipv6_loopback = { 16, { [15] = 1 } };
const hoy_ip hoy_ipv6_interface_local_all_nodes = { 16, { 0xff, 0x01, [15] = 1 } };
const hoy_ip hoy_ipv6_link_local_all_nodes = { 16, { 0xff, 0x02, [15] = 1 } };
const hoy_ip hoy_ipv6_link_local_all_routers = { 16, { 0xff, 0x02, [15] = 2 } };

hoy_ip hoy_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (hoy_ip){ 4, { a, b, c, d } };
}

hoy_ip hoy_ip_from_bytes(const void *bytes, size_t len)
{
	hoy_ip ip = { 0 };

	if (len == 4 || len == 16) {
		ip.len = (uint8_t)len;
		memcpy(ip.bytes, bytes, len);
	}
	return ip;
}

hoy_ip hoy_ip_to4(hoy_ip ip)
{
	if (ip.len == 4)
		return ip;
	return hoy__is_mapped(&ip) ? hoy_ip_from_bytes(ip.bytes + 12, 4) : (hoy_ip){ 0 };
}

hoy_ip hoy_ip_to16(hoy_ip ip)
{
	hoy_ip wide = { 16, { [10] = 0xff, [11] = 0xff } };

	if (ip.len == 16)
		return ip;
	if (ip.len != 4)
		return (hoy_ip){ 0 };
	memcpy(wide.bytes + 12, ip.bytes, 4);
	return wide;
}

hoy_ip hoy_ip_unmap(hoy_ip ip)
{
	return hoy__is_mapped(&ip) ? hoy_ip_to4(ip) : ip;
}

int hoy_ip_is4(hoy_ip ip)
{
	return ip.len == 4;
}

int hoy_ip_is6(hoy_ip ip)
{
	return ip.len == 16;
}

int hoy_ip_is_4in6(hoy_ip ip)
{
	return hoy__is_mapped(&ip);
}

int hoy_ip_equal(hoy_ip a, hoy_ip b)
{
	if (a.len != b.len) {
		a = hoy_ip_to16(a);
		b = hoy_ip_to16(b);
	}
	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

int hoy_ip_compare(hoy_ip a, hoy_ip b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	int order = memcmp(a.bytes, b.bytes, a.len);

	return (order > 0) - (order < 0);
}

static bool is_all(const hoy_ip *ip, uint8_t value)
{
	for (int i = 0; i < ip->len; i++)
		if (ip->bytes[i] != value)
			return false;
	return ip->len > 0;
}

int hoy_ip_is_unspecified(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	return is_all(&ip, 0);
}

int hoy_ip_is_loopback(hoy_ip ip)
{
	static const uint8_t one[16] = { [15] = 1 };

	ip = hoy_ip_unmap(ip);
	if (ip.len == 4)
		return ip.bytes[0] == 127;
	return ip.len == 16 && memcmp(ip.bytes, one, 16) == 0;
}

int hoy_ip_is_private(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	const uint8_t *b = ip.bytes;

	if (ip.len == 4)
		return b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168);
	return ip.len == 16 && (b[0] & 0xfe) == 0xfc;
}

int hoy_ip_is_multicast(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	if (ip.len == 4)
		return (ip.bytes[0] & 0xf0) == 0xe0;
	return ip.len == 16 && ip.bytes[0] == 0xff;
}

int hoy_ip_is_interface_local_multicast(hoy_ip ip)
{
	return ip.len == 16 && ip.bytes[0] == 0xff && (ip.bytes[1] & 0x0f) == 1;
}

int hoy_ip_is_link_local_multicast(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	if (ip.len == 4)
		return ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
	return ip.len == 16 && ip.bytes[0] == 0xff && (ip.bytes[1] & 0x0f) == 2;
}

int hoy_ip_is_link_local_unicast(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	if (ip.len == 4)
		return ip.bytes[0] == 169 && ip.bytes[1] == 254;
	return ip.len == 16 && ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}

int hoy_ip_is_global_unicast(hoy_ip ip)
{
	ip = hoy_ip_unmap(ip);
	if (ip.len == 0 || (ip.len == 4 && is_all(&ip, 255)))
		return 0;
	return !hoy_ip_is_unspecified(ip) && !hoy_ip_is_loopback(ip) && !hoy_ip_is_multicast(ip) &&
	       !hoy_ip_is_link_local_unicast(ip);
}
