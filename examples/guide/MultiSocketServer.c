/*
 * The guide's server on several sockets: daytime over UDP, with a task for each socket. Only serve() and main() differ
 * from UDPDaytimeServer.
 *
 *	MultiSocketServer [address...]		:1200 and :1201 without one
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

/* The form of Go's time.Now().String(): 2017-01-02 20:13:21.934698384 +1100 AEDT */
static void now_string(char text[96])
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(text, 64, "%Y-%m-%d %H:%M:%S", &tm);
	len += (size_t)sprintf(text + len, ".%09ld", now.tv_nsec);
	strftime(text + len, 96 - len, " %z %Z", &tm);
}

static void handle_client(hoy_conn *conn)
{
	char buf[512], daytime[96];
	hoy_addr addr;

	if (hoy_conn_read_from(conn, buf, sizeof buf, &addr, NULL) < 0) {
		/* the guide goes on at once, and so spins while memory is short */
		hoy_sleep(10 * HOY_MILLISECOND);
		return;
	}
	now_string(daytime);
	hoy_conn_write_to(conn, daytime, strlen(daytime), &addr, NULL);
}

static int serve(void *address)
{
	hoy_addr addr;
	hoy_conn *conn;
	hoy_err err;

	if (hoy_resolve_udp_addr("udp", address, &addr, &err) < 0)
		fatal(&err);
	conn = hoy_listen_udp("udp", &addr, &err);
	if (!conn)
		fatal(&err);
	for (;;)
		handle_client(conn);
}

/* Every socket but the first has a task of its own; all of them end when this one does. */
static int serve_all(void *list)
{
	char **addresses = list;

	for (int i = 1; addresses[i]; i++) {
		int code = hoy_go(serve, addresses[i]);

		if (code < 0)
			fatal(&(hoy_err){ .code = code, .call = "go" });
	}
	return serve(addresses[0]);
}

int main(int argc, char **argv)
{
	char ports[][6] = { ":1200", ":1201" }, *usual[] = { ports[0], ports[1], NULL };

	return hoy_run(serve_all, argc > 1 ? argv + 1 : usual);
}
