#include "sock/ping.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <string.h>

#include <linux/icmp.h>

#include "base/base.h"
#include "os/os.h"

struct option {
	int level, name;
};

/* A kernel without time stamps still has the moment at which the packet was read. */
static int set_reports(int fd, int family)
{
	static const struct option reports[2][2] = {
		{ { IPPROTO_IP, IP_RECVTTL }, { IPPROTO_IP, IP_RECVERR } },
		{ { IPPROTO_IPV6, IPV6_RECVHOPLIMIT }, { IPPROTO_IPV6, IPV6_RECVERR } },
	};
	const struct option *o = reports[family == 6];
	int code = hoy__sock_set_int(fd, o[0].level, o[0].name, 1);

	hoy__sock_set_int(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	return code < 0 ? code : hoy__sock_set_int(fd, o[1].level, o[1].name, 1);
}

/* Otherwise each raw socket gets a copy of every ICMP packet that the system receives. */
static int set_filter(int fd, int family)
{
	const struct icmp_filter only_replies = { ~(1u << ICMP_ECHOREPLY) };
	struct icmp6_filter filter6;

	if (family == 4)
		return hoy__os_setsockopt(fd, SOL_RAW, ICMP_FILTER, &only_replies, sizeof only_replies);
	ICMP6_FILTER_SETBLOCKALL(&filter6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter6);
	return hoy__os_setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter6, sizeof filter6);
}

/* Linux lets datagram ICMP sockets share an identifier unless one of them objects, and gives the replies to one of them. */
static int refuse_sharing(int fd)
{
	return hoy__sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 0);
}

int hoy__ping_open(int family, bool raw, const char **call)
{
	int protocol = family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int fd = hoy__sock_open(family, raw ? SOCK_RAW : SOCK_DGRAM, protocol, true), code;

	*call = "socket";
	if (fd < 0)
		return fd;
	*call = "setsockopt";
	code = set_reports(fd, family);
	if (code == 0)
		code = raw ? set_filter(fd, family) : refuse_sharing(fd);
	if (code == 0)
		return fd;
	hoy__os_close(fd);
	return code;
}

int hoy__ping_set_ttl(int fd, int family, int ttl)
{
	static const struct option limits[2][2] = {
		{ { IPPROTO_IP, IP_TTL }, { IPPROTO_IP, IP_MULTICAST_TTL } },
		{ { IPPROTO_IPV6, IPV6_UNICAST_HOPS }, { IPPROTO_IPV6, IPV6_MULTICAST_HOPS } },
	};
	const struct option *o = limits[family == 6];
	int code = hoy__sock_set_int(fd, o[0].level, o[0].name, ttl);

	return code < 0 ? code : hoy__sock_set_int(fd, o[1].level, o[1].name, ttl);
}

int hoy__ping_set_dont_fragment(int fd, int family)
{
	if (family == 4)
		return hoy__sock_set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	return hoy__sock_set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
}

static ssize_t receive(int fd, struct hoy__ping_packet *p, int flags)
{
	union hoy__sockaddr from = { 0 };
	union {
		struct cmsghdr align;
		char bytes[512];
	} control;
	struct iovec iov = { p->buf, p->size };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control,
	};
	ssize_t n = hoy__os_recvmsg(fd, &msg, flags);

	if (n < 0)
		return n;
	hoy__endpoint_of(&p->from, HOY_ADDR_IP, &from, msg.msg_namelen);
	hoy__ping_report_read(&msg, &p->report);
	return n;
}

/*
 * An error that waits in the queue also makes the next receive fail, once. One of this system's own, such as a request
 * longer than the MTU, was the result of the send: here it is an empty packet.
 */
ssize_t hoy__ping_receive(int fd, struct hoy__ping_packet *p)
{
	ssize_t n = receive(fd, p, 0), queued;

	if (n >= 0)
		return n;
	queued = receive(fd, p, MSG_ERRQUEUE);
	if (queued == -EAGAIN)
		return n;
	return queued < 0 || p->report.has_error ? queued : 0;
}
