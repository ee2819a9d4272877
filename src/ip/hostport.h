/* host:port, cut in place. */
#ifndef HOY_IP_HOSTPORT_H
#define HOY_IP_HOSTPORT_H

#include <stddef.h>

struct hoy__host_port {
	const char *host, *port;	/* into the text */
	size_t host_len, port_len;
};

/* 0, or a code and where the text is wrong. */
int hoy__split_host_port(const char *text, struct hoy__host_port *hp, size_t *offset);

#endif
