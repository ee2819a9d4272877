/*
 * From "host:port" to the addresses to try, in order. Whatever is asked to dial or to
 * listen goes through here, so that names are looked up in one place.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

const char *hoy__tcp_network(const char *network)
{
	static const char *const known[] = { "tcp", "tcp4", "tcp6" };

	for (size_t i = 0; network && i < LEN(known); i++)
		if (strcmp(network, known[i]) == 0)
			return known[i];
	return NULL;
}

int hoy__resolve(const char *op, const char *network, const char *address, hoy_addr **list, hoy_err *err)
{
	bool nowhere = strcmp(op, "dial") == 0 && address[0] == '\0';
	int code = !hoy__tcp_network(network) ? HOY_ENETWORK : nowhere ? HOY_EMISSING : 0;
	hoy_addr *found;

	if (code < 0)
		return hoy__fail(err, op, network, NULL, code);
	found = hoy__alloc(sizeof *found);
	if (!found)
		return hoy__fail(err, op, network, NULL, -ENOMEM);
	code = hoy_resolve_tcp_addr(network, address, found, err);
	if (code < 0) {
		hoy__release(found);
		return hoy__fail_told(err, op, network, code);
	}
	*list = found;
	return 1;
}
