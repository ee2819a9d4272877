/* Interfaces, their addresses and groups, as the kernel tells them. */
#ifndef HOY_SOCK_IFACE_H
#define HOY_SOCK_IFACE_H

#include <stdbool.h>
#include <stddef.h>

#include <hoy/iface.h>

struct nlmsghdr;

/* A list that grows: one block for hoy_free, of items of the same size. Zero but for item is empty. */
struct hoy__rows {
	void *at;
	size_t item, count, room;
};

/* The new last item, zeroed; NULL for want of memory. */
void *hoy__rows_add(struct hoy__rows *rows);

/*
 * Rows of hoy_interface: all, or the one with this index, or this name. 0 or a code: -ENODEV
 * when there is no such interface.
 */
int hoy__iface_list(int index, const char *name, struct hoy__rows *rows);
/* Rows of hoy_interface_addr, of one interface or, when index is 0, of all. 0 or a code. */
int hoy__iface_addrs(int index, struct hoy__rows *rows);

/* Reads a message about a link. False when it is about something else, or cut short. */
bool hoy__iface_of_link(const struct nlmsghdr *message, hoy_interface *iface);
/* Likewise a message about an address. */
bool hoy__iface_of_addr(const struct nlmsghdr *message, hoy_interface_addr *addr);

/*
 * Appends rows of hoy_interface_group from the text of /proc/net/igmp, igmp6. len bytes, which
 * need not end in a NUL; lines that cannot be read are skipped. 0 or -ENOMEM.
 */
int hoy__iface_groups4(const char *text, size_t len, int index, struct hoy__rows *rows);
int hoy__iface_groups6(const char *text, size_t len, int index, struct hoy__rows *rows);

#endif
