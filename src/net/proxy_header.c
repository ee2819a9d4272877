/*
 * The PROXY protocol on accepted connections. Whether a header is believed is known at the accept; it is read later, by the
 * first call that reads, under its lock. The kernel's buffer keeps the header until it is complete: bytes that turn out to be
 * no header were only looked at, and are the next read's.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

struct hoy__proxy_gate {
	enum hoy__proxy_state state;	/* of a connection from a trusted network */
	hoy_duration timeout;
	size_t n;
	hoy_prefix trusted[];
};

int hoy__proxy_gate_new(const hoy_proxy_policy *policy, int kind, struct hoy__proxy_gate **gate)
{
	struct hoy__proxy_gate *g;
	size_t n = policy ? policy->n_trusted : 0;

	*gate = NULL;
	if (!policy)
		return 0;
	if (kind == HOY_ADDR_UNIXPACKET)	/* where the header would be a message of its own, or the data's beginning */
		return HOY_EWRONGKIND;
	if (policy->mode != HOY_PROXY_REQUIRED && (policy->mode != HOY_PROXY_OPTIONAL || n == 0))
		return -EINVAL;
	g = hoy__alloc(sizeof *g + n * sizeof g->trusted[0]);
	if (!g)
		return -ENOMEM;
	g->state = policy->mode == HOY_PROXY_REQUIRED ? HOY__PROXY_AWAITED : HOY__PROXY_MAYBE;
	g->timeout = policy->timeout ? policy->timeout : 10 * HOY_SECOND;
	g->n = n;
	if (n)
		memcpy(g->trusted, policy->trusted, n * sizeof g->trusted[0]);
	*gate = g;
	return 0;
}

static bool is_trusted(const struct hoy__proxy_gate *gate, const struct hoy__endpoint *peer)
{
	hoy_ip ip = hoy_ip_from_bytes(peer->ip, peer->len);

	for (size_t i = 0; i < gate->n; i++)
		if (hoy_prefix_contains(gate->trusted[i], ip))
			return true;
	return gate->n == 0;
}

void hoy__proxy_gate_enter(const struct hoy__proxy_gate *gate, hoy_conn *c)
{
	enum hoy__proxy_state state = gate->state;

	if (!is_trusted(gate, &c->remote))
		state = state == HOY__PROXY_AWAITED ? HOY__PROXY_REFUSED : HOY__PROXY_NONE;
	else if (gate->timeout > 0)
		hoy__fd_set_deadline(c->fd, HOY__IN, hoy__limit(gate->timeout));
	atomic_store(&c->proxy_state, (unsigned char)state);
}

struct look {
	uint8_t data[HOY_PROXY_HEADER_LEN];
	hoy_proxy_header header;
	bool begun;		/* a part of it has come */
	int len;		/* of the header, or why there is none */
};

/* Looks at what has come. 0: the parser has its answer in l->len. */
static ssize_t run_look(int sys, const struct hoy__attempt *a)
{
	struct look *l = a->at;
	ssize_t n = hoy__os_recv(sys, l->data, sizeof l->data, MSG_PEEK);

	if (n < 0)
		return n;
	l->begun = n > 0;
	l->len = n ? hoy_proxy_header_parse(l->data, (size_t)n, &l->header, NULL) : HOY_EEOF;
	if (l->len == 0 && hoy__os_ready(sys, HOY__HANGUP) > 0)
		l->len = HOY_EEOF;	/* and so no more will come */
	return l->len ? 0 : -EAGAIN;
}

/* Takes the header from the stream, with the extensions at its end. */
static int skip(hoy_conn *c, size_t len)
{
	uint8_t ignored[512];

	while (len > 0) {
		ssize_t n = hoy__fd_read(c->fd, ignored, len < sizeof ignored ? len : sizeof ignored);

		if (n <= 0)
			return n < 0 ? (int)n : HOY_EEOF;
		len -= (size_t)n;
	}
	return 0;
}

static bool endpoint_from(struct hoy__endpoint *e, const hoy_addr *addr)
{
	union hoy__sockaddr sa;
	int len = addr->kind == HOY_ADDR_TCP ? hoy__sockaddr_of(&sa, addr, addr->ip.len == 4 ? 4 : 6) : -1;

	if (len > 0)
		hoy__endpoint_of(e, HOY_ADDR_TCP, &sa, (socklen_t)len);
	return len > 0;
}

/* A Unix socket keeps ends of any kind. */
static void take_unix_ends(hoy_conn *c, const hoy_proxy_header *h)
{
	if (h->source.kind == HOY_ADDR_NONE)
		return;
	c->unix_ends->local = h->destination;
	c->unix_ends->remote = h->source;
}

/* The header's ends, if it has such as a connection of TCP can have; else the connection's own. */
static void take_ends(hoy_conn *c, const hoy_proxy_header *h)
{
	struct hoy__endpoint local, remote;
	unsigned char state = HOY__LOCAL_UNKNOWN;
	bool named = endpoint_from(&remote, &h->source) && endpoint_from(&local, &h->destination);

	if (!named)
		hoy__sock_ends(hoy__fd_sys(c->fd), c->kind, &local, &remote);
	c->remote = remote;
	if (atomic_compare_exchange_strong(&c->local_state, &state, HOY__LOCAL_BUSY)) {
		c->local = local;
		atomic_store(&c->local_state, HOY__LOCAL_KNOWN);
	}
}

/* The limit for the header is over, unless the user has set a deadline. */
static void lift_limit(hoy_conn *c)
{
	if (!atomic_load(&c->own_deadline[HOY__IN]))
		hoy__fd_set_deadline(c->fd, HOY__IN, c->idle ? hoy__limit(c->idle) : HOY__NEVER);
}

/* Without a header that may be absent, what has come is data. */
static bool is_data(hoy_conn *c, const struct look *l, int code)
{
	if (atomic_load(&c->proxy_state) != HOY__PROXY_MAYBE || l->len > 0)
		return false;
	if (code == HOY_ETIMEOUT)	/* the limit of the header, and not the user's: perhaps the client waits for us */
		return !l->begun && !atomic_load(&c->own_deadline[HOY__IN]);
	return code == HOY_ENOPROXY || code == HOY_EEOF;
}

/* noinline: the buffer lies on the stack only while the header is awaited. */
__attribute__((noinline))
int hoy__proxy_header_read(hoy_conn *c)
{
	unsigned char state = atomic_load(&c->proxy_state);
	struct look l = { .len = 0 };
	const struct hoy__attempt a = { .run = run_look, .at = &l, .why = HOY__WHY_READ };
	int code = state == HOY__PROXY_NONE ? 0 : state == HOY__PROXY_REFUSED ? HOY_ENOPROXY : 1;

	if (code <= 0)
		return code;
	if ((code = (int)hoy__fd_try(c->fd, HOY__IN, &a)) == 0)
		code = l.len > 0 ? skip(c, (size_t)l.len) : l.len;
	if (code == 0 || is_data(c, &l, code)) {
		(hoy__is_unix(c->kind) ? take_unix_ends : take_ends)(c, &l.header);
		lift_limit(c);
		code = 0;
		atomic_store(&c->proxy_state, HOY__PROXY_NONE);
	} else if (code == HOY_ENOPROXY || code == HOY_EPROXY || code == HOY_EEOF) {
		atomic_store(&c->proxy_state, HOY__PROXY_REFUSED);
	}
	return code;
}

int hoy_proxy_header_await(hoy_conn *c, hoy_err *err)
{
	bool awaited = atomic_load(&c->proxy_state) != HOY__PROXY_NONE;
	enum hoy__direction d = awaited ? HOY__IN : HOY__NEITHER;
	int begun = hoy__conn_begin(c, d);

	return (int)hoy__conn_end(c, d, begun, "read", "recv", hoy__fd_begun(begun), err);
}

int hoy_proxy_header_write(hoy_conn *c, int version, const hoy_addr *source, const hoy_addr *destination, hoy_err *err)
{
	uint8_t header[HOY_PROXY_HEADER_LEN];
	int len = hoy_proxy_header_format(version, source, destination, header);
	ssize_t n = len < 0 ? hoy__conn_fail(c, "write", NULL, len, err) : hoy_conn_write(c, header, (size_t)len, err);

	return n < 0 ? (int)n : 0;
}
