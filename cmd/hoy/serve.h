/* Between serve.c, which listens, limits and ends, and those that answer: serve_dns.c, serve_udp.c. */
#ifndef SERVE_H
#define SERVE_H

#include "service.h"

extern int serve_verbose;
/* Adds to what the server has moved. From any task. */
void served(const struct tally *t);

/* Reads the zones; -1 after having said what is wrong with them. */
int dns_load(const char *path, const char *origin);
/* A task: answers what comes to the socket, a hoy_conn, until that is closed. */
int dns_serve_packets(void *packets);
/* Answers datagrams until the socket is closed; how many came. */
long long udp_serve(hoy_conn *packets, const struct service *service);

#endif
