/* Services and protocols by name: the system's files over the built-in tables. */
#ifndef HOY_DNS_SERVICES_H
#define HOY_DNS_SERVICES_H

#include <stddef.h>
#include <stdint.h>

#include "ip/network.h"

enum { HOY__SERVICES_LIMIT = 4 * 1024 * 1024 };

/* One name of one line; in /etc/protocols proto is "". */
struct hoy__service {
	const char *proto, *name;	/* name in lower case */
	uint32_t number, order;
};

struct hoy__services {
	struct hoy__service *list;	/* sorted by proto, name, order */
	size_t count;
	char *words;
};

/* Read the text of /etc/services and /etc/protocols; a missing file is the empty text. 0 or -ENOMEM. */
int hoy__services_parse(struct hoy__services *services, const char *text, size_t len);
int hoy__protocols_parse(struct hoy__services *protocols, const char *text, size_t len);
void hoy__services_clear(struct hoy__services *services);

/*
 * The port of a service, by number or by name in any case: Go's LookupPort. "ip" takes TCP's or UDP's. HOY_ENOPORT for
 * an unknown name, HOY_ENETWORK for a network without ports and for NULL, HOY_EBADPORT for a number over 65535.
 */
int hoy__services_port(const struct hoy__services *services, const struct hoy__network *net, const char *service);
/* The number of a protocol, or -1. */
int hoy__protocols_number(const struct hoy__services *protocols, const char *name);

#endif
