/*
 * What is particular to UDP: whole messages with their control fields, many in one call, multicast, path MTU.
 * hoy_conn_read_from and hoy_conn_write_to are in conn.h. On a connection of another kind every call here is
 * HOY_EWRONGKIND. A socket may send to broadcast addresses from the beginning; buffer sizes are set by
 * hoy_conn_set_read_buffer and hoy_conn_set_write_buffer.
 */
#ifndef HOY_UDP_H
#define HOY_UDP_H

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* laddr may be NULL: the kernel picks. Go's net.DialUDP. */
hoy_conn *hoy_dial_udp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err);
/* laddr may be NULL: every local address, a port of the kernel's choice. Go's net.ListenUDP. */
hoy_conn *hoy_listen_udp(const char *network, const hoy_addr *laddr, hoy_err *err);

enum hoy_msg_flag {
	HOY_MSG_TRUNCATED = 1,	/* set by a read: the datagram was longer than size, and the rest is lost */
	/* Set by the caller of a write, which else leaves these to the socket's options and the routes. */
	HOY_MSG_IFINDEX = 2,	/* leave by the interface ifindex */
	HOY_MSG_TTL = 4,	/* with this ttl */
	HOY_MSG_TOS = 8		/* with this tos */
};

/*
 * A datagram, or several of one peer, with what the IP header said. A message that was read can be written as it is,
 * with other data or the same: it goes back to its sender, from the address that it was sent to.
 */
typedef struct hoy_msg {
	void *data;		/* the caller's; a write only reads it */
	size_t size;		/* bytes of room at data, for reads */
	size_t len;		/* bytes of the message: set by reads, sent by writes */
	hoy_addr addr;		/* the peer; for a write on a connected socket its peer, or kind 0 */
	hoy_ip dst;		/* where it was sent to: an address of this system, a broadcast address, a group; writes ignore it */
	hoy_ip local;		/* the address to reply from; for a write the one to send from. Empty: the system picks */
	uint8_t tos;		/* type of service or traffic class; its two low bits are ECN's (RFC 3168) */
	uint8_t ttl;		/* hops left; 0 when unknown */
	uint16_t flags;		/* of enum hoy_msg_flag */
	int ifindex;		/* of the interface that it arrived at; 0 when unknown */
	/*
	 * The message is a series of datagrams of `segment` bytes, the last perhaps shorter, one after the other in data.
	 * Reads set it always: to len, unless hoy_udp_set_gro has been called. For writes 0 is one datagram.
	 */
	uint32_t segment;
	uint64_t reserved[2];
} hoy_msg;

/*
 * Reads one message into m->data and sets the other fields, but for data and size. m->len, or a negative code; waits.
 * Until the first such read of a socket the system does not record at which interface an IPv4 datagram arrives, so of
 * one that came earlier the ifindex is 0. Errors as hoy_conn_read_from. Go's UDPConn.ReadMsgUDP.
 */
ssize_t hoy_udp_read_msg(hoy_conn *c, hoy_msg *m, hoy_err *err);
/*
 * Writes one message: its length, or a negative code; waits for room. HOY_EMISSING without addr on a socket that is not
 * connected, HOY_ECONNECTED with another one than its peer on a connected one; -EINVAL for an address of another
 * network; -EINVAL or -ENETUNREACH for a local address that this system does not have; -EMSGSIZE for a datagram longer than
 * 64 KiB, or than the path MTU after hoy_udp_set_mtu_discover(HOY_MTU_DO). Go's UDPConn.WriteMsgUDP.
 */
ssize_t hoy_udp_write_msg(hoy_conn *c, const hoy_msg *m, hoy_err *err);
/*
 * Reads as many messages as have come, at least 1, at most n or 64: their number, or a negative code. Waits for the first.
 * golang.org/x/net's PacketConn.ReadBatch.
 */
int hoy_udp_read_batch(hoy_conn *c, hoy_msg *msgs, int n, hoy_err *err);
/*
 * Writes n messages in order; waits for room. n, or the negative code of the first that failed, and err->done tells
 * how many were sent before it. Neighbours for the same peer go through the system together (UDP_SEGMENT) where it
 * can do that. golang.org/x/net's PacketConn.WriteBatch.
 */
int hoy_udp_write_batch(hoy_conn *c, const hoy_msg *msgs, int n, hoy_err *err);
/*
 * On: a message that is read may hold several datagrams that came from one peer in a row (UDP_GRO), see segment; give
 * it 64 KiB of room. Reads without segment, such as hoy_conn_read, then return such datagrams joined: do not mix
 * them. 0 also where the system has none, and each message then is one datagram.
 */
int hoy_udp_set_gro(hoy_conn *c, int on, hoy_err *err);

/* The TTL (hop limit) of what the socket sends, 1 to 255; -1 is the system's default. Not of multicast. */
int hoy_udp_set_ttl(hoy_conn *c, int ttl, hoy_err *err);
/* Type of service (traffic class) of what it sends, 0 to 255; the two low bits are ECN's (RFC 3168). */
int hoy_udp_set_tos(hoy_conn *c, int tos, hoy_err *err);

/* What becomes of a datagram that is longer than the path MTU (RFC 1191, 8201). */
enum hoy_mtu_discover {
	HOY_MTU_WANT,	/* the default: this system fragments it, by the path MTU that it knows */
	HOY_MTU_DO,	/* the write fails with -EMSGSIZE, and no router fragments it */
	HOY_MTU_PROBE,	/* it is sent whole, beyond the MTU known, and no router fragments it: to probe the path (RFC 8899) */
	HOY_MTU_DONT	/* routers may fragment it, too */
};
/* how: of enum hoy_mtu_discover. */
int hoy_udp_set_mtu_discover(hoy_conn *c, int how, hoy_err *err);
/* The path MTU to the peer that is known now, in bytes with the IP header; -ENOTCONN when the socket has no peer. */
int hoy_udp_mtu(hoy_conn *c, hoy_err *err);

/*
 * A socket that receives what is sent to the group's port, from this interface: its index (hoy_interface_by_name in
 * hoy/iface.h), or 0 for the one of the system's route. The port is shared with other such sockets, on all local
 * addresses, so other datagrams to it arrive as well: see dst. What it sends to the group goes out by this interface,
 * and is not looped back. NULL on failure: HOY_EMISSING without a group address, -EINVAL when it is none, -ENODEV for
 * an interface that does not exist. Go's net.ListenMulticastUDP.
 */
hoy_conn *hoy_listen_multicast_udp(const char *network, int ifindex, const hoy_addr *group, hoy_err *err);
/*
 * Joins or leaves a group on an interface, as above. With a source that is not empty, of the group's datagrams only
 * those of this sender are received (RFC 4607); several may be joined one by one. An IPv6 group needs a socket for IPv6,
 * HOY_ENOTIPV4 else; IPv4 groups may be joined by any. -EADDRINUSE when it is joined, -EADDRNOTAVAIL when one leaves
 * what is not. golang.org/x/net's JoinGroup, JoinSourceSpecificGroup, LeaveGroup, LeaveSourceSpecificGroup.
 */
int hoy_udp_join_group(hoy_conn *c, int ifindex, hoy_ip group, hoy_ip source, hoy_err *err);
int hoy_udp_leave_group(hoy_conn *c, int ifindex, hoy_ip group, hoy_ip source, hoy_err *err);
/* The interface by which multicast goes out; 0: that of the system's route. Of a single message: see HOY_MSG_IFINDEX. */
int hoy_udp_set_multicast_interface(hoy_conn *c, int ifindex, hoy_err *err);
/* On (the default of all other sockets): members on this system receive what the socket sends, too. */
int hoy_udp_set_multicast_loop(hoy_conn *c, int on, hoy_err *err);
/* How many hops multicast may go, 0 to 255: 1, the default, is this network; 0 does not leave the system. */
int hoy_udp_set_multicast_ttl(hoy_conn *c, int ttl, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
