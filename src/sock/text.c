/* What a socket is, in words, asked of the system: so the record of its connection may be gone. */
#include <stdio.h>

#include "ip/network.h"
#include "sock/sock.h"

void hoy__sock_text(int fd, char *text, size_t size)
{
	char ends[2][HOY_ADDR_STRLEN];
	struct hoy__sock_info info;
	hoy_addr local, remote;

	text[0] = '\0';
	if (hoy__sock_describe(fd, &info) < 0 || info.kind == HOY_ADDR_NONE)
		return;
	hoy__sock_local(fd, info.kind, &local);
	hoy__sock_remote(fd, info.kind, &remote);
	snprintf(text, size, ", %s %s%s%s", hoy__network_of(info.kind, 0)->name, hoy_addr_string(&local, ends[0]),
		 remote.kind ? "->" : "", remote.kind ? hoy_addr_string(&remote, ends[1]) : "");
}
