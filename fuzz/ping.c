/*
 * libFuzzer target for what a pinger receives: the packet, and the control messages with time stamp, TTL and ICMP error.
 * The first byte chooses family, kind of socket, and whether an error comes; the second is the length of the control
 * messages, which follow; the rest is the packet. A system of the target's own delivers them, once.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

#include "os/os.h"

enum { ID = 13, DATA = 40 };

static struct {
	bool six, raw, is_error, is_delivered;
	const uint8_t *control, *packet;
	size_t control_len, packet_len;
} in;

static void must(int holds)
{
	if (!holds)
		abort();
}

static int own_socket(int family, int type, int protocol)
{
	(void)protocol;
	return (type & 0xf) == SOCK_DGRAM && in.raw ? -EACCES : hoy__os_linux.socket(family, SOCK_DGRAM, 0);
}

static int own_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)name, (void)value, (void)len;
	return 0;
}

static int own_bind(int fd, const struct sockaddr *sa, socklen_t len)
{
	(void)fd, (void)sa, (void)len;
	return 0;
}

static int own_getsockname(int fd, struct sockaddr *sa, socklen_t *len)
{
	(void)fd;
	memset(sa, 0, *len);
	sa->sa_family = in.six ? AF_INET6 : AF_INET;
	sa->sa_data[1] = ID;	/* the port */
	return 0;
}

static size_t fill(void *to, size_t room, const void *from, size_t len)
{
	size_t n = len < room ? len : room;

	if (n > 0)
		memcpy(to, from, n);
	return n;
}

/* The packet or the error, then a failure. */
static ssize_t own_recvmsg(int fd, struct msghdr *msg, int flags)
{
	(void)fd;
	if (in.is_delivered || in.is_error != ((flags & MSG_ERRQUEUE) != 0))
		return -EIO;
	in.is_delivered = true;
	msg->msg_controllen = fill(msg->msg_control, msg->msg_controllen, in.control, in.control_len);
	return (ssize_t)fill(msg->msg_iov->iov_base, msg->msg_iov->iov_len, in.packet, in.packet_len);
}

static void check(const hoy_ping_reply *r)
{
	must(r->kind == HOY_ICMP_ECHO_REPLY ? !in.is_error : r->kind >= HOY_ICMP_UNREACHABLE || r->kind == HOY_ICMP_OTHER);
	must(r->rtt >= -1 && (r->message ? r->len >= 8 && r->len <= 60 + 8 + DATA : r->len == 0));
	must(r->from.kind == HOY_ADDR_IP || r->from.kind == HOY_ADDR_NONE);
	for (size_t i = 0; i < r->len; i++)	/* for the sanitizer */
		must(((const uint8_t *)r->message)[i] <= 255);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hoy__os os;
	const hoy_addr to[] = { { .ip = hoy_ipv4(127, 0, 0, 1) }, { .ip = { 16, { [15] = 1 } } } };
	const hoy_ping_opts opts = { .len = DATA, .id = ID };
	hoy_ping_reply reply;
	hoy_pinger *p;

	if (size < 2)
		return 0;
	in.six = data[0] & 1;
	in.raw = data[0] & 2;
	in.is_error = data[0] & 4;
	in.is_delivered = false;
	in.control_len = data[1] < size - 2 ? data[1] : size - 2;
	in.control = data + 2;
	in.packet = in.control + in.control_len;
	in.packet_len = size - 2 - in.control_len;
	os = hoy__os_linux;
	os.socket = own_socket;
	os.setsockopt = own_setsockopt;
	os.bind = os.connect = own_bind;
	os.getsockname = own_getsockname;
	os.recvmsg = own_recvmsg;
	hoy__os = &os;
	p = hoy_pinger_new(&to[in.six], &opts, NULL);
	must(p != NULL && hoy_pinger_id(p) == ID);
	must(hoy_pinger_socket(p) == (in.raw ? HOY_PING_RAW : HOY_PING_DATAGRAM));
	if (hoy_pinger_receive(p, &reply, NULL) == 0)
		check(&reply);
	hoy_pinger_free(p);
	return 0;
}
