/* Which networks there are, and which one address of several is listened at. */
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
	int n;

	if (!hoy__network(network, ~0u))
		return hoy__fail(err, "listen", network, NULL, HOY_ENETWORK);
	n = hoy__resolve_all(NULL, HOY__NEVER, network, address, NULL, &list, err);
	if (n < 0)
		return hoy__fail_told(err, "listen", network, n);
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
