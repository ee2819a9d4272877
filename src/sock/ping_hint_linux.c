/* Who may ping: raw(7) takes a capability, icmp(7) a group. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "sock/ping.h"

/* "first last", the groups that may open datagram ICMP sockets; false when it cannot be read. */
static bool read_range(char *text, size_t size)
{
	int fd = hoy__os_open("/proc/sys/net/ipv4/ping_group_range", O_RDONLY);
	ssize_t n = fd < 0 ? fd : hoy__os_read(fd, text, size - 1);

	if (fd >= 0)
		hoy__os_close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	for (char *tab = text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	return true;
}

static bool is_empty_range(const char *text)
{
	char *end;
	unsigned long first = strtoul(text, &end, 10), last = strtoul(end, NULL, 10);

	return first > last;
}

void hoy__ping_hint(bool datagram, char hint[HOY__PING_HINT_SIZE])
{
	char range[32];

	if (!datagram)
		snprintf(hint, HOY__PING_HINT_SIZE, "a raw socket needs the capability CAP_NET_RAW");
	else if (!read_range(range, sizeof range))
		snprintf(hint, HOY__PING_HINT_SIZE, "needs the capability CAP_NET_RAW, or a group permitted by the sysctl "
			 "net.ipv4.ping_group_range; this process has group %u", hoy__os_group());
	else
		snprintf(hint, HOY__PING_HINT_SIZE, "needs the capability CAP_NET_RAW, or a group permitted by the sysctl "
			 "net.ipv4.ping_group_range, which is \"%s\"%s; this process has group %u", range,
			 is_empty_range(range) ? " (no group)" : "", hoy__os_group());
}
