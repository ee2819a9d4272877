/*
 * A pinger: requests go out by one side of its socket and what comes back is matched to them by the identifier and the
 * sequence number, which an ICMP error quotes. Errors come from the socket's error queue, for both kinds of socket.
 */
#include "net/pinger.h"

#include <errno.h>
#include <string.h>

#include "ip/packet.h"
#include "sock/ping.h"

enum { ICMP_HEADER = 8, IP4_HEADER_MOST = 60 };

static void released(void *owner)
{
	hoy__release(owner);
}

static hoy_pinger *new_pinger(const hoy_addr *addr, const hoy_ping_opts *o)
{
	size_t request_size = ICMP_HEADER + o->len, received_size = IP4_HEADER_MOST + request_size;
	hoy_pinger *p = hoy__alloc(sizeof *p + o->len + request_size + received_size);

	if (!p)
		return NULL;
	p->family = hoy_ip_to4(addr->ip).len ? 4 : 6;
	p->network = p->family == 4 ? "ip4:icmp" : "ip6:ipv6-icmp";
	p->remote = *addr;
	p->remote.kind = HOY_ADDR_IP;
	p->remote.port = 0;
	p->len = o->len;
	p->request_size = request_size;
	p->received_size = received_size;
	p->data = (uint8_t *)(p + 1);
	p->request = p->data + o->len;
	p->received = p->request + request_size;
	for (size_t i = 0; i < o->len; i++)
		p->data[i] = o->data ? ((const uint8_t *)o->data)[i] : (uint8_t)i;
	return p;
}

static int fail(const hoy_pinger *p, const char *op, const char *call, int code, hoy_err *err)
{
	hoy_addr local;

	if (!err)
		return code;
	hoy_pinger_local_addr(p, &local);
	return hoy__fail_at(err, op, p->network, &local, &p->remote, call, code);
}

static void fail_open(const hoy_pinger *p, const hoy_ping_opts *o, const char *call, int code, hoy_err *err)
{
	hoy__fail_at(err, "ping", p->network, o->local_addr, &p->remote, call, code);
	if (!err || strcmp(call, "socket") != 0 || (code != -EPERM && code != -EACCES))
		return;
	err->kind = HOY_ERR_HINT;
	hoy__ping_hint(o->socket != HOY_PING_RAW, err->subject);
}

static int check(const hoy_addr *addr, const hoy_ping_opts *o)
{
	if (addr->ip.len == 0)
		return HOY_EMISSING;
	if (o->socket < HOY_PING_ANY || o->socket > HOY_PING_RAW)
		return -EINVAL;
	return o->len > HOY_PING_DATA_MAX ? -EMSGSIZE : 0;
}

hoy_pinger *hoy_pinger_new(const hoy_addr *addr, const hoy_ping_opts *opts, hoy_err *err)
{
	static const hoy_ping_opts defaults;
	const hoy_ping_opts *o = opts ? opts : &defaults;
	int code = check(addr, o), sys;
	hoy_pinger *p = code == 0 ? new_pinger(addr, o) : NULL;
	const char *call;

	if (!p) {
		hoy__fail_at(err, "ping", "ip", o->local_addr, addr, NULL, code < 0 ? code : -ENOMEM);
		return NULL;
	}
	sys = hoy__pinger_open(p, o, &call);
	if (sys < 0) {
		fail_open(p, o, call, sys, err);
		hoy__release(p);
		return NULL;
	}
	p->fd = hoy__fd_new(sys, HOY__FD_SOCKET | HOY__FD_DATAGRAM | HOY__SOURCE_IN_ONLY, released, p);
	if (!p->fd) {
		hoy__os_close(sys);
		fail_open(p, o, "socket", -ENOMEM, err);
		hoy__release(p);
		return NULL;
	}
	return p;
}

/* ---- sending ---- */

struct sending {
	hoy_pinger *p;
	uint16_t seq;
};

static ssize_t send_once(int sys, const hoy_pinger *p, size_t len)
{
	if (p->is_group)
		return hoy__os_sendto(sys, p->request, len, 0, &p->to.any, p->to_len);
	return hoy__os_send(sys, p->request, len, 0);
}

/*
 * The moment is taken here, after any wait for room. An ICMP error for an earlier request makes the next send fail, once;
 * it is in the error queue as well.
 */
static ssize_t run_send(int sys, const struct hoy__attempt *a)
{
	const struct sending *s = a->at;
	hoy_pinger *p = s->p;
	ssize_t n;

	hoy__ping_window_send(&p->window, s->seq, hoy__os_monotonic());
	n = send_once(sys, p, a->len);
	return n < 0 && n != -EAGAIN ? send_once(sys, p, a->len) : n;
}

/* Both addresses, for the checksum of ICMPv6, are known once the socket is connected. */
static ssize_t make_request(hoy_pinger *p, uint16_t seq)
{
	const hoy_icmp m = {
		.kind = HOY_ICMP_ECHO, .family = p->family, .id = p->id, .seq = seq, .data = p->data, .len = p->len,
	};
	hoy_ip none = { 0 };
	bool sums = p->family == 6 && p->local.kind != HOY_ADDR_NONE;

	return hoy_icmp_marshal(&m, sums ? hoy_ip_from_bytes(p->local.ip, p->local.len) : none, sums ? p->remote.ip : none,
				p->request, p->request_size, NULL);
}

ssize_t hoy_pinger_send(hoy_pinger *p, uint16_t seq, const void **message, hoy_err *err)
{
	int begun = hoy__fd_begin(p->fd, HOY__OUT);
	struct sending s = { p, seq };
	ssize_t n = hoy__fd_begun(begun);

	if (n == 0)
		n = make_request(p, seq);
	if (n > 0)
		n = hoy__fd_try(p->fd, HOY__OUT, &(struct hoy__attempt){
			.run = run_send, .at = &s, .len = (size_t)n, .why = HOY__WHY_WRITE,
		});
	if (n < 0)
		fail(p, "write", p->is_group ? "sendto" : "send", (int)n, err);
	else if (message)
		*message = p->request;
	hoy__fd_end(p->fd, HOY__OUT, begun);
	return n;
}

/* ---- receiving ---- */

static ssize_t run_receive(int sys, const struct hoy__attempt *a)
{
	return hoy__ping_receive(sys, a->at);
}

/* The kernel stamps a packet by the wall clock: how long it waited to be read is the difference to the present. */
static int64_t arrival(const struct hoy__ping_report *r)
{
	int64_t now = hoy__os_monotonic(), waited = r->arrived ? hoy__moment_sub(hoy__os_realtime(), r->arrived) : 0;

	return waited > 0 ? hoy__moment_sub(now, waited) : now;
}

/* A stamp from before the request was sent means that the wall clock was set meanwhile. */
static void measure(hoy_pinger *p, const struct hoy__ping_report *r, hoy_ping_reply *reply)
{
	bool duplicate;
	int64_t came = arrival(r), sent = hoy__ping_window_answer(&p->window, reply->seq, &duplicate);

	reply->duplicate = duplicate;
	if (sent < 0)
		reply->rtt = -1;
	else
		reply->rtt = hoy__moment_sub(came >= sent ? came : hoy__os_monotonic(), sent);
}

static void tell_error(const hoy_pinger *p, const struct hoy__ping_report *r, hoy_ping_reply *reply)
{
	int kind = hoy__icmp_kind(p->family, r->icmp_type, r->icmp_code);

	reply->kind = kind >= HOY_ICMP_UNREACHABLE ? kind : HOY_ICMP_OTHER;
	reply->code = r->code;
	reply->icmp_type = r->icmp_type;
	reply->icmp_code = r->icmp_code;
	reply->mtu = reply->kind == HOY_ICMP_TOO_BIG ? r->info : 0;
	hoy__endpoint_addr(&r->from, &reply->from);
}

static void tell_reply(const struct hoy__ping_packet *packet, const hoy_icmp *m, size_t offset, size_t len, hoy_ping_reply *reply)
{
	reply->kind = m->kind;
	reply->icmp_type = m->type;
	reply->icmp_code = m->code;
	reply->message = (const uint8_t *)packet->buf + offset;
	reply->len = len - offset;
	hoy__endpoint_addr(&packet->from, &reply->from);
}

/* False: it belongs to no request of this pinger. A raw socket also gets what others of this system pinged. */
static bool match(hoy_pinger *p, const struct hoy__ping_packet *packet, size_t len, hoy_ping_reply *reply)
{
	const struct hoy__ping_report *r = &packet->report;
	size_t offset = p->raw && p->family == 4 && !r->has_error ? hoy__ip4_header_len(packet->buf, len) : 0;
	hoy_icmp m;

	if (hoy_icmp_parse(p->family, (const uint8_t *)packet->buf + offset, len - offset, &m, NULL) < 0 || m.id != p->id ||
	    m.kind != (r->has_error ? HOY_ICMP_ECHO : HOY_ICMP_ECHO_REPLY))
		return false;
	*reply = (hoy_ping_reply){ .seq = m.seq, .ttl = r->ttl };
	if (r->has_error)
		tell_error(p, r, reply);
	else
		tell_reply(packet, &m, offset, len, reply);
	measure(p, r, reply);
	return true;
}

static int receive(hoy_pinger *p, hoy_ping_reply *reply)
{
	struct hoy__ping_packet packet = { .buf = p->received, .size = p->received_size };
	const struct hoy__attempt a = { .run = run_receive, .at = &packet, .why = HOY__WHY_READ };
	ssize_t n;

	do
		n = hoy__fd_try(p->fd, HOY__IN, &a);
	while (n >= 0 && !match(p, &packet, (size_t)n, reply));
	return n < 0 ? (int)n : 0;
}

int hoy_pinger_receive(hoy_pinger *p, hoy_ping_reply *reply, hoy_err *err)
{
	int begun = hoy__fd_begin(p->fd, HOY__IN), code = hoy__fd_begun(begun);

	if (code == 0)
		code = receive(p, reply);
	if (code < 0)
		fail(p, "read", "recvmsg", code, err);
	hoy__fd_end(p->fd, HOY__IN, begun);
	return code;
}

/* ---- its life ---- */

int hoy_pinger_set_deadline(hoy_pinger *p, hoy_time t, hoy_err *err)
{
	int begun = hoy__fd_begin(p->fd, HOY__NEITHER);
	int code = begun < 0 ? begun : hoy__fd_set_deadline(p->fd, HOY__IN, hoy__deadline_of(t));

	if (code < 0)
		fail(p, "set", NULL, code, err);
	hoy__fd_end(p->fd, HOY__NEITHER, begun);
	return code;
}

int hoy_pinger_socket(const hoy_pinger *p)
{
	return p->raw ? HOY_PING_RAW : HOY_PING_DATAGRAM;
}

uint16_t hoy_pinger_id(const hoy_pinger *p)
{
	return p->id;
}

void hoy_pinger_local_addr(const hoy_pinger *p, hoy_addr *addr)
{
	hoy__endpoint_addr(&p->local, addr);
}

int hoy_pinger_close(hoy_pinger *p, hoy_err *err)
{
	int begun = hoy__fd_begin(p->fd, HOY__NEITHER), code = begun < 0 ? begun : hoy__fd_close(p->fd);

	if (code < 0)
		fail(p, "close", NULL, code, err);
	hoy__fd_end(p->fd, HOY__NEITHER, begun);
	return code;
}

void hoy_pinger_free(hoy_pinger *p)
{
	if (p)
		hoy__fd_free(p->fd);
}
