/*
 * The networks by name. A name is parsed once, where a public function takes it; from there on its row is passed by
 * pointer, and nothing else looks at the letters. A further network is a further row.
 */
#ifndef HOY_IP_NETWORK_H
#define HOY_IP_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include <hoy/addr.h>
#include <hoy/err.h>

struct hoy__network {
	const char *name;	/* static: "tcp4", "unixgram"; with a protocol, the text that was parsed */
	uint8_t kind;		/* HOY_ADDR_TCP, HOY_ADDR_UNIXGRAM … */
	uint8_t family;		/* 4 or 6; 0 for both, and when it is not IP */
	bool has_protocol;	/* "ip4:icmp"; never in the table */
	int protocol;		/* its number; 0 without one */
};

enum { HOY__UNIX_NETWORKS = 1u << HOY_ADDR_UNIX | 1u << HOY_ADDR_UNIXGRAM | 1u << HOY_ADDR_UNIXPACKET };

/* The row of this name; NULL when there is none, or its kind is not in kinds: a bit 1 << HOY_ADDR_TCP for each. */
const struct hoy__network *hoy__network_find(const char *name, unsigned kinds);
/*
 * As above for every kind, where "ip4" may be followed by a protocol: "ip4:icmp", "ip6:58". Fills in *net, and returns 0,
 * HOY_ENETWORK or HOY_ENOPROTO with err filled in.
 */
int hoy__network_parse(const char *text, struct hoy__network *net, hoy_err *err);
/* The same for what is dialled or listened on: the kind is in kinds, and an IP network has a protocol. */
int hoy__network_parse_socket(const char *text, unsigned kinds, struct hoy__network *net, hoy_err *err);
/* The row of this kind and family. */
const struct hoy__network *hoy__network_of(int kind, int family);
/* Its name without the protocol; static. */
static inline const char *hoy__network_name(const struct hoy__network *net)
{
	return hoy__network_of(net->kind, net->family)->name;
}

#endif
