/* The ends that connect, listen and relay take: networks and addresses in a row. */
#include <string.h>

#include "cmd.h"

static const struct { const char *name; bool datagrams; } networks[] = {
	{ "tcp", false }, { "tcp4", false }, { "tcp6", false }, { "udp", true }, { "udp4", true }, { "udp6", true },
	{ "unix", false }, { "unixgram", true }, { "unixpacket", false },
};

static bool is_network(const char *word)
{
	for (size_t i = 0; i < LEN(networks); i++)
		if (!strcmp(networks[i].name, word))
			return true;
	return false;
}

const char *address_to_dial(const char *network, const char *text)
{
	return refuse_url(text) == EXIT_YES ? ascii_address(network, text) : NULL;
}

int endpoint_take(struct endpoint *p, char **argv)
{
	bool named = argv[0] && is_network(argv[0]);

	*p = (struct endpoint){ named ? argv[0] : "tcp", argv[named] };
	if (!p->address) {
		usage(named ? "%s needs an address behind it" : "an address is missing", argv[0]);
		return 0;
	}
	p->address = address_to_dial(p->network, p->address);
	return p->address ? 1 + named : 0;
}

bool endpoint_has_datagrams(const struct endpoint *p)
{
	for (size_t i = 0; i < LEN(networks); i++)
		if (!strcmp(networks[i].name, p->network))
			return networks[i].datagrams;
	return false;
}
