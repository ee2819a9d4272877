/* The parameters of SVCB and HTTPS records, which rdata.c has cut into keys and values (RFC 9460). */
#ifndef HOY_DNS_SVCB_H
#define HOY_DNS_SVCB_H

#include <hoy/dns.h>

#include "dns/msg/message.h"

enum hoy__svcb_key {
	HOY__SVCB_MANDATORY, HOY__SVCB_ALPN, HOY__SVCB_NO_DEFAULT_ALPN, HOY__SVCB_PORT, HOY__SVCB_IPV4HINT,
	HOY__SVCB_ECH, HOY__SVCB_IPV6HINT, HOY__SVCB_DOHPATH, HOY__SVCB_KEYS
};

/* Has the value the form that its key gives it? False for keys that are not known here. */
bool hoy__svcb_is_of_form(unsigned key, struct hoy__bytes value);

/*
 * May a client use a record with these parameters? 1, and the room that hoy__svcb_fill takes;
 * 0 when they ask for what is not known here or contradict each other (sections 8, 2.4.3);
 * HOY_EMESSAGE when one is malformed, and then the records beside it count no more (2.2).
 */
int hoy__svcb_room(struct hoy__bytes params, size_t *room);

/* Such parameters into item. Its lists are put into room, aligned for any; ech stays among params. */
void hoy__svcb_fill(hoy_svcb *item, struct hoy__bytes params, void *room);

#endif
