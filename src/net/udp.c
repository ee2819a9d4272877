/*
 * Messages of UDP and of raw IP with their control fields, one or many in a call. Between the lock of the direction and the system
 * call there is only the loop of hoy__fd_try; hoy_msg and msghdr are translated inside of it, on the way to the system.
 */
#include "net/net.h"
#include "sock/message.h"

/* The direction to begin a call with: only these kinds have messages. */
static enum hoy__direction direction(const hoy_conn *c, int kind, enum hoy__direction d)
{
	return !c->ops && c->kind == kind ? d : HOY__NEITHER;
}

/* Of several tasks that come first at once all do it, which changes nothing. */
int hoy__udp_want_control(hoy_conn *c)
{
	int code;

	if (atomic_load(&c->messages) & HOY__HAS_CONTROL)
		return 0;
	code = hoy__message_want_control(hoy__fd_sys(c->fd), c->family);
	if (code == 0)
		atomic_fetch_or(&c->messages, HOY__HAS_CONTROL);
	return code;
}

struct reading {
	int kind, n;
	hoy_msg *msgs;
};

static ssize_t run_receive(int sys, const struct hoy__attempt *a)
{
	const struct reading *r = a->at;

	return hoy__message_receive(sys, r->kind, r->msgs, r->n, a->flags);
}

/* The caller is inside. The number, or a code; *call names what refused. */
static int receive(hoy_conn *c, hoy_msg *msgs, int n, const char **call)
{
	struct reading r = { c->kind, n, msgs };
	int code = n > 0 ? hoy__udp_want_control(c) : 0;

	if (code < 0)
		*call = "setsockopt";
	if (code < 0 || n <= 0)
		return code;
	return (int)hoy__fd_try(c->fd, HOY__IN, &(struct hoy__attempt){
		.run = run_receive, .at = &r, .flags = hoy__fd_flags(c->fd), .why = HOY__WHY_READ,
	});
}

int hoy__msgs_read(hoy_conn *c, int kind, hoy_msg *msgs, int n, const char *call, hoy_err *err)
{
	enum hoy__direction d = direction(c, kind, HOY__IN);
	int begun = hoy__conn_begin(c, d), got = hoy__fd_begun(begun);

	if (got == 0)
		got = d == HOY__NEITHER ? HOY_EWRONGKIND : receive(c, msgs, n, &call);
	return (int)hoy__conn_end(c, d, begun, "read", call, got, err);
}

ssize_t hoy_udp_read_msg(hoy_conn *c, hoy_msg *m, hoy_err *err)
{
	int code = hoy__msgs_read(c, HOY_ADDR_UDP, m, 1, "recvmsg", err);

	return code < 0 ? code : (ssize_t)m->len;
}

int hoy_udp_read_batch(hoy_conn *c, hoy_msg *msgs, int n, hoy_err *err)
{
	return hoy__msgs_read(c, HOY_ADDR_UDP, msgs, n, "recvmmsg", err);
}

static ssize_t run_send(int sys, const struct hoy__attempt *a)
{
	return hoy__message_send(sys, a->at, a->flags);
}

/* The caller is inside. 0 when all went out, or a code; *sent is how many did before. */
static int send_all(hoy_conn *c, const hoy_msg *msgs, int n, int *sent)
{
	struct hoy__sending s = {
		.msgs = msgs, .n = n, .peer = &c->remote, .kind = c->kind, .family = c->family,
		.no_gso = c->kind != HOY_ADDR_UDP || atomic_load(&c->messages) & HOY__NO_GSO ||
			  !hoy__message_has_gso(hoy__fd_sys(c->fd)),
	};
	const struct hoy__attempt a = {
		.run = run_send, .at = &s, .flags = hoy__fd_flags(c->fd), .why = HOY__WHY_WRITE,
	};
	int code = 0;

	while (code == 0 && s.at < n)
		code = (int)hoy__fd_try(c->fd, HOY__OUT, &a);
	if (s.no_gso)
		atomic_fetch_or(&c->messages, HOY__NO_GSO);
	*sent = s.at;
	return code;
}

int hoy__msgs_write(hoy_conn *c, int kind, const hoy_msg *msgs, int n, const char *call, hoy_err *err)
{
	enum hoy__direction d = direction(c, kind, HOY__OUT);
	int begun = hoy__conn_begin(c, d), code = hoy__fd_begun(begun), sent = 0;

	if (code == 0)
		code = d == HOY__NEITHER ? HOY_EWRONGKIND : send_all(c, msgs, n, &sent);
	hoy__conn_end(c, d, begun, "write", call, code, err);
	if (code < 0 && err && n > 0) {
		if (msgs[sent].addr.kind != HOY_ADDR_NONE)
			hoy__conn_fail_to(&msgs[sent].addr, code, err);
		err->done = (size_t)sent;
	}
	return code;
}

ssize_t hoy_udp_write_msg(hoy_conn *c, const hoy_msg *m, hoy_err *err)
{
	int code = hoy__msgs_write(c, HOY_ADDR_UDP, m, 1, "sendmsg", err);

	return code < 0 ? code : (ssize_t)m->len;
}

int hoy_udp_write_batch(hoy_conn *c, const hoy_msg *msgs, int n, hoy_err *err)
{
	int code = hoy__msgs_write(c, HOY_ADDR_UDP, msgs, n, "sendmmsg", err);

	return code < 0 ? code : n;
}
