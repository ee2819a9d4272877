/*
 * Messages sent. The unit is the datagram: a message is one, or with a segment a series. Datagrams in a row that go
 * the same way, of one length but for the last, become one packet for the system, which cuts it late (UDP_SEGMENT);
 * several packets become one sendmmsg. Where the system refuses a packet, its datagrams are sent one by one, since
 * what forbids it depends on the route: the device, IPsec, a path MTU that is too small.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "os/os.h"
#include "sock/message.h"

enum {
	SEGMENTS = 64,		/* UDP_MAX_SEGMENTS of the first kernels that had it */
	BYTES = 65507		/* in a datagram of IPv4, without its headers */
};

/* The next datagram. */
struct place {
	int at;
	size_t offset;
};

struct outbound {
	struct mmsghdr heads[HOY__BATCH];
	struct iovec iov[HOY__BATCH];
	struct sockaddr_in6 names[HOY__BATCH];	/* of either family */
	_Alignas(struct cmsghdr) char control[HOY__BATCH][HOY__MESSAGE_CONTROL];
	struct place ends[HOY__BATCH];		/* behind each packet */
	int packets, vectors;
	bool joined;				/* the first packet is several datagrams */
};

static size_t datagram_len(const hoy_msg *m, size_t offset)
{
	size_t rest = m->len - offset;

	return m->segment && m->segment < rest ? m->segment : rest;
}

static struct place behind(const hoy_msg *msgs, struct place p, size_t len)
{
	p.offset += len;
	return p.offset < msgs[p.at].len ? p : (struct place){ p.at + 1, 0 };
}

static bool go_the_same_way(const hoy_msg *a, const hoy_msg *b)
{
	return a == b || (a->flags == b->flags && a->ifindex == b->ifindex && a->ttl == b->ttl && a->tos == b->tos &&
			  hoy_addr_equal(&a->addr, &b->addr) && hoy_ip_equal(a->local, b->local));
}

/* Appends a datagram to the packet's data: behind the last vector, where it lies there in memory. */
static bool append(struct outbound *out, struct msghdr *packet, char *data, size_t len)
{
	struct iovec *last = packet->msg_iov + packet->msg_iovlen - 1;

	if (packet->msg_iovlen && (char *)last->iov_base + last->iov_len == data) {
		last->iov_len += len;
		return true;
	}
	if (out->vectors == HOY__BATCH)
		return false;
	out->iov[out->vectors++] = (struct iovec){ data, len };
	packet->msg_iovlen++;
	return true;
}

/*
 * Gathers the datagrams of one packet from *p on, and moves *p behind them. The length of the first but for a single
 * one, when it is 0.
 */
static size_t gather(struct outbound *out, struct msghdr *packet, const struct hoy__sending *s, struct place *p, bool join)
{
	const hoy_msg *first = &s->msgs[p->at];
	size_t segment = datagram_len(first, p->offset), total = 0, len = segment;
	int count = 0;

	while (append(out, packet, (char *)s->msgs[p->at].data + p->offset, len)) {
		total += len;
		*p = behind(s->msgs, *p, len);
		if (++count == SEGMENTS || !join || len < segment || p->at == s->n ||
		    !go_the_same_way(first, &s->msgs[p->at]))
			break;
		len = datagram_len(&s->msgs[p->at], p->offset);
		if (len == 0 || len > segment || total + len > BYTES)
			break;
	}
	return count > 1 ? segment : 0;
}

static bool is_peer(const struct hoy__endpoint *peer, const hoy_addr *addr)
{
	hoy_addr at;

	hoy__endpoint_addr(peer, &at);
	return hoy_addr_equal(&at, addr);
}

/* The address of a packet: none on a connected socket. 0 or a code. */
static int address(struct msghdr *packet, struct sockaddr_in6 *name, const struct hoy__sending *s, const hoy_msg *m)
{
	union hoy__sockaddr sa;
	int len;

	if (m->addr.kind != HOY_ADDR_NONE && m->addr.kind != s->kind)
		return -EINVAL;
	if (s->peer->kind != HOY_ADDR_NONE)
		return m->addr.kind == HOY_ADDR_NONE || is_peer(s->peer, &m->addr) ? 0 : HOY_ECONNECTED;
	if (m->addr.kind == HOY_ADDR_NONE)
		return HOY_EMISSING;
	len = hoy__sockaddr_of(&sa, &m->addr, s->family);
	if (len < 0)
		return len == HOY_EADDR ? HOY_ENOTIPV4 : len;
	memcpy(name, &sa, (size_t)len);
	packet->msg_name = name;
	packet->msg_namelen = (socklen_t)len;
	return 0;
}

/* The family of the packets on the wire: an IPv6 socket sends those of IPv4, too. */
static int wire_family(const struct hoy__sending *s, const hoy_msg *m)
{
	hoy_ip ip = m->addr.ip;

	if (s->peer->kind != HOY_ADDR_NONE)
		return s->peer->len == 4 ? 4 : 6;
	return s->family == 4 || hoy_ip_to4(ip).len ? 4 : 6;
}

/* Adds the packet that begins at *p, and moves *p behind it. 0 or a code. */
static int add_packet(struct outbound *out, const struct hoy__sending *s, struct place *p)
{
	const hoy_msg *m = &s->msgs[p->at];
	int i = out->packets, code;
	struct msghdr *packet = &out->heads[i].msg_hdr;
	size_t segment;

	*packet = (struct msghdr){ .msg_iov = &out->iov[out->vectors], .msg_control = out->control[i] };
	if ((code = address(packet, &out->names[i], s, m)) < 0)
		return code;
	segment = gather(out, packet, s, p, !s->no_gso && p->at >= s->alone);
	code = hoy__message_write_control(packet, m, wire_family(s, m), (uint16_t)segment);
	out->joined = i ? out->joined : segment != 0;
	out->ends[i] = *p;
	out->packets += code == 0;
	return code;
}

/* The code of a message counts only when it is the first: those before it are sent now. */
static int fill(struct outbound *out, const struct hoy__sending *s)
{
	struct place p = { s->at, s->offset };
	int code = 0;

	out->packets = out->vectors = 0;
	while (code == 0 && p.at < s->n && out->vectors < HOY__BATCH)
		code = add_packet(out, s, &p);
	return out->packets ? 0 : code;
}

static int send_packets(int fd, struct outbound *out, int flags)
{
	static atomic_bool missing;
	ssize_t len;
	int sent;

	if (out->packets > 1 && !atomic_load(&missing)) {
		sent = hoy__os_sendmmsg(fd, out->heads, out->packets, flags);
		if (sent != -ENOSYS)
			return sent;
		atomic_store(&missing, true);
	}
	len = hoy__os_sendmsg(fd, &out->heads[0].msg_hdr, flags);
	return len < 0 ? (int)len : 1;
}

/*
 * The first packet was refused: perhaps only because it is several datagrams? Then they are sent one by one, and after
 * EIO, with which a device refuses all such packets, all others too.
 */
static bool may_send_alone(struct hoy__sending *s, const struct outbound *out, int code)
{
	const struct place *end = &out->ends[0];

	if (!out->joined || (code != -EIO && code != -EINVAL && code != -EMSGSIZE))
		return false;
	s->no_gso |= code == -EIO;
	s->alone = end->at + (end->offset > 0);
	return true;
}

int hoy__message_send(int fd, struct hoy__sending *s, int flags)
{
	struct outbound out;
	int sent;

	do {
		int code = fill(&out, s);

		if (code < 0)
			return code;
		sent = send_packets(fd, &out, flags);
	} while (sent < 0 && may_send_alone(s, &out, sent));
	if (sent <= 0)
		return sent < 0 ? sent : -EIO;
	s->at = out.ends[sent - 1].at;
	s->offset = out.ends[sent - 1].offset;
	return 0;
}
