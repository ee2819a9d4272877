/*
 * The names of the guide, served and looked up inside one process: what `hoy serve dns` answers
 * with, on a port of the system's choice, and a resolver that knows no other server and no file.
 */
#include <errno.h>
#include <string.h>

#include "tour.h"
#include "zone.h"

/*
 * What the guide's lookups gave. The addresses of ghs.google.com and jono01.jono-fotografie.be,
 * which it does not tell, are for documentation; guide.example is the tour's own.
 */
const char names_zone[] =
	"; The names of the guide.\n"
	"$TTL 300\n"
	"$ORIGIN google.com.\n"
	"@	SOA ns1 dns-admin 1 900 900 1800 60\n"
	"	NS ns1\n"
	"	NS ns2\n"
	"	NS ns3\n"
	"	NS ns4\n"
	"	MX 10 smtp\n"
	"www	A 172.217.25.164\n"
	"	A 172.217.25.132\n"
	"	AAAA 2404:6800:4006:801::2004\n"
	"	AAAA 2404:6800:4006:807::2004\n"
	"ghs	A 192.0.2.121\n"
	"_xmpp-server._tcp	SRV 5 0 5269 xmpp-server.l\n"
	"	SRV 20 0 5269 alt1.xmpp-server.l\n"
	"	SRV 20 0 5269 alt3.xmpp-server.l\n"
	"	SRV 20 0 5269 alt2.xmpp-server.l\n"
	"	SRV 20 0 5269 alt4.xmpp-server.l\n"
	"$ORIGIN gmail.com.\n"
	"@	SOA ns1.google.com. dns-admin.google.com. 1 900 900 1800 60\n"
	"	NS ns3.google.com.\n"
	"	NS ns2.google.com.\n"
	"	NS ns1.google.com.\n"
	"	NS ns4.google.com.\n"
	"	TXT \"v=spf1 redirect=_spf.google.com\"\n"
	"	TXT \"globalsign-smime-dv=CDYX+XFHUw2wml6/Gb8+59BsH31KzUr6c1l2BPvqKX8=\"\n"
	"$ORIGIN swtch.com.\n"
	"@	SOA ns1.google.com. dns-admin.google.com. 1 900 900 1800 60\n"
	"	NS ns1.google.com.\n"
	"research	CNAME ghs.google.com.\n"
	"$ORIGIN yellowduck.be.\n"
	"@	SOA ns1.google.com. dns-admin.google.com. 1 900 900 1800 60\n"
	"	NS ns1.google.com.\n"
	"api	CNAME jono01.jono-fotografie.be.\n"
	"$ORIGIN jono-fotografie.be.\n"
	"@	SOA ns1.google.com. dns-admin.google.com. 1 900 900 1800 60\n"
	"	NS ns1.google.com.\n"
	"jono01	A 192.0.2.36\n"
	"$ORIGIN 8.8.8.in-addr.arpa.\n"
	"@	SOA ns1.google.com. dns-admin.google.com. 1 900 900 1800 60\n"
	"	NS ns1.google.com.\n"
	"8	PTR dns.google.\n"
	"$ORIGIN guide.example.\n"
	"@	SOA ns1 host 1 900 900 1800 60\n"
	"	NS ns1\n"
	"ns1	A 127.0.0.1\n"
	"several	A 127.0.0.3\n"
	"	A 127.0.0.2\n"
	"	A 127.0.0.1\n";

struct names names;

static struct zones zones;

static ssize_t answer(const uint8_t *query, size_t len, uint8_t *reply, size_t size)
{
	struct asked asked;
	size_t n = zones_answer(&zones, query, len, true, reply, size, &asked);

	return n ? (ssize_t)n : -1;
}

static struct packets server = { .answer = answer };

static int server_start(hoy_err *err)
{
	char mistake[MISTAKE_STRLEN];

	if (zones_parse(&zones, "the guide's zone", names_zone, strlen(names_zone), ".", mistake) < 0) {
		say("%s", mistake);
		*err = (hoy_err){ .code = -EINVAL, .call = "parse" };
		return -1;
	}
	if (packets_start(&server, hoy_listen_packet("udp", "127.0.0.1:0", err), err) == 0)
		return 0;
	zones_clear(&zones);
	return -1;
}

int names_start(const char *other, hoy_err *err)
{
	const char *const servers[] = { names.server, NULL };
	const hoy_resolver_opts opts = {
		.servers = servers, .timeout = PATIENCE / 2, .total = PATIENCE,
		.resolv_conf = "", .hosts = "", .nsswitch = "", .services = "",
	};

	if (!other && server_start(err) < 0)
		return -1;
	snprintf(names.server, sizeof names.server, "%s", other ? other : server.addr);
	names.resolver = hoy_resolver_new(&opts, err);
	if (!names.resolver)
		names_stop();
	return names.resolver ? 0 : -1;
}

void names_stop(void)
{
	hoy_resolver_free(names.resolver);
	if (!server.conn)
		return;
	packets_stop(&server);
	zones_clear(&zones);
}
