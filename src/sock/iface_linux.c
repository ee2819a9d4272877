/* Each link and each address is one netlink message: a fixed part, and attributes for the rest. */
#include "sock/iface.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/base.h"
#include "sock/netlink.h"

enum { TRIES = 10 };		/* of a list that changes while it is read */

void *hoy__rows_add(struct hoy__rows *rows)
{
	char *at = rows->at;

	if (rows->count == rows->room) {
		size_t room = rows->room ? 2 * rows->room : 8;

		if (!(at = hoy__block_resize(rows->at, room * rows->item)))
			return NULL;
		rows->at = at;
		rows->room = room;
	}
	return memset(at + rows->item * rows->count++, 0, rows->item);
}

static unsigned flags_of(unsigned system)
{
	static const struct { unsigned system, flag; } flags[] = {
		{ IFF_UP, HOY_INTERFACE_UP },
		{ IFF_BROADCAST, HOY_INTERFACE_BROADCAST },
		{ IFF_LOOPBACK, HOY_INTERFACE_LOOPBACK },
		{ IFF_POINTOPOINT, HOY_INTERFACE_POINT_TO_POINT },
		{ IFF_MULTICAST, HOY_INTERFACE_MULTICAST },
		{ IFF_RUNNING, HOY_INTERFACE_RUNNING },
	};
	unsigned own = 0;

	for (size_t i = 0; i < LEN(flags); i++)
		if (system & flags[i].system)
			own |= flags[i].flag;
	return own;
}

/* As in Go, the addresses of IP tunnels (4 or 16 bytes) are no hardware addresses, nor are zeros. */
static hoy_mac mac_of(const void *bytes, size_t len)
{
	static const uint8_t zeros[sizeof (hoy_mac){ 0 }.bytes];
	hoy_mac mac = { 0 };

	if ((len == 6 || len == 8 || len == 20) && memcmp(bytes, zeros, len) != 0) {
		mac.len = (uint8_t)len;
		memcpy(mac.bytes, bytes, len);
	}
	return mac;
}

bool hoy__iface_of_link(const struct nlmsghdr *message, hoy_interface *iface)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	int left;
	const struct rtattr *a = hoy__netlink_attrs(message, sizeof *link, &left);

	if (!a || message->nlmsg_type != RTM_NEWLINK)
		return false;
	*iface = (hoy_interface){ .index = link->ifi_index, .flags = flags_of(link->ifi_flags) };
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		size_t len = RTA_PAYLOAD(a);

		if (a->rta_type == IFLA_IFNAME && len <= sizeof iface->name)
			memcpy(iface->name, RTA_DATA(a), len);
		else if (a->rta_type == IFLA_MTU && len == sizeof iface->mtu)
			memcpy(&iface->mtu, RTA_DATA(a), len);
		else if (a->rta_type == IFLA_ADDRESS)
			iface->mac = mac_of(RTA_DATA(a), len);
	}
	iface->name[sizeof iface->name - 1] = '\0';
	return true;
}

/* The local address, where the other attribute is that of a point-to-point peer. */
bool hoy__iface_of_addr(const struct nlmsghdr *message, hoy_interface_addr *addr)
{
	const struct ifaddrmsg *head = NLMSG_DATA(message);
	hoy_ip local = { 0 }, address = { 0 };
	int left;
	const struct rtattr *a = hoy__netlink_attrs(message, sizeof *head, &left);
	size_t want;

	if (!a || message->nlmsg_type != RTM_NEWADDR || (head->ifa_family != AF_INET && head->ifa_family != AF_INET6))
		return false;
	want = head->ifa_family == AF_INET ? 4 : 16;
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (RTA_PAYLOAD(a) != want)
			continue;
		if (a->rta_type == IFA_LOCAL)
			local = hoy_ip_from_bytes(RTA_DATA(a), want);
		else if (a->rta_type == IFA_ADDRESS)
			address = hoy_ip_from_bytes(RTA_DATA(a), want);
	}
	addr->net.ip = local.len ? local : address;
	addr->net.mask = hoy_cidr_mask(head->ifa_prefixlen, (int)want * 8);
	addr->index = (int)head->ifa_index;
	return addr->net.ip.len > 0;
}

static int add_link(const struct nlmsghdr *message, void *rows)
{
	hoy_interface iface, *row;

	if (!hoy__iface_of_link(message, &iface))
		return 0;
	if (!(row = hoy__rows_add(rows)))
		return -ENOMEM;
	*row = iface;
	return 0;
}

int hoy__iface_list(int index, const char *name, struct hoy__rows *rows)
{
	int code = -EAGAIN;

	for (int i = 0; i < TRIES && code == -EAGAIN; i++) {
		rows->count = 0;
		code = hoy__netlink_links(index, name, add_link, rows);
	}
	return code;
}

struct wanted {
	struct hoy__rows *rows;
	int index;		/* 0: any */
};

static int add_addr(const struct nlmsghdr *message, void *arg)
{
	const struct wanted *wanted = arg;
	hoy_interface_addr addr = { 0 }, *row;

	if (!hoy__iface_of_addr(message, &addr) || (wanted->index && wanted->index != addr.index))
		return 0;
	if (!(row = hoy__rows_add(wanted->rows)))
		return -ENOMEM;
	*row = addr;
	return 0;
}

int hoy__iface_addrs(int index, struct hoy__rows *rows)
{
	struct wanted wanted = { rows, index };
	int code = -EAGAIN;

	for (int i = 0; i < TRIES && code == -EAGAIN; i++) {
		rows->count = 0;
		code = hoy__netlink_addrs(add_addr, &wanted);
	}
	return code;
}
