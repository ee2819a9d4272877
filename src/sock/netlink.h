/* Questions about links and addresses to the kernel's routing netlink, rtnetlink(7). */
#ifndef HOY_SOCK_NETLINK_H
#define HOY_SOCK_NETLINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>

/* Called for each message of a reply; 0 goes on, a negative code ends it. */
typedef int hoy__netlink_fn(const struct nlmsghdr *message, void *arg);

/*
 * One link by index, or by name when index is 0, or all of them when name is NULL too. 0; a
 * negative code of `each` or the system: -ENODEV when there is no such link, -EAGAIN when the list
 * changed while it was read, so that it may be incomplete.
 */
int hoy__netlink_links(int index, const char *name, hoy__netlink_fn *each, void *arg);
/* All addresses of all links. */
int hoy__netlink_addrs(hoy__netlink_fn *each, void *arg);

/* The messages in one datagram: 1 when more datagrams follow, 0 when it was the last, or a code. */
int hoy__netlink_read(const void *datagram, size_t len, hoy__netlink_fn *each, void *arg);

/*
 * The attributes of a message whose fixed part has `fixed` bytes: the first and, in *left, how
 * many bytes they take, for RTA_OK and RTA_NEXT. NULL when the message ends in its fixed part.
 */
const struct rtattr *hoy__netlink_attrs(const struct nlmsghdr *message, size_t fixed, int *left);

#endif
