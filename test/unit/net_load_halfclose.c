/*
 * `printf x | nc -N`, ten thousand times: the byte and the end of the stream may arrive
 * as one event, and a server that takes only the byte would wait for ever for the rest.
 * HOY_TEST_FULL=1 runs the real nc as often as the plain client.
 */
#include <sys/socket.h>

#include <hoy.h>

#define TEST_LIMIT 240
#include "support/clients.h"
#include "t.h"

enum { TIMES = 10000, CLIENTS = 4, NC_TIMES = 200 };

/* Is the byte echoed, and the connection ended? */
static bool byte_and_end(unsigned host, int port)
{
	char buf[8];
	int fd = connect_to(host, port);
	ssize_t n;
	bool right;

	if (!CHECK(fd >= 0))
		return false;
	CHECK_INT(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	CHECK_INT(shutdown(fd, SHUT_WR), 0);
	n = recv(fd, buf, sizeof buf, MSG_WAITALL);
	right = CHECK_INT(n, 1) && CHECK_INT(buf[0], 'x');
	close(fd);
	return right;
}

/* In several processes, so that the server is busy with others meanwhile. */
static void run_clients(int port)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (fork() == 0) {
			for (int k = 0; k < SCALED(TIMES) / CLIENTS; k++)
				if (!byte_and_end(1 + i, port))
					_exit(1);
			_exit(0);
		}
	for (int status; wait(&status) > 0; )
		CHECK_INT(status, 0);
}

static void run_nc(int port)
{
	char script[300];
	int times = getenv("HOY_TEST_FULL") ? TIMES : NC_TIMES;

	snprintf(script, sizeof script,
		 "i=0; while [ $i -lt %d ]; do"
		 " r=$(printf x | timeout 10 nc -N 127.0.0.1 %d) || exit 2; [ \"$r\" = x ] || exit 3;"
		 " i=$((i + 1)); done", SCALED(times), port);
	CHECK_INT(system(script), 0);
}

static int serve_them(void *arg)
{
	hoy_wait_group ended = { 0 };
	hoy_listener *l = serve_in_background(echo, &ended);

	CHECK(l != NULL);
	CHECK_INT(clients_go(arg, port_of(l)), 0);
	hoy_listener_close(l, NULL);
	hoy_wait_group_wait(&ended);	/* and no connection is left */
	hoy_listener_free(l);
	return 0;
}

TEST(a_byte_and_the_end)
{
	struct clients c;

	clients_fork(&c, run_clients);
	CHECK_INT(hoy_run(serve_them, &c), 0);
}

TEST(printf_x_to_nc)
{
	struct clients c;

	if (system("nc -h 2>&1 | grep -q OpenBSD") != 0)
		SKIP("no OpenBSD nc here");
	clients_fork(&c, run_nc);
	CHECK_INT(hoy_run(serve_them, &c), 0);
}
