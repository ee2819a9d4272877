/* What is known of the servers from one query to the next. */
#ifndef HOY_DNS_SERVER_H
#define HOY_DNS_SERVER_H

#include <stdbool.h>

#include <hoy/addr.h>

#include "dns/query/exchange.h"

struct hoy__client;
struct hoy__client_policy;
struct hoy__query;

struct hoy__server {
	hoy_addr addr;
	struct hoy__server_health health;
};

/* All under the client's lock, but for the last. */
/*
 * The policy's servers become the client's. Those it had before keep their health. With other servers or settings a new
 * epoch begins: nothing of the one before is remembered.
 */
void hoy__server_adopt(struct hoy__client *c, const struct hoy__client_policy *p);
/* Copies the health of the query's servers into the query. */
void hoy__server_load(struct hoy__query *q);
/* Writes back what the query has learned since, except of servers that the client has no more. */
void hoy__server_store(struct hoy__query *q);
/* Has the query learned what others should know at once: that a server fails, or answers again? */
bool hoy__server_has_news(const struct hoy__query *q);

#endif
