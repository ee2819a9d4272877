/*
 * Go's order of things: the hosts file and the name servers as nsswitch.conf has it; the
 * names of the search list one after the other until one has data. Failures on the way are
 * kept, and the most telling one is returned when nothing was found in the end.
 */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/lookup.h"
#include "dns/conf/search.h"
#include "os/os.h"

/* ---- one reply ---- */

bool hoy__lookup_is_final(int code)
{
	return code == HOY_ECLOSED || code == HOY_ECANCELED || code == -ENOMEM;
}

/* The whole lookup is, not one query: then no server is to blame. */
static bool out_of_time(const struct hoy__lookup *l)
{
	int64_t shared = atomic_load(&l->resolver->deadline), own = l->policy.deadline, now = hoy__os_monotonic();

	return now >= hoy__earlier(own, shared);
}

static void put_name(char text[HOY_NAME_STRLEN], const struct hoy__name *name)
{
	char whole[HOY__NAME_STRLEN];
	size_t len = name->len ? strlen(hoy__name_text(name, whole)) : HOY_NAME_STRLEN;

	text[0] = 0;
	if (len < HOY_NAME_STRLEN)
		memcpy(text, whole, len + 1);
}

/* What two families together are: stale if either is, remembered if both are. */
static enum hoy_source both(enum hoy_source a, enum hoy_source b)
{
	if (a == HOY_SOURCE_STALE || b == HOY_SOURCE_STALE)
		return HOY_SOURCE_STALE;
	return a == HOY_SOURCE_CACHE && b == HOY_SOURCE_CACHE ? HOY_SOURCE_CACHE : HOY_SOURCE_DNS;
}

static void extend(struct hoy__lookup *l, const struct hoy__extended *e)
{
	if (!e->present || l->answer.has_extended)
		return;
	l->answer.has_extended = true;
	l->answer.extended = e->code;
	memcpy(l->words, e->words, sizeof l->words);
	l->answer.extra = l->words[0] ? l->words : NULL;
}

/* The name that the server gives itself, the first option of that kind. */
static struct hoy__bytes find_nsid(const struct hoy__found *found)
{
	struct hoy__bytes value = { NULL, 0 };
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__rdata data;
	uint16_t code;

	if (!found->message || hoy__message_open(&m, found->message, found->len) < 0)
		return value;
	while (hoy__message_next(&m, &rr) > 0) {
		if (rr.type != HOY__OPT || hoy__record_read(&m, &rr, &data) < 0)
			continue;
		while (hoy__next_option(&data.opt.options, &code, &value))
			if (code == HOY__OPTION_NSID)
				return value;
	}
	return (struct hoy__bytes){ NULL, 0 };
}

static void identify(struct hoy__lookup *l, const struct hoy__found *found)
{
	struct hoy__bytes nsid = find_nsid(found);

	if (!nsid.len)
		return;
	l->answer.nsid_len = nsid.len < sizeof l->nsid ? nsid.len : sizeof l->nsid;
	l->answer.nsid = memcpy(l->nsid, nsid.at, l->answer.nsid_len);
}

/* The first reply that has data makes the answer; a second family's adds to it. */
void hoy__lookup_answer(struct hoy__lookup *l, const struct hoy__found *found)
{
	hoy_answer *a = &l->answer;
	bool first = a->source == HOY_SOURCE_NONE;

	if (first || found->reply.ttl < a->ttl)
		a->ttl = found->reply.ttl;
	a->authenticated = l->policy.trust_ad && found->reply.authenticated && (first || a->authenticated);
	a->source = first ? found->source : both(a->source, found->source);
	a->server = found->server;
	a->rcode = hoy__reply_rcode(&found->reply);
	if (first)
		put_name(a->name, &found->reply.name);
	extend(l, &found->reply.extended);
	if (l->policy.nsid)
		identify(l, found);
}

void hoy__lookup_join(hoy_answer *a, const hoy_answer *earlier)
{
	if (earlier->ttl < a->ttl)
		a->ttl = earlier->ttl;
	a->authenticated = a->authenticated && earlier->authenticated;
	a->source = both(a->source, earlier->source);
	a->dropped += earlier->dropped;
	if (a->has_extended)
		return;
	a->has_extended = earlier->has_extended;
	a->extended = earlier->extended;
	a->extra = earlier->extra;
}

/* The failure to return if nothing is found: that of the name as typed goes before those of the search list. */
struct trouble {
	int code;
	bool typed;
	enum hoy_source source;
	hoy_addr server;
	unsigned rcode;
	struct hoy__extended extended;
};

static struct trouble trouble_of(const struct hoy__found *found, bool typed)
{
	return (struct trouble){ found->code, typed, found->source, found->server, hoy__reply_rcode(&found->reply),
				 found->reply.extended };
}

/* "No such name" holds for both families; "no data" for one family weighs less than a failure of the other. */
static int weight(int code)
{
	return code == HOY_ENODATA ? 1 : code == HOY_ENOHOST ? 3 : code ? 2 : 0;
}

static void note_trouble(struct trouble *t, const struct hoy__found *found, bool typed)
{
	if (t->code && t->typed > typed)
		return;
	if (t->code && t->typed == typed && weight(found->code) <= weight(t->code))
		return;
	*t = trouble_of(found, typed);
}

static int tell_trouble(struct hoy__lookup *l, const struct trouble *t)
{
	int code = t->code ? t->code : HOY_ENOHOST;
	bool ours = hoy__lookup_is_final(code) || (code == HOY_ETIMEOUT && out_of_time(l));

	l->answer = (hoy_answer){ .source = t->source ? t->source : HOY_SOURCE_DNS, .rcode = t->rcode };
	if (!ours)
		l->answer.server = t->server;
	extend(l, &t->extended);
	return code;
}

/* ---- the names of the search list ---- */

int hoy__lookup_read(struct hoy__lookup *l, const struct hoy__want *w, const struct hoy__found *found)
{
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__rdata data;
	int code = hoy__message_open(&m, found->message, found->len);

	while (code == 0 && hoy__reply_next(&m, &found->reply, &rr) > 0) {
		code = hoy__record_read(&m, &rr, &data);
		if (code == 0)
			code = w->add(l, &data);
	}
	return code;
}

static int take_found(struct hoy__lookup *l, const struct hoy__want *w, const struct hoy__found *found,
		      struct trouble *t, bool typed)
{
	bool chain = w->chain && found->message && found->reply.links && found->code != HOY_EMESSAGE;
	bool strict = l->resolver->flags & HOY_RESOLVER_STRICT_ERRORS;

	if (found->code == 0 || chain) {
		hoy__lookup_answer(l, found);
		return found->code == 0 ? hoy__lookup_read(l, w, found) : 0;
	}
	note_trouble(t, found, typed);
	if (hoy__lookup_is_final(found->code) || (strict && hoy_is_temporary(found->code))) {
		*t = trouble_of(found, true);
		return found->code;
	}
	return 0;
}

/* Neither data nor that there is none. */
static bool is_missing(const struct hoy__found *found)
{
	return found->code && found->code != HOY_ENODATA && found->code != HOY_ENOHOST;
}

/* One name: 1 when there is data, 0 when not, a code when nothing else should be tried. */
static int ask_name(struct hoy__lookup *l, const struct hoy__want *w, const char *fqdn, struct trouble *t,
		    bool typed)
{
	struct hoy__found found[HOY__QUESTIONS];
	struct hoy__name name;
	int code = hoy__name_parse(&name, fqdn, strlen(fqdn)), missing = 0, missing_code = 0;

	if (code < 0)
		return 0;
	l->policy.name = fqdn;
	hoy__client_ask(l->resolver->client, &l->policy, &name, w->type, w->types, found);
	for (unsigned i = 0; i < w->types; i++) {
		if (code == 0)
			code = take_found(l, w, &found[i], t, typed);
		if (is_missing(&found[i])) {
			missing = w->type[i] == HOY__A ? 4 : 6;
			missing_code = found[i].code;
		}
		hoy__found_drop(&found[i]);
	}
	if (code < 0 || !l->answer.source)
		return code;
	l->answer.missing = missing;
	l->answer.missing_code = missing_code;
	return 1;
}

int hoy__lookup_ask(struct hoy__lookup *l, const char *name, const struct hoy__want *w)
{
	struct hoy__search search = { .name = name, .ndots = l->ndots, .suffixes = l->search,
				      .count = l->searches };
	char fqdn[HOY__FQDN_STRLEN];
	struct trouble t = { .rcode = HOY_RCODE_NONE };
	bool typed;
	int code = 0;

	while (code == 0 && hoy__search_next(&search, fqdn, &typed)) {
		hoy__lookup_tell(l, (hoy_trace){ .kind = HOY_TRACE_NAME, .source = HOY_SOURCE_DNS, .name = fqdn });
		code = ask_name(l, w, fqdn, &t, typed);
		if (code == 0 && out_of_time(l))
			code = HOY_ETIMEOUT;
	}
	if (code > 0)
		return 0;
	if (code < 0 && code != t.code)
		t = (struct trouble){ .code = code, .rcode = HOY_RCODE_NONE };
	return tell_trouble(l, &t);
}

int hoy__lookup_refuse(struct hoy__lookup *l)
{
	if (hoy__is_domain_name(l->name, strlen(l->name)) && hoy__fate_of(l->name) != HOY__NO_SUCH_NAME)
		return 0;
	l->answer = hoy__answer_without_reply(HOY_SOURCE_LOCAL);
	return HOY_ENOHOST;
}

/* As in Go the error names no server: the fault is in the zone's record. */
int hoy__lookup_badnames(struct hoy__lookup *l)
{
	l->answer.server = (hoy_addr){ 0 };
	return HOY_EBADNAMES;
}

/* ---- the hosts file ---- */

int hoy__lookup_hosts(struct hoy__lookup *l, hoy__take *take, const void *key)
{
	hoy_resolver *r = l->resolver;
	int code;

	if (r->flags & HOY_RESOLVER_NO_HOSTS)
		return 0;
	hoy__resolver_lock(r);
	code = hoy__conf_refresh(&r->conf, HOY__HOSTS_FILE, hoy__os_monotonic());
	if (code >= 0)
		code = take(l, key);
	hoy__resolver_unlock(r);
	if (code == 0 && l->results.count)
		l->answer.source = HOY_SOURCE_HOSTS;
	hoy__lookup_tell(l, (hoy_trace){ .kind = HOY_TRACE_SOURCE, .source = HOY_SOURCE_HOSTS,
					 .code = code ? code : l->results.count ? 0 : HOY_ENOHOST });
	return code;
}
