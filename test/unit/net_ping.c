/*
 * Pinging, in networks of the test's own: this system, what answers behind a router and what does not, with and without
 * privileges, by both kinds of socket and in both families; and every call that can fail.
 */
#include <grp.h>
#include <sched.h>
#include <sys/socket.h>

#include "api/pair.h"
#include "base/base.h"
#include "net/ping_window.h"
#include "sock/ping.h"
#include "unit/support/fault_os.h"

enum { NOBODY = 65534 };

static bool sh(const char *format, ...)
{
	char command[2000];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	return system(command) == 0;
}

static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("a network namespace of one's own not permitted");
	if (!sh("ip link set lo up 2>/dev/null"))
		SKIP("no ip command, or not permitted");
}

static void permit_groups(const char *range)
{
	FILE *f = fopen("/proc/sys/net/ipv4/ping_group_range", "w");

	if (!f || fputs(range, f) < 0 || fclose(f) != 0)
		SKIP("a network namespace of one's own not permitted");
}

/* From here on without capabilities, and of this group alone. */
static void become(unsigned group)
{
	CHECK_INT(setgroups(0, NULL), 0);
	CHECK_INT(setresgid(group, group, group), 0);
	CHECK_INT(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

static hoy_addr addr_of(const char *text)
{
	hoy_addr addr;

	CHECK_INT(hoy_parse_addr(text, &addr, NULL), 0);
	return addr;
}

static hoy_pinger *pinger(const char *to, const hoy_ping_opts *opts)
{
	hoy_addr addr = addr_of(to);
	hoy_err err;
	hoy_pinger *p = hoy_pinger_new(&addr, opts, &err);

	must(p, to, &err);
	CHECK_INT(hoy_pinger_set_deadline(p, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
	return p;
}

static void check_from(const hoy_ping_reply *reply, const char *want)
{
	char text[HOY_ADDR_STRLEN];

	CHECK_STR(hoy_addr_string(&reply->from, text), want, "from");
}

/* ---- what came when ---- */

TEST(the_window_remembers_and_forgets)
{
	static struct hoy__ping_window w;
	bool duplicate;

	CHECK_INT(hoy__ping_window_answer(&w, 0, &duplicate), -1);
	hoy__ping_window_send(&w, 7, 70);
	hoy__ping_window_send(&w, 8, 80);
	CHECK_INT(hoy__ping_window_answer(&w, 8, &duplicate), 80);
	CHECK(!duplicate);
	CHECK_INT(hoy__ping_window_answer(&w, 8, &duplicate), 80);
	CHECK(duplicate);
	CHECK_INT(hoy__ping_window_answer(&w, 7 + HOY__PING_WINDOW, &duplicate), -1);
	hoy__ping_window_send(&w, 7 + HOY__PING_WINDOW, 90);
	CHECK_INT(hoy__ping_window_answer(&w, 7, &duplicate), -1);
	CHECK(!duplicate);
	hoy__ping_window_send(&w, 8, 100);	/* again */
	CHECK_INT(hoy__ping_window_answer(&w, 8, &duplicate), 100);
	CHECK(!duplicate);
}

/* ---- this system ---- */

static const struct { const char *host; int family, socket; } ways[] = {
	{ "127.0.0.1", 4, HOY_PING_RAW }, { "127.0.0.1", 4, HOY_PING_DATAGRAM },
	{ "::1", 6, HOY_PING_RAW }, { "::1", 6, HOY_PING_DATAGRAM },
};

/* The bytes of the guide's Ping, of both messages. */
static void check_bytes(hoy_pinger *p)
{
	static const uint8_t want[2][8] = { { 8, 0, 247, 205, 0, 13, 0, 37 }, { 0, 0, 255, 205, 0, 13, 0, 37 } };
	hoy_ping_reply reply;
	const void *sent;

	CHECK_INT(hoy_pinger_send(p, 37, &sent, NULL), 8);
	CHECK(memcmp(sent, want[0], 8) == 0);
	CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0);
	CHECK(reply.len == 8 && memcmp(reply.message, want[1], 8) == 0);
}

static void check_echo(hoy_pinger *p, const char *host, int family)
{
	hoy_ping_reply reply;
	const void *sent;
	hoy_err err;
	hoy_icmp m;

	CHECK_INT(hoy_pinger_send(p, 9, &sent, &err), 8 + 40);
	CHECK_INT(hoy_icmp_parse(family, sent, 48, &m, NULL), 0);
	CHECK(m.kind == HOY_ICMP_ECHO && m.id == hoy_pinger_id(p) && m.seq == 9 && m.len == 40);
	if (!CHECK_INT(hoy_pinger_receive(p, &reply, &err), 0))
		return;
	CHECK(reply.kind == HOY_ICMP_ECHO_REPLY && reply.code == 0 && reply.seq == 9 && !reply.duplicate);
	CHECK_INT(reply.icmp_type, family == 4 ? 0 : 129);
	CHECK(reply.ttl == 64 && reply.rtt > 0 && reply.rtt < 10 * t_scale() * HOY_SECOND);
	check_from(&reply, host);
	CHECK_INT(hoy_icmp_parse(family, reply.message, reply.len, &m, NULL), 0);
	CHECK(m.kind == HOY_ICMP_ECHO_REPLY && m.len == 40 && ((const uint8_t *)m.data)[39] == 39);
}

BOTH(this_system_answers)
{
	own_network();
	permit_groups("0 65535");
	for (size_t i = 0; i < LEN(ways); i++) {
		hoy_pinger *p = pinger(ways[i].host, &(hoy_ping_opts){ .socket = ways[i].socket, .len = 40 });
		hoy_addr local;

		CHECK_INT(hoy_pinger_socket(p), ways[i].socket);
		hoy_pinger_local_addr(p, &local);
		CHECK(local.kind == HOY_ADDR_IP && local.port == 0 && hoy_ip_is_loopback(local.ip));
		check_echo(p, ways[i].host, ways[i].family);
		hoy_pinger_free(p);
		p = pinger(ways[i].host, &(hoy_ping_opts){ .socket = ways[i].socket, .id = 13 });
		CHECK_INT(hoy_pinger_id(p), 13);
		if (ways[i].family == 4)
			check_bytes(p);
		hoy_pinger_free(p);
	}
	return 0;
}

/* The checksum of an ICMPv6 request is right in the bytes that the caller sees. */
TEST(the_checksum_is_there)
{
	static const uint8_t pseudo[] = { [15] = 1, [31] = 1, [35] = 8, [39] = 58 };
	uint8_t all[48];
	hoy_pinger *p;
	const void *sent;

	own_network();
	p = pinger("::1", &(hoy_ping_opts){ .socket = HOY_PING_RAW });
	CHECK_INT(hoy_pinger_send(p, 1, &sent, NULL), 8);
	memcpy(all, pseudo, 40);
	memcpy(all + 40, sent, 8);
	CHECK_INT(hoy_checksum(all, 48), 0);
	hoy_pinger_free(p);
}

/* Many under way at once, and their replies in any order; one number twice. */
BOTH(many_requests_are_under_way)
{
	enum { MANY = 100 };
	bool seen[MANY] = { false };
	hoy_ping_reply reply;
	hoy_pinger *p;

	own_network();
	p = pinger("127.0.0.1", NULL);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(hoy_pinger_send(p, (uint16_t)i, NULL, NULL), 8);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0);
		if (CHECK(reply.seq < MANY && !seen[reply.seq]))
			seen[reply.seq] = true;
	}
	for (int i = 0; i < 2; i++)
		CHECK_INT(hoy_pinger_send(p, 5, NULL, NULL), 8);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0);
		CHECK(reply.seq == 5 && reply.duplicate == i);
	}
	hoy_pinger_free(p);
	return 0;
}

BOTH(two_pingers_get_their_own)
{
	own_network();
	for (size_t i = 0; i < 2; i++) {
		hoy_ping_opts opts = { .socket = HOY_PING_RAW };
		hoy_pinger *a = pinger(ways[2 * i].host, &opts), *b = pinger(ways[2 * i].host, &opts);
		hoy_ping_reply reply;

		CHECK_INT(hoy_pinger_send(b, 1, NULL, NULL), 8);
		CHECK_INT(hoy_pinger_send(a, 2, NULL, NULL), 8);
		CHECK_INT(hoy_pinger_receive(a, &reply, NULL), 0);
		CHECK_INT(reply.seq, 2);
		CHECK_INT(hoy_pinger_receive(b, &reply, NULL), 0);
		CHECK_INT(reply.seq, 1);
		CHECK_INT(hoy_pinger_set_deadline(a, hoy_in(50 * HOY_MILLISECOND), NULL), 0);
		CHECK_INT(hoy_pinger_receive(a, &reply, NULL), HOY_ETIMEOUT);
		hoy_pinger_free(a);
		hoy_pinger_free(b);
	}
	return 0;
}

BOTH(an_identifier_has_one_owner_or_a_raw_socket)
{
	hoy_addr loopback = addr_of("127.0.0.1");
	hoy_ping_opts opts = { .id = 77 };
	hoy_pinger *a, *b;
	hoy_err err;

	own_network();
	permit_groups("0 65535");
	a = pinger("127.0.0.1", &opts);
	b = pinger("127.0.0.1", &opts);
	CHECK_INT(hoy_pinger_socket(a), HOY_PING_DATAGRAM);
	CHECK_INT(hoy_pinger_socket(b), HOY_PING_RAW);
	CHECK_INT(hoy_pinger_id(b), 77);
	hoy_pinger_free(b);
	opts.socket = HOY_PING_DATAGRAM;
	CHECK(!hoy_pinger_new(&loopback, &opts, &err) && err.code == -EADDRINUSE);
	hoy_pinger_free(a);
	return 0;
}

static int wait_for_one(void *p)
{
	hoy_ping_reply reply;

	return hoy_pinger_receive(p, &reply, NULL);
}

BOTH(close_and_deadlines_end_a_wait)
{
	char text[HOY_ERR_STRLEN];
	struct started s[2];
	hoy_ping_reply reply;
	hoy_pinger *p;
	hoy_err err;

	own_network();
	p = pinger("127.0.0.1", NULL);
	start(&s[0], wait_for_one, p);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_pinger_set_deadline(p, (hoy_time){ 1 }, NULL), 0);
	CHECK_INT(finish(&s[0]), HOY_ETIMEOUT);
	CHECK_INT(hoy_pinger_receive(p, &reply, &err), HOY_ETIMEOUT);
	CHECK_STR(hoy_err_string(&err, text), "read ip4:icmp 127.0.0.1->127.0.0.1: i/o timeout", "timeout");
	CHECK_INT(hoy_pinger_set_deadline(p, (hoy_time){ 0 }, NULL), 0);
	for (size_t i = 0; i < LEN(s); i++)
		start(&s[i], wait_for_one, p);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_pinger_close(p, NULL), 0);
	for (size_t i = 0; i < LEN(s); i++)
		CHECK_INT(finish(&s[i]), HOY_ECLOSED);
	CHECK_INT(hoy_pinger_close(p, &err), HOY_ECLOSED);
	CHECK_INT(hoy_pinger_send(p, 1, NULL, &err), HOY_ECLOSED);
	CHECK_STR(hoy_err_string(&err, text), "write ip4:icmp 127.0.0.1->127.0.0.1: use of closed network connection", "closed");
	CHECK_INT(hoy_pinger_set_deadline(p, (hoy_time){ 0 }, &err), HOY_ECLOSED);
	hoy_pinger_free(p);
	hoy_pinger_free(NULL);
	return 0;
}

TEST(what_cannot_be_pinged)
{
	hoy_addr none = { .kind = HOY_ADDR_IP }, loopback = addr_of("127.0.0.1"), six = addr_of("::1"), strange;
	char text[HOY_ERR_STRLEN];
	hoy_ping_reply reply;
	hoy_err err;

	own_network();
	CHECK(!hoy_pinger_new(&none, NULL, &err) && err.code == HOY_EMISSING);
	CHECK(!hoy_pinger_new(&loopback, &(hoy_ping_opts){ .len = HOY_PING_DATA_MAX + 1 }, &err) && err.code == -EMSGSIZE);
	CHECK(!hoy_pinger_new(&loopback, &(hoy_ping_opts){ .socket = 3 }, &err) && err.code == -EINVAL);
	CHECK(!hoy_pinger_new(&loopback, &(hoy_ping_opts){ .local_addr = &six }, &err) && err.code == HOY_EADDR);
	strange = addr_of("192.0.2.77");
	CHECK(!hoy_pinger_new(&loopback, &(hoy_ping_opts){ .local_addr = &strange, .socket = HOY_PING_RAW }, &err));
	CHECK_STR(hoy_err_string(&err, text), "ping ip4:icmp 192.0.2.77->127.0.0.1: bind: cannot assign requested address", "bind");
	CHECK(!hoy_pinger_new(&strange, NULL, &err));
	CHECK_STR(hoy_err_string(&err, text), "ping ip4:icmp 192.0.2.77: connect: network is unreachable", "no route");
	CHECK_INT(hoy_ping("", NULL, &reply, &err), HOY_EMISSING);
	CHECK_INT(hoy_ping("127.0.0.1", &(hoy_ping_opts){ .network = "tcp" }, &reply, &err), HOY_ENETWORK);
	CHECK_INT(hoy_ping("127.0.0.1", &(hoy_ping_opts){ .network = "ip6" }, &reply, &err), HOY_EUNSUITABLE);
	CHECK_INT(hoy_ping("127.0.0.1", &(hoy_ping_opts){ .timeout = -1 }, &reply, &err), HOY_ETIMEOUT);
}

BOTH(one_ping)
{
	hoy_ping_reply reply = { 0 };
	hoy_err err;

	own_network();
	CHECK_INT(hoy_ping("127.0.0.1", NULL, &reply, &err), 0);
	CHECK(reply.kind == HOY_ICMP_ECHO_REPLY && reply.seq == 1 && !reply.message && reply.len == 0);
	check_from(&reply, "127.0.0.1");
	CHECK_INT(hoy_ping("::1", &(hoy_ping_opts){ .network = "ip6", .len = 1000 }, &reply, &err), 0);
	check_from(&reply, "::1");
	CHECK_INT(hoy_ping("localhost", &(hoy_ping_opts){ .network = "ip4" }, &reply, &err), 0);
	check_from(&reply, "127.0.0.1");
	return 0;
}

/* The longest request that IP can carry, whole. */
BOTH(the_longest_data)
{
	own_network();
	for (size_t i = 0; i < LEN(ways); i += 2) {
		hoy_pinger *p = pinger(ways[i].host, &(hoy_ping_opts){ .socket = HOY_PING_RAW, .len = HOY_PING_DATA_MAX });
		hoy_ping_reply reply;

		CHECK_INT(hoy_pinger_send(p, 1, NULL, NULL), 8 + HOY_PING_DATA_MAX);
		CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0);
		CHECK_INT(reply.len, 8 + HOY_PING_DATA_MAX);
		hoy_pinger_free(p);
	}
	return 0;
}

/* ---- permission ---- */

TEST(a_permitted_group_needs_no_capability)
{
	own_network();
	permit_groups("4000 4001");
	become(4001);
	for (size_t i = 0; i < 2; i++) {
		hoy_pinger *p = pinger(ways[2 * i].host, &(hoy_ping_opts){ .id = 13, .len = 40 });

		CHECK_INT(hoy_pinger_socket(p), HOY_PING_DATAGRAM);
		CHECK_INT(hoy_pinger_id(p), 13);
		check_echo(p, ways[2 * i].host, ways[2 * i].family);
		hoy_pinger_free(p);
	}
}

static const struct { const char *range; int socket; const char *want; } forbidden[] = {
	{ "1 0", HOY_PING_ANY, "ping ip4:icmp 127.0.0.1: socket: operation not permitted (needs the capability CAP_NET_RAW, or a "
		"group permitted by the sysctl net.ipv4.ping_group_range, which is \"1 0\" (no group); this process has group 4002)" },
	{ "4000 4001", HOY_PING_ANY, "ping ip4:icmp 127.0.0.1: socket: operation not permitted (needs the capability CAP_NET_RAW, "
		"or a group permitted by the sysctl net.ipv4.ping_group_range, which is \"4000 4001\"; this process has group 4002)" },
	{ "4000 4001", HOY_PING_RAW,
		"ping ip4:icmp 127.0.0.1: socket: operation not permitted (a raw socket needs the capability CAP_NET_RAW)" },
	{ "4000 4001", HOY_PING_DATAGRAM, "ping ip4:icmp 127.0.0.1: socket: permission denied (needs the capability CAP_NET_RAW, or a "
		"group permitted by the sysctl net.ipv4.ping_group_range, which is \"4000 4001\"; this process has group 4002)" },
};

static void be_forbidden(size_t i)
{
	char text[HOY_ERR_STRLEN];
	hoy_ping_opts opts = { .socket = forbidden[i].socket };
	hoy_ping_reply reply;
	hoy_err err;

	own_network();
	permit_groups(forbidden[i].range);
	become(4002);
	CHECK(hoy_ping("127.0.0.1", &opts, &reply, &err) < 0);
	CHECK_INT(err.kind, HOY_ERR_HINT);
	CHECK_STR(hoy_err_string(&err, text), forbidden[i].want, forbidden[i].range);
	CHECK(hoy_ping("127.0.0.1", &opts, &reply, NULL) < 0);
}

TEST(no_group_is_permitted) { be_forbidden(0); }
TEST(another_group_is_permitted) { be_forbidden(1); }
TEST(a_raw_socket_is_wanted) { be_forbidden(2); }
TEST(a_datagram_socket_is_wanted) { be_forbidden(3); }

TEST(the_hint_fits_whatever_it_cannot_read)
{
	char hint[HOY__PING_HINT_SIZE];

	fault_install();
	fault_entry_at(FAULT_open, 1, 0);
	hoy__ping_hint(true, hint);
	CHECK(strstr(hint, "net.ipv4.ping_group_range; this process has group ") != NULL);
	fault_entry_at(FAULT_read, 1, 0);
	hoy__ping_hint(true, hint);
	CHECK(strstr(hint, "net.ipv4.ping_group_range; this process has group ") != NULL);
	CHECK_INT(fault_open_descriptors(), 0);
}

/* ---- behind a router ---- */

/*
 * The router is a network namespace at the other end of hoy0. Behind it are .99, which answers; an unreachable network;
 * and a link that takes 1300 bytes.
 */
static void routed_network(void)
{
	static char wait[] = "sleep 1000";
	int ready[2];
	pid_t router;
	char byte;

	own_network();
	CHECK_INT(pipe(ready), 0);
	router = fork();
	if (router == 0) {
		byte = unshare(CLONE_NEWNET) < 0;
		CHECK_INT(write(ready[1], &byte, 1), 1);
		_exit(system(wait));
	}
	CHECK_INT(read(ready[0], &byte, 1), 1);
	if (!sh("ip link add hoy0 type veth peer name hoy1 netns %d && ip link set hoy0 up && ip addr add 10.9.0.1/24 dev hoy0 && "
		"ip addr add fd09::1/64 dev hoy0 nodad && ip route add default via 10.9.0.2 && ip -6 route add default via fd09::2",
		(int)router))
		SKIP("no veth interfaces in this kernel");
	CHECK(sh("nsenter -n -t %d sh -c 'ip link set lo up; ip link set hoy1 up; ip addr add 10.9.0.2/24 dev hoy1; "
		 "ip addr add fd09::2/64 dev hoy1 nodad; ip link add far type veth peer name further; ip link set further up; "
		 "ip link set far mtu 1300 up; "
		 "ip addr add 10.9.1.99/24 dev far; ip addr add fd09:1::99/64 dev far nodad; "
		 "ip route add unreachable 10.9.2.0/24; ip -6 route add unreachable fd09:2::/64; "
		 "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; "
		 "echo 0 >/proc/sys/net/ipv4/icmp_ratemask; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit; "
		 "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_broadcasts'", (int)router));
	/* The kernel discards what is sent before it has noticed that both ends are up, which takes a second and more. */
	CHECK(sh("for i in $(seq 300); do ip -o link show hoy0 | grep -q 'state UP' && nsenter -n -t %d sh -c "
		 "\"ip -o link show hoy1 | grep -q 'state UP' && ip -o link show far | grep -q 'state UP'\" && exit 0; sleep 0.1; done; exit 1",
		 (int)router));
}

static const struct {
	const char *to;
	int kind;
	const char *from;
	int code, type, icmp_code;
	hoy_ping_opts opts;
	unsigned mtu;
} errors[] = {
	{ "10.9.1.99", HOY_ICMP_ECHO_REPLY, "10.9.1.99", 0, 0, 0, { .len = 30 }, 0 },
	{ "10.9.1.50", HOY_ICMP_TIME_EXCEEDED, "10.9.0.2", -EHOSTUNREACH, 11, 0, { .ttl = 1 }, 0 },
	{ "10.9.2.1", HOY_ICMP_UNREACHABLE, "10.9.0.2", -EHOSTUNREACH, 3, 1, { .len = 30 }, 0 },
	{ "10.9.1.50", HOY_ICMP_TOO_BIG, "10.9.0.2", -EMSGSIZE, 3, 4, { .len = 1400, .dont_fragment = 1 }, 1300 },
	{ "fd09:1::99", HOY_ICMP_ECHO_REPLY, "fd09:1::99", 0, 129, 0, { .len = 30 }, 0 },
	{ "fd09:1::50", HOY_ICMP_TIME_EXCEEDED, "fd09::2", -EHOSTUNREACH, 3, 0, { .ttl = 1 }, 0 },
	{ "fd09:2::1", HOY_ICMP_UNREACHABLE, "fd09::2", -ENETUNREACH, 1, 0, { .len = 30 }, 0 },
	{ "fd09:1::50", HOY_ICMP_TOO_BIG, "fd09::2", -EMSGSIZE, 2, 0, { .len = 1400, .dont_fragment = 1 }, 1300 },
};

/* Three requests, then three errors: each is that of one request, and no call fails. */
static void check_error(size_t i, int socket)
{
	hoy_ping_opts opts = errors[i].opts;
	int requests = errors[i].kind == HOY_ICMP_TOO_BIG ? 1 : 3;	/* the kernel learns from the first */
	unsigned seen = 0;
	hoy_ping_reply reply;
	hoy_pinger *p;

	opts.socket = socket;
	p = pinger(errors[i].to, &opts);
	for (int n = 0; n < requests; n++)
		CHECK(hoy_pinger_send(p, (uint16_t)n, NULL, NULL) > 0);
	for (int n = 0; n < requests; n++) {
		if (!CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0))
			break;
		CHECK_INT(reply.kind, errors[i].kind);
		CHECK_INT(reply.code, errors[i].code);
		CHECK(reply.icmp_type == errors[i].type && reply.icmp_code == errors[i].icmp_code && reply.mtu == errors[i].mtu);
		CHECK(!reply.duplicate && reply.rtt > 0 && reply.ttl == 64);
		check_from(&reply, errors[i].from);
		seen |= 1u << reply.seq;
	}
	CHECK_INT(seen, (1u << requests) - 1);
	if (errors[i].kind == HOY_ICMP_TOO_BIG)
		CHECK_INT(hoy_pinger_send(p, 1, NULL, NULL), -EMSGSIZE);
	hoy_pinger_free(p);
}

/* The kernel remembers the MTU of a path for as long as the namespace lives. */
static int check_errors(void *socket)
{
	for (size_t i = 0; i < LEN(errors); i++)
		check_error(i, *(int *)socket);
	return 0;
}

static void errors_by(int socket)
{
	routed_network();
	permit_groups("0 65535");
	CHECK_INT(hoy_run(check_errors, &socket), 0);
}

TEST(errors_on_the_way_by_a_raw_socket) { errors_by(HOY_PING_RAW); }
TEST(errors_on_the_way_by_a_datagram_socket) { errors_by(HOY_PING_DATAGRAM); }

TEST(one_ping_tells_the_error)
{
	char text[HOY_ERR_STRLEN];
	hoy_ping_reply reply;
	hoy_err err;

	routed_network();
	CHECK_INT(hoy_ping("10.9.2.1", NULL, &reply, &err), -EHOSTUNREACH);
	CHECK_STR(hoy_err_string(&err, text), "ping ip4:icmp 10.9.0.1->10.9.2.1: no route to host", "unreachable");
	CHECK_INT(hoy_ping("10.9.0.99", &(hoy_ping_opts){ .timeout = 50 * HOY_MILLISECOND }, &reply, &err), HOY_ETIMEOUT);
	CHECK_STR(hoy_err_string(&err, text), "read ip4:icmp 10.9.0.1->10.9.0.99: i/o timeout", "nobody there");
}

/* A group answers with many voices: multicast in both families, and broadcast. */
static int ask_groups(void *arg)
{
	static const struct { const char *to, *from; } groups[] = {
		{ "224.0.0.1", "10.9.0.2" }, { "10.9.0.255", "10.9.0.2" }, { "ff02::1%hoy0", "f" },
	};
	char text[HOY_ADDR_STRLEN];
	hoy_addr local = addr_of("10.9.0.1");

	for (size_t i = 0; i < 2 * LEN(groups); i++) {
		size_t g = i / 2;
		hoy_ping_opts opts = { .socket = i % 2 ? HOY_PING_RAW : HOY_PING_DATAGRAM, .local_addr = g == 0 ? &local : NULL };
		hoy_pinger *p = pinger(groups[g].to, &opts);
		hoy_ping_reply reply = { 0 };
		hoy_err err;

		if (hoy_pinger_send(p, 4, NULL, &err) < 0)
			must(false, groups[g].to, &err);
		do	/* this system is a member as well */
			CHECK_INT(hoy_pinger_receive(p, &reply, NULL), 0);
		while (g == 2 && !reply.duplicate);
		CHECK_INT(reply.seq, 4);
		hoy_addr_string(&reply.from, text);
		text[strlen(groups[g].from)] = '\0';
		CHECK_STR(text, groups[g].from, groups[g].to);
		hoy_pinger_free(p);
	}
	(void)arg;
	return 0;
}

TEST(groups_answer)
{
	routed_network();
	permit_groups("0 65535");
	CHECK_INT(hoy_run(ask_groups, NULL), 0);
}

/* ---- every call that can fail ---- */

static int ping_once(void *opts)
{
	hoy_ping_reply reply;
	hoy_err err = { 0 };
	int code = hoy_ping("127.0.0.1", opts, &reply, &err);

	CHECK_INT(err.code, code);
	return code;
}

/* Without its time stamp a packet arrived when it was read; the hint can do without what it cannot read. */
static bool may_go_on(enum fault_entry entry)
{
	return entry == FAULT_setsockopt || entry == FAULT_random || entry == FAULT_close || entry == FAULT_map ||
	       entry == FAULT_guard || entry == FAULT_discard || entry == FAULT_unmap || entry == FAULT_open ||
	       entry == FAULT_read || entry == FAULT_membarrier_register || entry == FAULT_poller_wait ||
	       entry == FAULT_waker_wake || entry == FAULT_send;
}

/* With HOY_PING_ANY most failures of the datagram socket lead to the raw one. */
static void sweep(int socket, long step)
{
	hoy_ping_opts opts = { .socket = socket, .timeout = 2 * t_scale() * HOY_SECOND };
	const hoy_run_opts one = { .workers = 1 };
	char story[600];
	long blocks, n;
	int before;

	own_network();
	permit_groups("0 65535");
	fault_install();
	CHECK_INT(hoy_run_with(&one, ping_once, &opts), 0);
	CHECK_INT(hoy_run_with(&one, ping_once, &opts), 0);
	before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = step;; n += step) {
		int code;

		fault_reset();
		fault_at(n > 0 ? n : 0, 0);
		fault_alloc_at(n < 0 ? -n : 0);
		code = hoy_run_with(&one, ping_once, &opts);
		if (!fault_fired())
			break;
		if (code != fault_fired_code() && !(code == 0 && (socket == HOY_PING_ANY || may_go_on(fault_fired_entry()))))
			t_fail(__FILE__, __LINE__, "the code that failed", "%s failed with %d, told %d: %s",
			       fault_name(fault_fired_entry()), fault_fired_code(), code, fault_story(story, sizeof story));
		CHECK_INT(fault_open_descriptors(), before);
		CHECK_INT(fault_live_blocks(), blocks);
		CHECK_INT(fault_bad_descriptors(), 0);
		if (atomic_load(&t_shared->failures) > 20)
			return;
	}
	CHECK(n * step > (step > 0 ? 10 : 1));
}

TEST(raw_system_calls) { sweep(HOY_PING_RAW, 1); }
TEST(datagram_system_calls) { sweep(HOY_PING_DATAGRAM, 1); }
TEST(either_system_calls) { sweep(HOY_PING_ANY, 1); }
TEST(raw_allocations) { sweep(HOY_PING_RAW, -1); }
