/*
 * A server that ends well. Each line is a request for so many milliseconds of work; the answer is "done N". On SIGTERM or
 * SIGINT it accepts no more clients, finishes the answers under way, and says "bye" to each client.
 *
 *	GracefulShutdown ADDRESS
 *
 * Without time to drain, hoy_serve cancels serve_client as soon as the listener is closed, which ends the reads of clients without a
 * request. An answer is shielded from that, and goes on. A shield has a limit, here two seconds, so no answer holds up the end for
 * longer; the connections are closed a second later, when all clients have got their "bye".
 */
#include <err.h>
#include <hoy.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE (2 * HOY_SECOND)
#define LAST_WORDS HOY_SECOND

/* Negative when the client is gone, or the time over. */
static int answer(hoy_conn *c, const char *request)
{
	char text[64];
	int ms = atoi(request), len = snprintf(text, sizeof text, "done %d\n", ms);
	int code = hoy_sleep(ms * HOY_MILLISECOND);

	return code < 0 ? code : (int)hoy_conn_write(c, text, (size_t)len, NULL);
}

static void say_goodbye(hoy_conn *c)
{
	hoy_scope s;

	hoy_shield_enter(&s, LAST_WORDS);
	hoy_conn_write(c, "bye\n", 4, NULL);
	hoy_shield_leave(&s);
}

static void serve_client(hoy_conn *c, void *unused)
{
	hoy_reader *r = hoy_reader_new(c, 0, NULL);
	int code = r ? 0 : -1;
	char *line;

	(void)unused;
	while (code >= 0 && hoy_reader_line(r, &line, NULL, NULL) == 1) {
		hoy_scope s;

		hoy_shield_enter(&s, PATIENCE);
		code = answer(c, line);
		hoy_shield_leave(&s);
	}
	say_goodbye(c);
	hoy_reader_free(r);
}

/* A client that comes after the close is refused, and may go elsewhere. */
static int close_on_signal(void *listener)
{
	static const int signals[] = { SIGTERM, SIGINT };

	if (hoy_signal_wait(signals, 2) > 0)
		hoy_listener_close(listener, NULL);
	return 0;
}

static int run(void *address)
{
	const hoy_serve_opts opts = { .drain = -1, .goodbye = PATIENCE + LAST_WORDS };
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", address, &err);

	if (!l)
		errx(1, "%s", hoy_err_string(&err, text));
	if (hoy_go(close_on_signal, l) < 0)
		errx(1, "out of memory");
	if (hoy_serve(l, serve_client, NULL, &opts, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	puts("all clients have left");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(1, "Usage: %s ADDRESS", argv[0]);
	return hoy_run(run, argv[1]);
}
