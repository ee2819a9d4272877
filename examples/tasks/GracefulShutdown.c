/*
 * A server that ends well. Each line is a request for so many milliseconds of work; the answer is "done N". On SIGTERM or
 * SIGINT it accepts no more clients, finishes the answers under way, and says "bye" to each client.
 *
 *	GracefulShutdown ADDRESS
 *
 * The signal cancels the group, which ends what its tasks wait for: the accept, and the reads of clients without a request. An
 * answer is shielded from that, and goes on. A shield has a limit, here two seconds, so no answer holds up the end for longer.
 */
#include <err.h>
#include <hoy.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE (2 * HOY_SECOND)

static struct {
	hoy_listener *listener;
	hoy_group *tasks;
} server;

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

	hoy_shield_enter(&s, HOY_SECOND);
	hoy_conn_write(c, "bye\n", 4, NULL);
	hoy_shield_leave(&s);
}

static int serve_client(void *arg)
{
	hoy_conn *c = arg;
	hoy_reader *r = hoy_reader_new(c, 0, NULL);
	int code = r ? 0 : -1;
	char *line;

	while (code >= 0 && hoy_reader_line(r, &line, NULL, NULL) == 1) {
		hoy_scope s;

		hoy_shield_enter(&s, PATIENCE);
		code = answer(c, line);
		hoy_shield_leave(&s);
	}
	say_goodbye(c);
	hoy_reader_free(r);
	hoy_conn_free(c);
	return 0;
}

static int accept_clients(void *unused)
{
	hoy_conn *c;

	(void)unused;
	while ((c = hoy_listener_accept(server.listener, NULL)))
		if (hoy_group_go(server.tasks, serve_client, c) < 0)
			hoy_conn_free(c);
	return 0;
}

static int run(void *address)
{
	static const int signals[] = { SIGTERM, SIGINT };
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	server.listener = hoy_listen("tcp", address, &err);
	if (!server.listener)
		errx(1, "%s", hoy_err_string(&err, text));
	server.tasks = hoy_group_new();
	if (!server.tasks || hoy_group_go(server.tasks, accept_clients, NULL) < 0)
		errx(1, "out of memory");
	hoy_signal_wait(signals, 2);
	hoy_listener_close(server.listener, NULL);	/* a client that comes now is refused, and may go elsewhere */
	hoy_group_free(server.tasks);			/* cancels, and waits for the last answer */
	hoy_listener_free(server.listener);
	puts("all clients have left");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(1, "Usage: %s ADDRESS", argv[0]);
	return hoy_run(run, argv[1]);
}
