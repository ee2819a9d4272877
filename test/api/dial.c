/* Dialling: attempts that are told, time that runs out, and a socket that meets itself. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

struct log {
	int n, code;
	char text[2][HOY_ERR_STRLEN];	/* the address, the error */
};

static void note(const hoy_addr *addr, int code, const hoy_err *err, void *arg)
{
	struct log *log = arg;

	log->n++;
	log->code = code;
	hoy_addr_string(addr, log->text[0]);
	if (CHECK((code < 0) == (err != NULL)) && err)
		hoy_err_string(err, log->text[1]);
}

BOTH(every_attempt_is_told)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN], want[HOY_ERR_STRLEN];
	struct log log = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &log };
	hoy_conn *c = hoy_dialer_dial(&d, "tcp", address_of(l, address), NULL);

	CHECK(c);
	CHECK(log.n == 1 && log.code == 0);
	CHECK_STR(log.text[0], address, "where to");
	hoy_conn_free(c);
	hoy_listener_free(l);
	CHECK(!hoy_dialer_dial(&d, "tcp", address, NULL));
	CHECK(log.n == 2 && log.code == -ECONNREFUSED);
	snprintf(want, sizeof want, "dial tcp %s: connect: connection refused", address);
	CHECK_STR(log.text[1], want, "and why not");
	return 0;
}

/* A full queue answers nobody: the kernel drops the third SYN of a listener with room for one. */
BOTH(a_silent_host_costs_no_more_than_the_timeout)
{
	const hoy_listen_config lc = { .backlog = 1 };
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	char address[HOY_ADDR_STRLEN];
	hoy_conn *c[4] = { NULL };
	hoy_time began;
	hoy_err err = { 0 };
	int i;

	must(l, "listen", NULL);
	address_of(l, address);
	for (i = 0; i < 4; i++) {
		began = hoy_now();
		c[i] = hoy_dial_timeout("tcp", address, 50 * HOY_MILLISECOND, &err);
		if (!c[i])
			break;
	}
	CHECK(i > 0 && i < 4);
	CHECK_INT(err.code, HOY_ETIMEOUT);
	CHECK(hoy_is_timeout(err.code));
	CHECK(since(began) >= 50 * HOY_MILLISECOND && since(began) < 5 * HOY_SECOND);
	while (i-- > 0)
		hoy_conn_free(c[i]);
	hoy_listener_free(l);
	return 0;
}

BOTH(the_earlier_of_timeout_and_deadline_counts)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN];
	const struct { hoy_dialer d; bool ok; } cases[] = {
		{ { .timeout = HOY_MINUTE, .deadline = hoy_in(HOY_MINUTE) }, true },
		{ { .timeout = HOY_MINUTE, .deadline = past() }, false },
		{ { .timeout = -HOY_SECOND, .deadline = hoy_in(HOY_MINUTE) }, false },
	};

	address_of(l, address);
	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_conn *c = hoy_dialer_dial(&cases[i].d, "tcp", address, NULL);
		char byte;

		CHECK_INT(c != NULL, cases[i].ok);
		if (c) {	/* none of it touches what is connected */
			hoy_conn_set_read_deadline(c, hoy_in(HOY_MILLISECOND), NULL);
			CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), HOY_ETIMEOUT);
			CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
		}
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return 0;
}

BOTH(from_a_chosen_address)
{
	hoy_listener *l = listen_on("tcp", ":0");
	const hoy_addr from = { .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(127, 0, 0, 9) };
	hoy_dialer d = { .local_addr = &from };
	char address[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_conn *c;

	hoy_listener_addr(l, &addr);
	snprintf(address, sizeof address, "127.0.0.1:%d", addr.port);
	c = hoy_dialer_dial(&d, "tcp", address, NULL);
	must(c, "dial", NULL);
	hoy_conn_local_addr(c, &addr);
	CHECK(hoy_ip_equal(addr.ip, from.ip));
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

/* Binds the socket to the very port it will dial, as the kernel does by chance. */
static int bind_to_target(int fd, const char *network, const hoy_addr *addr, void *arg)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET, .sin_port = htons(addr->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int one = 1;

	(void)network;
	++*(int *)arg;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 ? -errno : 0;
}

BOTH(a_socket_that_meets_itself_was_refused)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	char address[HOY_ADDR_STRLEN];
	int attempts = 0;
	const hoy_dialer d = { .control = bind_to_target, .arg = &attempts };
	hoy_err err = { 0 };

	address_of(l, address);
	hoy_listener_free(l);
	CHECK(!hoy_dialer_dial(&d, "tcp", address, &err));
	CHECK_INT(err.code, -ECONNREFUSED);
	CHECK_INT(attempts, 3);
	return 0;
}

static int dial_silent(void *at)
{
	hoy_err err = { 0 };
	hoy_conn *c[3];

	for (int i = 0; i < 3; i++)
		c[i] = hoy_dial("tcp", at, &err);
	for (int i = 0; i < 3; i++)
		hoy_conn_free(c[i]);
	CHECK(hoy_is_canceled(err.code));
	return 0;
}

/* The end of the runtime ends a dial that nobody answers. */
static int leave_a_dial(void *at)
{
	const hoy_listen_config lc = { .backlog = 1 };
	static char address[HOY_ADDR_STRLEN];
	hoy_listener **l = at;

	*l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	address_of(*l, address);
	hoy_go(dial_silent, address);
	hoy_sleep(30 * HOY_MILLISECOND);
	return 0;
}

TEST(a_dial_is_cancelled)
{
	hoy_listener *l;

	CHECK_INT(hoy_run(leave_a_dial, &l), 0);
	hoy_listener_free(l);
}
