/* Interfaces: lists from the layer below become the caller's blocks, and its codes Go's sentences. */
#include <hoy/iface.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dns/conf/file.h"
#include "net/net.h"
#include "sock/iface.h"

enum { FILE_MOST = 1 << 24 };	/* 100,000 interfaces with their groups */

char *hoy_interface_flags_string(unsigned flags, char buf[HOY_INTERFACE_FLAGS_STRLEN])
{
	static const char names[][16] = { "up", "broadcast", "loopback", "pointtopoint", "multicast", "running" };

	size_t len = 0;

	for (size_t i = 0; i < LEN(names); i++)
		if (flags & 1u << i)
			len += (size_t)snprintf(buf + len, HOY_INTERFACE_FLAGS_STRLEN - len, "%s%s", len ? "|" : "", names[i]);
	if (len == 0)
		memcpy(buf, "0", 2);
	return buf;
}

static int fail(int code, const char *call, hoy_err *err)
{
	if (code == -ENODEV)
		code = HOY_ENOINTERFACE;
	return hoy__fail(err, "route", "ip+net", call, code);
}

/* The number of rows, which are the caller's to free, or a code when there are none to free. */
static int finish(struct hoy__rows *rows, int code, const char *call, hoy_err *err)
{
	if (code == 0)
		return (int)rows->count;
	hoy__block_free(rows->at);
	return fail(code, call, err);
}

int hoy_interfaces(hoy_interface **list, hoy_err *err)
{
	struct hoy__rows rows = { .item = sizeof **list };
	int n = finish(&rows, hoy__iface_list(0, NULL, &rows), "netlink", err);

	if (n >= 0)
		*list = rows.at;
	return n;
}

static int find(int index, const char *name, hoy_interface *iface, hoy_err *err)
{
	struct hoy__rows rows = { .item = sizeof *iface };
	int code = hoy__iface_list(index, name, &rows);

	if (code == 0 && rows.count == 0)
		code = -ENODEV;
	if (code == 0)
		*iface = *(hoy_interface *)rows.at;
	hoy__block_free(rows.at);
	return code < 0 ? fail(code, "netlink", err) : 0;
}

int hoy_interface_by_name(const char *name, hoy_interface *iface, hoy_err *err)
{
	return *name ? find(0, name, iface, err) : fail(HOY_EINTERFACENAME, NULL, err);
}

int hoy_interface_by_index(int index, hoy_interface *iface, hoy_err *err)
{
	return index > 0 ? find(index, NULL, iface, err) : fail(HOY_EINTERFACEINDEX, NULL, err);
}

int hoy_interface_addrs(int index, hoy_interface_addr **list, hoy_err *err)
{
	struct hoy__rows rows = { .item = sizeof **list };
	int n;

	if (index < 0)
		return fail(HOY_EINTERFACEINDEX, NULL, err);
	n = finish(&rows, hoy__iface_addrs(index, &rows), "netlink", err);
	if (n >= 0)
		*list = rows.at;
	return n;
}

/* A family that the system lacks has no file, and no groups. */
static int add_groups(const char *path, int (*parse)(const char *, size_t, int, struct hoy__rows *), int index,
		      struct hoy__rows *rows)
{
	struct hoy__file_info info;
	char *text = NULL;
	ssize_t len = hoy__file_read(path, FILE_MOST, &text, &info);
	int code = len < 0 ? (int)len : parse(text, (size_t)len, index, rows);

	hoy__release(text);
	return code == -ENOENT ? 0 : code;
}

int hoy_interface_multicast_addrs(int index, hoy_interface_group **list, hoy_err *err)
{
	struct hoy__rows rows = { .item = sizeof **list };
	int n;

	if (index < 0)
		return fail(HOY_EINTERFACEINDEX, NULL, err);
	n = add_groups("/proc/net/igmp", hoy__iface_groups4, index, &rows);
	if (n == 0)
		n = add_groups("/proc/net/igmp6", hoy__iface_groups6, index, &rows);
	n = finish(&rows, n, "open", err);
	if (n >= 0)
		*list = rows.at;
	return n;
}
