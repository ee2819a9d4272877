/* Why a server has no answer, or this one: the extended error of RFC 8914, its words made safe to show. */
#ifndef HOY_DNS_EXTENDED_H
#define HOY_DNS_EXTENDED_H

#include "dns/msg/message.h"

enum { HOY__WORDS_SIZE = 128 };

struct hoy__extended {
	bool present;
	uint16_t code;
	char words[HOY__WORDS_SIZE];	/* UTF-8 that moves no terminal, cut at its end when there was more; "" none */
};

/* The first among the options of an OPT record; one too short for its code is none. */
void hoy__extended_read(struct hoy__bytes options, struct hoy__extended *e);

#endif
