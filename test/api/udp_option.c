/* Options of UDP sockets, each as the other end or the kernel sees it; and multicast over loopback. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

static char x[] = "x";

static hoy_conn *bound(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet(network, address, &err);

	must(c, "listen_packet", &err);
	CHECK_INT(hoy_conn_set_read_deadline(c, hoy_in(10 * t_scale() * HOY_SECOND), NULL), 0);
	return c;
}

static hoy_addr local(const hoy_conn *c)
{
	hoy_addr addr;

	hoy_conn_local_addr(c, &addr);
	return addr;
}

static hoy_ip ip(const char *text)
{
	hoy_ip got = { 0 };

	CHECK_INT(hoy_parse_ip(text, &got, NULL), 0);
	return got;
}

static int loopback(void)
{
	hoy_interface lo = { 0 };

	CHECK_INT(hoy_interface_by_name("lo", &lo, NULL), 0);
	return lo.index;
}

static int kernel_s(hoy_conn *c, int level, int name)
{
	int value = -1, fd = hoy_conn_fd(c, NULL);
	socklen_t len = sizeof value;

	CHECK(fd >= 0 && getsockopt(fd, level, name, &value, &len) == 0);
	close(fd);
	return value;
}

/* What a socket of both families sends has its TTL and TOS, whichever family that is. */
BOTH(ttl_and_tos)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	hoy_conn *client = bound("udp", ":0");
	hoy_err err = { 0 };

	CHECK_INT(hoy_udp_set_ttl(client, 9, &err), 0);
	CHECK_INT(hoy_udp_set_tos(client, 0x88, &err), 0);
	for (size_t i = 0; i < LEN(hosts); i++) {
		hoy_conn *server = bound(i ? "udp6" : "udp4", ":0");
		hoy_addr to = local(server);
		char buf[4];
		hoy_msg in = { .data = buf, .size = sizeof buf };

		to.ip = ip(hosts[i]);
		CHECK_INT(hoy_conn_write_to(client, x, 1, &to, NULL), 1);
		CHECK_INT(hoy_udp_read_msg(server, &in, NULL), 1);
		CHECK_INT(hoy_conn_write_to(client, x, 1, &to, NULL), 1);
		CHECK_INT(hoy_udp_read_msg(server, &in, NULL), 1);
		CHECK_INT(in.ttl, 9);
		CHECK_INT(in.tos, 0x88);
		hoy_conn_free(server);
	}
	CHECK_INT(hoy_udp_set_ttl(client, -1, &err), 0);
	CHECK(kernel_s(client, IPPROTO_IP, IP_TTL) > 9);
	CHECK_INT(hoy_udp_set_ttl(client, 0, &err) == -EINVAL || hoy_udp_set_ttl(client, 256, &err) == -EINVAL, 1);
	CHECK_INT(hoy_udp_set_ttl(client, 1000, &err), -EINVAL);
	CHECK_INT(err.code, -EINVAL);
	hoy_conn_free(client);
	return 0;
}

BOTH(buffer_sizes)
{
	hoy_conn *c = bound("udp", ":0");

	CHECK_INT(hoy_conn_set_read_buffer(c, 40000, NULL), 0);
	CHECK_INT(kernel_s(c, SOL_SOCKET, SO_RCVBUF), 80000);	/* the kernel doubles it for its own needs */
	CHECK_INT(hoy_conn_set_write_buffer(c, 50000, NULL), 0);
	CHECK_INT(kernel_s(c, SOL_SOCKET, SO_SNDBUF), 100000);
	CHECK_INT(kernel_s(c, SOL_SOCKET, SO_BROADCAST), 1);
	hoy_conn_free(c);
	return 0;
}

/* A datagram longer than the MTU goes in fragments, or is refused; see test/peers/udp_network.sh for other MTUs. */
BOTH(path_mtu)
{
	static const int kernel_names[] = {
		[HOY_MTU_WANT] = IP_PMTUDISC_WANT, [HOY_MTU_DO] = IP_PMTUDISC_DO,
		[HOY_MTU_PROBE] = IP_PMTUDISC_PROBE, [HOY_MTU_DONT] = IP_PMTUDISC_DONT,
	};
	hoy_conn *server = bound("udp", ":0"), *client;
	hoy_addr to = local(server);
	hoy_err err = { 0 };

	CHECK_INT(hoy_udp_mtu(server, &err), -ENOTCONN);
	CHECK_INT(err.code, -ENOTCONN);
	for (int i = 0; i < 4; i++) {
		CHECK_INT(hoy_udp_set_mtu_discover(server, i, NULL), 0);
		CHECK_INT(kernel_s(server, IPPROTO_IP, IP_MTU_DISCOVER), kernel_names[i]);
		CHECK_INT(kernel_s(server, IPPROTO_IPV6, IPV6_MTU_DISCOVER), kernel_names[i]);
	}
	CHECK_INT(hoy_udp_set_mtu_discover(server, 4, &err), -EINVAL);
	CHECK_INT(hoy_udp_set_mtu_discover(server, -1, &err), -EINVAL);
	for (int v6 = 0; v6 < 2; v6++) {
		to.ip = ip(v6 ? "::1" : "127.0.0.1");
		client = hoy_dial_udp("udp", NULL, &to, NULL);
		CHECK(hoy_udp_mtu(client, NULL) >= 65520);	/* IPv4 has 65,535 at most */
		hoy_conn_free(client);
	}
	hoy_conn_free(server);
	return 0;
}

/*
 * A group on the loopback interface, which needs no network. It is IPv4's, for which there is a route, and an interface
 * that returns all that it sends: test/peers/udp_network.sh has IPv6, and no loop.
 */
static hoy_addr group_at(uint16_t port)
{
	return (hoy_addr){ .kind = HOY_ADDR_UDP, .ip = ip("239.1.2.3"), .port = port };
}

static hoy_conn *sender(const char *address)
{
	hoy_conn *c = bound("udp4", address);

	CHECK_INT(hoy_udp_set_multicast_interface(c, loopback(), NULL), 0);
	return c;
}

static bool arrives(hoy_conn *at, hoy_conn *from, const hoy_addr *to)
{
	char buf[4];
	hoy_msg in = { .data = buf, .size = sizeof buf };
	hoy_err err = { 0 };

	hoy_conn_set_read_deadline(at, past(), NULL);
	CHECK_INT(hoy_udp_read_msg(at, &in, NULL), HOY_ETIMEOUT);	/* asks for ifindex */
	CHECK_INT(hoy_conn_write_to(from, x, 1, to, NULL), 1);
	hoy_conn_set_read_deadline(at, hoy_in(100 * t_scale() * HOY_MILLISECOND), NULL);
	if (hoy_udp_read_msg(at, &in, &err) < 0)
		return CHECK_INT(err.code, HOY_ETIMEOUT) && false;
	CHECK(hoy_ip_equal(in.dst, to->ip) && in.ifindex == loopback());
	CHECK_INT(in.ttl, 1);
	return true;
}

BOTH(a_multicast_listener)
{
	hoy_addr group = group_at(0);
	hoy_conn *a = hoy_listen_multicast_udp("udp", loopback(), &group, NULL), *b, *other = sender(":0");
	char data[2] = "ab", buf[4];
	hoy_msg m = { .data = buf, .size = sizeof buf };

	must(a, "listen_multicast", NULL);
	group.port = local(a).port;
	CHECK(hoy_ip_is_unspecified(local(a).ip));
	b = hoy_listen_multicast_udp("udp4", loopback(), &group, NULL);	/* the port is shared */
	must(b, "listen_multicast", NULL);
	CHECK_INT(hoy_conn_write_to(other, data, 2, &group, NULL), 2);
	CHECK_INT(hoy_udp_read_msg(b, &m, NULL), 2);
	CHECK(hoy_ip_equal(m.dst, group.ip) && m.ifindex == loopback());	/* of the first, too */
	CHECK_INT(hoy_udp_read_msg(a, &m, NULL), 2);
	/* a reply to the group's message is the receiver's, not the group's */
	CHECK_INT(hoy_udp_write_msg(a, &m, NULL), 2);
	CHECK_INT(hoy_udp_read_msg(other, &m, NULL), 2);
	CHECK(!hoy_ip_is_multicast(m.addr.ip) && m.addr.port == group.port);
	CHECK_INT(kernel_s(a, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
	CHECK_INT(hoy_udp_set_multicast_loop(a, 1, NULL), 0);
	CHECK_INT(kernel_s(a, IPPROTO_IP, IP_MULTICAST_LOOP), 1);
	hoy_conn_free(other);
	hoy_conn_free(b);
	hoy_conn_free(a);
	return 0;
}

BOTH(joined_and_left)
{
	hoy_conn *c = bound("udp", ":0"), *other = sender(":0");
	hoy_addr to = group_at(local(c).port);
	hoy_ip all = { 0 };
	hoy_err err = { 0 };

	CHECK(!arrives(c, other, &to));
	CHECK_INT(hoy_udp_join_group(c, loopback(), to.ip, all, &err), 0);
	CHECK(arrives(c, other, &to));
	CHECK_INT(hoy_udp_join_group(c, loopback(), to.ip, all, &err), -EADDRINUSE);
	CHECK_INT(hoy_udp_leave_group(c, loopback(), to.ip, all, &err), 0);
	CHECK(!arrives(c, other, &to));
	CHECK_INT(hoy_udp_leave_group(c, loopback(), to.ip, all, &err), -EADDRNOTAVAIL);
	CHECK_INT(err.code, -EADDRNOTAVAIL);
	hoy_conn_free(other);
	hoy_conn_free(c);
	return 0;
}

/* Two senders on loopback, of which one is wanted. */
BOTH(one_source)
{
	hoy_conn *c = bound("udp4", ":0"), *wanted = sender("127.0.0.1:0"), *other = sender("127.0.0.2:0");
	hoy_addr to = { .kind = HOY_ADDR_UDP, .ip = ip("232.1.2.3"), .port = local(c).port };
	hoy_ip first = ip("127.0.0.1"), second = ip("127.0.0.2");
	int lo = loopback();

	CHECK_INT(hoy_udp_join_group(c, lo, to.ip, first, NULL), 0);
	CHECK(arrives(c, wanted, &to));
	CHECK(!arrives(c, other, &to));
	CHECK_INT(hoy_udp_join_group(c, lo, to.ip, second, NULL), 0);
	CHECK(arrives(c, other, &to));
	CHECK_INT(hoy_udp_leave_group(c, lo, to.ip, first, NULL), 0);
	CHECK(!arrives(c, wanted, &to));
	CHECK_INT(hoy_udp_leave_group(c, lo, to.ip, first, NULL), -EADDRNOTAVAIL);
	hoy_conn_free(other);
	hoy_conn_free(wanted);
	hoy_conn_free(c);
	return 0;
}

BOTH(multicast_ttl)
{
	hoy_conn *c = bound("udp", ":0"), *other = sender(":0");
	hoy_addr to = group_at(local(c).port);
	char buf[4];
	hoy_msg in = { .data = buf, .size = sizeof buf };

	CHECK_INT(hoy_udp_join_group(c, loopback(), to.ip, (hoy_ip){ 0 }, NULL), 0);
	CHECK_INT(hoy_udp_set_multicast_ttl(other, 5, NULL), 0);
	CHECK_INT(hoy_conn_write_to(other, x, 1, &to, NULL), 1);
	CHECK_INT(hoy_udp_read_msg(c, &in, NULL), 1);
	CHECK_INT(hoy_conn_write_to(other, x, 1, &to, NULL), 1);
	CHECK_INT(hoy_udp_read_msg(c, &in, NULL), 1);
	CHECK_INT(in.ttl, 5);
	CHECK_INT(hoy_udp_set_multicast_ttl(other, 256, NULL), -EINVAL);
	hoy_conn_free(other);
	hoy_conn_free(c);
	return 0;
}

/* What is refused, in Go's words. */
TEST(groups_that_are_none)
{
	static const struct { const char *network, *group; int ifindex, code; const char *want; } rows[] = {
		{ "udp", "", 0, HOY_EMISSING, "listen udp :9: missing address" },
		{ "tcp", "239.1.2.3", 0, HOY_ENETWORK, "listen tcp 239.1.2.3:9: unknown network tcp" },
		{ "tcp", "", 0, HOY_ENETWORK, "listen tcp :9: unknown network tcp" },
		{ "udp", "127.0.0.1", 0, -EINVAL, "listen udp 127.0.0.1:9: setsockopt: invalid argument" },
		{ "udp", "239.1.2.3", 99999, 0, NULL },
		{ "udp", "ff02::1234", 99999, 0, NULL },
	};

	for (size_t i = 0; i < LEN(rows); i++) {
		hoy_addr group = { .kind = HOY_ADDR_UDP, .ip = *rows[i].group ? ip(rows[i].group) : (hoy_ip){ 0 }, .port = 9 };
		char text[HOY_ERR_STRLEN];
		hoy_err err = { 0 };

		CHECK(!hoy_listen_multicast_udp(rows[i].network, rows[i].ifindex, &group, &err));
		CHECK(err.code < 0);
		if (rows[i].want) {
			CHECK_INT(err.code, rows[i].code);
			CHECK_STR(hoy_err_string(&err, text), rows[i].want, "listen");
		}
	}
}

TEST(members_that_are_refused)
{
	hoy_conn *c = bound("udp4", ":0"), *pair[2];
	hoy_ip none = { 0 };
	hoy_err err = { 0 };

	CHECK_INT(hoy_udp_join_group(c, 0, ip("ff02::1"), none, &err), HOY_ENOTIPV4);
	CHECK_INT(hoy_udp_join_group(c, loopback(), ip("127.0.0.1"), none, &err), -EINVAL);
	CHECK_INT(hoy_udp_join_group(c, loopback(), ip("232.1.1.1"), ip("::1"), &err), -EINVAL);
	CHECK_INT(hoy_udp_join_group(c, loopback(), none, none, &err), HOY_ENOTIPV4);
	CHECK_INT(hoy_udp_set_multicast_interface(c, 99999, &err), -EADDRNOTAVAIL);
	hoy_conn_close(c, NULL);
	CHECK_INT(hoy_udp_join_group(c, 0, ip("239.1.1.1"), none, &err), HOY_ECLOSED);
	CHECK_INT(hoy_udp_mtu(c, &err), HOY_ECLOSED);
	hoy_conn_free(c);
	make_pair(&pair[0], &pair[1]);
	CHECK_INT(hoy_udp_join_group(pair[0], 0, ip("239.1.1.1"), none, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_leave_group(pair[0], 0, ip("239.1.1.1"), none, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_multicast_interface(pair[0], 0, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_multicast_loop(pair[0], 0, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_multicast_ttl(pair[0], 1, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_ttl(pair[0], 1, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_tos(pair[0], 1, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_set_mtu_discover(pair[0], 1, &err), HOY_EWRONGKIND);
	CHECK_INT(hoy_udp_mtu(pair[0], &err), HOY_EWRONGKIND);
	hoy_conn_free(pair[0]);
	hoy_conn_free(pair[1]);
}
