/*
 * Multicast groups, and the options for sending to them. On a socket of family 6 the options are set for IPv4, too,
 * which it may carry. An ifindex of 0 leaves the interface to the system's routes. All return 0 or a code.
 */
#ifndef HOY_SOCK_MULTICAST_H
#define HOY_SOCK_MULTICAST_H

#include <stdbool.h>

#include <hoy/ip.h>

/* Joins or leaves; an empty source stands for all. -EINVAL when the addresses are not of one family. */
int hoy__multicast_set_member(int fd, bool member, int ifindex, hoy_ip group, hoy_ip source);
int hoy__multicast_set_interface(int fd, int family, int ifindex);
int hoy__multicast_set_loop(int fd, int family, int on);
int hoy__multicast_set_ttl(int fd, int family, int ttl);

#endif
