/*
 * From "host:port" to the addresses to try, in order. Whatever is asked to dial or to
 * listen goes through here, so that names are looked up in one place.
 */
#include <errno.h>
#include <string.h>

#include "net/net.h"

int hoy__kind_of(const char *network)
{
	return network[0] == 'u' ? HOY_ADDR_UDP : HOY_ADDR_TCP;
}

const char *hoy__network(const char *network, unsigned kinds)
{
	static const char *const known[] = { "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6" };

	for (size_t i = 0; network && i < LEN(known); i++)
		if (strcmp(network, known[i]) == 0)
			return kinds >> hoy__kind_of(known[i]) & 1 ? known[i] : NULL;
	return NULL;
}

int hoy__resolve(const char *op, const char *network, const char *address, hoy_addr **list, hoy_err *err)
{
	bool nowhere = strcmp(op, "dial") == 0 && address[0] == '\0';
	int code = !hoy__network(network, ~0u) ? HOY_ENETWORK : nowhere ? HOY_EMISSING : 0;

	if (code < 0)
		return hoy__fail(err, op, network, NULL, code);
	code = hoy__resolve_all(NULL, network, address, list, err);
	return code < 0 ? hoy__fail_told(err, op, network, code) : code;
}

/* A name may have several addresses and only one is bound: an IPv4 one if there is any. */
static hoy_addr choose(const hoy_addr *list, int n)
{
	for (int i = 0; i < n; i++)
		if (list[i].ip.len == 4)
			return list[i];
	return list[0];
}

int hoy__resolve_local(const char *network, int kind, const char *address, hoy_addr *addr, hoy_err *err)
{
	hoy_addr *list;
	int n = hoy__resolve("listen", network, address, &list, err);

	if (n < 0)
		return n;
	*addr = choose(list, n);
	hoy__release(list);
	if (addr->kind == kind)
		return 0;
	hoy__fail_at(err, "listen", network, NULL, addr, NULL, HOY_EUNEXPECTED);
	if (err) {
		err->kind = HOY_ERR_ADDR;
		strncpy(err->subject, address, sizeof err->subject - 1);
	}
	return HOY_EUNEXPECTED;
}
