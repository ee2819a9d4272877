/*
 * libFuzzer targets for what the kernel says of interfaces: a netlink datagram, and the files
 * of multicast groups. TARGET names the one that is compiled in.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

#include "base/base.h"
#include "sock/iface.h"
#include "sock/netlink.h"

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)

/* Ends the run unless it holds; unlike assert, in every build. */
static void must(int holds)
{
	if (!holds)
		abort();
}

static int read_message(const struct nlmsghdr *message, void *unused)
{
	hoy_interface iface;
	hoy_interface_addr addr;

	(void)unused;
	if (hoy__iface_of_link(message, &iface))
		must(strnlen(iface.name, sizeof iface.name) < sizeof iface.name && iface.mac.len <= sizeof iface.mac.bytes);
	if (hoy__iface_of_addr(message, &addr))
		must(addr.net.ip.len == 4 || addr.net.ip.len == 16);
	return 0;
}

__attribute__((unused)) static void fuzz_netlink(const char *data, size_t size)
{
	must(hoy__netlink_read(data, size, read_message, NULL) <= 1);
}

__attribute__((unused)) static void fuzz_groups(const char *data, size_t size)
{
	struct hoy__rows rows = { .item = sizeof(hoy_interface_group) };
	const hoy_interface_group *at;

	must(hoy__iface_groups4(data, size, 0, &rows) == 0 && hoy__iface_groups6(data, size, 0, &rows) == 0);
	at = rows.at;
	for (size_t i = 0; i < rows.count; i++)
		must(at[i].index > 0 && (at[i].ip.len == 4 || at[i].ip.len == 16));
	hoy__block_free(rows.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size);	/* exactly its size, so that a sanitizer sees one byte more */

	if (size)
		memcpy(copy, data, size);
	CONCAT(fuzz_, TARGET)(copy, size);
	free(copy);
	return 0;
}
