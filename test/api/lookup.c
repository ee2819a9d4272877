/* The lookups as a program sees them: against a server of its own, the hosts file, and nobody at all. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hoy.h>

#include "t.h"

/* ---- a name server that has one answer for each type, whatever the name ---- */

static const struct {
	uint16_t type;
	uint8_t len, data[25];
} answers[] = {
	{ HOY_TYPE_A, 4, { 192, 0, 2, 1 } },
	{ HOY_TYPE_AAAA, 16, { 0x20, 1, 0x0d, 0xb8, [15] = 1 } },
	{ HOY_TYPE_NS, 5, "\3ns1" },
	{ HOY_TYPE_PTR, 6, "\4host" },
	{ HOY_TYPE_MX, 8, "\0\12\4mail" },
	{ HOY_TYPE_TXT, 6, "\2ab\2cd" },
	{ HOY_TYPE_SRV, 12, "\0\1\0\2\24\224\4host" },
	{ HOY_TYPE_SOA, 24, "\300\14\300\14\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5" },
	{ HOY_TYPE_HTTPS, 24, "\0\1\0\0\1\0\3\2h2\0\3\0\2\40\373\0\4\0\4\300\0\2\1" },
	{ HOY_TYPE_SVCB, 8, "\0\0\4loop" },
	{ 65280, 3, "\1\2\3" },
};

/* A type that the server does not answer, and why: no more of it. */
enum { PROHIBITED = 65281 };
static const uint8_t reason[] = "\0\0\51\4\320\0\0\0\0\0\21\0\17\0\15\0\22not for you";

/* What the pointers of the SOA stand for. */
static const uint8_t soa[] = "\1a\7example\0\1a\7example\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5";

struct server {
	pthread_t thread;
	int fd, stop[2];
	char text[HOY_ADDR_STRLEN];
};

/* The question stands after the 12 octets of the header; the answer points at its name. */
static size_t reply_to(uint8_t *m, size_t len)
{
	size_t end = 12, type;

	while (end < len && m[end])
		end += 1u + m[end];
	end += 5;
	if (end > len)
		return 0;
	type = (size_t)(m[end - 4] << 8 | m[end - 3]);
	m[2] = 0x81;
	m[3] = 0x80;
	memset(m + 6, 0, 6);
	if (type == PROHIBITED) {
		m[3] |= 5;
		m[11] = 1;
		memcpy(m + end, reason, sizeof reason - 1);
		return end + sizeof reason - 1;
	}
	for (size_t i = 0; i < LEN(answers); i++) {
		if (answers[i].type != type)
			continue;
		memcpy(m + end, "\300\14\0\0\0\1\0\0\1\54\0", 12);
		m[end + 2] = (uint8_t)(type >> 8);
		m[end + 3] = (uint8_t)type;
		m[end + 11] = answers[i].len;
		memcpy(m + end + 12, answers[i].data, answers[i].len);
		m[7] = 1;
		return end + 12 + answers[i].len;
	}
	return end;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	struct pollfd on[] = { { s->fd, POLLIN, 0 }, { s->stop[0], POLLIN, 0 } };

	while (poll(on, 2, -1) > 0 && !on[1].revents) {
		struct sockaddr_in from;
		socklen_t size = sizeof from;
		uint8_t message[1500];
		ssize_t n = recvfrom(s->fd, message, 600, 0, (struct sockaddr *)&from, &size);
		size_t len = n > 12 ? reply_to(message, (size_t)n) : 0;

		if (len)
			sendto(s->fd, message, len, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

static void start(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	bind(s->fd, (struct sockaddr *)&at, sizeof at);
	getsockname(s->fd, (struct sockaddr *)&at, &len);
	snprintf(s->text, sizeof s->text, "127.0.0.1:%d", ntohs(at.sin_port));
	CHECK_INT(pipe(s->stop), 0);
	pthread_create(&s->thread, NULL, serve, s);
}

static void stop(struct server *s)
{
	CHECK_INT(write(s->stop[1], "", 1), 1);
	pthread_join(s->thread, NULL);
	close(s->fd);
	close(s->stop[0]);
	close(s->stop[1]);
}

/* Nothing of this machine: its files count as empty unless a test names others. */
static hoy_resolver_opts alone(const char *const *servers)
{
	return (hoy_resolver_opts){ .servers = servers, .resolv_conf = "", .hosts = "", .nsswitch = "", .services = "" };
}

/* ---- each kind of record ---- */

/* The data as it came, with the names in full. */
static void ask_for_data(hoy_resolver *r)
{
	hoy_record *records;

	for (size_t i = 0; i < LEN(answers); i++) {
		bool packed = answers[i].type == HOY_TYPE_SOA;
		const uint8_t *want = packed ? soa : answers[i].data;

		if (!CHECK_INT(hoy_resolver_query(r, "a.example", answers[i].type, &records, NULL), 1))
			continue;
		if (CHECK_INT(records[0].len, packed ? sizeof soa - 1 : answers[i].len))
			CHECK(memcmp(records[0].data, want, records[0].len) == 0);
		hoy_free(records);
	}
}

static int each_kind(void *arg)
{
	hoy_resolver *r = arg;
	char cname[HOY_NAME_STRLEN], text[HOY_IP_STRLEN], **names;
	hoy_resolver_stats stats;
	hoy_record *records;
	hoy_addr *addrs;
	hoy_svcb *svcb;
	hoy_srv *srv;
	hoy_txt *txt;
	hoy_mx *mx;
	hoy_ns *ns;
	hoy_ip *ips;
	hoy_err err;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, &err), 2);
	CHECK_INT(hoy_answer_of(ips)->source, HOY_SOURCE_DNS);
	CHECK_INT(hoy_answer_of(ips)->ttl, 300);
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "a.example", &ips, &err), 1);
	CHECK_STR(hoy_ip_string(ips[0], text), "192.0.2.1", "ip4");
	hoy_free(ips);
	CHECK_INT(hoy_resolver_lookup_ip_addr(r, "a.example", &addrs, &err), 2);
	hoy_free(addrs);
	CHECK_INT(hoy_resolver_lookup_host(r, "a.example", &names, &err), 2);
	CHECK(!names[2]);
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_addr(r, "192.0.2.1", &names, &err), 1);
	CHECK_STR(names[0], "host.", "addr");
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_cname(r, "a.example", cname, &err), 0);
	CHECK_STR(cname, "a.example.", "cname");
	CHECK_INT(hoy_resolver_lookup_mx(r, "a.example", &mx, &err), 1);
	CHECK_STR(mx[0].host, "mail.", "mx");
	CHECK_INT(mx[0].pref, 10);
	hoy_free(mx);
	CHECK_INT(hoy_resolver_lookup_ns(r, "a.example", &ns, &err), 1);
	CHECK_STR(ns[0].host, "ns1.", "ns");
	hoy_free(ns);
	CHECK_INT(hoy_resolver_lookup_txt(r, "a.example", &txt, &err), 1);
	CHECK_STR(txt[0].text, "abcd", "txt");
	CHECK_INT(txt[0].len, 4);
	hoy_free(txt);
	CHECK_INT(hoy_resolver_lookup_srv(r, "sip", "tcp", "a.example", cname, &srv, &err), 1);
	CHECK_STR(cname, "_sip._tcp.a.example.", "srv");
	CHECK_STR(srv[0].target, "host.", "srv");
	CHECK_INT(srv[0].priority * 100 + srv[0].weight, 102);
	CHECK_INT(srv[0].port, 5268);
	hoy_free(srv);
	CHECK_INT(hoy_resolver_lookup_https(r, "_8443._https.a.example", &svcb, &err), 1);
	CHECK_STR(svcb[0].target, "_8443._https.a.example.", "https");
	CHECK_INT(svcb[0].priority * 10000 + svcb[0].port, 18443);
	CHECK_INT(svcb[0].alpns * 100 + svcb[0].ipv4hints * 10 + svcb[0].ipv6hints, 110);
	CHECK_STR(svcb[0].alpn[0].text, "h2", "alpn");
	CHECK_STR(hoy_ip_string(svcb[0].ipv4hint[0], text), "192.0.2.1", "hint");
	CHECK(!svcb[0].no_default_alpn && !svcb[0].ech && !svcb[0].dohpath);
	hoy_free(svcb);
	CHECK_INT(hoy_resolver_lookup_svcb(r, "a.example", &svcb, &err), HOY_EMESSAGE);
	CHECK_INT(hoy_resolver_query(r, "a.example", 65280, &records, &err), 1);
	CHECK_STR(records[0].text, "\\# 3 010203", "any type");
	hoy_free(records);
	ask_for_data(r);
	CHECK_INT(hoy_resolver_query(r, "a.example", HOY_TYPE_CAA, &records, &err), 0);
	hoy_free(records);
	hoy_resolver_get_stats(r, &stats);
	CHECK(stats.lookups >= 12);
	CHECK(stats.sent == stats.received);
	return 0;
}

/* Mixed case changes nothing that a program sees. */
TEST(every_kind_of_record)
{
	static const unsigned flags[] = { 0, HOY_RESOLVER_MIXED_CASE };
	struct server s;
	const char *const servers[] = { s.text, NULL };
	hoy_resolver_opts opts = alone(servers);

	start(&s);
	for (size_t i = 0; i < LEN(flags); i++) {
		hoy_resolver *r;

		opts.flags = flags[i];
		r = hoy_resolver_new(&opts, NULL);
		CHECK_INT(each_kind(r), 0);
		CHECK_INT(hoy_run(each_kind, r), 0);
		hoy_resolver_free(r);
	}
	stop(&s);
}

static void note_reason(const hoy_trace *event, void *arg)
{
	if (event->kind == HOY_TRACE_RECEIVED && event->has_extended && !strcmp(event->extra, "not for you"))
		*(unsigned *)arg = event->extended;
}

TEST(a_reason_for_no_answer)
{
	struct server s;
	const char *const servers[] = { s.text, NULL };
	hoy_resolver_opts opts = alone(servers);
	unsigned traced = 0;
	hoy_resolver *r;
	hoy_record *records;
	hoy_err err;
	char text[HOY_ERR_STRLEN];

	start(&s);
	opts.trace = note_reason;
	opts.arg = &traced;
	r = hoy_resolver_new(&opts, NULL);
	CHECK_INT(hoy_resolver_query(r, "a.example", PROHIBITED, &records, &err), HOY_EREFUSED);
	CHECK(strstr(hoy_err_string(&err, text), ": server misbehaving (Prohibited: not for you)"));
	CHECK_INT(err.has_extended * 100 + err.extended, 118);
	CHECK_STR(err.subject + err.extra, "not for you", "words");
	CHECK_STR(hoy_extended_string(err.extended, text), "Prohibited", "name");
	CHECK_INT(traced, 18);
	hoy_resolver_free(r);
	stop(&s);
}

/* ---- what is remembered ---- */

static int ask_again(void *arg)
{
	hoy_resolver_opts opts = alone(arg);
	hoy_resolver_stats stats;
	hoy_resolver *r;
	hoy_ip *ips;

	opts.cache = 10;
	r = hoy_resolver_new(&opts, NULL);
	for (int i = 0; i < 3; i++) {
		if (!CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, NULL), 2))
			continue;
		CHECK_INT(hoy_answer_of(ips)->source, i ? HOY_SOURCE_CACHE : HOY_SOURCE_DNS);
		CHECK(hoy_answer_of(ips)->ttl <= 300 && hoy_answer_of(ips)->ttl > 200);
		CHECK_INT(hoy_answer_of(ips)->server.kind, HOY_ADDR_UDP);
		hoy_free(ips);
	}
	hoy_resolver_get_stats(r, &stats);
	CHECK_INT(stats.lookups, 3);
	CHECK_INT(stats.sent, 2);
	CHECK_INT(stats.misses, 2);
	CHECK_INT(stats.hits, 4);
	CHECK_INT(stats.stale, 0);
	CHECK_INT(stats.entries, 2);
	hoy_resolver_free(r);
	return 0;
}

TEST(a_resolver_that_remembers_asks_once)
{
	struct server s;
	const char *servers[] = { s.text, NULL };

	start(&s);
	CHECK_INT(ask_again(servers), 0);
	CHECK_INT(hoy_run(ask_again, servers), 0);
	stop(&s);
}

/* ---- without any server ---- */

static int nobody_is_asked(void *arg)
{
	char cname[HOY_NAME_STRLEN], text[HOY_ADDR_STRLEN], **names;
	hoy_addr *addrs;
	hoy_ip *ips;

	(void)arg;
	CHECK_INT(hoy_lookup_ip("192.0.2.7", &ips, NULL), 1);
	CHECK_STR(hoy_ip_string(ips[0], text), "192.0.2.7", "literal");
	CHECK_INT(hoy_answer_of(ips)->source, HOY_SOURCE_LITERAL);
	CHECK_INT(hoy_answer_of(ips)->server.kind, HOY_ADDR_NONE);
	hoy_free(ips);
	CHECK_INT(hoy_lookup_ip_addr("fe80::1%lo", &addrs, NULL), 1);
	CHECK_STR(hoy_addr_string(&addrs[0], text), "fe80::1%lo", "zone");
	hoy_free(addrs);
	CHECK_INT(hoy_lookup_host("fe80:0::1%lo", &names, NULL), 1);
	CHECK_STR(names[0], "fe80:0::1%lo", "as it was written");
	hoy_free(names);
	CHECK(hoy_lookup_ip("localhost", &ips, NULL) >= 1);
	CHECK(hoy_ip_is_loopback(ips[0]));
	hoy_free(ips);
	CHECK(hoy_lookup_ip("deep.below.localhost.", &ips, NULL) == 2);
	CHECK_INT(hoy_answer_of(ips)->source, HOY_SOURCE_LOCAL);
	hoy_free(ips);
	CHECK_INT(hoy_lookup_cname("deep.localhost", cname, NULL), 0);
	CHECK_STR(cname, "deep.localhost.", "cname");
	return 0;
}

TEST(literals_and_localhost)
{
	CHECK_INT(nobody_is_asked(NULL), 0);
	CHECK_INT(hoy_run(nobody_is_asked, NULL), 0);
}

TEST(names_that_are_not_asked_for)
{
	char cname[HOY_NAME_STRLEN], text[HOY_ERR_STRLEN], **names;
	hoy_addr *addrs;
	hoy_svcb *svcb;
	hoy_srv *srv;
	hoy_txt *txt;
	hoy_mx *mx;
	hoy_ns *ns;
	hoy_ip *ips;
	hoy_err err;

	CHECK_INT(hoy_lookup_ip("x.invalid", &ips, &err), HOY_ENOHOST);
	CHECK_STR(hoy_err_string(&err, text), "lookup x.invalid: no such host", "text");
	CHECK_INT(hoy_lookup_ip_addr("x.onion", &addrs, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_host("", &names, &err), HOY_ENOHOST);
	CHECK_STR(hoy_err_string(&err, text), "lookup : no such host", "empty");
	CHECK_INT(hoy_lookup_addr("x", &names, &err), HOY_EUNRECOGNIZED);
	CHECK_INT(hoy_lookup_cname("a b", cname, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_mx("x.invalid", &mx, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_ns("x..y", &ns, &err), HOY_ENOHOST);
	CHECK_INT(hoy_resolver_lookup_ns(NULL, "x.invalid", &ns, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_txt("x.invalid", &txt, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_srv("a", "b", "x.invalid", NULL, &srv, &err), HOY_ENOHOST);
	CHECK_STR(hoy_err_string(&err, text), "lookup _a._b.x.invalid: no such host", "srv");
	CHECK_INT(hoy_lookup_svcb("_dns.x.invalid", &svcb, &err), HOY_ENOHOST);
	CHECK_INT(hoy_lookup_https("x.invalid", &svcb, &err), HOY_ENOHOST);
	CHECK_STR(hoy_err_string(&err, text), "lookup x.invalid: no such host", "https");
	CHECK(hoy_is_not_found(err.code));
	CHECK(hoy_answer_of(NULL) == NULL);
	hoy_free(NULL);
}

/* ---- the hosts file ---- */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!CHECK(f))
		return;
	fputs(text, f);
	fclose(f);
}

static int hosts_first(void *arg)
{
	static const char text[] =
		"192.0.2.9 first.example second\n"
		"192.0.2.8 second\n"
		"fe80::9%lo first.example\n"
		"192.0.2.7 -odd fine.example odd-\n"
		"192.0.2.6 *\n"
		"::ffff:192.0.2.5 mapped\n";
	char path[] = "/tmp/hoy-hosts-XXXXXX", cname[HOY_NAME_STRLEN], **names, said[HOY_ERR_STRLEN];
	hoy_resolver_opts opts = alone(NULL);
	hoy_resolver *r;
	hoy_addr *addrs, addr;
	hoy_ip *ips;
	hoy_err err;

	(void)arg;
	close(mkstemp(path));
	write_file(path, text);
	opts.hosts = path;
	opts.total = HOY_SECOND;
	r = hoy_resolver_new(&opts, NULL);
	CHECK_INT(hoy_resolver_lookup_host(r, "SECOND", &names, NULL), 2);
	CHECK_STR(names[0], "192.0.2.9", "in the file's order");
	CHECK_STR(names[1], "192.0.2.8", "in the file's order");
	CHECK_INT(hoy_answer_of(names)->source, HOY_SOURCE_HOSTS);
	CHECK_STR(hoy_answer_of(names)->name, "first.example.", "canonical");
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_ip_addr(r, "first.example.", &addrs, NULL), 2);
	hoy_free(addrs);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip6", "second", &ips, &err), HOY_EUNSUITABLE);
	CHECK_INT(hoy_resolver_lookup_addr(r, "192.0.2.9", &names, NULL), 2);
	CHECK_STR(names[0], "first.example.", "reverse");
	CHECK_STR(names[1], "second", "reverse");
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_addr(r, "fe80::9%lo", &names, NULL), 1);
	hoy_free(names);
	CHECK_INT(hoy_resolver_resolve_tcp_addr(r, "tcp4", "mapped:80", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, said), "192.0.2.5:80", "mapped");
	CHECK_INT(hoy_resolver_resolve_ip_addr(r, "ip6", "mapped", &addr, &err), HOY_EUNSUITABLE);
	CHECK_INT(hoy_resolver_lookup_addr(r, "192.0.2.7", &names, NULL), 1);
	CHECK_STR(names[0], "fine.example.", "the other two are no names");
	CHECK_INT(hoy_answer_of(names)->dropped, 2);
	hoy_free(names);
	CHECK_INT(hoy_resolver_lookup_addr(r, "192.0.2.6", &names, &err), HOY_EBADNAMES);
	CHECK_STR(hoy_err_string(&err, said),
		  "lookup 192.0.2.6: DNS response contained records which contain invalid names", "none is one");
	CHECK_INT(hoy_resolver_lookup_cname(r, "second", cname, NULL), 0);
	CHECK_STR(cname, "first.example.", "cname");
	hoy_resolver_free(r);
	unlink(path);
	return 0;
}

TEST(hosts_file)
{
	CHECK_INT(hosts_first(NULL), 0);
	CHECK_INT(hoy_run(hosts_first, NULL), 0);
}

/* nsswitch.conf decides who is asked, and who is asked first. */
TEST(order_of_sources)
{
	static const struct { const char *nsswitch; unsigned flags; enum hoy_source source; } cases[] = {
		{ "hosts: files dns\n", 0, HOY_SOURCE_HOSTS },
		{ "hosts: dns files\n", 0, HOY_SOURCE_DNS },
		{ "hosts: dns\n", 0, HOY_SOURCE_DNS },
		{ "hosts: files\n", 0, HOY_SOURCE_HOSTS },
		{ "hosts: files dns\n", HOY_RESOLVER_NO_HOSTS, HOY_SOURCE_DNS },
	};
	char hosts[] = "/tmp/hoy-hosts-XXXXXX", nsswitch[] = "/tmp/hoy-nss-XXXXXX";
	struct server s;
	const char *const servers[] = { s.text, NULL };
	hoy_ip *ips;

	start(&s);
	close(mkstemp(hosts));
	close(mkstemp(nsswitch));
	write_file(hosts, "192.0.2.99 both.example\n");
	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_resolver_opts opts = alone(servers);
		hoy_resolver *r;

		write_file(nsswitch, cases[i].nsswitch);
		opts.hosts = hosts;
		opts.nsswitch = nsswitch;
		opts.flags = cases[i].flags;
		r = hoy_resolver_new(&opts, NULL);
		CHECK(hoy_resolver_lookup_ip(r, "ip", "both.example", &ips, NULL) > 0);
		CHECK_INT(hoy_answer_of(ips)->source, cases[i].source);
		hoy_free(ips);
		hoy_resolver_free(r);
	}
	write_file(nsswitch, "hosts: files\n");
	hoy_resolver_opts opts = alone(servers);
	opts.nsswitch = nsswitch;
	hoy_resolver *r = hoy_resolver_new(&opts, NULL);
	hoy_err err;
	char text[HOY_ERR_STRLEN];
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "other.example", &ips, &err), HOY_ENOHOST);
	CHECK_STR(hoy_err_string(&err, text), "lookup other.example: no such host", "no server was asked");
	hoy_resolver_free(r);
	unlink(hosts);
	unlink(nsswitch);
	stop(&s);
}

/* ---- the resolver itself ---- */

TEST(servers_that_are_none)
{
	static const char *const texts[] = { "ns.example", "192.0.2.1:0", "192.0.2.1:http", "", "[::1]" };
	const char *const none[] = { NULL };
	const char *const many[] = { "::1", "::1", "::1", "::1", "::1", "::1", "::1", "::1", "::1", NULL };
	hoy_resolver_opts opts = { 0 };
	hoy_err err;

	for (size_t i = 0; i < LEN(texts); i++) {
		const char *const servers[] = { "192.0.2.1", texts[i], NULL };

		opts.servers = servers;
		CHECK(!hoy_resolver_new(&opts, &err));
		CHECK_INT(err.code, HOY_EADDR);
		CHECK_STR(err.subject, texts[i], "the one that is wrong");
	}
	opts.servers = none;
	CHECK(!hoy_resolver_new(&opts, &err));
	CHECK_INT(err.code, HOY_EMISSING);
	opts.servers = many;
	CHECK(!hoy_resolver_new(&opts, &err));
	CHECK_INT(err.code, -E2BIG);
}

TEST(servers_in_every_form)
{
	const char *const servers[] = { "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53", "[fe80::1%lo]:53",
					"fe80::1%lo", NULL };
	hoy_resolver_opts opts = { .servers = servers };
	hoy_resolver *r = hoy_resolver_new(&opts, NULL);

	CHECK(r);
	hoy_resolver_free(r);
	r = hoy_resolver_new(NULL, NULL);
	CHECK(r);
	hoy_resolver_free(r);
	hoy_resolver_free(NULL);
}

/* Nobody answers there; the deadline is past when the lookup comes. */
TEST(closed_and_late)
{
	struct server s;
	const char *const servers[] = { s.text, NULL };
	hoy_resolver_opts opts = alone(servers);
	hoy_resolver *r;
	hoy_ip *ips;
	hoy_err err;

	start(&s);
	r = hoy_resolver_new(&opts, NULL);
	CHECK_INT(hoy_resolver_set_deadline(r, hoy_in(-HOY_SECOND), NULL), 0);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, &err), HOY_ETIMEOUT);
	CHECK(hoy_is_timeout(err.code));
	CHECK_INT(hoy_resolver_set_deadline(r, (hoy_time){ 0 }, NULL), 0);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, &err), 2);
	hoy_free(ips);
	CHECK_INT(hoy_resolver_close(r, &err), 0);
	CHECK_INT(hoy_resolver_close(r, &err), HOY_ECLOSED);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip", "a.example", &ips, &err), HOY_ECLOSED);
	CHECK(hoy_is_closed(err.code));
	CHECK_INT(hoy_resolver_set_deadline(r, hoy_now(), &err), HOY_ECLOSED);
	hoy_resolver_free(r);
	stop(&s);
}

TEST(numbers_and_names_of_types)
{
	char text[HOY_TYPE_STRLEN];

	CHECK_INT(hoy_parse_type("mx"), HOY_TYPE_MX);
	CHECK_INT(hoy_parse_type("TYPE65280"), 65280);
	CHECK_INT(hoy_parse_type("TYPE65536"), -EINVAL);
	CHECK_INT(hoy_parse_type(""), -EINVAL);
	CHECK_STR(hoy_type_string(HOY_TYPE_HTTPS, text), "HTTPS", "type");
	CHECK_STR(hoy_type_string(65280, text), "TYPE65280", "type");
	CHECK_STR(hoy_rcode_string(3, text), "NXDOMAIN", "rcode");
	CHECK_STR(hoy_rcode_string(4000, text), "RCODE4000", "rcode");
}

/* ---- ports, and addresses by name ---- */

TEST(ports)
{
	char services[] = "/tmp/hoy-services-XXXXXX";
	hoy_resolver_opts opts = alone(NULL);
	hoy_resolver *r;
	hoy_err err;

	close(mkstemp(services));
	write_file(services, "odd 4711/tcp strange\nodd 4712/udp\nhttp 8080/tcp\n");
	opts.services = services;
	r = hoy_resolver_new(&opts, NULL);
	CHECK_INT(hoy_resolver_lookup_port(r, "tcp", "odd", NULL), 4711);
	CHECK_INT(hoy_resolver_lookup_port(r, "udp6", "ODD", NULL), 4712);
	CHECK_INT(hoy_resolver_lookup_port(r, "ip", "strange", NULL), 4711);
	CHECK_INT(hoy_resolver_lookup_port(r, "tcp", "http", NULL), 8080);
	CHECK_INT(hoy_resolver_lookup_port(r, "tcp", "https", NULL), 443);
	CHECK_INT(hoy_resolver_lookup_port(r, "tcp", "", NULL), 0);
	CHECK_INT(hoy_resolver_lookup_port(r, "udp", "strange", &err), HOY_ENOPORT);
	CHECK(hoy_is_not_found(err.code));
	CHECK_INT(hoy_resolver_lookup_port(r, "icmp", "odd", &err), HOY_ENETWORK);
	CHECK_INT(hoy_resolver_lookup_port(r, "tcp", "65536", &err), HOY_EBADPORT);
	hoy_resolver_free(r);
	CHECK_INT(hoy_lookup_port("tcp", "ssh", NULL), 22);
	CHECK_INT(hoy_lookup_port("tcp", "no-such-service", &err), HOY_ENOPORT);
	unlink(services);
}

TEST(addresses_by_name)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	CHECK_INT(hoy_resolve_tcp_addr("tcp4", "localhost:http", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "127.0.0.1:80", "tcp4");
	CHECK_INT(hoy_resolve_udp_addr("udp", "x.localhost:domain", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "127.0.0.1:53", "IPv4 is preferred");
	CHECK_INT(hoy_resolve_udp_addr("tcp", "127.0.0.1:53", &addr, NULL), HOY_ENETWORK);
	CHECK_INT(hoy_resolve_tcp_addr("tcp6", "x.localhost:http", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "[::1]:80", "tcp6");
	CHECK_INT(hoy_resolve_tcp_addr("tcp", "[x.localhost]:http", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "[::1]:80", "in brackets: IPv6");
	CHECK_INT(hoy_resolve_ip_addr("ip", "x.localhost", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "127.0.0.1", "ip");
	CHECK_INT(hoy_resolve_tcp_addr("tcp", "x.invalid:80", &addr, &err), HOY_ENOHOST);
	CHECK_INT(hoy_resolve_tcp_addr("tcp", "localhost:nothing", &addr, &err), HOY_ENOPORT);
}

TEST(addresses_by_a_resolver)
{
	char text[HOY_ADDR_STRLEN];
	struct server s;
	const char *servers[] = { s.text, NULL };
	hoy_resolver_opts opts = alone(servers);
	hoy_resolver *r;
	hoy_addr addr;
	hoy_err err;

	start(&s);
	r = hoy_resolver_new(&opts, NULL);
	CHECK_INT(hoy_resolver_resolve_ip_addr(r, "", "a.example", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "192.0.2.1", "ip");
	CHECK_INT(hoy_resolver_resolve_ip_addr(r, "ip6", "a.example", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "2001:db8::1", "ip6");
	CHECK_INT(hoy_resolver_resolve_tcp_addr(r, "tcp", "a.example:telnet", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "192.0.2.1:23", "tcp");
	CHECK_INT(hoy_resolver_resolve_udp_addr(r, "udp6", "a.example:domain", &addr, NULL), 0);
	CHECK_STR(hoy_addr_string(&addr, text), "[2001:db8::1]:53", "udp6");
	CHECK_INT(hoy_resolver_resolve_udp_addr(r, "tcp", "a.example:53", &addr, &err), HOY_ENETWORK);
	CHECK_INT(hoy_resolver_resolve_tcp_addr(r, "tcp", "a.example:nothing", &addr, &err), HOY_ENOPORT);
	hoy_resolver_close(r, NULL);
	CHECK_INT(hoy_resolver_resolve_ip_addr(r, "ip", "a.example", &addr, &err), HOY_ECLOSED);
	hoy_resolver_free(r);
	stop(&s);
}
