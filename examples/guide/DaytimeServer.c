/*
 * The guide's daytime server: tells the time to whoever connects, and hangs up.
 *
 *	DaytimeServer [address]		:1200 without one
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

static int serve(void *address)
{
	hoy_listener *listener;
	hoy_addr addr;
	hoy_err err;

	if (hoy_resolve_tcp_addr("tcp", address, &addr, &err) < 0)
		fatal(&err);
	listener = hoy_listen_tcp("tcp", &addr, &err);
	if (!listener)
		fatal(&err);
	for (;;) {
		hoy_conn *conn = hoy_listener_accept(listener, NULL);
		char daytime[96];

		if (!conn) {
			/* the guide goes on at once, and so spins while descriptors are short */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		now_string(daytime);
		hoy_conn_write(conn, daytime, strlen(daytime), NULL);	/* don't care about the result */
		hoy_conn_free(conn);					/* we're finished with this client */
	}
}

int main(int argc, char **argv)
{
	char port[] = ":1200";

	return hoy_run(serve, argc > 1 ? argv[1] : port);
}
