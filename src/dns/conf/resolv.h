/* resolv.conf: which servers to ask, and how. */
#ifndef HOY_DNS_RESOLV_H
#define HOY_DNS_RESOLV_H

#include <stdbool.h>
#include <stddef.h>

#include <hoy/addr.h>

enum { HOY__SERVERS = 3, HOY__RESOLV_LIMIT = 64 * 1024 };

struct hoy__resolv {
	hoy_addr server[HOY__SERVERS];	/* HOY_ADDR_UDP, port 53 */
	unsigned servers;
	char **search;			/* each with its final dot; one block, with the words behind */
	size_t searches;
	unsigned ndots;			/* 0 to 15 */
	unsigned timeout;		/* seconds for one query, at least 1 */
	unsigned attempts;		/* rounds over all servers, at least 1 */
	bool rotate, single_request, use_tcp, trust_ad, no_reload, no_aaaa;
	bool unknown_option;		/* something in the file means nothing here */
	char lookup[32];		/* OpenBSD's order, "file,bind" */
};

/*
 * Reads the text of the file; a missing file is the empty text. hostname is what the
 * machine calls itself: its domain is searched when nothing else is. 0 or -ENOMEM.
 */
int hoy__resolv_parse(struct hoy__resolv *conf, const char *text, size_t len, const char *hostname);
void hoy__resolv_clear(struct hoy__resolv *conf);

#endif
