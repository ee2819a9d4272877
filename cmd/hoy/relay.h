/* Between relay.c, for streams, and relay_udp.c. */
#ifndef RELAY_H
#define RELAY_H

#include "serve.h"

/* A connection to the upstream, or NULL. */
hoy_conn *relay_dial(hoy_err *err);
/* Passes datagrams on, and answers back, until the socket is closed; how many came. */
long long relay_packets(hoy_conn *packets);

#endif
