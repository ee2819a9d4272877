/*
 * The package functions, which ask the system's resolver: a table of system calls puts a file of the test's in the place of
 * /etc/resolv.conf, and the test's name server at port 53.
 */
#include <errno.h>
#include <unistd.h>

#include <hoy.h>

#include "os/os.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

static const struct row {
	uint16_t type;
	unsigned count, number[3];	/* before the target, 2 octets each */
	const char *target;
} rows[] = {
	{ HOY__A, 2, { 0xc000, 0x0201 }, NULL },
	{ HOY__PTR, 0, { 0 }, "host.test." },
	{ HOY__MX, 1, { 10 }, "mail.test." },
	{ HOY__NS, 0, { 0 }, "ns1.test." },
	{ HOY__SRV, 3, { 1, 2, 5269 }, "xmpp.test." },
	{ HOY__TXT, 2, { 0x0361, 0x6263 }, NULL },	/* a string of 3: abc */
	{ HOY_TYPE_SVCB, 1, { 1 }, "." },
	{ HOY_TYPE_HTTPS, 1, { 2 }, "." },
};

static void answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	for (const struct row *row = rows; row < rows + LEN(rows); row++) {
		size_t at;

		if (row->type != q->m.question.type)
			continue;
		at = packet_record(p, HOY__ANSWER, name, row->type, 300);
		for (unsigned i = 0; i < row->count; i++)
			packet_number(p, row->number[i], 2);
		if (row->target)
			packet_name(p, row->target);
		packet_close(p, at);
	}
	ns_send(q, p->data, p->len);
	free(p);
}

static char resolv_conf[] = "/tmp/hoy-resolv-XXXXXX";
static in_port_t port;

static int open_ours(const char *path, int flags)
{
	if (strncmp(path, "/etc/", 5) != 0)
		return hoy__os_linux.open(path, flags);
	return strcmp(path, "/etc/resolv.conf") ? -ENOENT : hoy__os_linux.open(resolv_conf, flags);
}

static int connect_ours(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in in = *(const struct sockaddr_in *)sa;

	CHECK_INT(ntohs(in.sin_port), 53);
	in.sin_port = port;
	return hoy__os_linux.connect(fd, (struct sockaddr *)&in, len);
}

static int look_up(void *arg)
{
	char cname[HOY_NAME_STRLEN], **names;
	hoy_svcb *svcb;
	hoy_addr *addrs;
	hoy_srv *srv;
	hoy_txt *txt;
	hoy_mx *mx;
	hoy_ns *ns;
	hoy_ip *ips;

	(void)arg;
	if (CHECK_INT(hoy_lookup_ip("a.test", &ips, NULL), 1))
		CHECK(hoy_ip_equal(ips[0], hoy_ipv4(192, 0, 2, 1)));
	CHECK_INT(hoy_lookup_ip_addr("a.test", &addrs, NULL), 1);
	if (CHECK_INT(hoy_lookup_host("a.test", &names, NULL), 1))
		CHECK_STR(names[0], "192.0.2.1", "host");
	hoy_free(names);
	if (CHECK_INT(hoy_lookup_addr("192.0.2.1", &names, NULL), 1))
		CHECK_STR(names[0], "host.test.", "addr");
	CHECK_INT(hoy_lookup_cname("a.test", cname, NULL), 0);
	CHECK_STR(cname, "a.test.", "cname");
	if (CHECK_INT(hoy_lookup_mx("a.test", &mx, NULL), 1))
		CHECK_STR(mx[0].host, "mail.test.", "mx");
	if (CHECK_INT(hoy_lookup_ns("a.test", &ns, NULL), 1))
		CHECK_STR(ns[0].host, "ns1.test.", "ns");
	if (CHECK_INT(hoy_lookup_txt("a.test", &txt, NULL), 1))
		CHECK_STR(txt[0].text, "abc", "txt");
	if (CHECK_INT(hoy_lookup_srv("xmpp-server", "tcp", "a.test", NULL, &srv, NULL), 1))
		CHECK_INT(srv[0].port, 5269);
	hoy_free(ips), hoy_free(addrs), hoy_free(names), hoy_free(mx), hoy_free(ns), hoy_free(txt), hoy_free(srv);
	if (CHECK_INT(hoy_lookup_svcb("a.test", &svcb, NULL), 1))
		CHECK_INT(svcb[0].priority, 1);
	hoy_free(svcb);
	if (CHECK_INT(hoy_lookup_https("a.test", &svcb, NULL), 1))
		CHECK_INT(svcb[0].priority, 2);
	hoy_free(svcb);
	return 0;
}

TEST(every_lookup_by_the_systems_resolver)
{
	static const char text[] = "nameserver 127.0.0.1\n";
	struct ns *ns = ns_start(answer, NULL);
	struct hoy__os os = hoy__os_linux;
	int fd = mkstemp(resolv_conf);

	CHECK(write(fd, text, sizeof text - 1) > 0);
	close(fd);
	port = htons(ns_addr(ns).port);
	os.open = open_ours;
	os.connect = connect_ours;
	hoy__os = &os;
	CHECK_INT(look_up(NULL), 0);
	CHECK_INT(hoy_run(look_up, NULL), 0);
	unlink(resolv_conf);
	ns_stop(ns);
}
