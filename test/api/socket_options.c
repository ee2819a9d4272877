/*
 * The options of dialers and listen configurations, read back from the kernel; what it refuses, in words; and in
 * namespaces joined by two wires, which way the packets went.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>

#include "pair.h"

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	CHECK_INT(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void check_device(int fd, const char *want)
{
	char name[16] = "";
	socklen_t len = sizeof name;

	CHECK_INT(getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len), 0);
	CHECK_STR(name, want, "device");
}

/* A listener's TCP_INFO has its queue's limit in this field, which ss shows as Send-Q. */
static unsigned backlog_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof info;

	CHECK_INT(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
	return info.tcpi_sacked;
}

BOTH(a_listener_has_them)
{
	const hoy_listen_config lc = { .device = "lo", .reuse_port = 1, .backlog = 7, .fast_open = 5 };
	char address[HOY_ADDR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err), *second;
	int fd;

	must(l, "listen", &err);
	fd = hoy_listener_fd(l, NULL);
	check_device(fd, "lo");
	CHECK_INT(option(fd, SOL_SOCKET, SO_REUSEPORT), 1);
	CHECK_INT(option(fd, IPPROTO_TCP, TCP_FASTOPEN), 5);
	CHECK_INT(backlog_of(fd), 7);
	close(fd);
	second = hoy_listen_config_listen(&lc, "tcp", address_of(l, address), &err);
	must(second, "listen again", &err);
	hoy_listener_free(second);
	hoy_listener_free(l);
	return 0;
}

BOTH(a_dialer_has_them)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN];
	hoy_addr to;
	const hoy_dialer d = { .device = "lo", .reuse_port = 1, .keep_alive_config = { .enable = 1, .idle = 3 * HOY_SECOND,
			       .interval = 2 * HOY_SECOND, .count = 4 } };
	hoy_err err;

	address_of(l, address);
	hoy_listener_addr(l, &to);
	for (int i = 0; i < 2; i++) {
		hoy_conn *c = i ? hoy_dialer_dial(&d, "tcp", address, &err) : hoy_dialer_dial_addr(&d, "tcp", &to, &err);
		int fd;

		must(c, "dial", &err);
		fd = hoy_conn_fd(c, NULL);
		check_device(fd, "lo");
		CHECK_INT(option(fd, SOL_SOCKET, SO_REUSEPORT), 1);
		CHECK_INT(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 3);
		CHECK_INT(option(fd, IPPROTO_TCP, TCP_KEEPINTVL), 2);
		CHECK_INT(option(fd, IPPROTO_TCP, TCP_KEEPCNT), 4);
		close(fd);
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return 0;
}

BOTH(only_ipv6)
{
	static const char *const networks[] = { "tcp", "udp" };
	const hoy_listen_config lc = { .v6only = 1 };

	for (size_t i = 0; i < LEN(networks); i++) {
		bool tcp = i == 0;
		hoy_listener *l = tcp ? hoy_listen_config_listen(&lc, "tcp", ":0", NULL) : NULL;
		hoy_conn *c = tcp ? NULL : hoy_listen_config_listen_packet(&lc, "udp", ":0", NULL);
		int fd = tcp ? hoy_listener_fd(l, NULL) : hoy_conn_fd(c, NULL);

		CHECK_INT(option(fd, SOL_SOCKET, SO_DOMAIN), AF_INET6);
		CHECK_INT(option(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
		close(fd);
		hoy_listener_free(l);
		hoy_conn_free(c);
	}
	return 0;
}

BOTH(by_address)
{
	const hoy_addr to = { .kind = HOY_ADDR_UDP, .port = 9, .ip = hoy_ipv4(127, 0, 0, 1) };
	const hoy_addr here = { .kind = HOY_ADDR_UDP, .ip = hoy_ipv4(127, 0, 0, 5) };
	const hoy_dialer from = { .local_addr = &here, .timeout = HOY_MINUTE };
	hoy_conn *c = hoy_dialer_dial_addr(&from, "udp4", &to, NULL);
	hoy_addr local;

	must(c, "dial", NULL);
	hoy_conn_local_addr(c, &local);
	CHECK(hoy_ip_equal(local.ip, here.ip));
	hoy_conn_free(c);
	c = hoy_listen_config_listen_packet_addr(NULL, "udp", &here, NULL);
	must(c, "listen", NULL);
	hoy_conn_local_addr(c, &local);
	CHECK(hoy_ip_equal(local.ip, here.ip) && local.port > 0);
	hoy_conn_free(c);
	return 0;
}

/* The sentence of a failed call, without the port of the moment. */
static void check_text(const void *made, const hoy_err *err, const char *want)
{
	char text[HOY_ERR_STRLEN];

	CHECK(!made);
	if (!made)
		CHECK_STR(hoy_err_string(err, text), want, want);
}

BOTH(refused_with_a_reason)
{
	static const struct { hoy_listen_config lc; const char *network, *address, *want; } listens[] = {
		{ { .device = "none0" }, "tcp", "127.0.0.1:0", "listen tcp 127.0.0.1:0: setsockopt: no such device" },
		{ { .device = "" }, "tcp", "127.0.0.1:0", "listen tcp 127.0.0.1:0: setsockopt: no such device" },
		{ { .device = "lo-and-too-long-x" }, "tcp", ":0", "listen tcp :0: setsockopt: no such device" },
		{ { .v6only = 1 }, "tcp4", "127.0.0.1:0", "listen tcp4 127.0.0.1:0: setsockopt: protocol not available" },
		{ { .v6only = 1 }, "tcp", "127.0.0.1:0", "listen tcp 127.0.0.1:0: bind: invalid argument" },
		{ { .fast_open = -1 }, "tcp", "127.0.0.1:0", "listen tcp 127.0.0.1:0: setsockopt: invalid argument" },
	};
	const hoy_addr tcp = { .kind = HOY_ADDR_TCP, .port = 9, .ip = hoy_ipv4(127, 0, 0, 1) };
	const hoy_dialer mismatched = { .local_addr = &tcp }, device = { .device = "none0" }, fast = { .fast_open = 1 };
	const hoy_dialer late = { .timeout = -1 };
	hoy_addr udp = tcp;
	hoy_err err;

	udp.kind = HOY_ADDR_UDP;
	for (size_t i = 0; i < LEN(listens); i++)
		check_text(hoy_listen_config_listen(&listens[i].lc, listens[i].network, listens[i].address, &err), &err,
			   listens[i].want);
	check_text(hoy_listen_config_listen_packet(&listens[0].lc, "udp", "127.0.0.1:0", &err), &err,
		   "listen udp 127.0.0.1:0: setsockopt: no such device");
	check_text(hoy_dialer_dial_addr(&device, "tcp", &tcp, &err), &err, "dial tcp 127.0.0.1:9: setsockopt: no such device");
	check_text(hoy_dialer_dial_addr(&fast, "udp", &udp, &err), &err, "dial udp 127.0.0.1:9: setsockopt: protocol not available");
	check_text(hoy_dialer_dial_addr(NULL, "udp", &tcp, &err), &err, "dial udp 127.0.0.1:9: unexpected address type");
	check_text(hoy_dialer_dial_addr(NULL, "tcp", NULL, &err), &err, "dial tcp: missing address");
	check_text(hoy_dialer_dial_addr(NULL, "tcp9", &tcp, &err), &err, "dial tcp9 127.0.0.1:9: unknown network tcp9");
	check_text(hoy_dialer_dial_addr(&mismatched, "udp", &udp, &err), &err,
		   "dial udp: address 127.0.0.1:9: mismatched local address type");
	check_text(hoy_dialer_dial_addr(&late, "tcp", &tcp, &err), &err, "dial tcp 127.0.0.1:9: i/o timeout");
	check_text(hoy_listen_config_listen_addr(NULL, "tcp9", &tcp, &err), &err, "listen tcp9 127.0.0.1:9: unknown network tcp9");
	check_text(hoy_listen_config_listen_packet_addr(NULL, "tcp", &udp, &err), &err,
		   "listen tcp 127.0.0.1:9: unknown network tcp");
	return 0;
}

/* In a process of its own: it gives its privileges away. */
TEST(a_mark_takes_privileges)
{
	const hoy_listen_config lc = { .mark = 7 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	hoy_err err;

	if (l) {
		int fd = hoy_listener_fd(l, NULL);

		CHECK_INT(option(fd, SOL_SOCKET, SO_MARK), 7);
		close(fd);
		hoy_listener_free(l);
		CHECK_INT(setuid(65534), 0);
	}
	check_text(hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err), &err,
		   "listen tcp 127.0.0.1:0: setsockopt: operation not permitted");
}

/* ---- in a network of its own ---- */

/* "name: value value", of the pairs of lines that /proc/net/netstat has. */
static long counter(const char *want)
{
	static char names[16384], values[16384];
	FILE *f = fopen("/proc/net/netstat", "r");
	long found = -1;

	while (f && fgets(names, sizeof names, f) && fgets(values, sizeof values, f)) {
		char *n, *v, *name = strtok_r(names, " \n", &n), *value = strtok_r(values, " \n", &v);

		for (; name && value; name = strtok_r(NULL, " \n", &n), value = strtok_r(NULL, " \n", &v))
			if (!strcmp(name, want))
				found = atol(value);
	}
	if (f)
		fclose(f);
	return found;
}

static void own_network(void)
{
	if (unshare(CLONE_NEWNET) < 0 || system("ip link set lo up") != 0)
		SKIP("a network namespace of its own not permitted, or no veth interfaces");
}

static void allow_fast_open(void)
{
	int fd = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY);

	if (fd < 0 || write(fd, "3", 1) != 1)
		SKIP("a network namespace of its own not permitted, or no veth interfaces");
	close(fd);
}

static void exchange(hoy_conn *c, hoy_listener *l)
{
	char buf[8] = "";
	hoy_conn *peer;

	CHECK_INT(hoy_conn_write(c, "early", 5, NULL), 5);
	peer = hoy_listener_accept(l, NULL);
	must(peer, "accept", NULL);
	CHECK_INT(hoy_read_full(peer, buf, 5, NULL), 5);
	CHECK_STR(buf, "early", "data");
	CHECK_INT(hoy_conn_write(peer, "back", 4, NULL), 4);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	hoy_conn_free(peer);
}

/* The first connection fetches the cookie, the others send their data with the SYN. */
static int be_fast(void *unused)
{
	const hoy_listen_config lc = { .fast_open = 16 };
	const hoy_dialer d = { .fast_open = 1 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	char address[HOY_ADDR_STRLEN], text[HOY_ADDR_STRLEN];

	(void)unused;
	must(l, "listen", NULL);
	address_of(l, address);
	for (int i = 0; i < 3; i++) {
		hoy_err err;
		hoy_conn *c = hoy_dialer_dial(&d, "tcp", address, &err);
		hoy_addr remote;

		must(c, "dial", &err);
		hoy_conn_remote_addr(c, &remote);
		CHECK_STR(hoy_addr_string(&remote, text), address, "remote");
		exchange(c, l);
		hoy_conn_free(c);
	}
	CHECK_INT(counter("TCPFastOpenActive"), 2);
	CHECK_INT(counter("TCPFastOpenPassive"), 2);
	hoy_listener_free(l);
	return 0;
}

TEST(fast_open)
{
	own_network();
	allow_fast_open();
	CHECK_INT(hoy_run(be_fast, NULL), 0);
}

/* A peer that refuses is told by the first write, or the read after it. */
TEST(fast_open_to_nobody)
{
	const hoy_listen_config lc = { .fast_open = 16 };
	const hoy_dialer d = { .fast_open = 1 };
	hoy_listener *l;
	char address[HOY_ADDR_STRLEN], byte;
	hoy_conn *c;
	hoy_err err;

	own_network();
	allow_fast_open();
	l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	must(l, "listen", NULL);
	c = hoy_dialer_dial(&d, "tcp", address_of(l, address), NULL);
	must(c, "dial", NULL);
	exchange(c, l);
	hoy_conn_free(c);
	hoy_listener_free(l);
	c = hoy_dialer_dial(&d, "tcp", address, &err);
	must(c, "dial", &err);
	if (hoy_conn_write(c, "x", 1, &err) == 1)
		CHECK(hoy_conn_read(c, &byte, 1, &err) < 0);
	CHECK_INT(err.code, -ECONNREFUSED);
	hoy_conn_free(c);
}

TEST(multipath)
{
	const hoy_listen_config lc = { .multipath = 1 };
	hoy_listener *l, *plain;
	char address[HOY_ADDR_STRLEN];
	hoy_err err;

	own_network();
	l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err);
	must(l, "listen", &err);
	plain = listen_on("tcp", "127.0.0.1:0");
	for (int i = 0; i < 4; i++) {
		const hoy_dialer d = { .multipath = i & 1 };
		hoy_listener *at = i & 2 ? plain : l;
		hoy_conn *c = hoy_dialer_dial(&d, "tcp", address_of(at, address), &err), *peer;
		int fd;

		must(c, "dial", &err);
		peer = hoy_listener_accept(at, &err);
		must(peer, "accept", &err);
		fd = hoy_conn_fd(c, NULL);
		if (i == 1 && option(fd, SOL_SOCKET, SO_PROTOCOL) != 262)
			SKIP("no MPTCP in this kernel");
		CHECK_INT(hoy_tcp_multipath(c, NULL), i == 1);
		CHECK_INT(hoy_tcp_multipath(peer, NULL), i == 1);
		CHECK_INT(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
		close(fd);
		hoy_conn_free(c);
		CHECK_INT(hoy_conn_close(peer, NULL), 0);
		CHECK_INT(hoy_tcp_multipath(peer, &err), HOY_ECLOSED);
		hoy_conn_free(peer);
	}
	hoy_listener_free(plain);
	hoy_listener_free(l);
}

/* Without MPTCP, the same options give TCP. */
TEST(multipath_switched_off)
{
	const hoy_listen_config lc = { .multipath = 1 };
	const hoy_dialer d = { .multipath = 1 };
	char address[HOY_ADDR_STRLEN];
	hoy_listener *l;
	hoy_conn *c;

	own_network();
	if (system("sysctl -qw net.mptcp.enabled=0 2>/dev/null") != 0)
		SKIP("no MPTCP in this kernel");
	l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	must(l, "listen", NULL);
	c = hoy_dialer_dial(&d, "tcp", address_of(l, address), NULL);
	must(c, "dial", NULL);
	CHECK_INT(hoy_tcp_multipath(c, NULL), 0);
	hoy_conn_free(c);
	hoy_listener_free(l);
}

/* ---- two wires to another network ---- */

static const char far_side[] =
	"ip link set lo up && ip link set hoy1 up && ip link set hoy3 up &&"
	"ip addr add 10.9.0.2/24 dev hoy1 && ip addr add 10.9.1.2/24 dev hoy3 && ip addr add 192.0.2.9/32 dev lo";
static const char near_side[] =
	"ip link set hoy0 up && ip link set hoy2 up && ip addr add 10.9.0.1/24 dev hoy0 && ip addr add 10.9.1.1/24 dev hoy2 &&"
	"ip rule add fwmark 7 table 100 && ip route add default via 10.9.1.2 dev hoy2 table 100";

/* Accepts and waits until the other side ends it. */
static void be_far(int go, int ready)
{
	hoy_listener *l;
	char byte;

	if (unshare(CLONE_NEWNET) < 0 || write(ready, "n", 1) != 1 || read(go, &byte, 1) != 1 || system(far_side) != 0)
		_exit(1);
	l = hoy_listen("tcp4", ":4321", NULL);
	if (!l || write(ready, "l", 1) != 1)
		_exit(1);
	for (;;)
		hoy_conn_free(hoy_listener_accept(l, NULL));
}

static void join_networks(void)
{
	int go[2], ready[2];
	char command[300], byte;
	pid_t pid;

	own_network();
	if (pipe(go) < 0 || pipe(ready) < 0 || (pid = fork()) < 0)
		_exit(1);
	if (pid == 0)
		be_far(go[0], ready[1]);
	close(ready[1]);
	snprintf(command, sizeof command,
		 "ip link add hoy0 type veth peer name hoy1 netns %d && ip link add hoy2 type veth peer name hoy3 netns %d", pid, pid);
	if (read(ready[0], &byte, 1) != 1 || system(command) != 0 || system(near_side) != 0)
		SKIP("a network namespace of its own not permitted, or no veth interfaces");
	if (write(go[1], "g", 1) != 1 || read(ready[0], &byte, 1) != 1)
		SKIP("a network namespace of its own not permitted, or no veth interfaces");
}

/* From which of this side's addresses that was reached. */
static void check_way(const hoy_dialer *d, const char *to, const char *want)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr local;
	hoy_err err;
	hoy_conn *c = hoy_dialer_dial(d, "tcp", to, &err);

	if (!c) {
		CHECK_STR(hoy_err_string(&err, (char[HOY_ERR_STRLEN]){ "" }), want, to);
		return;
	}
	hoy_conn_local_addr(c, &local);
	CHECK_STR(hoy_ip_string(local.ip, text), want, to);
	hoy_conn_free(c);
}

TEST(by_device_and_by_mark)
{
	const hoy_dialer plain = { .timeout = 5 * HOY_SECOND }, marked = { .mark = 7, .timeout = 5 * HOY_SECOND };
	const hoy_dialer other = { .device = "hoy2", .timeout = 5 * HOY_SECOND };

	join_networks();
	check_way(&plain, "10.9.0.2:4321", "10.9.0.1");
	check_way(&other, "10.9.0.2:4321", "10.9.1.1");
	check_way(&plain, "192.0.2.9:4321", "dial tcp 192.0.2.9:4321: connect: network is unreachable");
	check_way(&marked, "192.0.2.9:4321", "10.9.1.1");
}

/* Of two listeners at one port, each is reached by its own interface. */
TEST(a_listener_by_device)
{
	const hoy_listen_config on_lo = { .device = "lo" }, on_wire = { .device = "hoy0" };
	const hoy_dialer d = { .timeout = 5 * HOY_SECOND };
	hoy_listener *wire, *lo;
	char address[HOY_ADDR_STRLEN];
	hoy_conn *c, *peer;

	join_networks();
	wire = hoy_listen_config_listen(&on_wire, "tcp4", ":0", NULL);
	must(wire, "listen", NULL);
	c = hoy_dialer_dial(&d, "tcp", address_of(wire, address), NULL);
	CHECK(!c);	/* by lo, where it does not listen */
	hoy_conn_free(c);
	lo = hoy_listen_config_listen(&on_lo, "tcp4", address, NULL);
	must(lo, "listen on lo", NULL);
	c = hoy_dialer_dial(&d, "tcp", address, NULL);
	must(c, "dial", NULL);
	peer = hoy_listener_accept(lo, NULL);
	CHECK(peer);
	hoy_conn_free(peer);
	hoy_conn_free(c);
	hoy_listener_free(lo);
	hoy_listener_free(wire);
}
