/*
 * libFuzzer targets for everything of the resolver that reads what others wrote: messages,
 * names, files, and the machine that asks. TARGET names the one that is compiled in. Each
 * wants more than the absence of crashes: what was read is written and read again, texts
 * stay inside what was promised, and the machine keeps its rules.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

#include "base/base.h"
#include "dns/query/cache.h"
#include "dns/conf/hosts.h"
#include "dns/conf/nsswitch.h"
#include "dns/msg/reply.h"
#include "dns/conf/resolv.h"
#include "dns/conf/search.h"
#include "dns/conf/services.h"
#include "dns/msg/svcb.h"
#include "dns/msg/text.h"
#include "dns/transfer.h"
#include "support/replay.h"

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)

/* Ends the run unless it holds; unlike assert, in every build. */
static void must(int holds)
{
	if (!holds)
		abort();
}

static int is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return 0;
	return 1;
}

static void check_name(const struct hoy__name *name)
{
	char text[HOY__NAME_STRLEN];
	struct hoy__name again;

	must(name->len > 0 && is_printable(hoy__name_text(name, text)));
	must(hoy__name_parse(&again, text, strlen(text)) == 0);
	must(again.len == name->len && !memcmp(again.wire, name->wire, name->len));
}

/* Names one after the other; written with compression they are what they were. */
__attribute__((unused)) static void fuzz_dns_name(const uint8_t *data, size_t len)
{
	static uint8_t room[0x10000];
	struct hoy__reader r = hoy__reader(data, len), back;
	struct hoy__writer w = hoy__writer(room, sizeof room);
	struct hoy__name_table table = { 0 };
	struct hoy__name names[8], again;
	size_t count = 0;

	while (count < LEN(names)) {
		hoy__name_read(&r, data, HOY__POINTERS_FOLLOWED, &names[count]);
		must(r.bad == (names[count].len == 0));
		if (r.bad)
			break;
		check_name(&names[count]);
		hoy__name_write(&w, &names[count++], &table);
	}
	back = hoy__reader(room, hoy__writer_len(&w));
	for (size_t i = 0; i < count; i++) {
		hoy__name_read(&back, room, HOY__POINTERS_FOLLOWED, &again);
		must(hoy__name_equal(&names[i], &again));
	}
	must(!w.bad && !back.bad && hoy__reader_left(&back) == 0);
}

/* A name as text: what is a domain name for Go is one for the wire, and comes back the same. */
__attribute__((unused)) static void fuzz_dns_name_text(const uint8_t *data, size_t len)
{
	struct hoy__name name;
	int code = hoy__name_parse(&name, (const char *)data, len);

	if (code == 0)
		check_name(&name);
	if (hoy__is_domain_name((const char *)data, len))
		must(code == 0 && hoy__name_is_domain(&name));
}

/* A service's lists are inside their room, which is as large as it has to be and no larger. */
__attribute__((unused)) static void check_service(const struct hoy__message *m, const struct hoy__record *rr)
{
	hoy_svcb s = { .target = "" };
	struct hoy__rdata data;
	size_t room, used;
	void *lists;

	if ((rr->type != HOY__SVCB && rr->type != HOY__HTTPS) || hoy__record_read(m, rr, &data) < 0)
		return;
	if (hoy__svcb_room(data.svcb.params, &room) != 1)
		return;
	lists = malloc(room + !room);
	hoy__svcb_fill(&s, data.svcb.params, lists);
	used = (s.ipv4hints + s.ipv6hints) * sizeof(hoy_ip) + (s.dohpath ? strlen(s.dohpath) + 1 : 0);
	for (size_t i = 0; i < s.alpns; i++)
		used += sizeof(hoy_txt) + s.alpn[i].len + 1;
	must(used <= room && (used == room || s.dohpath));	/* which may have a NUL inside */
	free(lists);
}

/* Two octets of a type, then data: its text is printable, and makes the same text again. */
static void check_data(int type, const uint8_t *data, size_t len)
{
	static char text[300000], again[300000];
	static uint8_t back[65535];
	ssize_t n = hoy_rdata_string(type, data, len, text, sizeof text), size;

	must(n >= 0 || n == HOY_EMESSAGE);
	if (n < 0)
		return;
	must((size_t)n == strlen(text) && is_printable(text));
	size = hoy_parse_rdata(type, text, "origin.example", back, sizeof back, NULL);
	/* no centimetres have ten forms in a LOC; the keys of mandatory= are sorted on their way back */
	if (size < 0 || type == HOY_TYPE_LOC || type == HOY_TYPE_SVCB || type == HOY_TYPE_HTTPS)
		return;
	must(hoy_rdata_string(type, back, (size_t)size, again, sizeof again) == n && !strcmp(text, again));
}

__attribute__((unused)) static void fuzz_dns_rdata(const uint8_t *data, size_t len)
{
	if (len >= 2)
		check_data(data[0] << 8 | data[1], data + 2, len - 2);
}

/* "TYPE text": what is taken is data of that type, whose text means the same data. */
__attribute__((unused)) static void fuzz_dns_rdata_text(const uint8_t *data, size_t len)
{
	static uint8_t room[65535], back[65535];
	static char line[4097], text[300000];
	char *gap;
	ssize_t n, size;
	int type;

	snprintf(line, sizeof line, "%.*s", (int)len, (const char *)data);
	gap = strchr(line, ' ');
	if (!gap)
		return;
	*gap = 0;
	type = hoy_parse_type(line);
	if (type < 0 || (n = hoy_parse_rdata(type, gap + 1, "origin.example", room, sizeof room, NULL)) < 0)
		return;
	size = hoy_rdata_string(type, room, (size_t)n, text, sizeof text);
	must(size >= 0 && (size_t)size == strlen(text) && is_printable(text));
	size = hoy_parse_rdata(type, text, NULL, back, sizeof back, NULL);
	/* from octets a key may be missing that a text must have */
	must((size == n && !memcmp(room, back, (size_t)n)) || (size < 0 && strstr(gap + 1, "\\#")));
}

/* The same octets as two messages of a transfer. */
__attribute__((unused)) static void check_transfer(const struct hoy__message *m)
{
	uint8_t room[HOY__QUERY_SIZE];
	struct hoy__results results = { 0 };
	struct hoy__transfer t;
	int code = 0;

	must(hoy__transfer_begin(&t, &m->question.name, m->id, room) > 0);
	t.question.type = m->question.type;	/* as if it had been asked for */
	for (int i = 0; i < 2 && code == 0; i++) {
		code = hoy__transfer_read(&t, m->data, m->len, &results);
		must(code <= 1 && (code == 1) == (t.done && code >= 0));
		must(code < 0 || (t.begun && results.count >= 1u + t.done));
	}
	hoy__results_clear(&results);
}

__attribute__((unused)) static void fuzz_dns_message(const uint8_t *data, size_t len)
{
	static char text[300000], small[16];
	struct hoy__message m;
	struct hoy__record rr;
	struct hoy__reply reply;
	unsigned records = 0;
	int code;

	if (hoy__message_open(&m, data, len) < 0)
		return;
	check_name(&m.question.name);
	check_transfer(&m);
	while ((code = hoy__message_next(&m, &rr)) > 0) {
		int wanted = hoy__record_text(&m, &rr, text, sizeof text);

		must(++records * 11 <= len);
		check_service(&m, &rr);
		if (wanted < 0)
			continue;
		must((size_t)wanted == strlen(text) && is_printable(text));
		must(hoy__record_text(&m, &rr, small, sizeof small) == wanted && strlen(small) < sizeof small);
	}
	must(hoy__message_next(&m, &rr) == code);
	if (hoy__reply_read(&m, &reply) < 0)
		return;
	records = 0;
	while (hoy__reply_next(&m, &reply, &rr) > 0)
		records++;
	must(records == reply.records && reply.ttl <= INT32_MAX);
	must(strlen(reply.extended.words) < sizeof reply.extended.words);
	for (const char *p = reply.extended.words; *p; p++)
		must((unsigned char)*p >= ' ' && *p != 0x7f);
	must(reply.links <= HOY__CHAIN_LINKS || reply.code == HOY_EMESSAGE);
}

__attribute__((unused)) static void fuzz_dns_resolv(const uint8_t *data, size_t len)
{
	struct hoy__resolv conf;

	must(hoy__resolv_parse(&conf, (const char *)data, len, "host.example") == 0);
	must(conf.servers >= 1 && conf.servers <= HOY__SERVERS && conf.ndots <= 15);
	must(conf.timeout >= 1 && conf.attempts >= 1 && conf.searches >= 1);
	for (size_t i = 0; i < conf.searches; i++)
		must(conf.search[i][strlen(conf.search[i]) - 1] == '.');
	hoy__resolv_clear(&conf);
}

__attribute__((unused)) static void fuzz_dns_nsswitch(const uint8_t *data, size_t len)
{
	struct hoy__nsswitch conf;

	hoy__nsswitch_parse(&conf, (const char *)data, len);
	must(conf.order[0] && conf.order[0] != conf.order[1]);
	must(memchr(conf.sources, 0, sizeof conf.sources) != NULL);
}

/* Whatever is in the file is found again, by its name and by its address. */
__attribute__((unused)) static void fuzz_dns_hosts(const uint8_t *data, size_t len)
{
	struct hoy__hosts hosts;

	must(hoy__hosts_parse(&hosts, (const char *)data, len) == 0);
	for (size_t i = 0; i < hosts.count; i++) {
		const struct hoy__host *entry = &hosts.by_name[i], *named;
		struct hoy__host *const *found;
		hoy_addr addr = { .kind = HOY_ADDR_IP, .ip = entry->addr->ip };

		memcpy(addr.zone, entry->addr->zone, sizeof addr.zone);
		must(hoy__hosts_by_addr(&hosts, &addr, &found) > 0);
		if (strlen(entry->key) < 500)
			must(hoy__hosts_by_name(&hosts, entry->key, &named) > 0 && named <= entry);
	}
	hoy__hosts_clear(&hosts);
}

__attribute__((unused)) static void fuzz_dns_services(const uint8_t *data, size_t len)
{
	struct hoy__services services;

	must(hoy__services_parse(&services, (const char *)data, len) == 0);
	for (size_t i = 0; i < services.count; i++) {
		int port = hoy__services_port(&services, hoy__network_of(HOY_ADDR_TCP, 0),
					      services.list[i].name);

		must(port == HOY_ENOPORT || port == HOY_EBADPORT || (port >= 0 && port <= 65535));
	}
	hoy__services_clear(&services);
	must(hoy__protocols_parse(&services, (const char *)data, len) == 0);
	for (size_t i = 0; i < services.count; i++)
		must(hoy__protocols_number(&services, services.list[i].name) <= 255);
	hoy__services_clear(&services);
}

__attribute__((unused)) static void fuzz_dns_search(const uint8_t *data, size_t len)
{
	char name[600], fqdn[HOY__FQDN_STRLEN], one[] = "a.example.", two[] = "onion.";
	char *suffixes[] = { one, two };
	struct hoy__search search = { .name = name, .ndots = len ? data[0] % 16 : 1, .suffixes = suffixes, .count = 2 };
	size_t take = len < sizeof name - 1 ? len : sizeof name - 1;
	int count = 0;

	memcpy(name, data, take);
	name[take] = 0;
	while (hoy__search_next(&search, fqdn, NULL)) {
		must(strlen(fqdn) >= 1 && strlen(fqdn) <= 254 && fqdn[strlen(fqdn) - 1] == '.');
		must(hoy__fate_of(fqdn) != HOY__NO_SUCH_NAME && ++count <= 3);
	}
}

/* Our question's answer, with the counts and records that the input holds. */
static void feed_records(struct replay *r, unsigned which, const uint8_t *data, size_t len)
{
	replay_prepare(r, which & 1, 0, 0);
	r->last.data[13] ^= which & 2 ? 0x20 : 0;
	for (size_t i = 0; i < 3 && i < len; i++)
		r->last.data[7 + 2 * i] = data[i];
	if (len > 3) {
		memcpy(r->last.data + r->last.len, data + 3, len - 3);
		r->last.len += len - 3;
	}
	replay_deliver(r);
}

/* Bytes are events; from 200 on, that many bytes of records. */
__attribute__((unused)) static void fuzz_dns_replay(const uint8_t *data, size_t len)
{
	static struct replay r;

	if (len < 2)
		return;
	memset(r.health, 0, sizeof r.health);
	r.health[0].failures = data[1] & 1;
	r.random = data[1];
	r.broken = NULL;
	replay_start(&r, (struct hoy__exchange_setup){
		.servers = 1 + data[0] % 3, .attempts = 1 + data[0] / 4 % 3, .use_tcp = data[0] >> 6 & 1,
		.single_request = data[0] >> 7, .mixed_case = data[1] >> 1 & 1, .first = data[1] >> 6, .budget = data[1] >> 2 & 7 });
	for (size_t i = 2; i < len && r.opened < REPLAY_SOCKETS / 2; i++) {
		size_t take = data[i] >= 200 ? data[i] - 200u : 0;

		if (data[i] < 200) {
			replay_event(&r, data[i]);
			continue;
		}
		if (take > len - i - 1)
			take = len - i - 1;
		feed_records(&r, data[i], data + i + 1, take);
		i += take;
	}
	replay_finish(&r);
	must(!r.broken);
}

enum { CACHE_ITEMS = 32, CACHE_ENTRIES = 8, CACHE_BYTES = 1000, CACHE_STALE = 40 };

struct cache_item {
	struct hoy__cached cached;
	struct hoy__name name;
	int kept;
};

static size_t cache_bytes;

static void drop_cached(struct hoy__cached *c)
{
	struct cache_item *item = container_of(c, struct cache_item, cached);

	must(item->kept);
	item->kept = 0;
	cache_bytes -= c->size;
}

/* One thing that happens: what is said is of the question and in its time, the newest word is heard. */
static void fuzz_cache_event(struct hoy__cache *cache, struct cache_item *item, const uint8_t *at, int64_t now)
{
	uint16_t type = at[1] & 1 ? HOY__A : HOY__AAAA;
	struct hoy__cached *c;

	item->name = (struct hoy__name){ 3, { 1, (uint8_t)((at[1] & 2 ? 'A' : 'a') + (at[1] >> 2 & 7)) } };
	c = (at[0] & 3 ? hoy__cache_find : hoy__cache_find_old)(cache, &item->name, type, now);
	if (c) {
		must(container_of(c, struct cache_item, cached)->kept && hoy__name_equal(c->name, &item->name));
		must(c->type == type || c->type == HOY__CACHE_ALL);
		must(now - c->until < CACHE_STALE * HOY_SECOND);
		must(c->kind != HOY__CACHED_FAILURE || hoy__cached_is_fresh(c, now));
	}
	if (at[0] & 4)
		return;
	item->cached = (struct hoy__cached){
		.kind = (enum hoy__cached_kind)(at[0] >> 3 & 3), .name = &item->name, .ttl = at[2] % 50u,
		.type = (at[0] >> 3 & 3) == HOY__CACHED_NEGATIVE && at[1] & 32 ? HOY__CACHE_ALL : type, .size = 4u * at[3],
	};
	if (item->cached.kind > HOY__CACHED_FAILURE)
		item->cached.kind = HOY__CACHED_DATA;
	item->kept = 1;
	cache_bytes += item->cached.size;
	if (!hoy__cache_put(cache, &item->cached, now))
		drop_cached(&item->cached);
	else if (item->cached.kind != HOY__CACHED_FAILURE)
		must(hoy__cache_find(cache, &item->name, type, now) == &item->cached);
}

/* Four bytes are an event, and time passes with each. */
__attribute__((unused)) static void fuzz_dns_cache(const uint8_t *data, size_t len)
{
	static struct cache_item items[CACHE_ITEMS];
	const struct hoy__cache_setup setup = { .entries = CACHE_ENTRIES, .bytes = CACHE_BYTES,
						.stale = CACHE_STALE * HOY_SECOND, .drop = drop_cached };
	struct hoy__cache *cache = hoy__cache_new(&setup);
	int64_t now = HOY_HOUR;

	must(cache != NULL);
	for (; len >= 4; data += 4, len -= 4) {
		struct cache_item *item = items;

		while (item->kept)
			item++;
		now += (data[0] >> 5) * (data[0] >> 5) * HOY_SECOND;
		fuzz_cache_event(cache, item, data, now);
		must(hoy__cache_count(cache) <= 2 * CACHE_ENTRIES && cache_bytes <= 2 * CACHE_BYTES);
	}
	hoy__cache_free(cache);
	must(cache_bytes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	CONCAT(fuzz_, TARGET)(data, len);
	return 0;
}
