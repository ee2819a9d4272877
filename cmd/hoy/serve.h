/* Between serve.c, which listens, limits and ends, and those that answer: serve_dns.c, serve_udp.c, relay.c. */
#ifndef SERVE_H
#define SERVE_H

#include <stdbool.h>

#include "service.h"

/* The flags of each server, and what it says of itself. */
extern struct serving {
	int max_conns, verbose;
	hoy_duration idle, drain, keep_alive;
	const char *mode;		/* of a Unix socket's file, in octal; NULL: as umask leaves */
	const char *from_proxy;		/* networks of proxies that send the PROXY header, or "any"; NULL: there are none */
	const char *upstream;		/* of a relay: where it connects to */
} serving;

#define SERVING_FLAGS \
	{ "max-conns", 'n', FLAG_INT, &serving.max_conns, NULL, "connections served at once; 0: no limit", 0, 0 }, \
	{ "idle", 0, FLAG_DURATION, &serving.idle, NULL, "ends a connection that is silent for so long; 0: never", 0, 0 }, \
	{ "drain", 0, FLAG_DURATION, &serving.drain, NULL, \
	  "after a signal, how long connections may go on; 0: to their end", 0, 0 }, \
	{ "keep-alive", 0, FLAG_DURATION, &serving.keep_alive, NULL, "silence before the first probe; 0: no probes", 0, 0 }, \
	{ "mode", 0, FLAG_TEXT, &serving.mode, "OCTAL", "permissions of a Unix socket's file, such as 0660", 0, 0 }, \
	{ "from-proxy", 0, FLAG_TEXT, &serving.from_proxy, "NETWORKS", \
	  "all clients are proxies, in these networks or any, that send the PROXY header", 0, 0 }, \
	{ "verbose", 'v', FLAG_BOOL, &serving.verbose, NULL, "a line per connection, or per query, on standard error", 0, 0 }

/* How the server listens, by those flags. EXIT_YES, or after having said what is wrong EXIT_USAGE. */
int serve_configure(hoy_listen_config *config);
/* At address, or for "systemd" and "systemd:NAME" the socket that the service manager passed. NULL: err says why. */
hoy_listener *serve_listen(const hoy_listen_config *config, const char *network, const char *address, hoy_err *err);
hoy_conn *serve_listen_packet(const hoy_listen_config *config, const char *network, const char *address, hoy_err *err);
/* Is that address such a socket? */
bool serve_is_passed(const char *address);
/* Says why listening there failed; the exit code. */
int serve_cannot_listen(const char *address, const hoy_err *err);

/* Listens, prints the address, and serves each connection in a task of its own until a signal arrives. The exit code. */
int serve_streams(const struct service *service, const char *network, const char *address);
/* The same over datagrams: run gets the socket until it is closed, and returns how many came. */
int serve_packets(const struct service *service, long long (*run)(hoy_conn *packets), const char *network, const char *address);
/* Adds to what the server has moved. From any task. */
void served(const struct tally *t);

/* Says what failed, and unless pause is 0 when it is tried again; the trouble of hoy_serve_opts. */
void serve_trouble(const hoy_err *err, hoy_duration pause, void *unused);
/* Says which connection had no right PROXY header; the refused of hoy_serve_opts. */
void serve_refused(const hoy_err *err, void *unused);

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
 * The next datagram; 0. After a failure it reports it, pauses and tries again; negative only when the
 * socket is closed or the task cancelled.
 */
int udp_receive(hoy_conn *packets, hoy_msg *query);
/* Sends the reply to a query, from the address that the query was sent to. Its length, or a code. */
ssize_t udp_reply(hoy_conn *packets, const hoy_msg *query, void *reply, size_t len);
/* Answers datagrams, of UDP or a Unix socket, until the socket is closed; how many came. */
long long udp_serve(hoy_conn *packets, const struct service *service);

#endif
