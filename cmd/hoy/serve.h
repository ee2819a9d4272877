/* Between serve.c, which listens, limits and ends, and those that answer: serve_dns.c, serve_udp.c. */
#ifndef SERVE_H
#define SERVE_H

#include "service.h"

extern int serve_verbose;
/* Adds to what the server has moved. From any task. */
void served(const struct tally *t);

/* Says what failed and when it is tried again; the trouble of hoy_serve_opts. */
void serve_trouble(const hoy_err *err, hoy_duration pause, void *unused);

/* Reads the zones; -1 after having said what is wrong with them. */
int dns_load(const char *path, const char *origin);
/* Which zones there are and with how many records, for the line that tells where the server listens. */
void dns_zones_string(char *text, size_t size);
void dns_zones_json(struct json *j);
/* Warns of a zone whose name is probably a mistake. */
void dns_hint(void);
/* A task: answers what comes to the socket, a hoy_conn, until that is closed. */
int dns_serve_packets(void *packets);
/*
 * The next datagram. After a failure it reports it, pauses and tries again; negative only when the
 * socket is closed or the task cancelled.
 */
ssize_t udp_receive(hoy_conn *packets, void *buf, size_t size, hoy_addr *from);
/* Answers datagrams until the socket is closed; how many came. */
long long udp_serve(hoy_conn *packets, const struct service *service);

#endif
