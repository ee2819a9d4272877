/*
 * A zone transfer (RFC 5936): a connection of its own, a query, and messages until the zone is complete. The servers
 * are tried in order until one begins; what has been handed over is not taken back, so none is tried after that.
 */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/moment.h"
#include "dns/resolver.h"
#include "dns/transfer.h"
#include "base/fail.h"
#include "net/net.h"

enum { MESSAGE_MOST = 65535 };

struct transfer {
	struct hoy__lookup *lookup;
	const struct hoy__name *zone;
	hoy_record_fn *take;
	void *arg;
	struct hoy__transfer state;
	const hoy_addr *server;
	hoy_conn *conn;
	bool handed_over;		/* a record, at least */
	uint8_t message[2 + MESSAGE_MOST];
};

/* Each step has as long as an answer may take, and all of them end with the lookup. */
static int64_t step_ends(const struct transfer *t)
{
	const struct hoy__lookup *l = t->lookup;
	int64_t all = hoy__earlier(l->policy.deadline, atomic_load(&l->resolver->deadline));

	return hoy__earlier(all, hoy__moment_add(hoy__os_monotonic(), l->policy.timeout));
}

static hoy_time as_time(int64_t moment)
{
	return (hoy_time){ moment == HOY__NEVER ? 0 : moment };
}

static void note(const struct transfer *t, enum hoy_trace_kind kind, size_t size, int code)
{
	hoy__lookup_tell(t->lookup, (hoy_trace){
		.kind = kind, .source = HOY_SOURCE_DNS, .type = HOY_TYPE_AXFR, .id = t->state.id, .server = *t->server,
		.tcp = true, .code = code, .rcode = t->state.rcode, .size = size,
	});
}

static int ask(struct transfer *t)
{
	uint8_t query[2 + HOY__QUERY_SIZE];
	uint16_t id;
	size_t len;
	ssize_t n = hoy__os_random(&id, sizeof id);

	if (n < 0)
		return (int)n;
	len = hoy__transfer_begin(&t->state, t->zone, id, query + 2);
	query[0] = (uint8_t)(len >> 8);
	query[1] = (uint8_t)len;
	note(t, HOY_TRACE_SENT, len, 0);
	n = hoy_conn_write(t->conn, query, 2 + len, NULL);
	return n < 0 ? (int)n : 0;
}

/* The length of the next message, or a code. */
static ssize_t receive(struct transfer *t)
{
	ssize_t n;

	if (atomic_load(&t->lookup->resolver->closed))
		return HOY_ECLOSED;
	hoy_conn_set_deadline(t->conn, as_time(step_ends(t)), NULL);
	n = hoy_read_full(t->conn, t->message, 2, NULL);
	if (n < 0)
		return n;
	return hoy_read_full(t->conn, t->message + 2, (size_t)t->message[0] << 8 | t->message[1], NULL);
}

static int hand_over(struct transfer *t)
{
	struct hoy__results *results = &t->lookup->results;
	int code = 0;

	for (size_t i = 0; code == 0 && i < results->count; i++) {
		hoy_record record = hoy__record_of(&results->list[i], results->pool);

		t->handed_over = true;
		code = t->take(&record, t->arg);
	}
	hoy__results_clear(results);
	return code;
}

/* 1 when the zone is complete. */
static int read_message(struct transfer *t)
{
	ssize_t n = receive(t);
	int code = n < 0 ? (int)n : hoy__transfer_read(&t->state, t->message + 2, (size_t)n, &t->lookup->results), handed;

	if (n >= 0)
		note(t, HOY_TRACE_RECEIVED, (size_t)n, code < 0 ? code : 0);
	handed = hand_over(t);	/* also what came before a mistake in the message */
	return handed ? handed : code;
}

static int transfer_from(struct transfer *t)
{
	char address[HOY_ADDR_STRLEN];
	hoy_dialer dialer = { .deadline = as_time(step_ends(t)) };
	hoy_err err;
	int code;

	t->conn = hoy_dialer_dial(&dialer, "tcp", hoy_addr_string(t->server, address), &err);
	if (!t->conn) {
		note(t, HOY_TRACE_FAILED, 0, err.code);
		return err.code;
	}
	hoy_conn_set_deadline(t->conn, dialer.deadline, NULL);
	code = ask(t);
	while (code == 0)
		code = read_message(t);
	hoy_conn_free(t->conn);
	return code;
}

static bool may_go_on(const struct transfer *t, int code)
{
	return code < 0 && !t->handed_over && code != HOY_ECANCELED && code != HOY_ECLOSED && code != -ENOMEM &&
	       hoy__os_monotonic() < hoy__earlier(t->lookup->policy.deadline, atomic_load(&t->lookup->resolver->deadline));
}

static int transfer(struct hoy__lookup *l, const struct hoy__name *zone, hoy_record_fn *take, void *arg)
{
	struct transfer *t = hoy__alloc(sizeof *t);
	int code = -EDESTADDRREQ;

	if (!t)
		return -ENOMEM;
	t->lookup = l;
	t->zone = zone;
	t->take = take;
	t->arg = arg;
	for (unsigned i = 0; i < l->policy.servers && (i == 0 || may_go_on(t, code)); i++) {
		t->server = &l->server[i];
		code = transfer_from(t);
		l->answer.server = *t->server;
		l->answer.rcode = code == HOY_EREFUSED || code == HOY_ENOHOST || code == HOY_ESERVFAIL ? t->state.rcode
													: HOY_RCODE_NONE;
	}
	hoy__release(t);
	return code > 0 ? 0 : code;
}

int hoy_resolver_transfer(hoy_resolver *r, const char *zone, hoy_record_fn *take, void *arg, hoy_err *err)
{
	struct hoy__lookup l;
	struct hoy__name name;
	int code = hoy__lookup_begin(&l, r, zone);

	if (code >= 0 && hoy__name_parse(&name, zone, strlen(zone)) < 0)
		code = HOY_ENOHOST;
	if (code >= 0)
		code = transfer(&l, &name, take, arg);
	if (code < 0) {
		hoy__lookup_fail(code, zone, err);
		if (err) {
			err->addr = l.answer.server;
			err->rcode = l.answer.rcode;
		}
	}
	hoy__lookup_end(&l, code);
	return code;
}
