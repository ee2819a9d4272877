/* What the steps share that talk with a server of their own: the server, dialling it, and what it should say. */
#include <string.h>
#include <time.h>

#include "service.h"
#include "tour.h"

static void run_service(hoy_conn *c, const char *name)
{
	static const atomic_int never;
	struct tally t = { 0 };

	find_service(name)->talk(c, &t, &never);
}

void local_echo(hoy_conn *c, void *arg)
{
	(void)arg;
	run_service(c, "echo");
}

void local_daytime(hoy_conn *c, void *arg)
{
	(void)arg;
	run_service(c, "daytime");
}

int serve_each(void *arg)
{
	struct local *l = arg;
	hoy_serve_opts opts = { .idle = PATIENCE, .drain = PATIENCE };

	hoy_serve(l->listener, l->handle, l, &opts, NULL);
	hoy_wait_group_done(&l->running);
	return 0;
}

int local_start(struct local *l, const char *network, const char *address, hoy_fn *serve, hoy_err *err)
{
	hoy_addr addr;
	int code;

	l->listener = hoy_listen(network, address, err);
	if (!l->listener)
		return -1;
	hoy_listener_addr(l->listener, &addr);
	hoy_addr_string(&addr, l->addr);
	hoy_wait_group_add(&l->running, 1);
	code = hoy_go(serve, l);
	if (code < 0) {
		hoy_wait_group_done(&l->running);
		hoy_listener_free(l->listener);
		*err = (hoy_err){ .code = code, .call = "go" };
		return -1;
	}
	return 0;
}

void local_stop(struct local *l)
{
	hoy_listener_close(l->listener, NULL);
	hoy_wait_group_wait(&l->running);
	hoy_listener_free(l->listener);
}

hoy_conn *local_dial(const char *network, const char *address, hoy_err *err)
{
	hoy_conn *c = hoy_dial_timeout(network, address, PATIENCE, err);

	if (c)
		hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	return c;
}

int ask_echo(hoy_conn *c, const char *text, hoy_err *err)
{
	char back[64];
	size_t len = strlen(text);

	if (hoy_conn_write(c, text, len, err) < 0 || hoy_read_full(c, back, len, err) < 0)
		return -1;
	return memcmp(back, text, len) ? 1 : 0;
}

/* Ends when the socket is closed. An answer that cannot be sent is one that was lost on its way. */
static int answer_each(void *arg)
{
	struct packets *p = arg;
	uint8_t query[1024], reply[1232];
	hoy_addr from;
	ssize_t n, len;

	while ((n = hoy_conn_read_from(p->conn, query, sizeof query, &from, NULL)) >= 0) {
		len = p->answer(query, (size_t)n, reply, sizeof reply);
		if (len >= 0)
			hoy_conn_write_to(p->conn, reply, (size_t)len, &from, NULL);
	}
	hoy_wait_group_done(&p->running);
	return 0;
}

int packets_start(struct packets *p, hoy_conn *conn, hoy_err *err)
{
	hoy_addr addr;
	int code;

	if (!conn)
		return -1;
	p->conn = conn;
	hoy_conn_local_addr(conn, &addr);
	hoy_addr_string(&addr, p->addr);
	hoy_wait_group_add(&p->running, 1);
	code = hoy_go(answer_each, p);
	if (code < 0) {
		hoy_wait_group_done(&p->running);
		hoy_conn_free(conn);
		*err = (hoy_err){ .code = code, .call = "go" };
		return -1;
	}
	return 0;
}

void packets_stop(struct packets *p)
{
	hoy_conn_close(p->conn, NULL);
	hoy_wait_group_wait(&p->running);
	hoy_conn_free(p->conn);
}

int is_now(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };
	char *rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	double off = rest ? difftime(time(NULL), mktime(&tm)) : 0;

	return rest && *rest == '.' && off >= -5 && off <= 5;
}
