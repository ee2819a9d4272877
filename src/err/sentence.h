/* A sentence being written into a buffer of fixed size; what does not fit is cut off. */
#ifndef HOY_ERR_SENTENCE_H
#define HOY_ERR_SENTENCE_H

#include <hoy/err.h>

struct hoy__sentence {
	char *p, *end;
};

void hoy__say(struct hoy__sentence *s, const char *text);
/* The sentences of net/netip, which quote what they were given. */
void hoy__say_netip(struct hoy__sentence *s, const hoy_err *err);

#endif
