/* The sentences of errors, against vectors/error_text.tsv and Go's own words. */
#include <hoy.h>

#include "t.h"
#include "unit/support/tsv.h"

static struct tsv t;

/* The code whose text this is. */
static int code_of(const char *text)
{
	for (int code = -1; code > HOY_CODE_LOWEST; code--)
		if (strcmp(hoy_strerror(code), text) == 0)
			return code;
	CHECK_STR(text, NULL, "no code has this text");
	return 0;
}

static hoy_addr addr_of(const char *text, const char *network)
{
	hoy_addr addr = { 0 };

	if (!*text || strcmp(text, "-") == 0)
		return addr;
	if (strcmp(network, "pipe") == 0)
		addr.kind = HOY_ADDR_PIPE;
	else if (strcmp(network, "unix") == 0)
		CHECK_INT(hoy_resolve_unix_addr(network, text, &addr, NULL), 0);
	else
		CHECK_INT(hoy_resolve_tcp_addr("tcp", text, &addr, NULL), 0);
	return addr;
}

/* "connect: connection refused", "lookup x: no such host", "unknown network foo" or a plain text. */
static void set_cause(hoy_err *err, const char *text)
{
	static char call[64];
	const char *colon = strstr(text, ": ");
	size_t subject = 0;

	if (strncmp(text, "unknown network ", 16) == 0) {
		err->kind = HOY_ERR_NETWORK;
		err->code = HOY_ENETWORK;
		strcpy(err->subject, text + 16);
		return;
	}
	if (strncmp(text, "lookup ", 7) == 0) {
		err->kind = HOY_ERR_LOOKUP;
		subject = 7;
	} else if (colon && strncmp(text, "io:", 3) != 0) {
		snprintf(call, sizeof call, "%.*s", (int)(colon - text), text);
		err->call = call;
	} else {
		colon = NULL;
	}
	if (subject)
		snprintf(err->subject, sizeof err->subject, "%.*s", (int)(colon - text - subject), text + subject);
	err->code = code_of(colon ? colon + 2 : text);
}

static void set_operation(hoy_err *err)
{
	static char op[32];

	snprintf(op, sizeof op, "%s", tsv(&t, "op"));
	err->op = op;
	snprintf(err->net, sizeof err->net, "%s", tsv(&t, "net"));
	err->source = addr_of(tsv(&t, "source_addr"), err->net);
	err->addr = addr_of(tsv(&t, "addr"), err->net);
	set_cause(err, tsv(&t, "err"));
}

TEST(every_sentence)
{
	char text[HOY_ERR_STRLEN], what[32];

	tsv_open(&t, "error_text");
	while (tsv_next(&t)) {
		hoy_err err = { 0 };

		snprintf(err.subject, sizeof err.subject, "%s", tsv(&t, "addr"));
		if (tsv_is(&t, "kind", "op")) {
			err.subject[0] = '\0';
			set_operation(&err);
		} else if (tsv_is(&t, "kind", "dns")) {
			err.kind = HOY_ERR_LOOKUP;
			err.addr = addr_of(tsv(&t, "source_addr"), "udp");
			err.code = code_of(tsv(&t, "err"));
		} else if (tsv_is(&t, "kind", "addr")) {
			err.kind = HOY_ERR_ADDR;
			err.code = code_of(tsv(&t, "err"));
		} else if (tsv_is(&t, "kind", "parse")) {
			err.kind = HOY_ERR_PARSE;
			snprintf(what, sizeof what, "%s", tsv(&t, "err"));
			err.call = what;
		} else {
			err.kind = HOY_ERR_NETWORK;
			snprintf(err.subject, sizeof err.subject, "%s", tsv(&t, "net"));
		}
		CHECK_STR(hoy_err_string(&err, text), tsv(&t, "text"), tsv(&t, "text"));
	}
}

TEST(a_hint_stands_behind_the_sentence)
{
	hoy_err err = { .code = -EPERM, .kind = HOY_ERR_HINT, .op = "listen", .call = "socket", .net = "ip4:icmp",
			.subject = "what would help" };
	char text[HOY_ERR_STRLEN];

	CHECK_STR(hoy_err_string(&err, text), "listen ip4:icmp: socket: operation not permitted (what would help)", "hint");
}

TEST(names_of_extended_errors)
{
	static const struct { unsigned code; const char *name; } cases[] = {
		{ 0, "Other Error" }, { 6, "DNSSEC Bogus" }, { 15, "Blocked" }, { 19, "Stale NXDOMAIN Answer" },
		{ 24, "Invalid Data" }, { 27, "Unsupported NSEC3 Iterations Value" }, { 30, "Invalid Query Type" },
		{ 31, "extended error 31" }, { 65535, "extended error 65535" }, { 4294967295u, "extended error 4294967295" },
	};
	char text[HOY_EXTENDED_STRLEN];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_STR(hoy_extended_string(cases[i].code, text), cases[i].name, cases[i].name);
}

/* The sentences that failing calls write by themselves, and where they point. */
TEST(calls_tell_what_and_where)
{
	char text[HOY_ERR_STRLEN], host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	hoy_addr addr;
	hoy_ip ip;
	hoy_err err;

#define CASE(call, sentence, place) \
	do { \
		CHECK((call) < 0); \
		CHECK_STR(hoy_err_string(&err, text), sentence, #call); \
		CHECK_INT(err.offset, place); \
	} while (0)

	CASE(hoy_parse_ip("1.2.3", &ip, &err), "invalid IP address: 1.2.3", 5);
	CASE(hoy_parse_ip("1.2.3.256", &ip, &err), "invalid IP address: 1.2.3.256", 6);
	CASE(hoy_parse_ip("fe80::1%eth0", &ip, &err), "invalid IP address: fe80::1%eth0", 7);
	CASE(hoy_split_host_port("foo", host, port, &err), "address foo: missing port in address", 3);
	CASE(hoy_split_host_port("a:b:c", host, port, &err), "address a:b:c: too many colons in address", 3);
	CASE(hoy_split_host_port("[::1", host, port, &err), "address [::1: missing ']' in address", 4);
	CASE(hoy_resolve_tcp_addr("tcp5", "a:1", &addr, &err), "unknown network tcp5", 0);
	CASE(hoy_resolve_tcp_addr("tc", "a:1", &addr, &err), "unknown network tc", 0);
	CASE(hoy_resolve_tcp_addr("udp", "a:1", &addr, &err), "unknown network udp", 0);
	CASE(hoy_resolve_tcp_addr("tcp:icmp", "1.2.3.4:80", &addr, &err), "unknown network tcp:icmp", 0);
	CASE(hoy_resolve_tcp_addr("tcp6", "1.2.3.4:80", &addr, &err),
	     "address 1.2.3.4: no suitable address found", 0);
	CASE(hoy_resolve_tcp_addr("tcp", "x.invalid:80", &addr, &err), "lookup x.invalid: no such host", 0);
	CASE(hoy_resolve_tcp_addr("tcp", "1.2.3.4:zzz", &addr, &err), "lookup tcp/zzz: unknown port", 0);
	CASE(hoy_resolve_tcp_addr("tcp", "1.2.3.4:-1", &addr, &err), "address -1: invalid port", 0);
	CASE(hoy_resolve_ip_addr("ip4:nosuch", "1.2.3.4", &addr, &err),
	     "address nosuch: unknown IP protocol specified", 0);
	CASE(hoy_resolve_unix_addr("tcp", "/x", &addr, &err), "unknown network tcp", 0);
	CASE(hoy_lookup_port("tcp5", "http", &err), "address tcp5: unknown network", 0);
	CASE(hoy_parse_addr("1.2.3.x", &addr, &err), "ParseAddr(\"1.2.3.x\"): unexpected character (at \"x\")", 6);
	CASE(hoy_parse_addr("1.2.3.4%e", &addr, &err),
	     "ParseAddr(\"1.2.3.4%e\"): unexpected character (at \"%e\")", 7);
	CASE(hoy_parse_addr("12345::%e", &addr, &err),
	     "ParseAddr(\"12345::%e\"): each group must have 4 or less digits (at \"12345::\")", 0);
	CASE(hoy_parse_addr("fe80::1%a23456789012345x", &addr, &err),
	     "ParseAddr(\"fe80::1%a23456789012345x\"): zone longer than 15 bytes", 23);
	CASE(hoy_parse_addr("\"\\\n\x01", &addr, &err), "ParseAddr(\"\\\"\\\\\\n\\x01\"): unable to parse IP", 4);
	CASE(hoy_parse_addr("%eth0", &addr, &err), "ParseAddr(\"%eth0\"): missing IPv6 address", 0);
	CASE(hoy_parse_addr("1:2:3:4:5:6:7::1.2.3.4", &addr, &err),
	     "ParseAddr(\"1:2:3:4:5:6:7::1.2.3.4\"): too many hex fields to fit an embedded IPv4 at the end of the "
	     "address (at \"1.2.3.4\")", 15);
	CASE(hoy_parse_addr_port("1.2.3.4", &addr, &err), "not an ip:port", 0);
	CASE(hoy_parse_addr_port(":80", &addr, &err), "no IP", 0);
	CASE(hoy_parse_addr_port("1.2.3.4:", &addr, &err), "no port", 8);
	CASE(hoy_parse_addr_port("[::1:80", &addr, &err), "missing ]", 4);
	CASE(hoy_parse_addr_port("1.2.3.4:x", &addr, &err), "invalid port \"x\" parsing \"1.2.3.4:x\"", 8);
	CASE(hoy_parse_addr_port("[1.2.3.4]:80", &addr, &err),
	     "invalid ip:port \"[1.2.3.4]:80\", square brackets can only be used with IPv6 addresses", 0);
	CASE(hoy_parse_addr_port("::1:80", &addr, &err),
	     "invalid ip:port \"::1:80\", IPv6 addresses must be surrounded by square brackets", 0);
	CASE(hoy_parse_addr_port("[::g]:80", &addr, &err),
	     "ParseAddr(\"::g\"): each colon-separated field must have at least one digit (at \"g\")", 3);
}

/* Longer than any field or sentence: cut off, never over the end. */
TEST(long_texts_are_cut)
{
	char text[HOY_ERR_STRLEN], longer[2000], host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	hoy_addr addr;
	hoy_err err;
	hoy_ip ip;

	memset(longer, '"', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	CHECK_INT(hoy_parse_ip(longer, &ip, &err), HOY_EIP_UNABLE);
	CHECK_INT(strlen(err.subject), sizeof err.subject - 1);
	CHECK_INT(hoy_parse_addr(longer, &addr, &err), HOY_EIP_UNABLE);
	CHECK(strlen(hoy_err_string(&err, text)) < sizeof text);
	CHECK_INT(hoy_lookup_port("tcp", longer, &err), HOY_ENOPORT);
	CHECK_INT(strlen(err.subject), sizeof err.subject - 1);
	longer[300] = ':';
	CHECK_INT(hoy_split_host_port(longer, host, port, &err), HOY_EHOSTLONG);
	CHECK_INT(hoy_resolve_tcp_addr("tcp", longer, &addr, &err), HOY_EHOSTLONG);
	CHECK_INT(hoy_split_host_port(longer + 299, host, port, &err), HOY_EHOSTLONG);	/* the port now */
	longer[109] = '\0';
	CHECK_INT(hoy_resolve_unix_addr("unix", longer, &addr, &err), HOY_EPATHLONG);
	longer[107] = '\0';
	CHECK_INT(hoy_resolve_unix_addr("unix", longer, &addr, &err), 0);
	CHECK_INT(strlen(hoy_addr_string(&addr, text)), 107);
	memset(longer, 'x', 108);
	longer[0] = '@';
	longer[108] = '\0';
	CHECK_INT(hoy_resolve_unix_addr("unixgram", longer, &addr, &err), 0);
	CHECK_STR(hoy_addr_string(&addr, text), longer, "an abstract name of full length");
	CHECK_STR(hoy_addr_network(&addr), "unixgram", "network");
}

TEST(success_writes_no_error)
{
	hoy_err err;
	hoy_addr addr;

	memset(&err, 0x5a, sizeof err);
	CHECK_INT(hoy_resolve_tcp_addr("tcp", "127.0.0.1:80", &addr, &err), 0);
	CHECK_INT(err.code, 0x5a5a5a5a);
	CHECK_INT(hoy_parse_addr("x", &addr, NULL), HOY_EIP_UNABLE);
	CHECK_INT(addr.port, 80);
}
