/*
 * Asking for names fails in two ways: the answer is no, or there is no answer. Here the
 * two are told apart for every verb, and each failure has its advice.
 */
#include <errno.h>
#include <string.h>

#include "names.h"

static const struct { int code, exit; const char *advice; } failures[] = {
	{ HOY_ENOHOST, EXIT_NO, "that name does not exist" },
	{ HOY_ENODATA, EXIT_NO, "the name exists, but has no such records" },
	{ HOY_ENOPORT, EXIT_NO, "services have their names from /etc/services; a number will do as well" },
	{ HOY_EBADPORT, EXIT_NO, "a port is a number from 0 to 65535, or a service's name" },
	{ HOY_EUNSUITABLE, EXIT_NO, "it has no address of that family" },
	{ HOY_EUNRECOGNIZED, EXIT_NO, "names are found for addresses, without a zone: 192.0.2.1 or 2001:db8::1" },
	{ HOY_ESERVFAIL, EXIT_UNASKED, "the server could not find out; ask another one with @SERVER" },
	{ HOY_EREFUSED, EXIT_UNASKED, "the server does not answer that, or not to you; ask another one with @SERVER" },
	{ HOY_ELAME, EXIT_UNASKED, "the server does not know that name and asks nobody else; ask another one with @SERVER" },
	{ HOY_EBADNAMES, EXIT_UNASKED, "what came names hosts by what can be no host's name" },
	{ HOY_EMESSAGE, EXIT_UNASKED, "what came was no proper answer; ask another server with @SERVER" },
	{ HOY_ETIMEOUT, EXIT_UNASKED,
	  "nothing came in time; is a name server there? ask another with @SERVER, or wait longer with --timeout" },
	{ -ECONNREFUSED, EXIT_UNASKED, "no name server listens there; ask another one with @SERVER" },
	{ -EDESTADDRREQ, EXIT_UNASKED, "there is no name server of that family to ask; leave -4 or -6 out, or name one with @SERVER" },
	{ HOY_ENETWORK, EXIT_USAGE, "a network is tcp, udp or ip here" },
	{ HOY_ENOPROTO, EXIT_USAGE, "a protocol is a number, or a name such as icmp in ip4:icmp" },
};

/* A name server said it. */
static int is_reply(const hoy_err *err)
{
	return err->addr.kind != HOY_ADDR_NONE && err->rcode != HOY_RCODE_NONE &&
	       (err->code == HOY_ENOHOST || err->code == HOY_ENODATA || err->code == HOY_ESERVFAIL ||
		err->code == HOY_EREFUSED);
}

static const char unasked[] = "no name server was asked for that";

int fail_lookup(const hoy_err *err)
{
	char rcode[HOY_TYPE_STRLEN] = "", advice[HOY_ERR_STRLEN];
	const char *text;
	size_t i = 0;

	while (i < LEN(failures) && failures[i].code != err->code)
		i++;
	if (i == LEN(failures))
		return fail(err, NULL);
	text = err->code == HOY_ENOHOST && !is_reply(err) ? unasked : failures[i].advice;
	/* what the server said tells more than Go's sentence, which is one for several of these */
	if (is_reply(err))
		hoy_rcode_string(err->rcode, rcode);
	snprintf(advice, sizeof advice, "%s%s%s", rcode, *rcode ? ": " : "", text);
	fail(err, advice);
	return failures[i].exit;
}

void outcomes_add(struct outcomes *o, int code)
{
	o->yes += code == EXIT_YES || code == EXIT_PARTIAL;
	o->no += code == EXIT_NO;
	o->unasked += code != EXIT_YES && code != EXIT_NO;
}

int outcomes_exit(const struct outcomes *o)
{
	if (o->yes && (o->no || o->unasked))
		return EXIT_PARTIAL;
	return o->unasked ? EXIT_UNASKED : o->no ? EXIT_NO : EXIT_YES;
}

/* ---- @SERVER ---- */

static int add_text(struct servers *s, const char *host, const char *port)
{
	if (s->n == SERVERS_MOST)
		return usage("more than %d servers", SERVERS_MOST);
	s->list[s->n] = hoy_join_host_port(host, port, s->text[s->n], sizeof s->text[s->n]);
	s->n++;
	return EXIT_YES;
}

/* Every address: localhost is ::1 first on many machines, and the server listens on 127.0.0.1. */
static int add_by_name(struct servers *s, const char *name, const char *host, const char *port, hoy_duration timeout)
{
	const hoy_resolver_opts opts = { .total = timeout };
	char text[HOY_ADDR_STRLEN];
	hoy_resolver *r;
	hoy_addr *list;
	hoy_err err;
	int n, code = EXIT_YES;

	if (!(r = hoy_resolver_new(&opts, &err)))
		return fail(&err, NULL);
	n = hoy_resolver_lookup_ip_addr(r, host, &list, &err);
	hoy_resolver_free(r);
	if (n < 0) {
		fail(&err, "a server is an address, or a name that this system can look up");
		return EXIT_UNASKED;
	}
	for (int i = 0; i < n && (i == 0 || s->n < SERVERS_MOST) && code == EXIT_YES; i++) {
		if (s->n < SERVERS_MOST)
			s->by_name[s->n] = name;
		code = add_text(s, hoy_addr_string(&list[i], text), port);
	}
	hoy_free(list);
	return code;
}

/* The host, without brackets, and the port of "192.0.2.1", "192.0.2.1:53", "::1", "[::1]", "[::1]:53" or a name's. */
static int split_server(const char *text, int usual_port, char host[HOY_HOST_STRLEN], char port[HOY_HOST_STRLEN])
{
	size_t len = strlen(text);
	hoy_addr addr;

	snprintf(port, HOY_HOST_STRLEN, "%d", usual_port);
	if (hoy_parse_addr(text, &addr, NULL) < 0 && hoy_split_host_port(text, host, port, NULL) == 0)
		return *host && hoy_lookup_port("udp", port, NULL) > 0 ? 0 : -1;
	if (*text == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (!len || len >= HOY_HOST_STRLEN)
		return -1;
	memcpy(host, text, len);
	host[len] = '\0';
	return strchr(host, ':') && hoy_parse_addr(host, &addr, NULL) < 0 ? -1 : 0;
}

int servers_add(struct servers *s, const char *word, hoy_duration timeout)
{
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];
	struct url url;
	hoy_addr addr;

	if (!(word = ascii_address("udp", word)))
		return EXIT_USAGE;
	if (url_parse(word + 1, &url) == 0)
		return usage("'%s' is a URL; did you mean @%s?", word, url.host);
	if (split_server(word + 1, s->port ? s->port : 53, host, port) < 0)
		return usage("'%s' is no server: @192.0.2.1, @192.0.2.1:5353, @[2001:db8::1]:53 or @NAME", word);
	snprintf(port, sizeof port, "%d", hoy_lookup_port("udp", port, NULL));
	if (hoy_parse_addr(host, &addr, NULL) == 0)
		return add_text(s, host, port);
	return add_by_name(s, word + 1, host, port, timeout);
}
