/*
 * hoy_addr: one end of a conversation. Go's IPAddr, TCPAddr, UDPAddr, UnixAddr and
 * netip.AddrPort in one open value; all-zero is "no address".
 */
#ifndef HOY_ADDR_H
#define HOY_ADDR_H

#include <hoy/ip.h>

#ifdef __cplusplus
extern "C" {
#endif

enum hoy_addr_kind {
	HOY_ADDR_NONE,
	HOY_ADDR_IP,
	HOY_ADDR_TCP,
	HOY_ADDR_UDP,
	HOY_ADDR_UNIX,
	HOY_ADDR_UNIXGRAM,
	HOY_ADDR_UNIXPACKET,
	HOY_ADDR_PIPE
};

typedef struct hoy_addr {
	int kind;		/* one of enum hoy_addr_kind */
	uint16_t port;		/* host order */
	hoy_ip ip;		/* len 0: any address, or the local system */
	char zone[16];		/* IPv6 scope, a name or a number; "" none */
	char path[112];		/* Unix sockets; a leading '@' is the abstract namespace, "@" alone an unnamed socket */
	uint8_t path_len;	/* 0: path ends at its NUL; else its length: an abstract name may have NULs inside */
} hoy_addr;

#define HOY_ADDR_STRLEN 128	/* the longest text, with its NUL */
#define HOY_HOST_STRLEN 256	/* a host name, with its NUL */

/*
 * The address as Dial takes it: 192.0.2.1:80, [fe80::1%eth0]:80, :80 for no ip; without
 * the port for HOY_ADDR_IP; the path of a Unix socket, each NUL in it as '@'; "pipe". Kind
 * HOY_ADDR_NONE gives "". Go's String of TCPAddr, UDPAddr, IPAddr and UnixAddr.
 */
char *hoy_addr_string(const hoy_addr *addr, char buf[HOY_ADDR_STRLEN]);
/*
 * As netip.AddrPort (netip.Addr for HOY_ADDR_IP) prints it: IPv4 in its 16-byte form as
 * [::ffff:192.0.2.1]:80, no ip as "invalid AddrPort" or "invalid IP".
 */
char *hoy_addr_string_4in6(const hoy_addr *addr, char buf[HOY_ADDR_STRLEN]);
/* "tcp", "udp", "ip", "unix", "unixgram", "unixpacket", "pipe"; "" for HOY_ADDR_NONE. Static. */
const char *hoy_addr_network(const hoy_addr *addr);
/* The same kind, ip (as hoy_ip_equal), port, zone and path. */
int hoy_addr_equal(const hoy_addr *a, const hoy_addr *b);
/* netip's order, -1, 0 or 1: ip as hoy_ip_compare, then zone, then port. Go's AddrPort.Compare. */
int hoy_addr_compare(const hoy_addr *a, const hoy_addr *b);

/* hoy_prefix_contains for an address with its zone: with one it is in no prefix. */
int hoy_prefix_contains_addr(hoy_prefix p, const hoy_addr *addr);

/*
 * Reads 192.0.2.1 or fe80::1%eth0 as HOY_ADDR_IP. A zone longer than 15 bytes is
 * HOY_EZONELONG. Go's netip.ParseAddr.
 */
int hoy_parse_addr(const char *text, hoy_addr *addr, struct hoy_err *err);
/*
 * Reads 192.0.2.1:80 or [fe80::1%eth0]:80, literal address and number, as HOY_ADDR_TCP;
 * for another network, change kind. Go's netip.ParseAddrPort.
 */
int hoy_parse_addr_port(const char *text, hoy_addr *addr, struct hoy_err *err);

/*
 * Cuts "host:port", "[host]:port" or "[fe80::1%eth0]:port" in two; either part may be
 * empty. A part that does not fit is HOY_EHOSTLONG. Go's SplitHostPort.
 */
int hoy_split_host_port(const char *text, char host[HOY_HOST_STRLEN], char port[HOY_HOST_STRLEN],
			struct hoy_err *err);
/* host:port, in brackets if the host has a colon; cut to size. Returns buf. Go's JoinHostPort. */
char *hoy_join_host_port(const char *host, const char *port, char *buf, size_t size);

/*
 * The address that a text names. network: "tcp", "tcp4", "tcp6" ("udp"…, "ip"…); ""
 * means the first. An empty text, or an empty host, is no ip: any address. Go's
 * ResolveTCPAddr, ResolveUDPAddr, ResolveIPAddr, ResolveUnixAddr.
 */
int hoy_resolve_tcp_addr(const char *network, const char *address, hoy_addr *addr, struct hoy_err *err);
int hoy_resolve_udp_addr(const char *network, const char *address, hoy_addr *addr, struct hoy_err *err);
int hoy_resolve_ip_addr(const char *network, const char *address, hoy_addr *addr, struct hoy_err *err);
int hoy_resolve_unix_addr(const char *network, const char *address, hoy_addr *addr, struct hoy_err *err);
/*
 * The port of a service, 0 to 65535: a number with an optional sign, "" for 0, or a name
 * in any case. network: "tcp…", "udp…", "ip" or "" for either. Go's LookupPort.
 */
int hoy_lookup_port(const char *network, const char *service, struct hoy_err *err);

#ifdef __cplusplus
}
#endif

#include <hoy/err.h>
#endif
