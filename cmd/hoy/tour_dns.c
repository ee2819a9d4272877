/* The guide's chapters on names, address types and ports: asked of the tour's name server, compared with the guide. */
#include <string.h>

#include "tour.h"

/* IPv4 first, as the guide has it: a resolver's order depends on what the machine can reach. */
static enum verdict lookup_ip(struct step *s)
{
	char text[HOY_IP_STRLEN];
	hoy_ip *list;
	hoy_err err;
	int n;

	step_command(s, "hoy lookup www.google.com @%s", names.server);
	n = hoy_resolver_lookup_ip(names.resolver, "ip", "www.google.com", &list, &err);
	if (n < 0)
		return step_failed(s, &err);
	for (int len = 4; len <= 16; len += 12)
		for (int i = 0; i < n; i++)
			if (list[i].len == len)
				step_line(s, "%s", hoy_ip_string(list[i], text));
	hoy_free(list);
	return step_expect(s, "172.217.25.164\n172.217.25.132\n"
			      "2404:6800:4006:801::2004\n2404:6800:4006:807::2004\n");
}

static enum verdict lookup_host(struct step *s)
{
	char **list;
	hoy_err err;

	step_command(s, "hoy lookup --short www.google.com @%s", names.server);
	if (hoy_resolver_lookup_host(names.resolver, "www.google.com", &list, &err) < 0)
		return step_failed(s, &err);
	for (int six = 0; six <= 1; six++)
		for (char **host = list; *host; host++)
			if (!strchr(*host, ':') == !six)
				step_line(s, "%s", *host);
	hoy_free(list);
	return step_expect(s, "172.217.25.164\n172.217.25.132\n"
			      "2404:6800:4006:801::2004\n2404:6800:4006:807::2004\n");
}

static enum verdict lookup_addr(struct step *s)
{
	char **list;
	hoy_err err;

	step_command(s, "hoy lookup 8.8.8.8 @%s", names.server);
	if (hoy_resolver_lookup_addr(names.resolver, "8.8.8.8", &list, &err) < 0)
		return step_failed(s, &err);
	for (char **name = list; *name; name++)
		step_line(s, "%s", *name);
	hoy_free(list);
	return step_expect(s, "dns.google.\n");
}

static enum verdict lookup_cname(struct step *s)
{
	static const char *const aliases[] = { "research.swtch.com", "www.google.com", "api.yellowduck.be" };
	char cname[HOY_NAME_STRLEN];
	hoy_err err;

	step_command(s, "hoy lookup cname research.swtch.com @%s", names.server);
	for (size_t i = 0; i < LEN(aliases); i++) {
		if (hoy_resolver_lookup_cname(names.resolver, aliases[i], cname, &err) < 0)
			return step_failed(s, &err);
		step_line(s, "%s --> %s", aliases[i], cname);
	}
	return step_expect(s, "research.swtch.com --> ghs.google.com.\n"
			      "www.google.com --> www.google.com.\n"	/* no alias */
			      "api.yellowduck.be --> jono01.jono-fotografie.be.\n");
}

static enum verdict lookup_mx(struct step *s)
{
	hoy_mx *list;
	hoy_err err;
	int n;

	step_command(s, "hoy lookup mx google.com @%s", names.server);
	n = hoy_resolver_lookup_mx(names.resolver, "google.com", &list, &err);
	if (n < 0)
		return step_failed(s, &err);
	for (int i = 0; i < n; i++)
		step_line(s, "%s %u", list[i].host, list[i].pref);
	hoy_free(list);
	return step_expect(s, "smtp.google.com. 10\n");
}

static enum verdict lookup_ns(struct step *s)
{
	hoy_ns *list;
	hoy_err err;
	int n;

	step_command(s, "hoy lookup ns gmail.com @%s", names.server);
	n = hoy_resolver_lookup_ns(names.resolver, "gmail.com", &list, &err);
	if (n < 0)
		return step_failed(s, &err);
	for (int i = 0; i < n; i++)
		step_line(s, "%s", list[i].host);
	hoy_free(list);
	return step_expect(s, "ns3.google.com.\nns2.google.com.\nns1.google.com.\nns4.google.com.\n");
}

static enum verdict lookup_srv(struct step *s)
{
	char cname[HOY_NAME_STRLEN];
	hoy_srv *list;
	hoy_err err;
	int n;

	step_command(s, "hoy lookup srv xmpp-server tcp google.com @%s", names.server);
	n = hoy_resolver_lookup_srv(names.resolver, "xmpp-server", "tcp", "google.com", cname, &list, &err);
	if (n < 0)
		return step_failed(s, &err);
	step_line(s, "cname: %s", cname);
	for (int i = 0; i < n; i++)
		step_line(s, "%s:%u:%u:%u", list[i].target, list[i].port, list[i].priority, list[i].weight);
	hoy_free(list);
	return step_expect(s, "cname: _xmpp-server._tcp.google.com.\n"
			      "xmpp-server.l.google.com.:5269:5:0\n"
			      "alt1.xmpp-server.l.google.com.:5269:20:0\n"
			      "alt3.xmpp-server.l.google.com.:5269:20:0\n"
			      "alt2.xmpp-server.l.google.com.:5269:20:0\n"
			      "alt4.xmpp-server.l.google.com.:5269:20:0\n");
}

static enum verdict lookup_txt(struct step *s)
{
	hoy_txt *list;
	hoy_err err;
	int n;

	step_command(s, "hoy lookup txt gmail.com @%s", names.server);
	n = hoy_resolver_lookup_txt(names.resolver, "gmail.com", &list, &err);
	if (n < 0)
		return step_failed(s, &err);
	for (int i = 0; i < n; i++)
		step_line(s, "%s", list[i].text);
	hoy_free(list);
	return step_expect(s, "v=spf1 redirect=_spf.google.com\n"
			      "globalsign-smime-dv=CDYX+XFHUw2wml6/Gb8+59BsH31KzUr6c1l2BPvqKX8=\n");
}

/* One function for each kind of address, which the network's first letter tells. */
static int resolve(const char *network, const char *address, hoy_addr *addr, hoy_err *err)
{
	switch (*network) {
	case 't': return hoy_resolver_resolve_tcp_addr(names.resolver, network, address, addr, err);
	case 'u': return hoy_resolver_resolve_udp_addr(names.resolver, network, address, addr, err);
	default: return hoy_resolver_resolve_ip_addr(names.resolver, network, address, addr, err);
	}
}

/* STEP_OK: all of them have an address, which is shown. */
static enum verdict resolve_each(struct step *s, const char *const (*list)[2], size_t count)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	for (size_t i = 0; i < count; i++) {
		if (resolve(list[i][0], list[i][1], &addr, &err) < 0)
			return step_failed(s, &err);
		step_line(s, "%-4s %s --> %s", list[i][0], list[i][1], hoy_addr_string(&addr, text));
	}
	return STEP_OK;
}

static enum verdict ip_addr(struct step *s)
{
	static const char *const list[][2] = { { "ip", "www.google.com" }, { "ip6", "www.google.com" } };

	step_command(s, "hoy resolve ip www.google.com @%s", names.server);
	if (resolve_each(s, list, LEN(list)) != STEP_OK)
		return STEP_WRONG;
	return step_expect(s, "ip   www.google.com --> 172.217.25.164\n"
			      "ip6  www.google.com --> 2404:6800:4006:801::2004\n");
}

static enum verdict tcp_and_udp_addr(struct step *s)
{
	static const char *const list[][2] = {
		{ "tcp", "www.google.com:80" }, { "tcp", "127.0.0.1:22" }, { "tcp", "[::1]:23" }, { "tcp", ":80" },
		{ "tcp", "192.0.2.1:http" }, { "udp", "[2001:db8::1]:domain" }, { "udp", "[fe80::1%lo0]:53" },
	};

	step_command(s, "hoy resolve tcp www.google.com:80 @%s", names.server);
	if (resolve_each(s, list, LEN(list)) != STEP_OK)
		return STEP_WRONG;
	return step_expect(s, "tcp  www.google.com:80 --> 172.217.25.164:80\n"
			      "tcp  127.0.0.1:22 --> 127.0.0.1:22\n"
			      "tcp  [::1]:23 --> [::1]:23\n"
			      "tcp  :80 --> :80\n"			/* the local system */
			      "tcp  192.0.2.1:http --> 192.0.2.1:80\n"
			      "udp  [2001:db8::1]:domain --> [2001:db8::1]:53\n"
			      "udp  [fe80::1%lo0]:53 --> [fe80::1%lo0]:53\n");
}

static enum verdict ports(struct step *s)
{
	static const char *const list[][2] = {
		{ "tcp", "telnet" }, { "tcp", "domain" }, { "udp", "domain" }, { "tcp", "ftp" }, { "tcp", "http" },
	};
	hoy_err err;
	int port;

	step_command(s, "hoy port tcp telnet");
	for (size_t i = 0; i < LEN(list); i++) {
		port = hoy_resolver_lookup_port(names.resolver, list[i][0], list[i][1], &err);
		if (port < 0)
			return step_failed(s, &err);
		step_line(s, "%s %s --> %d", list[i][0], list[i][1], port);
	}
	return step_expect(s, "tcp telnet --> 23\ntcp domain --> 53\nudp domain --> 53\ntcp ftp --> 21\n"
			      "tcp http --> 80\n");
}

static void echo(hoy_conn *c, void *arg)
{
	(void)arg;
	hoy_copy(c, c, NULL);
}

struct dialling {
	struct step *step;
	int attempts, failed;
};

static void tell_attempt(const hoy_addr *addr, int code, const hoy_err *err, void *arg)
{
	struct dialling *d = arg;
	char text[HOY_ADDR_STRLEN];

	(void)err;
	step_line(d->step, "  %s: %s", hoy_addr_string(addr, text), code < 0 ? hoy_strerror(code) : "connected");
	d->attempts++;
	d->failed += code < 0;
}

/* Attempts one after the other, since each but the last is refused at once. */
static enum verdict dial_by_name(struct step *s, const char *host, const char *port, struct dialling *seen)
{
	const hoy_dialer dialer = {
		.timeout = PATIENCE, .resolver = names.resolver, .attempt = tell_attempt, .arg = seen
	};
	char address[HOY_HOST_STRLEN];
	hoy_conn *c;
	hoy_err err;
	int result;

	*seen = (struct dialling){ .step = s };
	step_line(s, "%s", hoy_join_host_port(host, port, address, sizeof address));
	c = hoy_dialer_dial(&dialer, "tcp", address, &err);
	if (!c)
		return step_failed(s, &err);
	hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	result = ask_echo(c, "hello", &err);
	hoy_conn_free(c);
	if (result)
		return result < 0 ? step_failed(s, &err) : step_wrong(s, "something else came back");
	return seen->failed == seen->attempts - 1 ? STEP_OK : step_wrong(s, "it went on after it was connected");
}

/* Only 127.0.0.1 is listened at, the last address of both names; localhost is ::1 too where there is IPv6. */
static enum verdict dial_each(struct step *s)
{
	struct local server = { .handle = echo };
	struct dialling seen;
	enum verdict verdict;
	const char *port;
	hoy_err err;

	if (local_start(&server, "tcp", "127.0.0.1:0", serve_each, &err) < 0)
		return step_failed(s, &err);
	port = strrchr(server.addr, ':') + 1;
	step_command(s, "hoy serve echo %s & hoy echo localhost:%s hello", server.addr, port);
	verdict = dial_by_name(s, "several.guide.example", port, &seen);
	if (verdict == STEP_OK && seen.attempts != 3)
		verdict = step_wrong(s, "that were %d addresses, not 3", seen.attempts);
	if (verdict == STEP_OK)
		verdict = dial_by_name(s, "localhost", port, &seen);
	local_stop(&server);
	return verdict;
}

const struct tour_step tour_dns[] = {
	{ "LookupIP: several addresses", "examples/guide/LookupIP.c", lookup_ip },
	{ "LookupHost: the same as text", "examples/guide/LookupHost.c", lookup_host },
	{ "LookupAddr: PTR records", "examples/guide/LookupAddr.c", lookup_addr },
	{ "LookupCNAME: aliases", "examples/guide/LookupCNAME.c", lookup_cname },
	{ "LookupMX: mail", "examples/guide/LookupMX.c", lookup_mx },
	{ "LookupNS: name servers", "examples/guide/LookupNS.c", lookup_ns },
	{ "LookupSRV: services of a domain", "examples/guide/LookupSRV.c", lookup_srv },
	{ "LookupTXT: text", "examples/guide/LookupTXT.c", lookup_txt },
	{ "The IPAddr type", "examples/guide/ResolveIPAddr.c", ip_addr },
	{ "The TCPAddr and UDPAddr types", "examples/guide/ResolveAddr.c", tcp_and_udp_addr },
	{ "Services: LookupPort", "examples/guide/LookupPort.c", ports },
	{ "TCP sockets: Dial tries each address", "examples/guide/IPGetHeadInfo.c", dial_each },
	{ NULL, NULL, NULL }
};
