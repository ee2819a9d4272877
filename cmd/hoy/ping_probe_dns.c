/* dns @SERVER: how long a name server takes for one question. Every reply counts, whatever it says. */
#include <string.h>

#include "ping.h"

static int read_dns(const char *word)
{
	struct servers s = { 0 };
	char text[HOY_HOST_STRLEN + 16];
	struct target *t;
	int code;

	snprintf(text, sizeof text, "%s%s", *word == '@' ? "" : "@", word);
	code = servers_add(&s, text, ping.lookup);
	if (code != EXIT_YES)
		return code;
	t = target_add(&probe_dns, word);
	hoy_parse_addr_port(s.list[0], &t->addr, NULL);
	t->addr.kind = HOY_ADDR_UDP;
	return EXIT_YES;
}

/* 0 when the server replied; a refusal or a name that does not exist is a reply as well. */
static int query(hoy_resolver *resolver, struct reply *r, hoy_err *err)
{
	hoy_record *list = NULL;
	int n = hoy_resolver_query(resolver, ping.query, strcmp(ping.query, ".") ? HOY_TYPE_A : HOY_TYPE_NS, &list, err);

	if (n < 0 && (err->kind != HOY_ERR_LOOKUP || err->rcode == HOY_RCODE_NONE))
		return n;
	hoy_rcode_string(n < 0 ? err->rcode : hoy_answer_of(list)->rcode, r->what);
	hoy_free(list);
	return 0;
}

static int ask_dns(struct target *t, hoy_time deadline, struct reply *r, hoy_err *err)
{
	char server[HOY_ADDR_STRLEN];
	const char *const servers[] = { hoy_addr_string(&t->addr, server), NULL };
	hoy_time start = hoy_now();
	hoy_duration left = hoy_time_sub(deadline, start);
	const hoy_resolver_opts opts = {
		.servers = servers, .flags = HOY_RESOLVER_NO_HOSTS, .timeout = left, .total = left, .attempts = 1,
	};
	hoy_resolver *resolver = hoy_resolver_new(&opts, err);
	int code;

	if (!resolver)
		return err->code;
	start = hoy_now();
	code = query(resolver, r, err);
	r->rtt = hoy_time_sub(hoy_now(), start);
	hoy_resolver_free(resolver);
	return code;
}

const struct probe probe_dns = { .name = "dns", .read = read_dns, .run = ask_each, .ask = ask_dns };
