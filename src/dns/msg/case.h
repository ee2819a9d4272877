/* The case of a name's letters as a secret between question and answer (0x20). */
#ifndef HOY_DNS_CASE_H
#define HOY_DNS_CASE_H

#include "dns/msg/name.h"

/* Each letter takes the next bit, 64 of them over and over. */
void hoy__case_mix(struct hoy__name *name, uint64_t bits);

/* In the bytes of a reply to a mixed question: what the server copied from it is `name` as it was. */
void hoy__case_restore(uint8_t *message, size_t len, const struct hoy__name *name);

#endif
