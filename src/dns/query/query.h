/* One call of hoy__client_ask, on the stack of the task that makes it. */
#ifndef HOY_DNS_QUERY_H
#define HOY_DNS_QUERY_H

#include "dns/query/client.h"
#include "dns/query/flight.h"
#include "dns/query/sockets.h"

struct hoy__query {
	struct hoy__client *client;
	const struct hoy__client_policy *policy;
	const struct hoy__name *name;
	struct hoy__link *bucket;	/* of the flights about its name */
	struct hoy__link link;		/* among the client's */
	struct hoy__task *task;
	atomic_bool poked;	/* something other than the sockets has changed: look again */
	int stop;		/* why it ends without an answer; 0 */
	struct hoy__flight_member member[HOY__QUESTIONS];	/* one for each question of the caller's */
	unsigned members;
	bool met;		/* policy->meanwhile has been given what was found first */

	struct hoy__exchange x;
	struct hoy__flight *led[HOY__QUESTIONS];	/* the flight of each question of the exchange */
	struct hoy__query_socket socket[HOY__QUESTIONS];
	struct hoy__request request[HOY__QUESTIONS];	/* one for each question of the exchange */
	struct hoy__server_health health[HOY__EXCHANGE_SERVERS];	/* the exchange's to change, */
	struct hoy__server_health before[HOY__EXCHANGE_SERVERS];	/* and as the client knows it */
	bool asked;		/* health is filled in */
	unsigned first;		/* the server to begin with */
	uint16_t id[HOY__PACKETS_MOST * (1 + HOY__CASE_DRAWS)];	/* random; some are for the case of letters */
	unsigned ids, ids_used;
	uint8_t datagram[HOY__UDP_SIZE];
};

/* Makes a query look again: closed, another deadline, its answer has come. Under the client's lock. */
void hoy__query_poke(struct hoy__query *q);
/* Why the query has to end now, HOY_ECLOSED or HOY_ETIMEOUT; or 0. */
int hoy__query_check(const struct hoy__query *q);
/* Runs the exchange for the flights that it leads, until all are settled, or q->stop is why not. */
void hoy__query_run(struct hoy__query *q, unsigned leads);
/* Waits for the flights that others lead. 0, or why not any longer. */
int hoy__query_wait(struct hoy__query *q);

#endif
