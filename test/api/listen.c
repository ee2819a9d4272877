/* Listening: what the address means, what the socket is set to, and accept. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "pair.h"

/* Another program may listen at the same port of the other family: only this listener counts. */
static bool accepts(hoy_listener *l, const hoy_conn *dialled)
{
	hoy_addr near, far = { 0 };
	hoy_conn *c;

	hoy_listener_set_deadline(l, hoy_in(100 * HOY_MILLISECOND), NULL);
	c = hoy_listener_accept(l, NULL);
	hoy_listener_set_deadline(l, (hoy_time){ 0 }, NULL);
	hoy_conn_local_addr(dialled, &near);
	if (c)
		hoy_conn_remote_addr(c, &far);
	hoy_conn_free(c);
	return far.port == near.port;
}

static bool reaches(const char *network, const char *host, hoy_listener *l)
{
	char address[64];
	hoy_addr addr;
	hoy_conn *c;
	bool reached;

	hoy_listener_addr(l, &addr);
	snprintf(address, sizeof address, "%s:%d", host, addr.port);
	c = hoy_dial(network, address, NULL);
	reached = c && accepts(l, c);
	hoy_conn_free(c);
	return reached;
}

static const struct {
	const char *network, *address;
	const char *text;		/* up to the port */
	bool by4, by6;
} places[] = {
	{ "tcp",  ":0",          "[::]:",      true,  true },
	{ "tcp",  "",            "[::]:",      true,  true },
	{ "tcp",  "0.0.0.0:0",   "[::]:",      true,  true },
	{ "tcp",  "[::]:0",      "[::]:",      true,  true },
	{ "tcp4", ":0",          "0.0.0.0:",   true,  false },
	{ "tcp4", "0.0.0.0:0",   "0.0.0.0:",   true,  false },
	{ "tcp6", ":0",          "[::]:",      false, true },
	{ "tcp6", "[::]:0",      "[::]:",      false, true },
	{ "tcp",  "127.0.0.1:0", "127.0.0.1:", true,  false },
	{ "tcp",  "[::1]:0",     "[::1]:",     false, true },
};

BOTH(what_an_address_takes_in)
{
	for (size_t i = 0; i < LEN(places); i++) {
		hoy_listener *l = listen_on(places[i].network, places[i].address);
		char text[HOY_ADDR_STRLEN];

		address_of(l, text);
		*(strrchr(text, ':') + 1) = '\0';
		CHECK_STR(text, places[i].text, places[i].address);
		if (!CHECK_INT(reaches("tcp", "127.0.0.1", l), places[i].by4) ||
		    !CHECK_INT(reaches("tcp", "[::1]", l), places[i].by6))
			fprintf(stderr, "on %s %s\n", places[i].network, places[i].address);
		hoy_listener_free(l);
	}
	return 0;
}

/* An empty host is the local system, of the network's family. */
BOTH(dialling_the_local_system)
{
	static const struct { const char *listen, *address, *dial, *host; } cases[] = {
		{ "tcp",  "127.0.0.1:0", "tcp",  "" },
		{ "tcp",  "127.0.0.1:0", "tcp",  "0.0.0.0" },
		{ "tcp6", "[::1]:0",     "tcp6", "" },
		{ "tcp6", "[::1]:0",     "tcp",  "[::]" },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_listener *l = listen_on(cases[i].listen, cases[i].address);

		CHECK(reaches(cases[i].dial, cases[i].host, l));
		hoy_listener_free(l);
	}
	return 0;
}

BOTH(mapped_addresses_are_ipv4)
{
	hoy_listener *l = listen_on("tcp", ":0");
	char text[HOY_ADDR_STRLEN], want[HOY_ADDR_STRLEN];
	hoy_addr here, addr;
	hoy_conn *c, *peer;

	hoy_listener_addr(l, &here);
	snprintf(text, sizeof text, "[::ffff:127.0.0.1]:%d", here.port);
	c = hoy_dial("tcp", text, NULL);
	must(c, "dial", NULL);
	peer = hoy_listener_accept(l, NULL);
	hoy_conn_local_addr(peer, &addr);
	snprintf(want, sizeof want, "127.0.0.1:%d", here.port);
	CHECK_STR(hoy_addr_string(&addr, text), want, "accepted by the dual-stack socket");
	hoy_conn_free(c);
	hoy_conn_free(peer);
	hoy_listener_free(l);
	return 0;
}

BOTH(by_address_value)
{
	hoy_addr addr;
	hoy_listener *l = hoy_listen_tcp("tcp", NULL, NULL), *l4;
	hoy_conn *c;

	must(l, "listen", NULL);
	hoy_listener_addr(l, &addr);
	CHECK(addr.port > 0);
	addr.ip = hoy_ipv4(127, 0, 0, 1);
	c = hoy_dial_tcp("tcp", NULL, &addr, NULL);
	CHECK(c);
	hoy_conn_free(c);
	addr.port = 0;
	l4 = hoy_listen_tcp("tcp4", &addr, NULL);
	CHECK(l4);
	hoy_listener_addr(l4, &addr);
	CHECK(addr.ip.len == 4 && addr.port > 0);
	hoy_listener_free(l);
	hoy_listener_free(l4);
	return 0;
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	CHECK_INT(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void check_options(hoy_conn *c, const int want[5], const char *label)
{
	static const struct { int level, name; const char *text; } options[5] = {
		{ IPPROTO_TCP, TCP_NODELAY, "no delay" },
		{ SOL_SOCKET, SO_KEEPALIVE, "keep-alive" },
		{ IPPROTO_TCP, TCP_KEEPIDLE, "idle" },
		{ IPPROTO_TCP, TCP_KEEPINTVL, "interval" },
		{ IPPROTO_TCP, TCP_KEEPCNT, "count" },
	};
	int fd = hoy_conn_fd(c, NULL);

	for (int i = 0; i < 5; i++)
		if (!CHECK_INT(option(fd, options[i].level, options[i].name), want[i]))
			fprintf(stderr, "%s: %s\n", label, options[i].text);
	close(fd);
}

BOTH(options_set_by_default)
{
	static const int want[5] = { 1, 1, 15, 15, 9 };
	hoy_conn *a, *b;
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	int fd = hoy_listener_fd(l, NULL);

	CHECK(option(fd, SOL_SOCKET, SO_REUSEADDR));
	close(fd);
	hoy_listener_free(l);
	make_pair(&a, &b);
	check_options(a, want, "dialled");
	check_options(b, want, "accepted");
	fd = hoy_conn_fd(a, NULL);
	CHECK_INT(option(fd, SOL_SOCKET, SO_REUSEADDR), 0);
	close(fd);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

BOTH(options_asked_for)
{
	static const int accepted[5] = { 1, 1, 30, 15, 9 }, dialled[5] = { 1, 1, 7, 8, 3 };
	static const int changed[5] = { 0, 1, 15, 2, 4 };
	const hoy_listen_config lc = { .keep_alive = 30 * HOY_SECOND };
	const hoy_dialer d = {
		.keep_alive = -1,
		.keep_alive_config = { .enable = 1, .idle = 7 * HOY_SECOND, .interval = 7100 * HOY_MILLISECOND, .count = 3 },
	}, off = { .keep_alive = -1 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	char text[HOY_ADDR_STRLEN];
	hoy_conn *a = hoy_dialer_dial(&d, "tcp", address_of(l, text), NULL), *b = hoy_listener_accept(l, NULL);
	hoy_conn *c = hoy_dialer_dial(&off, "tcp", text, NULL);
	int fd = hoy_conn_fd(c, NULL);

	must(a && b && c, "connect", NULL);
	check_options(a, dialled, "dialled");
	check_options(b, accepted, "accepted");
	CHECK_INT(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	CHECK_INT(hoy_tcp_set_no_delay(a, 0, NULL), 0);
	CHECK_INT(hoy_tcp_set_keep_alive_config(a, &(hoy_keep_alive_config){
		.enable = 1, .interval = 2 * HOY_SECOND, .count = 4 }, NULL), 0);
	check_options(a, changed, "changed");
	CHECK_INT(hoy_tcp_set_keep_alive(c, 1, NULL), 0);
	CHECK_INT(hoy_tcp_set_keep_alive_period(c, 20 * HOY_SECOND, NULL), 0);
	CHECK_INT(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	CHECK_INT(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 20);
	CHECK_INT(hoy_tcp_set_keep_alive_config(c, &(hoy_keep_alive_config){ 0 }, NULL), 0);
	CHECK_INT(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	CHECK_INT(hoy_conn_set_read_buffer(c, 40000, NULL), 0);
	CHECK_INT(hoy_conn_set_write_buffer(c, 50000, NULL), 0);
	CHECK_INT(option(fd, SOL_SOCKET, SO_RCVBUF), 80000);	/* Linux doubles what was asked */
	CHECK_INT(option(fd, SOL_SOCKET, SO_SNDBUF), 100000);
	close(fd);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

BOTH(linger)
{
	hoy_conn *a, *b;
	struct linger got;
	socklen_t len = sizeof got;
	int fd;

	make_pair(&a, &b);
	fd = hoy_conn_fd(a, NULL);
	CHECK_INT(hoy_tcp_set_linger(a, 5, NULL), 0);
	getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &len);
	CHECK(got.l_onoff && got.l_linger == 5);
	CHECK_INT(hoy_tcp_set_linger(a, -1, NULL), 0);
	getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &len);
	CHECK(!got.l_onoff);
	close(fd);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int note_control(int fd, const char *network, const hoy_addr *addr, void *arg)
{
	int one = 1;

	snprintf(arg, 16, "%s %d", network, addr->ip.len);
	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
}

BOTH(control_sees_the_socket_before_bind)
{
	char seen[16] = "", address[HOY_ADDR_STRLEN];
	const hoy_listen_config lc = { .control = note_control, .arg = seen, .backlog = 1 };
	hoy_listener *one = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL), *two;

	must(one, "listen", NULL);
	CHECK_STR(seen, "tcp4 4", "what control was told");
	two = hoy_listen_config_listen(&lc, "tcp", address_of(one, address), NULL);
	CHECK(two);	/* SO_REUSEPORT was in time */
	hoy_listener_free(one);
	hoy_listener_free(two);
	return 0;
}

static int accept_once(void *at)
{
	hoy_err err = { 0 };
	hoy_conn *c = hoy_listener_accept(at, &err);

	hoy_conn_free(c);
	return c ? 0 : err.code;
}

BOTH(close_wakes_those_in_accept)
{
	enum { MANY = 4 };
	hoy_listener *l = listen_on("tcp", "127.0.0.77:0");	/* where nobody else dials */
	struct started s[MANY];

	for (int i = 0; i < MANY; i++)
		start(&s[i], accept_once, l);
	hoy_sleep(20 * HOY_MILLISECOND);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	for (int i = 0; i < MANY; i++)
		CHECK_INT(finish(&s[i]), HOY_ECLOSED);
	hoy_listener_free(l);
	return 0;
}

BOTH(accept_has_a_deadline)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_time began = hoy_now();
	hoy_conn *c, *peer;

	CHECK_INT(hoy_listener_set_deadline(l, hoy_in(20 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(accept_once(l), HOY_ETIMEOUT);
	CHECK(since(began) >= 20 * HOY_MILLISECOND);
	CHECK_INT(hoy_listener_set_deadline(l, (hoy_time){ 0 }, NULL), 0);
	c = dial_to(l);
	peer = hoy_listener_accept(l, NULL);
	CHECK(peer);
	hoy_listener_close(l, NULL);
	CHECK_INT(hoy_conn_write(peer, "still", 5, NULL), 5);	/* what was accepted stays open */
	hoy_conn_free(c);
	hoy_conn_free(peer);
	hoy_listener_free(l);
	return 0;
}
