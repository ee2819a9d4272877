/* Raw IP. Its sockets are opened, dialled and written to as those of UDP are; here is what differs. */
#include <hoy/raw.h>

#include <string.h>

#include "net/net.h"

enum { HEADER = 20, OPTIONS_MOST = 40 };	/* RFC 791 section 3.1 */

static ssize_t run_recvmsg(int sys, const struct hoy__attempt *a)
{
	return hoy__os_recvmsg(sys, a->at, a->flags);
}

/* Behind a header with options of this length, the payload in buf and tail begins that much later. */
static void skip_options(void *buf, size_t len, const uint8_t *tail, size_t options)
{
	size_t kept = len > options ? len - options : 0;

	if (kept > 0)
		memmove(buf, (const char *)buf + options, kept);
	memcpy((char *)buf + kept, tail + options - (len - kept), len - kept);
}

/*
 * The header is received in front of buf, so that buf gets all the payload that it has room for. Go receives both in buf, and
 * then loses as much of the payload's end.
 */
ssize_t hoy__raw_receive(hoy_conn *c, void *buf, size_t len, union hoy__sockaddr *from, socklen_t *from_len)
{
	uint8_t header[HEADER] = { 0 }, tail[OPTIONS_MOST];
	struct iovec iov[] = { { header, sizeof header }, { buf, len }, { tail, sizeof tail } };
	struct msghdr msg = { .msg_name = from, .msg_namelen = sizeof *from, .msg_iov = iov, .msg_iovlen = LEN(iov) };
	ssize_t n = hoy__fd_try(c->fd, HOY__IN, &(struct hoy__attempt){
		.run = run_recvmsg, .at = &msg, .flags = hoy__fd_flags(c->fd), .why = HOY__WHY_READ,
	});
	size_t header_len = (header[0] & 0x0f) * 4u, got;

	if (n < 0)
		return n;
	*from_len = msg.msg_namelen;
	if (header_len > HEADER && len > 0)
		skip_options(buf, len, tail, header_len - HEADER);
	got = (size_t)n > header_len ? (size_t)n - header_len : 0;
	return (ssize_t)(got < len ? got : len);
}

int hoy_raw_set_header(hoy_conn *c, int on, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER), code = begun;

	if (code == 0)
		code = c->ops || c->kind != HOY_ADDR_IP ? HOY_EWRONGKIND
							: hoy__sock_set_header(hoy__fd_sys(c->fd), c->family, on != 0);
	return (int)hoy__conn_end(c, HOY__NEITHER, begun, "set", "setsockopt", code, err);
}

ssize_t hoy_raw_read_msg(hoy_conn *c, hoy_msg *m, hoy_err *err)
{
	int code = hoy__msgs_read(c, HOY_ADDR_IP, m, 1, "recvmsg", err);

	return code < 0 ? code : (ssize_t)m->len;
}

ssize_t hoy_raw_write_msg(hoy_conn *c, const hoy_msg *m, hoy_err *err)
{
	int code = hoy__msgs_write(c, HOY_ADDR_IP, m, 1, "sendmsg", err);

	return code < 0 ? code : (ssize_t)m->len;
}
