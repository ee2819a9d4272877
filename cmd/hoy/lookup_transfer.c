/* hoy lookup axfr: a whole zone, shown record by record as it comes (RFC 5936). */
#include <string.h>

#include "lookup.h"

/* What has come so far. */
struct progress {
	const char *zone;
	int64_t records;
	hoy_addr server;	/* that it came from */
};

static void tell_json(const hoy_record *rr, const char *zone)
{
	char type[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "record");
	json_text(&j, "name", zone);
	json_text(&j, "owner", rr->name);
	json_text(&j, "section", "answer");
	json_text(&j, "rrtype", hoy_type_string(rr->type, type));
	json_int(&j, "ttl_s", rr->ttl);
	json_text(&j, "data", rr->text);
	json_end(&j);
}

static int tell(const hoy_record *rr, void *progress)
{
	struct progress *p = progress;
	char type[HOY_TYPE_STRLEN];

	p->records++;
	if (common.json) {
		tell_json(rr, p->zone);
		return 0;
	}
	if (!lookup.brief)
		out_print("%s %u IN %s ", rr->name, rr->ttl, hoy_type_string(rr->type, type));
	put_foreign(rr->text, strlen(rr->text));
	out_print("\n");
	return 0;
}

static void summary_json(const struct progress *p, const hoy_err *err, hoy_duration took)
{
	char text[HOY_ADDR_STRLEN], rcode[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "transfer");
	json_text(&j, "name", p->zone);
	json_text(&j, "result", result_word(err->code));
	if (p->server.kind != HOY_ADDR_NONE)
		json_text(&j, "server", hoy_addr_string(&p->server, text));
	if (err->code && err->rcode != HOY_RCODE_NONE)
		json_text(&j, "rcode", hoy_rcode_string(err->rcode, rcode));
	json_int(&j, "records", p->records);
	json_bool(&j, "complete", err->code == 0);
	json_int(&j, "took_us", in_us(took));
	json_end(&j);
}

static void tell_origin(const struct progress *p, hoy_duration took)
{
	char server[HOY_ADDR_STRLEN], text[DURATION_STRLEN];

	say("%s: %lld records from %s, %s", p->zone, (long long)p->records, hoy_addr_string(&p->server, server),
	    duration_string(took / HOY_MICROSECOND * HOY_MICROSECOND, text));
}

int transfer(hoy_resolver *r, const char *zone)
{
	struct progress p = { .zone = zone };
	hoy_err err = { 0 };
	hoy_duration took;
	int code = EXIT_YES;

	story_begin();
	hoy_resolver_transfer(r, zone, tell, &p, &err);
	took = hoy_time_sub(hoy_now(), story.start);
	p.server = story.done.server;
	if (common.json)
		summary_json(&p, &err, took);
	else if (!err.code && !lookup.brief && !lookup.explain)
		tell_origin(&p, took);
	if (err.code)
		code = fail_lookup(&err);
	if (err.code && p.records)
		say("%s: only %lld records came, and are shown: the zone is not complete", zone, (long long)p.records);
	return err.code && p.records ? EXIT_PARTIAL : code;
}
