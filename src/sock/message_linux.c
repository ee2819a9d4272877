/*
 * The control messages of a datagram. Those of IPv4 differ from those of IPv6 in type and shape; an IPv6 socket that
 * carries IPv4 reports it in the form of IPv4, and the address in that of IPv6 before.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "os/os.h"
#include "sock/control.h"
#include "sock/message.h"

#ifndef UDP_SEGMENT	/* Linux 4.18, newer than some C libraries */
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO		/* Linux 5.0 */
#define UDP_GRO 104
#endif

/* Is it one system's? Of the broadcast addresses of a network the kernel alone knows. */
static bool is_one(hoy_ip ip)
{
	return !hoy_ip_is_multicast(ip) && !hoy_ip_equal(ip, hoy_ipv4(255, 255, 255, 255));
}

/* ipi_spec_dst is the address to reply from; 0 when the datagram came before the kernel was to record that. */
static void take_info4(hoy_msg *m, const struct hoy__control *c)
{
	struct in_pktinfo info;

	if (!hoy__control_copy(c, &info, sizeof info))
		return;
	m->dst = hoy_ip_from_bytes(&info.ipi_addr, 4);
	if (info.ipi_spec_dst.s_addr)
		m->local = hoy_ip_from_bytes(&info.ipi_spec_dst, 4);
	else
		m->local = is_one(m->dst) ? m->dst : (hoy_ip){ 0 };
	m->ifindex = info.ipi_ifindex;
}

static void take_info6(hoy_msg *m, const struct hoy__control *c)
{
	struct in6_pktinfo info;
	hoy_ip short_form;

	if (!hoy__control_copy(c, &info, sizeof info))
		return;
	m->dst = hoy_ip_from_bytes(&info.ipi6_addr, 16);
	m->ifindex = (int)info.ipi6_ifindex;
	short_form = hoy_ip_to4(m->dst);
	if (short_form.len)
		m->dst = short_form;
	m->local = is_one(m->dst) ? m->dst : (hoy_ip){ 0 };
}

static void take_ttl(hoy_msg *m, const struct hoy__control *c)
{
	m->ttl = (uint8_t)hoy__control_number(c);
}

static void take_tos(hoy_msg *m, const struct hoy__control *c)
{
	m->tos = (uint8_t)hoy__control_number(c);
}

static void take_segment(hoy_msg *m, const struct hoy__control *c)
{
	int segment = hoy__control_number(c);

	m->segment = segment > 0 ? (uint32_t)segment : 0;
}

static const struct {
	int level, type;
	void (*take)(hoy_msg *m, const struct hoy__control *c);
} fields[] = {
	{ IPPROTO_IP, IP_PKTINFO, take_info4 },		{ IPPROTO_IPV6, IPV6_PKTINFO, take_info6 },
	{ IPPROTO_IP, IP_TTL, take_ttl },		{ IPPROTO_IPV6, IPV6_HOPLIMIT, take_ttl },
	{ IPPROTO_IP, IP_TOS, take_tos },		{ IPPROTO_IPV6, IPV6_TCLASS, take_tos },
	{ IPPROTO_UDP, UDP_GRO, take_segment },
};

void hoy__message_read_control(const struct msghdr *msg, hoy_msg *m)
{
	struct hoy__control c;
	size_t at = 0;

	m->dst = m->local = (hoy_ip){ 0 };
	m->tos = m->ttl = 0;
	m->ifindex = 0;
	m->segment = 0;
	while (hoy__control_next(msg, &at, &c))
		for (size_t i = 0; i < LEN(fields); i++)
			if (c.level == fields[i].level && c.type == fields[i].type)
				fields[i].take(m, &c);
}

static bool add(struct msghdr *msg, int level, int type, const void *data, size_t len)
{
	return hoy__control_add(msg, HOY__MESSAGE_CONTROL, level, type, data, len);
}

static int add_info4(struct msghdr *msg, hoy_ip source, int ifindex)
{
	struct in_pktinfo info = { .ipi_ifindex = ifindex };

	source = hoy_ip_to4(source);
	memcpy(&info.ipi_spec_dst, source.bytes, sizeof info.ipi_spec_dst);
	return add(msg, IPPROTO_IP, IP_PKTINFO, &info, sizeof info) ? 0 : -ENOBUFS;
}

static int add_info6(struct msghdr *msg, hoy_ip source, int ifindex)
{
	struct in6_pktinfo info = { .ipi6_ifindex = (unsigned)ifindex };

	source = hoy_ip_to16(source);
	memcpy(&info.ipi6_addr, source.bytes, sizeof info.ipi6_addr);
	return add(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info) ? 0 : -ENOBUFS;
}

static int add_info(struct msghdr *msg, const hoy_msg *m, int family)
{
	hoy_ip source = m->local;
	int ifindex = m->flags & HOY_MSG_IFINDEX ? m->ifindex : 0;

	if (source.len == 0 && ifindex == 0)
		return 0;
	if (source.len && (family == 4) != (hoy_ip_to4(source).len == 4))
		return -EINVAL;
	return family == 4 ? add_info4(msg, source, ifindex) : add_info6(msg, source, ifindex);
}

int hoy__message_write_control(struct msghdr *msg, const hoy_msg *m, int family, uint16_t segment)
{
	int level = family == 4 ? IPPROTO_IP : IPPROTO_IPV6, ttl = m->ttl, tos = m->tos;
	int code = add_info(msg, m, family);

	if (code == 0 && m->flags & HOY_MSG_TTL && !add(msg, level, family == 4 ? IP_TTL : IPV6_HOPLIMIT, &ttl, sizeof ttl))
		code = -ENOBUFS;
	if (code == 0 && m->flags & HOY_MSG_TOS && !add(msg, level, family == 4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos))
		code = -ENOBUFS;
	if (code == 0 && segment && !add(msg, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment))
		code = -ENOBUFS;
	return code;
}

/* A raw IPv6 socket has no options of IPv4, as it carries none. */
static int ignore_missing(int family, int level, int code)
{
	return code == -ENOPROTOOPT && family == 6 && level == IPPROTO_IP ? 0 : code;
}

int hoy__message_want_control(int fd, int family)
{
	static const struct { int level, name; } options[] = {
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO }, { IPPROTO_IPV6, IPV6_RECVHOPLIMIT }, { IPPROTO_IPV6, IPV6_RECVTCLASS },
		{ IPPROTO_IP, IP_RECVTTL }, { IPPROTO_IP, IP_RECVTOS }, { IPPROTO_IP, IP_PKTINFO },
	};
	int code = 0;

	for (size_t i = family == 4 ? 3 : 0; i < LEN(options) && code == 0; i++)
		code = ignore_missing(family, options[i].level, hoy__sock_set_int(fd, options[i].level, options[i].name, 1));
	return code;
}

int hoy__message_set_gro(int fd, bool on)
{
	int code = hoy__sock_set_int(fd, IPPROTO_UDP, UDP_GRO, on);

	return code == -ENOPROTOOPT ? 0 : code;
}

/* An older kernel ignores the control message, and would send all the data as one datagram. */
bool hoy__message_has_gso(int fd)
{
	enum { UNKNOWN, NO, YES };
	static atomic_int known;
	int k = atomic_load(&known), segment;

	if (k == UNKNOWN) {
		k = hoy__sock_get_int(fd, IPPROTO_UDP, UDP_SEGMENT, &segment) == 0 ? YES : NO;
		atomic_store(&known, k);
	}
	return k == YES;
}
