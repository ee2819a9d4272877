/* Where a server listens: an address, or a socket that the service manager passed; and how, by the flags of SERVING_FLAGS. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "serve.h"

enum { PROXIES_MOST = 32 };

/* An address is the network of itself alone. */
static int read_network(const char *text, hoy_prefix *network)
{
	hoy_addr addr;

	if (hoy_parse_prefix(text, network, NULL) == 0)
		return 0;
	if (hoy_parse_addr(text, &addr, NULL) < 0)
		return -1;
	*network = (hoy_prefix){ .ip = addr.ip, .bits = (uint8_t)(8 * addr.ip.len) };
	return 0;
}

/* "10.0.0.0/24,10.0.1.7", or "any". */
static int read_proxies(const char *list, hoy_proxy_policy *policy)
{
	static hoy_prefix networks[PROXIES_MOST];
	char text[HOY_IP_STRLEN + 8];
	size_t len;

	policy->trusted = networks;
	for (; strcmp(list, "any") != 0; list += len + 1) {
		len = strcspn(list, ",");
		snprintf(text, sizeof text, "%.*s", (int)len, list);
		if (policy->n_trusted == PROXIES_MOST)
			return usage("--from-proxy takes %d networks", PROXIES_MOST);
		if (len >= sizeof text || read_network(text, &networks[policy->n_trusted++]) < 0)
			return usage("'%.*s' is no network: --from-proxy takes some with commas in between, or any", (int)len, list);
		if (!list[len])
			break;
	}
	return EXIT_YES;
}

/* What a server that was killed has left is no reason to fail. */
int serve_configure(hoy_listen_config *config)
{
	static hoy_proxy_policy policy;
	char *end = NULL;
	unsigned long mode = serving.mode ? strtoul(serving.mode, &end, 8) : 0;

	*config = (hoy_listen_config){
		.keep_alive = serving.keep_alive ? serving.keep_alive : -1,
		.unix_replace = 1, .unix_mode = (uint16_t)mode, .proxy = serving.from_proxy ? &policy : NULL,
	};
	if (serving.mode && (*end || mode == 0 || mode > 0777))
		return usage("'%s' are no permissions: --mode takes three octal digits, such as 660", serving.mode);
	return serving.from_proxy ? read_proxies(serving.from_proxy, &policy) : EXIT_YES;
}

/* Of "systemd:NAME" the name, "" for "systemd"; NULL for an address. */
static const char *passed_name(const char *address)
{
	static const char word[] = "systemd";
	const char *end = address + sizeof word - 1;

	if (strncmp(address, word, sizeof word - 1) != 0 || (*end && *end != ':'))
		return NULL;
	return *end ? end + 1 : end;
}

bool serve_is_passed(const char *address)
{
	return passed_name(address) != NULL;
}

int serve_cannot_listen(const char *address, const hoy_err *err)
{
	if (!serve_is_passed(address) || err->code != -ENOENT)
		return fail(err, NULL);
	return fail(err, "systemd passed no such socket: try it with systemd-socket-activate -l PORT hoy serve ... systemd");
}

hoy_listener *serve_listen(const hoy_listen_config *config, const char *network, const char *address, hoy_err *err)
{
	const char *name = passed_name(address);

	if (!name)
		return hoy_listen_config_listen(config, network, address, err);
	return hoy_activation_listener(config, *name ? name : NULL, err);
}

hoy_conn *serve_listen_packet(const hoy_listen_config *config, const char *network, const char *address, hoy_err *err)
{
	const char *name = passed_name(address);

	if (!name)
		return hoy_listen_config_listen_packet(config, network, address, err);
	return hoy_activation_conn(*name ? name : NULL, err);
}
