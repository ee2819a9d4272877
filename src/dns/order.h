/* In which order answers are handed out. */
#ifndef HOY_DNS_ORDER_H
#define HOY_DNS_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hoy/ip.h>

/* RFC 6724 section 2.1 and 3.1. */
struct hoy__policy {
	uint8_t precedence, label, scope;
};

struct hoy__policy hoy__policy_of(hoy_ip ip);

/* An address to be reached. */
struct hoy__destination {
	hoy_ip ip;
	size_t index;			/* the caller's: where its other things are */

	/* Found by the ordering: what its rules look at. */
	hoy_ip source;
	struct hoy__policy policy;
	bool looked, same_scope, same_label, is6;
	uint8_t match;			/* leading bits in common with the source */
};

/* The local address from which the system would reach the destination of this index; len 0: no route. */
typedef hoy_ip hoy__source_of(void *ctx, size_t index);

/*
 * RFC 6724 section 6, stable. Longest match (rule 9) counts for IPv6 only, as Go and glibc have it.
 * To ask for a source costs system calls, and is left out where no answer could change the order.
 */
void hoy__order_destinations(struct hoy__destination *list, size_t count, hoy__source_of *source_of, void *ctx);

/* A number below the limit, which is not 0. The same numbers give the same order. */
typedef uint32_t hoy__draw(void *ctx, uint32_t limit);

struct hoy__ranked {
	uint16_t priority, weight;	/* SRV: both; MX: the preference is the priority */
	size_t index;			/* the caller's */
};

/* Lowest priority first; inside one, each next is drawn by weight (RFC 2782). */
void hoy__order_srv(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx);
/* Lowest preference first; equal ones in any order (RFC 5321 section 5.1). */
void hoy__order_mx(struct hoy__ranked *list, size_t count, hoy__draw *draw, void *ctx);

#endif
