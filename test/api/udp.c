/* UDP: whole messages with their peers, what is cut and what is refused, and who wakes whom. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

static hoy_conn *bound(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet(network, address, &err);

	must(c, "listen_packet", &err);
	return c;
}

static hoy_conn *connected_to(hoy_conn *server)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;
	hoy_conn *c;

	hoy_conn_local_addr(server, &addr);
	c = hoy_dial("udp", hoy_addr_string(&addr, text), &err);
	must(c, "dial", &err);
	return c;
}

static hoy_addr local(const hoy_conn *c)
{
	hoy_addr addr;

	hoy_conn_local_addr(c, &addr);
	return addr;
}

/* A moment by which whatever was sent over loopback is there, and a lost one is no hang. */
static void impatient(hoy_conn *c)
{
	CHECK_INT(hoy_conn_set_read_deadline(c, hoy_in(10 * HOY_SECOND), NULL), 0);
}

BOTH(a_message_and_its_answer)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	hoy_addr from, to = local(client), peer;
	char buf[64];
	hoy_err err;

	impatient(server);
	impatient(client);
	CHECK_INT(hoy_conn_write(client, "question", 8, &err), 8);
	CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, &err), 8);
	CHECK(memcmp(buf, "question", 8) == 0);
	CHECK(from.kind == HOY_ADDR_UDP && hoy_addr_equal(&from, &to));
	CHECK_INT(hoy_conn_write_to(server, "answer", 6, &from, &err), 6);
	CHECK_INT(hoy_conn_read(client, buf, sizeof buf, &err), 6);
	CHECK(memcmp(buf, "answer", 6) == 0);
	hoy_conn_remote_addr(client, &peer);
	to = local(server);
	CHECK(hoy_addr_equal(&peer, &to));
	hoy_conn_remote_addr(server, &peer);
	CHECK_INT(peer.kind, HOY_ADDR_NONE);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

BOTH(a_message_is_whole_cut_or_empty)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	char halves[] = "abcd";
	struct iovec parts[2] = { { .iov_base = halves, .iov_len = 2 }, { .iov_base = halves + 2, .iov_len = 2 } };
	hoy_addr from = { 0 };
	char buf[8] = "";

	impatient(server);
	CHECK_INT(hoy_conn_write(client, "0123456789", 10, NULL), 10);
	CHECK_INT(hoy_conn_write(client, NULL, 0, NULL), 0);
	CHECK_INT(hoy_conn_writev(client, parts, 2, NULL), 4);
	CHECK_INT(hoy_conn_write(client, "skipped", 7, NULL), 7);
	CHECK_INT(hoy_conn_write(client, "last", 4, NULL), 4);
	CHECK_INT(hoy_conn_read_from(server, buf, 4, NULL, NULL), 4);
	CHECK(memcmp(buf, "0123", 4) == 0);
	CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, NULL), 0);
	CHECK_INT(from.kind, HOY_ADDR_UDP);
	CHECK_INT(hoy_conn_read(server, buf, sizeof buf, NULL), 4);
	CHECK(memcmp(buf, "abcd", 4) == 0);
	CHECK_INT(hoy_conn_read(server, buf, 0, NULL), 0);		/* takes nothing */
	CHECK_INT(hoy_conn_read_from(server, buf, 0, NULL, NULL), 0);	/* takes one */
	CHECK_INT(hoy_conn_read(server, buf, sizeof buf, NULL), 4);
	CHECK(memcmp(buf, "last", 4) == 0);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

BOTH(a_message_too_long_is_refused_whole)
{
	static char big[70000];
	static struct iovec parts[1100];
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	hoy_err err = { 0 };

	CHECK_INT(hoy_conn_write(client, big, sizeof big, &err), -EMSGSIZE);
	CHECK_INT(err.done, 0);
	for (size_t i = 0; i < LEN(parts); i++)
		parts[i] = (struct iovec){ .iov_base = big, .iov_len = 1 };
	CHECK_INT(hoy_conn_writev(client, parts, LEN(parts), NULL), -EMSGSIZE);
	CHECK_INT(hoy_conn_writev(client, parts, 1024, NULL), 1024);
	impatient(server);
	CHECK_INT(hoy_conn_read(server, big, sizeof big, NULL), 1024);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

BOTH(a_deadline_beats_what_has_arrived)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	hoy_addr to = local(client), from;
	hoy_time began = hoy_now();
	char buf[8];
	hoy_err err = { 0 };

	CHECK_INT(hoy_conn_set_deadline(server, hoy_in(30 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, &err), HOY_ETIMEOUT);
	CHECK(since(began) >= 30 * HOY_MILLISECOND && hoy_is_timeout(err.code));
	CHECK_INT(hoy_conn_write(client, "here", 4, NULL), 4);
	CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_write_to(server, "x", 1, &to, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_set_deadline(server, (hoy_time){ 0 }, NULL), 0);
	CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, NULL), 4);
	CHECK_INT(hoy_conn_write_to(server, "x", 1, &from, NULL), 1);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

static int wait_for_one(void *c)
{
	hoy_addr from;
	char buf[8];

	return (int)hoy_conn_read_from(c, buf, sizeof buf, &from, NULL);
}

BOTH(close_wakes_all_who_wait)
{
	hoy_conn *c = bound("udp", "127.0.0.1:0");
	hoy_addr to = local(c);
	struct started s[3];
	hoy_err err = { 0 };
	char text[HOY_ERR_STRLEN], at[HOY_ADDR_STRLEN], want[HOY_ERR_STRLEN];

	for (size_t i = 0; i < LEN(s); i++)
		start(&s[i], wait_for_one, c);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	for (size_t i = 0; i < LEN(s); i++)
		CHECK_INT(finish(&s[i]), HOY_ECLOSED);
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &to, &err), HOY_ECLOSED);
	hoy_addr_string(&to, at);
	snprintf(want, sizeof want, "write udp %s->%s: use of closed network connection", at, at);
	CHECK_STR(hoy_err_string(&err, text), want, "closed");
	CHECK_INT(hoy_conn_read_from(c, text, 1, NULL, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_conn_close(c, NULL), HOY_ECLOSED);
	hoy_conn_free(c);
	return 0;
}

BOTH(a_moved_deadline_ends_a_wait)
{
	hoy_conn *c = bound("udp", "127.0.0.1:0");
	struct started s;

	start(&s, wait_for_one, c);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_set_read_deadline(c, past(), NULL), 0);
	CHECK_INT(finish(&s), HOY_ETIMEOUT);
	hoy_conn_free(c);
	return 0;
}

/* ICMP tells that nobody is there: the next call does, once, and the socket goes on. */
BOTH(nobody_at_the_port_is_connection_refused)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client = connected_to(server);
	hoy_addr a = local(client), b = local(server);
	char buf[8], text[HOY_ERR_STRLEN], ends[2][HOY_ADDR_STRLEN], want[HOY_ERR_STRLEN];
	hoy_err err = { 0 };

	hoy_addr_string(&a, ends[0]);
	hoy_addr_string(&b, ends[1]);
	hoy_conn_free(server);
	impatient(client);
	CHECK_INT(hoy_conn_write(client, "x", 1, &err), 1);
	CHECK_INT(hoy_conn_read(client, buf, sizeof buf, &err), -ECONNREFUSED);
	snprintf(want, sizeof want, "read udp %s->%s: read: connection refused", ends[0], ends[1]);
	CHECK_STR(hoy_err_string(&err, text), want, "refused");
	CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read_from(client, buf, sizeof buf, NULL, &err), -ECONNREFUSED);
	snprintf(want, sizeof want, "read udp %s->%s: recvfrom: connection refused", ends[0], ends[1]);
	CHECK_STR(hoy_err_string(&err, text), want, "refused");
	hoy_conn_free(client);
	return 0;
}

/* "udp" on every address is one socket; each peer is told in its own family. */
BOTH(one_socket_serves_both_families)
{
	static const char *const hosts[] = { "127.0.0.1", "::1" };
	hoy_conn *server = bound("udp", ":0");
	hoy_addr at = local(server), from;
	char text[HOY_ADDR_STRLEN], port[8], buf[8];

	CHECK(at.ip.len == 16 && hoy_ip_is_unspecified(at.ip));
	snprintf(port, sizeof port, "%u", at.port);
	impatient(server);
	for (size_t i = 0; i < LEN(hosts); i++) {
		hoy_conn *client = hoy_dial("udp", hoy_join_host_port(hosts[i], port, text, sizeof text), NULL);
		hoy_addr want;

		if (!CHECK(client))
			continue;
		impatient(client);
		want = local(client);
		CHECK_INT(hoy_conn_write(client, "a", 1, NULL), 1);
		CHECK_INT(hoy_conn_read_from(server, buf, sizeof buf, &from, NULL), 1);
		CHECK(hoy_addr_equal(&from, &want));
		CHECK_INT(from.ip.len, i == 0 ? 4 : 16);
		CHECK_INT(hoy_conn_write_to(server, "b", 1, &from, NULL), 1);
		CHECK_INT(hoy_conn_read(client, buf, sizeof buf, NULL), 1);
		hoy_conn_free(client);
	}
	hoy_conn_free(server);
	return 0;
}

/* What is refused, and in which words; a port 0 in `want` stands for the socket's own. */
TEST(refusals_are_go_s)
{
	static const struct { const char *network, *address, *want; } rows[] = {
		{ "udp5", ":0", "listen udp5: unknown network udp5" },
		{ "tcp", "127.0.0.1:0", "listen tcp 127.0.0.1:0: address 127.0.0.1:0: unexpected address type" },
		{ "udp", "127.0.0.1", "listen udp: address 127.0.0.1: missing port in address" },
		{ "udp4", "[::1]:0", "listen udp4: address ::1: no suitable address found" },
		{ "udp", "192.0.2.1:0", "listen udp 192.0.2.1:0: bind: cannot assign requested address" },
	};
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	for (size_t i = 0; i < LEN(rows); i++) {
		err = (hoy_err){ 0 };
		CHECK(!hoy_listen_packet(rows[i].network, rows[i].address, &err));
		CHECK_STR(hoy_err_string(&err, text), rows[i].want, rows[i].address);
	}
	CHECK(!hoy_listen("udp", "127.0.0.1:0", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen udp 127.0.0.1:0: address 127.0.0.1:0: unexpected address type",
		  "no listener");
	CHECK(!hoy_dial("udp", "", &err));
	CHECK_STR(hoy_err_string(&err, text), "dial udp: missing address", "nowhere");
	CHECK(!hoy_dial_udp("udp", NULL, NULL, &err));
	CHECK_STR(hoy_err_string(&err, text), "dial udp: missing address", "nowhere");
	CHECK(!hoy_dial_udp("tcp", NULL, NULL, &err) && err.code == HOY_ENETWORK);
	CHECK(!hoy_listen_udp("tcp", NULL, &err) && err.code == HOY_ENETWORK);
}

TEST(a_port_has_one_owner)
{
	hoy_conn *a = bound("udp", "127.0.0.1:0");
	char at[HOY_ADDR_STRLEN], text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];
	hoy_addr addr = local(a);
	hoy_err err = { 0 };

	hoy_addr_string(&addr, at);
	CHECK(!hoy_listen_packet("udp", at, &err));
	snprintf(want, sizeof want, "listen udp %s: bind: address already in use", at);
	CHECK_STR(hoy_err_string(&err, text), want, "taken");
	hoy_conn_free(a);
}

BOTH(who_a_message_may_go_to)
{
	hoy_conn *server = bound("udp4", "127.0.0.1:0"), *client = connected_to(server);
	hoy_addr to = local(server), six = { .kind = HOY_ADDR_UDP, .port = 9, .ip = { 16, { [15] = 1 } } }, tcp = to;
	char text[HOY_ERR_STRLEN], ends[2][HOY_ADDR_STRLEN], want[HOY_ERR_STRLEN];
	hoy_addr from = local(client);
	hoy_err err = { 0 };

	hoy_addr_string(&from, ends[0]);
	hoy_addr_string(&to, ends[1]);
	CHECK_INT(hoy_conn_write_to(client, "x", 1, &to, &err), HOY_ECONNECTED);
	snprintf(want, sizeof want, "write udp %s->%s: use of WriteTo with pre-connected connection", ends[0], ends[1]);
	CHECK_STR(hoy_err_string(&err, text), want, "connected");
	CHECK_INT(hoy_conn_write_to(server, "x", 1, &six, &err), HOY_ENOTIPV4);
	snprintf(want, sizeof want, "write udp4 %s->[::1]:9: address ::1: non-IPv4 address", ends[1]);
	CHECK_STR(hoy_err_string(&err, text), want, "the other family");
	tcp.kind = HOY_ADDR_TCP;
	CHECK_INT(hoy_conn_write_to(server, "x", 1, &tcp, &err), -EINVAL);
	CHECK_INT(hoy_conn_write_to(server, "x", 1, NULL, &err), HOY_EMISSING);
	CHECK_INT(hoy_conn_write(server, "x", 1, &err), -EDESTADDRREQ);
	snprintf(want, sizeof want, "write udp4 %s: write: destination address required", ends[1]);
	CHECK_STR(hoy_err_string(&err, text), want, "to whom?");
	CHECK_INT(hoy_conn_close_read(client, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_conn_close_write(client, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_tcp_set_no_delay(client, 1, NULL), HOY_EWRONGKIND);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return 0;
}

BOTH(streams_have_no_messages)
{
	hoy_conn *a, *b;
	hoy_addr to = { .kind = HOY_ADDR_UDP, .port = 9 };
	char buf[4];

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_read_from(a, buf, sizeof buf, NULL, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_conn_write_to(a, "x", 1, &to, NULL), HOY_EWRONGKIND);
	hoy_conn_free(a);
	hoy_conn_free(b);
	CHECK_INT(hoy_pipe(&a, &b, NULL), 0);
	CHECK_INT(hoy_conn_read_from(a, buf, sizeof buf, NULL, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_conn_write_to(a, "x", 1, &to, NULL), HOY_EWRONGKIND);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static ssize_t own_read_from(void *self, void *buf, size_t len, hoy_addr *from)
{
	CHECK(len >= 2);
	memcpy(buf, self, 2);
	*from = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 7 };
	return 2;
}

static ssize_t own_write_to(void *self, const void *buf, size_t len, const hoy_addr *to)
{
	*(char *)self = *(const char *)buf;
	return to->port == 7 ? (ssize_t)len : -EINVAL;
}

TEST(messages_of_one_s_own)
{
	static const hoy_conn_ops ops = { .network = "own", .read_from = own_read_from, .write_to = own_write_to };
	char self[3] = "ab", buf[4];
	hoy_conn *c = hoy_conn_new(&ops, self, NULL);
	hoy_addr from;

	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, NULL, NULL), 2);
	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, &from, NULL), 2);
	CHECK_INT(from.port, 7);
	CHECK_INT(hoy_conn_write_to(c, "z", 1, &from, NULL), 1);
	CHECK_INT(self[0], 'z');
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, NULL, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_conn_write_to(c, "z", 1, &from, NULL), HOY_ECLOSED);
	hoy_conn_free(c);
}

static int option(hoy_conn *c, int name)
{
	int fd = hoy_conn_fd(c, NULL), value = -1;
	socklen_t len = sizeof value;

	CHECK_INT(getsockopt(fd, SOL_SOCKET, name, &value, &len), 0);
	close(fd);
	return value;
}

TEST(what_every_socket_is_set_to)
{
	hoy_conn *server = bound("udp4", "127.0.0.1:0"), *client = connected_to(server);

	CHECK_INT(option(server, SO_BROADCAST), 1);
	CHECK_INT(option(client, SO_BROADCAST), 1);
	CHECK_INT(option(server, SO_REUSEADDR), 0);
	CHECK_INT(hoy_conn_set_read_buffer(server, 32768, NULL), 0);
	CHECK(option(server, SO_RCVBUF) >= 32768);
	CHECK_INT(hoy_conn_set_write_buffer(server, 32768, NULL), 0);
	hoy_conn_free(client);
	hoy_conn_free(server);
}

TEST(a_multicast_port_is_shared)
{
	hoy_conn *a = bound("udp4", "224.0.0.251:0"), *b;
	char text[HOY_ADDR_STRLEN];
	hoy_addr at = local(a);

	CHECK(hoy_ip_is_unspecified(at.ip));
	snprintf(text, sizeof text, "224.0.0.251:%u", at.port);
	b = bound("udp4", text);
	CHECK_INT(local(b).port, at.port);
	hoy_conn_free(a);
	hoy_conn_free(b);
}

struct seen {
	char network[8], addr[HOY_ADDR_STRLEN];
	int code;
};

static int control(int fd, const char *network, const hoy_addr *addr, void *arg)
{
	struct seen *s = arg;

	CHECK(fd >= 0);
	snprintf(s->network, sizeof s->network, "%s", network);
	hoy_addr_string(addr, s->addr);
	return s->code;
}

TEST(control_sees_the_socket_first)
{
	struct seen s = { .code = 0 };
	const hoy_listen_config lc = { .control = control, .arg = &s };
	const hoy_dialer d = { .control = control, .arg = &s };
	hoy_conn *c = hoy_listen_config_listen_packet(&lc, "udp", "127.0.0.1:0", NULL);
	char text[HOY_ERR_STRLEN];
	hoy_err err = { 0 };

	CHECK(c);
	CHECK_STR(s.network, "udp4", "network");
	CHECK_STR(s.addr, "127.0.0.1:0", "where");
	hoy_conn_free(c);
	c = hoy_dialer_dial(&d, "udp", "[::1]:9", NULL);
	CHECK(c);
	CHECK_STR(s.network, "udp6", "network");
	CHECK_STR(s.addr, "[::1]:9", "to where");
	hoy_conn_free(c);
	s.code = -EPERM;
	CHECK(!hoy_listen_config_listen_packet(&lc, "udp", "127.0.0.1:0", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen udp 127.0.0.1:0: operation not permitted", "vetoed");
	CHECK(!hoy_dialer_dial(&d, "udp", "[::1]:9", &err));
}

BOTH(from_a_port_of_one_s_own)
{
	hoy_conn *server = hoy_listen_udp("udp4", NULL, NULL), *spare = bound("udp4", "127.0.0.1:0"), *client;
	hoy_addr laddr = local(spare), raddr = local(server), from;
	const hoy_addr wrong = { .kind = HOY_ADDR_TCP };
	const hoy_dialer d = { .local_addr = &wrong };
	char text[HOY_ERR_STRLEN];
	hoy_err err = { 0 };

	must(server, "listen_udp", NULL);
	hoy_conn_free(spare);
	client = hoy_dial_udp("udp4", &laddr, &raddr, &err);	/* 0.0.0.0 is the local system */
	must(client, "dial_udp", &err);
	impatient(server);
	CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read_from(server, text, sizeof text, &from, NULL), 1);
	CHECK_INT(from.port, laddr.port);
	hoy_conn_free(client);
	CHECK(!hoy_dialer_dial(&d, "udp", "127.0.0.1:9", &err));
	CHECK_STR(hoy_err_string(&err, text), "dial udp: address :0: mismatched local address type", "mismatch");
	hoy_conn_free(server);
	return 0;
}

BOTH(a_socket_from_elsewhere)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	hoy_conn *c, *client;
	hoy_addr from;
	hoy_err err;
	char buf[4];

	CHECK_INT(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
	c = hoy_conn_from_fd(fd, 0, &err);
	must(c, "from_fd", &err);
	CHECK_INT(local(c).kind, HOY_ADDR_UDP);
	client = connected_to(c);
	impatient(c);
	CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, &from, NULL), 1);
	CHECK_INT(hoy_conn_write_to(c, "y", 1, &from, NULL), 1);
	hoy_conn_free(client);
	hoy_conn_free(c);
	fd = socket(AF_NETLINK, SOCK_DGRAM, 0);
	CHECK(!hoy_conn_from_fd(fd, 0, &err) && err.code == HOY_EWRONGKIND);
	close(fd);
	return 0;
}

/* Each message is copied as it is; the kernel's way through a pipe would melt them. */
BOTH(a_copy_keeps_messages_apart)
{
	hoy_conn *in = bound("udp", "127.0.0.1:0"), *out = bound("udp", "127.0.0.1:0");
	hoy_conn *sender = connected_to(in), *forward = connected_to(out);
	char buf[16];

	impatient(in);
	impatient(out);
	CHECK_INT(hoy_conn_write(sender, "one", 3, NULL), 3);
	CHECK_INT(hoy_conn_write(sender, "three", 5, NULL), 5);
	CHECK_INT(hoy_conn_write(sender, NULL, 0, NULL), 0);
	CHECK_INT(hoy_copy(forward, in, NULL), 8);
	CHECK_INT(hoy_conn_read_from(out, buf, sizeof buf, NULL, NULL), 3);
	CHECK_INT(hoy_conn_read_from(out, buf, sizeof buf, NULL, NULL), 5);
	hoy_conn_free(in);
	hoy_conn_free(out);
	hoy_conn_free(sender);
	hoy_conn_free(forward);
	return 0;
}

enum { GONE = 1000 };

static int echo_all(void *c)
{
	hoy_addr from;
	char buf[64];
	ssize_t n;

	while ((n = hoy_conn_read_from(c, buf, sizeof buf, &from, NULL)) >= 0)
		hoy_conn_write_to(c, buf, (size_t)n, &from, NULL);
	return (int)n;
}

/* Each echo to somebody gone comes back as ICMP; a socket that serves everybody is told nothing of it. */
BOTH(clients_that_vanish_harm_no_server)
{
	hoy_conn *server = bound("udp", "127.0.0.1:0"), *client;
	struct started s;
	ssize_t n = 0;
	char buf[8];

	start(&s, echo_all, server);
	for (int i = 0; i < SCALED(GONE); i++) {
		client = connected_to(server);
		CHECK_INT(hoy_conn_write(client, "x", 1, NULL), 1);
		hoy_conn_free(client);
	}
	client = connected_to(server);
	/* a full queue drops what comes, and a port may have been that of one who is gone */
	for (int i = 0; n != 6 && i < 50; i++) {
		CHECK_INT(hoy_conn_write(client, "still?", 6, NULL), 6);
		CHECK_INT(hoy_conn_set_read_deadline(client, hoy_in(200 * HOY_MILLISECOND), NULL), 0);
		n = hoy_conn_read(client, buf, sizeof buf, NULL);
	}
	CHECK_INT(n, 6);
	hoy_conn_free(client);
	CHECK_INT(hoy_conn_close(server, NULL), 0);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	hoy_conn_free(server);
	return 0;
}
