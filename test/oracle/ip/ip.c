/*
 * hoy's opinion about the addresses that main.go printed, compared with Go's. Prints how
 * many of each function were accepted, refused, refused by both in other words, judged otherwise
 * for a reason of doc/go.md, and told differently; exit status 1 if any was told differently.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

#define ROOM 8192

static hoy_err err;
static char out[ROOM];		/* what hoy says, as main.go would say it */
static size_t out_len;

static const char *yes_no(int yes)
{
	return yes ? "true" : "false";
}

static int refuse(void)
{
	char text[HOY_ERR_STRLEN];

	out_len = (size_t)snprintf(out, sizeof out, "-%s", hoy_err_string(&err, text));
	return err.code;
}

/* snprintf into out, for what was accepted. */
#define ACCEPT(...) (out_len = (size_t)snprintf(out, sizeof out, __VA_ARGS__), 0)

static char a[HOY_ADDR_STRLEN], b[HOY_ADDR_STRLEN], c[HOY_ADDR_STRLEN], d[HOY_ADDR_STRLEN];

static int do_ip(const char *s)
{
	hoy_ip ip;
	char hex[33];

	if (hoy_parse_ip(s, &ip, &err) < 0)
		return refuse();
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", hoy_ip_to16(ip).bytes[i]);
	return ACCEPT("+%s %s", hex, hoy_ip_string(ip, a));
}

static int do_addr(const char *s)
{
	hoy_addr addr;

	if (hoy_parse_addr(s, &addr, &err) < 0)
		return refuse();
	return ACCEPT("+%s %s%s%s %d %s", hoy_addr_string_4in6(&addr, a), hoy_ip_string_expanded(addr.ip, b),
		      addr.zone[0] ? "%" : "", addr.zone, addr.ip.len * 8, yes_no(hoy_ip_is_4in6(addr.ip)));
}

static int do_cidr(const char *s)
{
	hoy_ip ip;
	hoy_ipnet net;
	int ones, bits;

	if (hoy_parse_cidr(s, &ip, &net, &err) < 0)
		return refuse();
	ones = hoy_ipmask_size(net.mask, &bits);
	return ACCEPT("+%s %s %s %d %d", hoy_ip_string(ip, a), hoy_ip_string(net.ip, b), hoy_ipnet_string(&net, c),
		      ones, bits);
}

static int do_prefix(const char *s)
{
	hoy_prefix p;

	if (hoy_parse_prefix(s, &p, &err) < 0)
		return refuse();
	return ACCEPT("+%s %d %s %s", hoy_prefix_string(p, a), hoy_prefix_bits(p),
		      hoy_prefix_string(hoy_prefix_masked(p), b), yes_no(hoy_prefix_is_single_ip(p)));
}

static int do_mac(const char *s)
{
	hoy_mac mac;

	if (hoy_parse_mac(s, &mac, &err) < 0)
		return refuse();
	return ACCEPT("+%s", hoy_mac_string(mac, a));
}

static int do_host_port(const char *s)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN], joined[2 * HOY_HOST_STRLEN + 4];

	if (hoy_split_host_port(s, host, port, &err) < 0)
		return refuse();
	return ACCEPT("+%s%c%s%c%s", host, 0, port, 0, hoy_join_host_port(host, port, joined, sizeof joined));
}

static int do_addr_port(const char *s)
{
	hoy_addr addr, plain;

	if (hoy_parse_addr_port(s, &addr, &err) < 0)
		return refuse();
	plain = addr;
	plain.kind = HOY_ADDR_IP;
	return ACCEPT("+%s %s %d", hoy_addr_string_4in6(&addr, a), hoy_addr_string_4in6(&plain, b), addr.port);
}

static int do_values(const char *s)
{
	const unsigned char *in = (const unsigned char *)s;
	hoy_ip one = hoy_ip_from_bytes(in + 3, in[0]), two = { 0 };
	char class[9], e[HOY_IPMASK_STRLEN], f[HOY_IPNET_STRLEN], g[HOY_IPMASK_STRLEN], h[HOY_PREFIX_STRLEN];
	char next[HOY_IP_STRLEN], prev[HOY_IP_STRLEN];

	two = hoy_ip_from_bytes(in + 3 + in[0], in[3 + in[0] + 16] ? 4 : 16);
	int bits = in[1] % (one.len * 8 + 1), bits2 = in[2] % (two.len * 8 + 1);
	hoy_prefix p = hoy_prefix_from(one, bits), q = hoy_prefix_from(two, bits2);
	hoy_ipnet net = { one, hoy_cidr_mask(bits, one.len * 8) };

	snprintf(class, sizeof class, "%d%d%d%d%d%d%d%d", hoy_ip_is_unspecified(one), hoy_ip_is_loopback(one),
		 hoy_ip_is_private(one), hoy_ip_is_multicast(one), hoy_ip_is_interface_local_multicast(one),
		 hoy_ip_is_link_local_multicast(one), hoy_ip_is_link_local_unicast(one),
		 hoy_ip_is_global_unicast(one));
	return ACCEPT("+%s %s %s %s %s %s %s %s %d %s %s %s %s %s %s %s %s", hoy_ip_string(one, a),
		      hoy_ip_string_4in6(one, b), hoy_ip_string_expanded(one, c), class,
		      yes_no(hoy_ip_equal(one, two)), hoy_ipmask_string(hoy_ip_default_mask(one), e),
		      hoy_ip_string_4in6(hoy_ip_next(one), next), hoy_ip_string_4in6(hoy_ip_prev(one), prev),
		      hoy_ip_compare(one, two), yes_no(hoy_prefix_contains(p, two)), yes_no(hoy_prefix_overlaps(p, q)),
		      yes_no(hoy_ipnet_contains(&net, two)), yes_no(hoy_ip_to4(one).len == 4),
		      hoy_prefix_string(hoy_prefix_masked(p), h), hoy_ip_string(hoy_ip_mask(two, net.mask), d),
		      hoy_ipnet_string(&net, f), hoy_ipmask_string(net.mask, g));
}

static struct function {
	const char *name;
	int (*run)(const char *s);	/* 0, or the code it was refused with */
	long total, accepted, reworded, excluded, different;
} functions[] = {
	{ "ParseIP", do_ip, 0, 0, 0, 0, 0 },
	{ "ParseAddr", do_addr, 0, 0, 0, 0, 0 },
	{ "ParseCIDR", do_cidr, 0, 0, 0, 0, 0 },
	{ "ParsePrefix", do_prefix, 0, 0, 0, 0, 0 },
	{ "ParseMAC", do_mac, 0, 0, 0, 0, 0 },
	{ "SplitHostPort", do_host_port, 0, 0, 0, 0, 0 },
	{ "ParseAddrPort", do_addr_port, 0, 0, 0, 0, 0 },
	{ "values", do_values, 0, 0, 0, 0, 0 },
};

/*
 * Where hoy follows a newer Go than 1.19, or cannot hold what Go holds; each is listed in
 * doc/go.md. What excludes a case is the reason that hoy gives, if the text has it indeed.
 */
static bool is_excluded(int code, const char *in, const char *go)
{
	const char *at = in + (err.offset < strlen(in) ? err.offset : strlen(in)), *first;

	if (code == HOY_EIP6_DIGITS)	/* 1.19 takes 00001:: */
		return strspn(at, "0123456789abcdefABCDEF") > 4;
	if (code == HOY_EZONELONG)
		return strchr(in, '%') && at - strchr(in, '%') == 16;
	if (code == HOY_EPREFIXBITS)	/* 1.19 takes /08 and +8 */
		return strchr("0+-", strrchr(in, '/')[1]) != NULL;
	/* 1.19 nests the sentence of an embedded IPv4 address */
	first = code < 0 && *go == '-' ? strstr(go, "ParseAddr(") : NULL;
	return first && strstr(first + 1, "ParseAddr(") && strchr(in, ':') && strchr(in, '.');
}

static size_t unhex(const char *hex, char *bytes)
{
	size_t n = 0;
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1 && n < ROOM - 64; hex += 2)
		bytes[n++] = (char)byte;
	memset(bytes + n, 0, 64);
	return n;
}

static void show(const char *what, const char *bytes, size_t len)
{
	printf("  %-4s ", what);
	for (size_t i = 0; i < len; i++)
		printf(bytes[i] < ' ' || bytes[i] > '~' ? "\\x%02x" : "%c", (unsigned char)bytes[i]);
	putchar('\n');
}

static void compare(struct function *f, const char *input_hex, const char *outcome_hex)
{
	static char input[ROOM], go[ROOM];
	size_t input_len = unhex(input_hex, input), go_len = unhex(outcome_hex, go);
	int code;

	if (f->run == do_values)	/* tell how long the second address is */
		input[3 + input[0] + 16] = input_len - 3 - (size_t)input[0] == 4;
	code = f->run(input);
	f->total++;
	f->accepted += *go == '+';
	if (out_len == go_len && memcmp(out, go, go_len) == 0)
		return;
	if (is_excluded(code, input, go)) {
		if (code < 0 && *go == '-')
			f->reworded++;
		else
			f->excluded++;
		return;
	}
	if (f->different++ < 5) {
		printf("%s\n", f->name);
		show("in", input, input_len);
		show("Go", go, go_len);
		show("hoy", out, out_len);
	}
}

int main(void)
{
	static char line[4 * ROOM];
	long different = 0, total = 0;

	while (fgets(line, sizeof line, stdin)) {
		char *input = strchr(line, ' '), *outcome = input ? strchr(input + 1, ' ') : NULL;

		if (!outcome)
			continue;
		*input++ = *outcome++ = '\0';
		for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
			if (strcmp(functions[i].name, line) == 0)
				compare(&functions[i], input, outcome);
	}
	printf("%-14s %9s %9s %9s %9s %9s %9s\n", "function", "asked", "accepted", "refused", "reworded", "excluded", "different");
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		const struct function *f = &functions[i];

		if (f->total)
			printf("%-14s %9ld %9ld %9ld %9ld %9ld %9ld\n", f->name, f->total, f->accepted,
			       f->total - f->accepted, f->reworded, f->excluded, f->different);
		different += f->different;
		total += f->total;
		if (f->accepted * 100 < f->total * 40) {
			printf("%s: less than 40 %% accepted\n", f->name);
			different++;
		}
	}
	return different || !total;
}
