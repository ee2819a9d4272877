/* One row per record type: how its data is read and how it is told. */
#ifndef HOY_DNS_RDATA_H
#define HOY_DNS_RDATA_H

#include "dns/message.h"
#include "dns/text.h"

struct hoy__rrtype_info {
	uint16_t type;
	const char *name;
	/* Takes exactly the record's data from r, or makes r bad, or leaves bytes in it. */
	void (*read)(struct hoy__reader *r, const uint8_t *message, const struct hoy__record *rr,
		     struct hoy__rdata *data);
	void (*text)(struct hoy__text *t, const struct hoy__rdata *data);
};

/* The row of a type; for one without a row, that of raw data, whose name is NULL. */
const struct hoy__rrtype_info *hoy__rrtype_info(uint16_t type);

/* All rows but the raw one, for those who count them. */
const struct hoy__rrtype_info *hoy__rrtypes(size_t *count);

#endif
