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
	char path[112];		/* Unix sockets; a leading '@' is the abstract namespace */
} hoy_addr;

#define HOY_ADDR_STRLEN 128	/* the longest text, with its NUL */

#ifdef __cplusplus
}
#endif
#endif
