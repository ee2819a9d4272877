/* How many bytes a connection has carried. */
#ifndef HOY_SOCK_TRAFFIC_H
#define HOY_SOCK_TRAFFIC_H

#include <stdint.h>

struct hoy__traffic {
	uint64_t received, sent;
};

/* Of a TCP connection. 0, or a code where the system does not count: -ENOPROTOOPT, -EOPNOTSUPP. */
int hoy__sock_traffic(int fd, struct hoy__traffic *traffic);

#endif
