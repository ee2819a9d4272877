/* Zones by netlink: the interface's name and number are in one link's message. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "sock/iface.h"
#include "sock/netlink.h"
#include "sock/zone.h"

_Static_assert(IF_NAMESIZE == 16, "a zone is an interface's name");

static int take_link(const struct nlmsghdr *message, void *iface)
{
	return hoy__iface_of_link(message, iface) ? 0 : -ENODEV;
}

/* 0 when text is not a number; the kernel's are positive ints. */
static uint32_t decimal(const char *text)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n <= INT32_MAX; text++)
		n = n * 10 + (*text - '0');
	return *text || n > INT32_MAX ? 0 : n;
}

COLD int hoy__zone_index(const char *name, uint32_t *index)
{
	hoy_interface found = { 0 };

	if (strlen(name) >= IF_NAMESIZE)
		return -ENODEV;
	*index = hoy__netlink_links(0, name, take_link, &found) == 0 ? (uint32_t)found.index : decimal(name);
	return *index ? 0 : -ENODEV;
}

COLD char *hoy__zone_name(uint32_t index, char name[16])
{
	hoy_interface found = { 0 };

	if (index && hoy__netlink_links((int)index, NULL, take_link, &found) == 0 && found.name[0])
		memcpy(name, found.name, sizeof found.name);
	else
		snprintf(name, IF_NAMESIZE, "%u", index);
	return name;
}
