/*
 * Raw IP, raw(7): whole packets of one protocol, such as ICMP or OSPF, between addresses without ports. The network names the
 * family and the protocol by number or name: "ip4:icmp", "ip4:1", "ip6:ipv6-icmp", "ip:89". It needs the capability
 * CAP_NET_RAW: without it a call returns -EPERM, and err->kind is HOY_ERR_HINT.
 *
 * By hoy_conn_read, hoy_conn_read_lent and hoy_raw_read_msg (hoy/conn.h) an IPv4 packet is read from its IP header on. Without
 * the header are: what hoy_conn_read_from reads, everything of IPv6, and what is written, as the system makes the header.
 * The system also fills in the checksum of ICMPv6. Deadlines, close and the rest are those of every hoy_conn.
 */
#ifndef HOY_RAW_H
#define HOY_RAW_H

#include <hoy/conn.h>
#include <hoy/udp.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Packets to and from raddr alone; an empty ip is the local system. laddr may be NULL: the kernel picks. NULL on failure.
 * Go's net.DialIP.
 */
hoy_conn *hoy_dial_ip(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err);
/* Packets that are sent to laddr, by anybody; NULL: to any local address. NULL on failure. Go's net.ListenIP. */
hoy_conn *hoy_listen_ip(const char *network, const hoy_addr *laddr, hoy_err *err);

/*
 * As hoy_udp_read_msg and hoy_udp_write_msg (hoy/udp.h), for raw IP. Where the system makes the header, no write waits for room:
 * while the socket's buffer is full, it is -ENOBUFS. Go's IPConn.ReadMsgIP and WriteMsgIP.
 */
ssize_t hoy_raw_read_msg(hoy_conn *c, hoy_msg *m, hoy_err *err);
ssize_t hoy_raw_write_msg(hoy_conn *c, const hoy_msg *m, hoy_err *err);

/*
 * On: what is written begins with the IP header (IP_HDRINCL, IPV6_HDRINCL). The system still fills in the checksum and the
 * length of an IPv4 header, and the source and the identification where they are 0. 0, or a negative code.
 */
int hoy_raw_set_header(hoy_conn *c, int on, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
