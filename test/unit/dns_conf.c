/* The configuration files: Go's facts from test/vectors, and catalogue lines F1 to F4. */
#include <sys/stat.h>

#include <hoy.h>

#include "base/base.h"
#include "dns/conf/file.h"
#include "dns/conf/hosts.h"
#include "dns/msg/name.h"
#include "dns/conf/nsswitch.h"
#include "dns/conf/resolv.h"
#include "dns/conf/search.h"
#include "dns/conf/services.h"
#include "support/fault_os.h"
#include "support/tsv.h"
#include "t.h"

static char joined[20000];

/* Appends a text and, before all but the first, a comma. "-" is the empty list. */
static void join(const char *text)
{
	if (*joined)
		strcat(joined, ",");
	strcat(joined, text);
}

static const char *joined_list(void)
{
	return *joined ? joined : "-";
}

/* The bytes of a file beside the vectors; "MISSING" is no file. */
static size_t load(const char *folder, const char *name, char **text)
{
	char path[400];
	struct hoy__file_info info;
	ssize_t len;

	*text = NULL;
	if (!strcmp(name, "MISSING"))
		return 0;
	snprintf(path, sizeof path, "%s/%s/%s", HOY_VECTORS, folder, name);
	len = hoy__file_read(path, 1 << 20, text, &info);
	CHECK(len >= 0);
	return len > 0 ? (size_t)len : 0;
}

static void check_flag(const struct tsv *t, const char *column, bool got)
{
	CHECK_STR(got ? "1" : "0", tsv(t, column), column);
}

static void check_number(const struct tsv *t, const char *column, unsigned got)
{
	char text[20];

	snprintf(text, sizeof text, "%u", got);
	CHECK_STR(text, tsv(t, column), column);
}

static void check_resolv_row(const struct tsv *t, const struct hoy__resolv *conf)
{
	char addr[HOY_ADDR_STRLEN];

	*joined = 0;
	for (unsigned i = 0; i < conf->servers; i++)
		join(hoy_addr_string_4in6(&conf->server[i], addr));
	CHECK_STR(joined_list(), tsv(t, "servers"), tsv(t, "file"));
	*joined = 0;
	for (size_t i = 0; i < conf->searches; i++)
		join(conf->search[i]);
	CHECK_STR(joined_list(), tsv(t, "search"), tsv(t, "file"));
	check_number(t, "ndots", conf->ndots);
	check_number(t, "timeout_s", conf->timeout);
	check_number(t, "attempts", conf->attempts);
	check_flag(t, "rotate", conf->rotate);
	check_flag(t, "single_request", conf->single_request);
	check_flag(t, "use_tcp", conf->use_tcp);
	check_flag(t, "trust_ad", conf->trust_ad);
	check_flag(t, "no_reload", conf->no_reload);
	check_flag(t, "unknown_option", conf->unknown_option);
	CHECK_STR(*conf->lookup ? conf->lookup : "-", tsv(t, "lookup"), "lookup");
}

TEST(resolv_conf)
{
	struct tsv t;

	tsv_open(&t, "resolv_conf");
	while (tsv_next(&t)) {
		struct hoy__resolv conf;
		char *text;
		size_t len = load("resolv", tsv(&t, "file"), &text);

		CHECK_INT(hoy__resolv_parse(&conf, text, len, tsv(&t, "hostname")), 0);
		check_resolv_row(&t, &conf);
		hoy__resolv_clear(&conf);
		hoy__release(text);
	}
	CHECK(t.row > 30);
}

TEST(resolv_conf_beyond_the_vectors)
{
	static const char text[] = "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
				   "nameserver 192.0.2.4\noptions no-aaaa ndots:2 inet6\nsearch\n";
	struct hoy__resolv conf;

	CHECK_INT(hoy__resolv_parse(&conf, text, sizeof text - 1, "host.example"), 0);
	CHECK_INT(conf.servers, 3);
	CHECK_INT(conf.no_aaaa, 1);
	CHECK_INT(conf.unknown_option, 1);
	CHECK_INT(conf.searches, 1);
	CHECK_STR(conf.search[0], "example.", "an empty search means the default");
	hoy__resolv_clear(&conf);
}

TEST(F1_nul_bytes_long_lines_and_absurd_numbers)
{
	static const char head[] = "\0nameserver 192.0.2.1\nsearch a\0b c.example\n"
				   "options ndots:99999999999 timeout:-1 attempts:99999999999999999999\n";
	static char text[20000];
	struct hoy__resolv conf;
	struct hoy__nsswitch nss;
	struct hoy__hosts hosts;
	struct hoy__services services;

	memset(text, 'a', sizeof text);
	memcpy(text, head, sizeof head - 1);
	CHECK_INT(hoy__resolv_parse(&conf, text, sizeof text, ""), 0);
	CHECK_INT(conf.ndots, 15);
	CHECK_INT(conf.timeout, 1);
	CHECK_INT(conf.attempts, 0xffffff);
	CHECK_INT(conf.searches, 1);
	CHECK_STR(conf.search[0], "c.example.", "a word with a NUL is no name");
	hoy__resolv_clear(&conf);
	hoy__nsswitch_parse(&nss, text, sizeof text);
	CHECK(nss.malformed);
	CHECK_INT(hoy__hosts_parse(&hosts, text, sizeof text), 0);
	CHECK_INT(hosts.count, 0);
	hoy__hosts_clear(&hosts);
	CHECK_INT(hoy__services_parse(&services, text, sizeof text), 0);
	CHECK_INT(services.count, 0);
	hoy__services_clear(&services);
}

TEST(F2_ten_thousand_reads_leave_nothing)
{
	static const char text[] = "nameserver ::1\nnameserver ::2\nnameserver ::3\nsearch a b c\ndomain d\n";
	struct hoy__resolv conf;

	for (int i = 0; i < SCALED(10000); i++) {
		hoy__resolv_parse(&conf, text, sizeof text - 1, "a.b");
		hoy__resolv_clear(&conf);	/* the leak check of the sanitizers looks at the rest */
	}
	CHECK(!conf.search);
}

static void check_by_name(const struct tsv *t, const struct hoy__hosts *hosts)
{
	const struct hoy__host *found;
	size_t count = hoy__hosts_by_name(hosts, tsv(t, "query"), &found);
	char text[HOY_IP_STRLEN];

	*joined = 0;
	for (size_t i = 0; i < count; i++) {
		join(hoy_ip_string_4in6(found[i].addr->ip, text));
		if (*found[i].addr->zone)
			strcat(strcat(joined, "%"), found[i].addr->zone);
	}
	CHECK_STR(joined_list(), tsv(t, "result"), tsv(t, "query"));
	CHECK_STR(count ? found->canonical : "-", tsv(t, "canonical"), tsv(t, "query"));
}

static void check_by_addr(const struct tsv *t, const struct hoy__hosts *hosts)
{
	struct hoy__host *const *found;
	hoy_addr addr = { 0 };
	size_t count = 0;

	if (hoy_parse_addr(tsv(t, "query"), &addr, NULL) == 0)
		count = hoy__hosts_by_addr(hosts, &addr, &found);
	*joined = 0;
	for (size_t i = 0; i < count; i++)
		join(found[i]->name);
	CHECK_STR(joined_list(), tsv(t, "result"), tsv(t, "query"));
}

TEST(hosts_file)
{
	struct tsv t;

	tsv_open(&t, "hosts_lookup");
	while (tsv_next(&t)) {
		struct hoy__hosts hosts;
		char *text;
		size_t len = load("hosts", tsv(&t, "file"), &text);

		CHECK_INT(hoy__hosts_parse(&hosts, text, len), 0);
		hoy__release(text);	/* nothing may point into it */
		if (tsv_is(&t, "kind", "host"))
			check_by_name(&t, &hosts);
		else
			check_by_addr(&t, &hosts);
		hoy__hosts_clear(&hosts);
	}
	CHECK(t.row > 60);
}

TEST(F3_a_shared_address_keeps_its_names_and_a_thousand_aliases_stay)
{
	static char text[40000] = "192.0.2.1 one\n192.0.2.1 two\n192.0.2.2 two three\n192.0.2.9";
	const struct hoy__host *found;
	struct hoy__hosts hosts;
	char name[20];

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, " alias%d", i);
		strcat(text, name);
	}
	CHECK_INT(hoy__hosts_parse(&hosts, text, strlen(text)), 0);
	CHECK_INT(hoy__hosts_by_name(&hosts, "one", &found), 1);
	CHECK_INT(hoy__hosts_by_name(&hosts, "two", &found), 2);
	CHECK_STR(found->canonical, "two", "the line that names it first");
	CHECK_INT(hoy__hosts_by_name(&hosts, "three", &found), 1);
	CHECK_STR(found->canonical, "two", "first name of its line");
	CHECK_INT(hoy__hosts_by_name(&hosts, "ALIAS999", &found), 1);
	CHECK_STR(found->canonical, "alias0", "canonical");
	hoy__hosts_clear(&hosts);
}

TEST(hosts_answers_no_name_longer_than_a_name)
{
	const struct hoy__host *found;
	struct hoy__hosts hosts;
	char name[2000];

	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = 0;
	CHECK_INT(hoy__hosts_parse(&hosts, "::1 a", 5), 0);
	CHECK_INT(hoy__hosts_by_name(&hosts, name, &found), 0);
	CHECK_INT(hoy__hosts_by_name(&hosts, "", &found), 0);
	hoy__hosts_clear(&hosts);
}

TEST(nsswitch)
{
	static const char *const names[] = { "", "files", "dns" };
	struct tsv t;

	tsv_open(&t, "nsswitch_hosts");
	while (tsv_next(&t)) {
		struct hoy__nsswitch conf;
		char *text;
		size_t len = load("nsswitch", tsv(&t, "file"), &text);

		hoy__nsswitch_parse(&conf, text, len);
		hoy__release(text);
		CHECK_STR(conf.malformed ? "ERROR" : *conf.sources ? conf.sources : "-", tsv(&t, "hosts_sources"),
			  tsv(&t, "file"));
		*joined = 0;
		for (int i = 0; i < 2 && conf.order[i]; i++)
			join(names[conf.order[i]]);
		CHECK_STR(joined, tsv(&t, "order"), tsv(&t, "file"));
	}
	CHECK(t.row > 10);
}

TEST(nsswitch_beyond_the_vectors)
{
	static const struct { const char *in; int first, second, malformed; } cases[] = {
		{ "hosts: mdns4 myhostname\n",		HOY__FILES, HOY__DNS, 0 },
		{ "hosts:\npasswd: files\n",		HOY__FILES, HOY__DNS, 0 },
		{ "hosts: dns [x] files\n",		HOY__FILES, HOY__DNS, 1 },
		{ "hosts: dns [xyz] files\n",		HOY__FILES, HOY__DNS, 1 },
		{ "passwd: files [oops\nhosts: dns\n",	HOY__FILES, HOY__DNS, 1 },
		{ "passwd: files [a=b]\nhosts: dns\n",	HOY__DNS, 0, 0 },
		{ "hosts: dns[notfound=return] files\n", HOY__FILES, 0, 0 },	/* one word, as Go sees it */
	};
	struct hoy__nsswitch conf;

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy__nsswitch_parse(&conf, cases[i].in, strlen(cases[i].in));
		CHECK_INT(conf.order[0], cases[i].first);
		CHECK_INT(conf.order[1], cases[i].second);
		CHECK_INT(conf.malformed, cases[i].malformed);
	}
}

static int port_of(const struct hoy__services *services, const char *network, const char *service)
{
	return hoy__services_port(services, hoy__network_find(*network ? network : "ip", ~0u), service);
}

static void check_ports(const struct hoy__services *services)
{
	struct tsv t;

	tsv_open(&t, "lookup_port");
	while (tsv_next(&t)) {
		int port = port_of(services, tsv(&t, "network"), tsv(&t, "service"));
		char text[20];

		if (tsv_is(&t, "needs_services_file", "yes"))
			continue;
		snprintf(text, sizeof text, "%d", port);
		CHECK_STR(port < 0 ? "ERROR" : text, tsv(&t, "port"), tsv(&t, "service"));
		CHECK_STR(port < 0 ? hoy_strerror(port) : "-", tsv(&t, "error"), tsv(&t, "service"));
	}
}

TEST(ports_without_and_with_a_services_file)
{
	static const char text[] = "# comment\nHTTP-Alt 8080/tcp webcache # alias\nbroken 12\nbroken2 x/tcp\n"
				   "zero 0/tcp\nbig 65536/tcp\nsyslog\t514/udp\nftp 2121/tcp\nftp 2122/tcp\n";
	static const struct { const char *network, *name; int port; } cases[] = {
		{ "tcp", "http-alt", 8080 }, { "tcp6", "WebCache", 8080 }, { "udp", "webcache", HOY_ENOPORT },
		{ "tcp", "broken", HOY_ENOPORT }, { "tcp", "broken2", HOY_ENOPORT }, { "tcp", "zero", HOY_ENOPORT },
		{ "tcp", "big", HOY_ENOPORT }, { "udp", "syslog", 514 }, { "", "syslog", 514 },
		{ "tcp", "ftp", 2122 },		/* the last line, and before the built-in 21 */
		{ "tcp", "ssh", 22 }, { "sctp", "ssh", HOY_ENETWORK }, { "ip", "syslog", 514 },
		{ "ip4", "ssh", HOY_ENETWORK }, { "unix", "ssh", HOY_ENETWORK }, { "tcp", "#", HOY_ENOPORT },
	};
	struct hoy__services services;
	char name[400];

	CHECK_INT(hoy__services_parse(&services, "", 0), 0);
	check_ports(&services);
	hoy__services_clear(&services);
	CHECK_INT(hoy__services_parse(&services, text, sizeof text - 1), 0);
	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(port_of(&services, cases[i].network, cases[i].name), cases[i].port);
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = 0;
	CHECK_INT(port_of(&services, "tcp", name), HOY_ENOPORT);
	hoy__services_clear(&services);
}

TEST(protocols)
{
	static const char text[] = "ip 0 IP # pseudo\ntcp 77 TCP\nospf 89 OSPFIGP\nbad x\nbig 256\nospf 90\n";
	struct hoy__services protocols;

	CHECK_INT(hoy__protocols_parse(&protocols, text, sizeof text - 1), 0);
	CHECK_INT(hoy__protocols_number(&protocols, "ip"), 0);
	CHECK_INT(hoy__protocols_number(&protocols, "tcp"), 6);	/* the built-in table first */
	CHECK_INT(hoy__protocols_number(&protocols, "ospfigp"), 89);
	CHECK_INT(hoy__protocols_number(&protocols, "OSPF"), 89);	/* the first line */
	CHECK_INT(hoy__protocols_number(&protocols, "bad"), -1);
	CHECK_INT(hoy__protocols_number(&protocols, "big"), -1);
	hoy__services_clear(&protocols);
}

TEST(search_list)
{
	struct tsv t;

	tsv_open(&t, "dns_search_list");
	while (tsv_next(&t)) {
		struct hoy__search search = { .name = tsv(&t, "name"), .ndots = (unsigned)atoi(tsv(&t, "ndots")) };
		char words[1000], *suffixes[20], fqdn[HOY__FQDN_STRLEN];

		strcpy(words, tsv_is(&t, "search", "-") ? "" : tsv(&t, "search"));
		for (char *word = strtok(words, ","); word; word = strtok(NULL, ","))
			suffixes[search.count++] = word;
		search.suffixes = suffixes;
		*joined = 0;
		while (hoy__search_next(&search, fqdn, NULL))
			join(fqdn);
		CHECK_STR(joined_list(), tsv(&t, "queries"), tsv(&t, "name"));
	}
	CHECK(t.row > 15);
}

TEST(search_list_knows_the_name_as_typed)
{
	char a[] = "a.", b[] = "b.", *suffixes[] = { a, b }, fqdn[HOY__FQDN_STRLEN];
	struct hoy__search search = { "host", 1, suffixes, 2, 0 };
	bool typed;

	CHECK(hoy__search_next(&search, fqdn, &typed) && !typed);
	CHECK(hoy__search_next(&search, fqdn, &typed) && !typed);
	CHECK(hoy__search_next(&search, fqdn, &typed) && typed);
	CHECK(!hoy__search_next(&search, fqdn, &typed));
	CHECK(!hoy__search_next(&search, fqdn, &typed));
}

TEST(names_no_server_may_see)
{
	static const struct { const char *name; enum hoy__fate fate; } cases[] = {
		{ "localhost", HOY__LOOPBACK }, { "LocalHost.", HOY__LOOPBACK }, { "a.b.localhost", HOY__LOOPBACK },
		{ "notlocalhost", HOY__ASK_DNS }, { "localhost.example", HOY__ASK_DNS },
		{ "invalid", HOY__NO_SUCH_NAME }, { "a.INVALID.", HOY__NO_SUCH_NAME }, { "valid", HOY__ASK_DNS },
		{ ".", HOY__ASK_DNS },
	};
	struct tsv t;

	tsv_open(&t, "avoid_dns");
	while (tsv_next(&t))
		CHECK_STR(hoy__fate_of(tsv(&t, "name")) == HOY__NO_SUCH_NAME ? "1" : "0", tsv(&t, "avoid"),
			  tsv(&t, "name"));
	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy__fate_of(cases[i].name), cases[i].fate);
}

TEST(domain_names)
{
	struct tsv t;

	tsv_open(&t, "dns_name");
	while (tsv_next(&t))
		CHECK_STR(hoy__is_domain_name(tsv(&t, "name"), tsv_len(&t, "name")) ? "1" : "0", tsv(&t, "valid"),
			  tsv(&t, "name"));
	CHECK(t.row > 50);
}

TEST(F4_only_regular_files_of_bounded_size)
{
	char folder[] = "/tmp/hoy-dns-conf-XXXXXX", path[100], *text = NULL;
	struct hoy__file_info info;
	FILE *f;

	CHECK(mkdtemp(folder) != NULL);
	CHECK_INT(hoy__file_read(folder, 100, &text, &info), -EINVAL);
	CHECK_INT(hoy__file_read("/dev/zero", 100, &text, &info), -EINVAL);
	snprintf(path, sizeof path, "%s/f", folder);
	CHECK_INT(hoy__file_read(path, 100, &text, &info), -ENOENT);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(hoy__file_read(path, 100, &text, &info), -EINVAL);
	unlink(path);
	f = fopen(path, "w");
	for (int i = 0; i < 10000; i++)
		fputc('x', f);
	fclose(f);
	CHECK_INT(hoy__file_read(path, 9999, &text, &info), -EFBIG);
	CHECK(!text);
	CHECK_INT(hoy__file_read(path, 10000, &text, &info), 10000);
	CHECK_INT(info.size, 10000);
	hoy__release(text);
	unlink(path);
	rmdir(folder);
}

TEST(a_file_is_looked_at_every_five_seconds)
{
	struct hoy__file_watch watch = { 0 };

	CHECK(hoy__file_is_due(&watch, 1));
	CHECK(!hoy__file_is_due(&watch, 5 * HOY_SECOND));
	CHECK(hoy__file_is_due(&watch, 5 * HOY_SECOND + 1));
	CHECK(!hoy__file_is_due(&watch, 5 * HOY_SECOND + 2));
}

TEST(a_change_of_a_file_is_seen_once)
{
	char path[] = "/tmp/hoy-dns-watch-XXXXXX";
	struct hoy__file_watch watch = { 0 };
	int fd = mkstemp(path);

	CHECK(hoy__file_changed(&watch, path));
	CHECK(!hoy__file_changed(&watch, path));
	CHECK_INT(write(fd, "x", 1), 1);
	CHECK(hoy__file_changed(&watch, path));
	CHECK(!hoy__file_changed(&watch, path));
	unlink(path);
	CHECK(hoy__file_changed(&watch, path));
	CHECK(!hoy__file_changed(&watch, path));
	close(fd);
}

/* Everything the loader and the parsers do once, for the faults below. */
static int read_everything(void)
{
	static const char hosts_text[] = "192.0.2.1 a b\n", services_text[] = "a 1/tcp b\n";
	struct hoy__file_info info;
	struct hoy__resolv conf;
	struct hoy__hosts hosts;
	struct hoy__services services;
	char *text = NULL;
	int code = (int)hoy__file_read("/proc/self/stat", 10000, &text, &info);

	if (code >= 0 && (code = hoy__resolv_parse(&conf, "search a\nsearch b\n", 18, "a.b")) == 0)
		hoy__resolv_clear(&conf);
	if (code >= 0 && (code = hoy__hosts_parse(&hosts, hosts_text, sizeof hosts_text - 1)) == 0)
		hoy__hosts_clear(&hosts);
	if (code >= 0 && (code = hoy__services_parse(&services, services_text, sizeof services_text - 1)) == 0)
		hoy__services_clear(&services);
	hoy__release(text);
	return code;
}

TEST(every_failing_call_is_reported_and_leaves_nothing)
{
	long n, open, blocks;

	fault_install();
	open = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = 1; n < 100; n++) {
		fault_reset();
		fault_entry_at(n == 1 ? FAULT_open : n == 2 ? FAULT_stat : FAULT_read, n < 4 ? 1 : n - 2, 0);
		int code = read_everything();

		if (!fault_fired())
			break;
		CHECK_INT(code, n == 1 ? -ENFILE : -EIO);
		CHECK_INT(fault_open_descriptors(), open);
		CHECK_INT(fault_live_blocks(), blocks);
	}
	CHECK(n > 3 && n < 100);
	for (n = 1; n < 100; n++) {
		fault_reset();
		fault_alloc_at(n);
		int code = read_everything();

		if (!fault_fired())
			break;
		CHECK_INT(code, -ENOMEM);
		CHECK_INT(fault_open_descriptors(), open);
		CHECK_INT(fault_live_blocks(), blocks);
	}
	CHECK(n > 8 && n < 100);
}
