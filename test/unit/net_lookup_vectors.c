/* The vectors of names, hosts files, search lists and reverse names from outside: through the lookups. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <hoy.h>

#include "dns/msg/name.h"
#include "support/name_server.h"
#include "support/tsv.h"
#include "t.h"

/* The names asked for, with commas between, when the server knows none of them. */
struct asked {
	char names[8000];
	unsigned packets;
};

static void note(const hoy_trace *event, void *arg)
{
	struct asked *a = arg;
	size_t len = strlen(a->names);

	if (event->kind == HOY_TRACE_NAME)
		snprintf(a->names + len, sizeof a->names - len, "%s%s", len ? "," : "", event->name);
	a->packets += event->kind == HOY_TRACE_SENT;
}

static void know_nothing(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_rcode(q, HOY__NXDOMAIN);
}

static struct {
	struct ns *ns;
	char server[HOY_ADDR_STRLEN], nsswitch[32], path[500];
	struct asked asked;
	hoy_resolver_opts opts;
	const char *servers[2];
} at;

static void begin(void)
{
	hoy_addr addr;

	at.ns = ns_start(know_nothing, NULL);
	addr = ns_addr(at.ns);
	at.servers[0] = hoy_addr_string(&addr, at.server);
	at.opts = (hoy_resolver_opts){ .servers = at.servers, .resolv_conf = "", .hosts = "", .nsswitch = "",
				       .trace = note, .arg = &at.asked };
}

static hoy_resolver *fresh(void)
{
	memset(&at.asked, 0, sizeof at.asked);
	return hoy_resolver_new(&at.opts, NULL);
}

static void join(char text[8000], char *const *list, int n)
{
	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		strcat(text, i ? "," : "");
		strcat(text, list[i]);
	}
	if (n <= 0)
		strcpy(text, "-");
}

static void check_hosts(const struct tsv *t)
{
	bool forward = tsv_is(t, "kind", "host");
	char text[8000], **list = NULL;
	hoy_resolver *r;
	int n;

	snprintf(at.path, sizeof at.path, "%s/hosts/%s", HOY_VECTORS, tsv(t, "file"));
	at.opts.hosts = at.path;
	r = fresh();
	n = (forward ? hoy_resolver_lookup_host : hoy_resolver_lookup_addr)(r, tsv(t, "query"), &list, NULL);
	if (n > 0 && hoy_answer_of(list)->source != HOY_SOURCE_HOSTS)
		n = 0;		/* a literal, or localhost */
	join(text, list, n);
	CHECK_STR(text, tsv(t, "result"), tsv(t, "query"));
	if (n > 0 && forward)
		CHECK_STR(hoy_answer_of(list)->name, tsv(t, "canonical"), tsv(t, "query"));
	hoy_free(list);
	hoy_resolver_free(r);
}

TEST(hosts_lookup)
{
	char nsswitch[] = "/tmp/hoy-nss-XXXXXX";
	struct tsv t;
	int fd = mkstemp(nsswitch);

	CHECK_INT(write(fd, "hosts: files\n", 13), 13);
	close(fd);
	begin();
	at.opts.nsswitch = nsswitch;
	tsv_open(&t, "hosts_lookup");
	while (tsv_next(&t))
		check_hosts(&t);
	CHECK_INT(ns_queries(at.ns), 0);
	ns_stop(at.ns);
	unlink(nsswitch);
}

/* "a.,b." to a list that ends in NULL. */
static const char **split(char *text)
{
	static const char *list[64];
	size_t n = 0;

	if (strcmp(text, "-") != 0)
		for (char *word = strtok(text, ","); word && n < LEN(list) - 1; word = strtok(NULL, ","))
			list[n++] = word;
	list[n] = NULL;
	return list;
}

TEST(dns_search_list)
{
	struct tsv t;
	hoy_txt *txt;

	begin();
	tsv_open(&t, "dns_search_list");
	while (tsv_next(&t)) {
		char search[8000];
		hoy_resolver *r;
		int ndots = atoi(tsv(&t, "ndots"));

		if (!hoy__is_domain_name(tsv(&t, "name"), tsv_len(&t, "name")))
			continue;	/* the list is one thing, whether to ask at all another */
		strcpy(search, tsv(&t, "search"));
		at.opts.search = split(search);
		at.opts.ndots = ndots ? ndots : -1;
		r = fresh();
		CHECK(hoy_resolver_lookup_txt(r, tsv(&t, "name"), &txt, NULL) < 0);
		CHECK_STR(at.asked.names[0] ? at.asked.names : "-", tsv(&t, "queries"), tsv(&t, "name"));
		hoy_resolver_free(r);
	}
	ns_stop(at.ns);
}

/* Names that are none, and names that are nobody's business: no packet leaves. */
TEST(dns_name)
{
	struct tsv t;
	hoy_mx *mx;

	begin();
	tsv_open(&t, "dns_name");
	while (tsv_next(&t)) {
		hoy_resolver *r;

		if (tsv_len(&t, "name") != strlen(tsv(&t, "name")))
			continue;	/* a NUL ends a name in C */
		r = fresh();
		CHECK_INT(hoy_resolver_lookup_mx(r, tsv(&t, "name"), &mx, NULL), HOY_ENOHOST);
		CHECK_STR(at.asked.packets ? "1" : "0", tsv(&t, "valid"), tsv(&t, "name"));
		hoy_resolver_free(r);
	}
	ns_stop(at.ns);
}

TEST(avoid_dns)
{
	struct tsv t;
	hoy_mx *mx;

	begin();
	tsv_open(&t, "avoid_dns");
	while (tsv_next(&t)) {
		hoy_resolver *r = fresh();

		CHECK_INT(hoy_resolver_lookup_mx(r, tsv(&t, "name"), &mx, NULL), HOY_ENOHOST);
		CHECK_STR(at.asked.packets ? "0" : "1", tsv(&t, "avoid"), tsv(&t, "name"));
		hoy_resolver_free(r);
	}
	ns_stop(at.ns);
}

TEST(reverse_addr)
{
	struct tsv t;
	char **names;

	begin();
	tsv_open(&t, "reverse_addr");
	while (tsv_next(&t)) {
		bool valid = !tsv_is(&t, "name", "ERROR");
		hoy_resolver *r = fresh();

		CHECK_INT(hoy_resolver_lookup_addr(r, tsv(&t, "address"), &names, NULL),
			  valid ? HOY_ENOHOST : HOY_EUNRECOGNIZED);
		CHECK_STR(valid ? at.asked.names : "ERROR", tsv(&t, "name"), tsv(&t, "address"));
		hoy_resolver_free(r);
	}
	ns_stop(at.ns);
}
