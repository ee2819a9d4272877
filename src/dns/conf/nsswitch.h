/* nsswitch.conf: in which order the hosts file and the name servers are used. */
#ifndef HOY_DNS_NSSWITCH_H
#define HOY_DNS_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

enum hoy__where { HOY__FILES = 1, HOY__DNS };

struct hoy__nsswitch {
	enum hoy__where order[2];	/* 0: nothing more */
	char sources[256];		/* the hosts line as understood, "files,dns[!unavail=return]"; for people */
	bool malformed;			/* some line is; then the order is files, dns */
};

/*
 * Reads the text of the file; a missing file is the empty text. Sources other than
 * `files` and `dns` need a C library to ask, so they are passed over, and so are
 * criteria. When neither is named: files, dns.
 */
void hoy__nsswitch_parse(struct hoy__nsswitch *conf, const char *text, size_t len);

#endif
