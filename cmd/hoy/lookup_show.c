/* What was found, as a table for people, as bare data for scripts, or as JSON. */
#include <string.h>

#include "lookup.h"

/* ---- text ---- */

static const char *ttl_string(const struct item *item, char buf[DURATION_STRLEN])
{
	return item->has_ttl ? duration_string(item->ttl * HOY_SECOND, buf) : "-";
}

static int widest(int width, const char *text)
{
	int len = (int)strlen(text);

	return len > width ? len : width;
}

static void show_table(const struct finding *f)
{
	int owner = 0, type = 0, time = 0;
	char ttl[DURATION_STRLEN], text[HOY_TYPE_STRLEN];

	for (size_t i = 0; i < f->n; i++) {
		owner = widest(owner, f->item[i].owner);
		type = widest(type, hoy_type_string(f->item[i].type, text));
		time = widest(time, ttl_string(&f->item[i], ttl));
	}
	for (size_t i = 0; i < f->n; i++) {
		const struct item *item = &f->item[i];

		out_print("%-*s  %s%-*s%s  %s%-*s%s  ", owner, item->owner, ink(stdout, INK_BOLD), type,
		       hoy_type_string(item->type, text), ink(stdout, INK_OFF), ink(stdout, INK_DIM), time,
		       ttl_string(item, ttl), ink(stdout, INK_OFF));
		put_foreign(item->data, strlen(item->data));
		out_print("\n");
	}
}

/* Every section, as a zone file has it. */
static void show_raw(const struct finding *f)
{
	static const char *const names[] = { "", "answer", "authority", "additional" };
	char type[HOY_TYPE_STRLEN];
	int section = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct item *item = &f->item[i];

		if (item->section != section)
			out_print("%s; %s%s\n", ink(stdout, INK_DIM), names[item->section & 3], ink(stdout, INK_OFF));
		section = item->section;
		out_print("%s %u IN %s ", item->owner, item->ttl, hoy_type_string(item->type, type));
		put_foreign(item->data, strlen(item->data));
		out_print("\n");
	}
}

/* The data alone; texts without the quotes around them, but in one line all the same. */
static void show_brief(const struct finding *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct item *item = &f->item[i];

		if (item->section != 1)
			continue;
		if (!item->bytes)
			put_foreign(item->data, strlen(item->data));
		for (size_t k = 0; item->bytes && k < item->len; k++)
			if ((unsigned char)item->bytes[k] < ' ' || item->bytes[k] == 0x7f)
				out_print("\\%03d", item->bytes[k]);
			else
				out_bytes(&item->bytes[k], 1);
		out_print("\n");
	}
}

static int is_service(const struct item *item)
{
	return item->host && (item->type == HOY_TYPE_HTTPS || item->type == HOY_TYPE_SVCB);
}

/* The last tells where the aliases of a service led. */
static int is_service_alias(const struct finding *f)
{
	const struct item *last = &f->item[f->n - 1];

	return is_service(last) && !last->number[0];
}

/* Was the name found as another one of the search list? */
static int is_suffixed(const struct finding *f)
{
	size_t len = strlen(f->name);

	return f->asked[0] && f->item[0].type != HOY_TYPE_PTR && !is_service_alias(f) &&
	       (strncmp(f->asked, f->name, len) || strcmp(f->asked + len, f->asked[len] ? "." : ""));
}

static int is_alias(const struct finding *f)
{
	if (is_service_alias(f))
		return 1;
	return f->answer.source == HOY_SOURCE_DNS && f->answer.name[0] && f->asked[0] &&
	       strcasecmp(f->answer.name, f->asked) && f->item[0].type != HOY_TYPE_CNAME;
}

/* What the server adds to an answer, in its own words. */
static const char *reason_string(const hoy_answer *a, char *buf, size_t size)
{
	char name[HOY_EXTENDED_STRLEN];

	*buf = '\0';
	if (a->has_extended)
		snprintf(buf, size, "; it adds: %s%s%s%s", hoy_extended_string(a->extended, name), a->extra ? " (" : "",
			 a->extra ? a->extra : "", a->extra ? ")" : "");
	return buf;
}

/* What the server calls itself; octets that are not printable as \DDD. */
static const char *nsid_string(const hoy_answer *a, char *buf, size_t size)
{
	const unsigned char *octet = a->nsid;
	size_t len = 0;

	*buf = '\0';
	if (a->nsid_len)
		len += (size_t)snprintf(buf, size, "; it calls itself ");
	for (size_t i = 0; i < a->nsid_len && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, octet[i] > ' ' && octet[i] < 0x7f ? "%c" : "\\%03d", octet[i]);
	return buf;
}

/* Where it came from, on standard error. */
static void tell_origin(const struct finding *f)
{
	static const char *const sources[] = {
		[HOY_SOURCE_LITERAL] = "it is an address already", [HOY_SOURCE_LOCAL] = "this machine, by RFC 6761",
		[HOY_SOURCE_HOSTS] = "from the hosts file",
	};
	int is_own = f->type == HOY_TYPE_CNAME && !strcasecmp(f->answer.name, f->asked);
	char server[HOY_ADDR_STRLEN + 8] = "from ", took[DURATION_STRLEN], dropped[64] = "", reason[256];
	char nsid[4 * 128 + 32];
	const char *source = server;

	hoy_addr_string(&f->answer.server, server + strlen(server));
	if ((unsigned)f->answer.source < LEN(sources) && sources[f->answer.source])
		source = sources[f->answer.source];
	if (f->answer.dropped)
		snprintf(dropped, sizeof dropped, "; %u left out, %s", f->answer.dropped,
			 is_service(f->item) ? "they demand what hoy does not know" : "their names are no domain names");
	fprintf(stderr, "%s  %s%s%s%s%s: %s, %s%s%s%s%s%s\n", ink(stderr, INK_DIM), f->name, is_suffixed(f) ? ", as " : "", is_suffixed(f) ? f->asked : "",
	    is_own ? ", no alias" : is_alias(f) ? ", an alias of " : "", is_alias(f) ? f->answer.name : "", source,
	    duration_string(f->took / HOY_MICROSECOND * HOY_MICROSECOND, took), reason_string(&f->answer, reason, sizeof reason),
	    nsid_string(&f->answer, nsid, sizeof nsid), f->answer.authenticated ? "; authenticated by the server" : "", dropped, ink(stderr, INK_OFF));
}

/* ---- JSON ---- */

static void put_fields(struct json *j, const struct item *item)
{
	switch (item->type) {
	case HOY_TYPE_A:
	case HOY_TYPE_AAAA:
		json_text(j, "ip", item->data);
		break;
	case HOY_TYPE_MX:
		json_int(j, "pref", item->number[0]);
		break;
	case HOY_TYPE_SRV:
		json_int(j, "priority", item->number[0]);
		json_int(j, "weight", item->number[1]);
		json_int(j, "port", item->number[2]);
		break;
	}
	if (item->host)
		json_text(j, "host", item->host);
	if (item->bytes)
		json_bytes(j, "text", item->bytes, item->len);
}

static void record_json(const struct finding *f, const struct item *item)
{
	static const char *const sections[] = { "", "answer", "authority", "additional" };
	char type[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "record");
	json_text(&j, "name", f->name);
	json_text(&j, "owner", item->owner);
	json_text(&j, "section", sections[item->section & 3]);
	json_text(&j, "rrtype", hoy_type_string(item->type, type));
	if (item->has_ttl)
		json_int(&j, "ttl_s", item->ttl);
	json_text(&j, "data", item->data);
	/* raw data is not taken apart again */
	if (!lookup.raw && (item->host || item->bytes || item->type == HOY_TYPE_A || item->type == HOY_TYPE_AAAA))
		put_fields(&j, item);
	json_end(&j);
}

void reason_json(struct json *j, int has, unsigned code, const char *words)
{
	char name[HOY_EXTENDED_STRLEN];

	if (!has)
		return;
	json_int(j, "extended_code", code);
	json_text(j, "extended", hoy_extended_string(code, name));
	if (words)
		json_text(j, "extra_text", words);
}

static void nsid_json(struct json *j, const hoy_answer *a)
{
	char hex[2 * 128 + 1];

	if (!a->nsid_len)
		return;
	for (size_t i = 0; i < a->nsid_len; i++)
		sprintf(hex + 2 * i, "%02x", ((const unsigned char *)a->nsid)[i]);
	json_bytes(j, "nsid", a->nsid, a->nsid_len);
	json_text(j, "nsid_hex", hex);
}

static void summary_json(const struct finding *f)
{
	const hoy_addr *server = f->err.code ? &f->err.addr : &f->answer.server;
	unsigned rcode = f->err.code ? f->err.rcode : f->answer.rcode;
	char text[HOY_ADDR_STRLEN], word[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "lookup");
	json_text(&j, "name", f->name);
	json_text(&j, "qtype", question_string(f->type, word));
	json_text(&j, "result", result_word(f->err.code));
	json_text(&j, "source", source_word(f->err.code ? story.done.source : f->answer.source));
	if (server->kind != HOY_ADDR_NONE)
		json_text(&j, "server", hoy_addr_string(server, text));
	if (server->kind != HOY_ADDR_NONE && rcode != HOY_RCODE_NONE)
		json_text(&j, "rcode", hoy_rcode_string(rcode, word));
	if (f->err.code)
		reason_json(&j, f->err.has_extended, f->err.extended, f->err.extra ? f->err.subject + f->err.extra : NULL);
	else
		reason_json(&j, f->answer.has_extended, f->answer.extended, f->answer.extra);
	nsid_json(&j, &f->answer);
	if (!f->err.code && f->answer.missing) {
		json_text(&j, "missing", f->answer.missing == 4 ? "A" : "AAAA");
		json_text(&j, "missing_result", result_word(f->answer.missing_code));
	}
	if (f->asked[0])
		json_text(&j, "asked", f->asked);
	if (f->answer.name[0])
		json_text(&j, "canonical", f->answer.name);
	json_int(&j, "records", (int64_t)f->n);
	json_int(&j, "dropped", f->answer.dropped);
	json_bool(&j, "authenticated", f->answer.authenticated);
	json_int(&j, "took_us", in_us(f->took));
	json_end(&j);
}

/* ---- whichever was asked for ---- */

/* One family has no answer, so the addresses may not be all there are. */
static void tell_missing(const struct finding *f)
{
	if (f->answer.missing)
		say("%s: no server answered for IPv%d (%s): %s; there may be more addresses", f->name, f->answer.missing,
		    f->answer.missing == 4 ? "A" : "AAAA", hoy_strerror(f->answer.missing_code));
}

int show(const struct finding *f)
{
	if (common.json) {
		for (size_t i = 0; i < f->n; i++)
			record_json(f, &f->item[i]);
		summary_json(f);
	} else if (lookup.brief && !f->err.code) {
		show_brief(f);
	} else if (lookup.raw) {
		show_raw(f);
	} else if (!f->err.code) {
		show_table(f);
	}
	if (f->err.code)
		return fail_lookup(&f->err);
	if (!common.json && !lookup.brief && !lookup.explain)
		tell_origin(f);
	if (!common.json)
		tell_missing(f);
	return EXIT_YES;
}
