/* tcp HOST:PORT: how long connecting takes. A refusal is an error, though it shows that the host is there. */
#include <string.h>

#include "ping.h"

static int read_tcp(const char *word)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	hoy_err err;
	int code = refuse_url(word);

	if (code != EXIT_YES)
		return code;
	if (hoy_split_host_port(word, host, port, &err) < 0 || hoy_lookup_port("tcp", port, &err) < 0) {
		fail(&err, NULL);
		return EXIT_USAGE;
	}
	target_add(&probe_tcp, word);
	return EXIT_YES;
}

/* Without a host it is this machine, as in hoy_dial. */
static int find_tcp(const struct target *t, hoy_addr *addr, hoy_err *err)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	int code = hoy_split_host_port(t->word, host, port, err);

	if (code == 0)
		code = find_host(*host ? host : "localhost", addr, err);
	if (code < 0)
		return code;
	addr->kind = HOY_ADDR_TCP;
	addr->port = (uint16_t)hoy_lookup_port("tcp", port, NULL);
	return 0;
}

static int ask_tcp(struct target *t, hoy_time deadline, struct reply *r, hoy_err *err)
{
	const hoy_dialer d = { .deadline = deadline, .keep_alive = -1 };
	char addr[HOY_ADDR_STRLEN];
	hoy_time start = hoy_now();
	hoy_conn *c = hoy_dialer_dial(&d, "tcp", hoy_addr_string(&t->addr, addr), err);

	if (!c)
		return err->code;
	r->rtt = hoy_time_sub(hoy_now(), start);
	strcpy(r->what, "connection");
	hoy_conn_free(c);
	return 0;
}

const struct probe probe_tcp = { .name = "tcp", .read = read_tcp, .find = find_tcp, .run = ask_each, .ask = ask_tcp };
