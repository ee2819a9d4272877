/* The names that are known without asking the system, and numbers written where a name may stand. */
#ifndef HOY_IP_SERVICE_H
#define HOY_IP_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

/* The port of a service in the built-in table, or -1. proto: "tcp" or "udp". Any case. */
int hoy__builtin_port(const char *proto, const char *name);
/* The number of an IP protocol in the built-in table, or -1. Any case. */
int hoy__builtin_protocol(const char *name);
/* Reads a port written as a number; false when it is a name. Far too big ones become 2^30 - 1. */
bool hoy__scan_port(const char *service, long *port);

#endif
