/*
 * Sockets made and configured. What it returns are descriptors and codes; which
 * operation of which connection they belonged to, the callers know.
 */
#ifndef HOY_SOCK_SOCK_H
#define HOY_SOCK_SOCK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <hoy/addr.h>
#include <hoy/time.h>

union hoy__sockaddr {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/*
 * An address as a connection keeps it: 24 bytes where hoy_addr takes 150. The zone is
 * an interface's number here and becomes its name again when somebody asks.
 */
struct hoy__endpoint {
	uint8_t kind;		/* enum hoy_addr_kind; HOY_ADDR_NONE when unknown */
	uint8_t len;		/* of ip: 0, 4 or 16 */
	uint16_t port;
	uint32_t scope;
	uint8_t ip[16];
};

/*
 * The system's form of an address, for a socket of this family. 4 or 6: an empty ip is the
 * unspecified address, IPv4 is mapped for 6. 0: a Unix socket's. The length, or HOY_EADDR
 * when the family cannot hold it, -ENODEV when there is no such zone, -EINVAL when a path
 * is too long.
 */
int hoy__sockaddr_of(union hoy__sockaddr *sa, const hoy_addr *addr, int family);
/* And back. A family that is not an IP one gives kind HOY_ADDR_NONE. */
void hoy__endpoint_of(struct hoy__endpoint *e, int kind, const union hoy__sockaddr *sa, socklen_t len);
void hoy__endpoint_addr(const struct hoy__endpoint *e, hoy_addr *addr);
/* From the system's form to the public one, in one step; the only one for Unix sockets, whose paths fit no endpoint. */
void hoy__sockaddr_addr(hoy_addr *addr, int kind, const union hoy__sockaddr *sa, socklen_t len);
/* Both ends of a socket (remote may be NULL); an end that the system does not tell gets kind HOY_ADDR_NONE. */
void hoy__sock_ends(int fd, int kind, struct hoy__endpoint *local, struct hoy__endpoint *remote);
/* The same in the public form. */
void hoy__sock_local(int fd, int kind, hoy_addr *addr);
void hoy__sock_remote(int fd, int kind, hoy_addr *addr);

/* What this system can do; probed once, by opening and binding sockets. */
bool hoy__sock_has_ipv4(void);
bool hoy__sock_has_ipv6(void);
bool hoy__sock_has_dual_stack(void);	/* an IPv6 socket that takes IPv4 too */

/*
 * A new socket of family 4 or 6, or 0 for Unix, non-blocking and close-on-exec. For 6, unless it is raw, IPV6_V6ONLY is set
 * explicitly to v6only, whatever the system's default is.
 */
int hoy__sock_open(int family, int type, int protocol, bool v6only);
/* Binds it to an address, as hoy__sockaddr_of has it for this family. 0 or a code. */
int hoy__sock_bind(int fd, const hoy_addr *addr, int family);
/* Takes a datagram socket's peer, and the address bound with it, away. */
int hoy__sock_disconnect(int fd);
/* The length of the accept queue: somaxconn, read once. */
int hoy__sock_backlog(void);

/* Options. All 0 or a code. Durations are rounded up to seconds. */
int hoy__sock_set_int(int fd, int level, int name, int value);
int hoy__sock_get_int(int fd, int level, int name, int *value);
/* An option that IPv4 and IPv6 have under names of their own: a socket of family 6 gets both, since it may carry IPv4. */
int hoy__sock_set_ip(int fd, int family, int name4, int name6, int value);
int hoy__sock_set_reuse_addr(int fd);
int hoy__sock_set_reuse_port(int fd);
int hoy__sock_set_v6only(int fd, bool on);
int hoy__sock_set_device(int fd, const char *name);	/* an interface; -ENODEV when there is none */
int hoy__sock_set_mark(int fd, uint32_t mark);
int hoy__sock_set_fast_open(int fd, int queue);		/* of a listening socket */
int hoy__sock_set_fast_open_connect(int fd);		/* of one that will connect */
int hoy__sock_set_broadcast(int fd);
int hoy__sock_set_header(int fd, int family, bool on);	/* of a raw socket: what is written begins with the IP header */
int hoy__sock_set_no_delay(int fd, bool on);
int hoy__sock_set_keep_alive(int fd, bool on);
int hoy__sock_set_keep_alive_idle(int fd, hoy_duration idle);
int hoy__sock_set_keep_alive_interval(int fd, hoy_duration interval);
int hoy__sock_set_keep_alive_count(int fd, int count);
int hoy__sock_ack_now(int fd);				/* what has come so far; a hint, for this once */
int hoy__sock_set_linger(int fd, int seconds);		/* negative: off */
int hoy__sock_set_read_buffer(int fd, int bytes);
int hoy__sock_set_write_buffer(int fd, int bytes);
int hoy__sock_set_ttl(int fd, int family, int ttl);		/* -1: the system's default */
int hoy__sock_set_tos(int fd, int family, int tos);
int hoy__sock_set_mtu_discover(int fd, int family, int how);	/* of enum hoy_mtu_discover */
int hoy__sock_mtu(int fd, int family);				/* of a connected socket's path, or a code */

enum { HOY__MPTCP = 262 };	/* IPPROTO_MPTCP, for hoy__sock_open */
/* Is a connection MPTCP's, and not fallen back to TCP? 1 or 0, or a code. */
int hoy__sock_is_multipath(int fd);

/* A listening socket takes no further connection, while those on their way are completed. A hint: 0 or a code. */
int hoy__sock_drop_syns(int fd);

/* What a descriptor from elsewhere is. -ENOTSOCK for what is no socket. */
struct hoy__sock_info {
	int kind;		/* HOY_ADDR_TCP, _UDP, _IP, or one of the three Unix kinds; HOY_ADDR_NONE for any other */
	int family;		/* 4 or 6; 0 when it is not IP */
	bool listening;
};
int hoy__sock_describe(int fd, struct hoy__sock_info *info);
/* text.c. For dumps: ", tcp 127.0.0.1:80->127.0.0.1:40000"; "" of what is no socket of these kinds. */
void hoy__sock_text(int fd, char *text, size_t size);

#endif
