/*
 * libFuzzer targets for everything that reads an address. TARGET names the one that is
 * compiled in. Each wants more than the absence of crashes: what was read is written, read
 * again and must be the same, and written again the same text.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

#include "os/os.h"

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)

/* Ends the run unless it holds; unlike assert, in every build. */
static void must(int holds)
{
	if (!holds)
		abort();
}

static void must_tell(int code, const hoy_err *err, const char *text)
{
	char sentence[HOY_ERR_STRLEN];

	must(err->code == code && err->offset <= strlen(text));
	must(strlen(hoy_err_string(err, sentence)) > 0);
}

static int same_ip(hoy_ip a, hoy_ip b)
{
	return hoy_ip_compare(a, b) == 0;
}

__attribute__((unused)) static void fuzz_parse_ip(const char *text)
{
	char first[HOY_IP_STRLEN], second[HOY_IP_STRLEN];
	hoy_ip ip, again;
	hoy_err err;
	int code = hoy_parse_ip(text, &ip, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_parse_ip(hoy_ip_string_4in6(ip, first), &again, NULL) == 0 && same_ip(ip, again));
	must(hoy_parse_ip(hoy_ip_string_expanded(ip, first), &again, NULL) == 0 && same_ip(ip, again));
	must(hoy_parse_ip(hoy_ip_string(ip, first), &again, NULL) == 0 && hoy_ip_equal(ip, again));
	must(strcmp(first, hoy_ip_string(again, second)) == 0);
}

__attribute__((unused)) static void fuzz_parse_addr(const char *text)
{
	char first[HOY_ADDR_STRLEN];
	hoy_addr addr, again;
	hoy_err err;
	int code = hoy_parse_addr(text, &addr, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_parse_addr(hoy_addr_string_4in6(&addr, first), &again, NULL) == 0);
	must(hoy_addr_compare(&addr, &again) == 0 && hoy_addr_equal(&addr, &again));
}

__attribute__((unused)) static void fuzz_parse_cidr(const char *text)
{
	char first[HOY_IPNET_STRLEN], second[HOY_IPNET_STRLEN];
	hoy_ip ip, base;
	hoy_ipnet net, again;
	hoy_err err;
	int code = hoy_parse_cidr(text, &ip, &net, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_ipnet_contains(&net, ip) || hoy_ip_is_4in6(ip));
	must(hoy_parse_cidr(hoy_ipnet_string(&net, first), &base, &again, NULL) == 0);
	must(hoy_ip_equal(net.ip, base) && strcmp(first, hoy_ipnet_string(&again, second)) == 0);
}

__attribute__((unused)) static void fuzz_parse_prefix(const char *text)
{
	char first[HOY_PREFIX_STRLEN];
	hoy_prefix p, again, parts[HOY_RANGE_PREFIXES];
	hoy_ip_range range;
	hoy_err err;
	int code = hoy_parse_prefix(text, &p, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_parse_prefix(hoy_prefix_string(p, first), &again, NULL) == 0 && hoy_prefix_compare(p, again) == 0);
	range = hoy_prefix_range(p);
	must(hoy_prefix_contains(p, p.ip) && hoy_prefix_contains(p, range.first) && hoy_prefix_contains(p, range.last));
	must(!hoy_prefix_contains(p, hoy_ip_next(range.last)) && !hoy_prefix_contains(p, hoy_ip_prev(range.first)));
	must(hoy_range_prefixes(range, parts, HOY_RANGE_PREFIXES) == 1);
	must(hoy_prefix_compare(parts[0], hoy_prefix_masked(p)) == 0);
}

__attribute__((unused)) static void fuzz_parse_mac(const char *text)
{
	char first[HOY_MAC_STRLEN];
	hoy_mac mac, again;
	hoy_err err;
	int code = hoy_parse_mac(text, &mac, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_parse_mac(hoy_mac_string(mac, first), &again, NULL) == 0);
	must(mac.len == again.len && memcmp(mac.bytes, again.bytes, mac.len) == 0);
}

__attribute__((unused)) static void fuzz_split_host_port(const char *text)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN], host2[HOY_HOST_STRLEN], port2[HOY_HOST_STRLEN];
	char joined[2 * HOY_HOST_STRLEN + 4];
	hoy_err err;
	int code = hoy_split_host_port(text, host, port, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	hoy_join_host_port(host, port, joined, sizeof joined);
	must(hoy_split_host_port(joined, host2, port2, NULL) == 0);
	must(strcmp(host, host2) == 0 && strcmp(port, port2) == 0);
}

__attribute__((unused)) static void fuzz_parse_addr_port(const char *text)
{
	char first[HOY_ADDR_STRLEN];
	hoy_addr addr, again;
	hoy_err err;
	int code = hoy_parse_addr_port(text, &addr, &err);

	if (code < 0) {
		must_tell(code, &err, text);
		return;
	}
	must(hoy_parse_addr_port(hoy_addr_string_4in6(&addr, first), &again, NULL) == 0);
	must(hoy_addr_equal(&addr, &again));
}

static int no_socket(int family, int type, int protocol)
{
	(void)family, (void)type, (void)protocol;
	return -EACCES;
}

static int no_file(const char *path, int flags)
{
	(void)path, (void)flags;
	return -ENOENT;
}

/* Names are looked up like everywhere, but nobody is asked. */
static void be_alone(void)
{
	static struct hoy__os alone;

	alone = hoy__os_linux;
	alone.socket = no_socket;
	alone.open = no_file;
	hoy__os = &alone;
}

/* The first byte picks network and resolver. */
__attribute__((unused)) static void fuzz_resolve(const char *text)
{
	static const char *const networks[] = { "", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "ip", "ip4:icmp", "ip6" };
	static int (*const resolve[])(const char *, const char *, hoy_addr *, hoy_err *) = {
		hoy_resolve_tcp_addr, hoy_resolve_udp_addr, hoy_resolve_ip_addr,
	};
	unsigned choice = (unsigned char)*text;
	const char *network = networks[choice % 10];
	char first[HOY_ADDR_STRLEN];
	hoy_addr addr, again;
	hoy_err err;

	if (!choice)
		return;
	be_alone();
	text++;
	if (resolve[choice / 10 % 3](network, text, &addr, &err) < 0) {
		must_tell(err.code, &err, text);
		return;
	}
	/* as in Go, ::ffff:192.0.2.1%eth0 becomes IPv4 that keeps its zone, which has no text to read again */
	if (addr.ip.len > 0 && !(addr.ip.len == 4 && addr.zone[0])) {
		must(resolve[choice / 10 % 3](network, hoy_addr_string(&addr, first), &again, NULL) == 0);
		must(hoy_addr_equal(&addr, &again));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);	/* exactly its size, so that a sanitizer sees one byte more */

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	CONCAT(fuzz_, TARGET)(text);
	free(text);
	return 0;
}
