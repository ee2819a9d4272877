/* The package functions, which ask the system's resolver. */
#include <hoy.h>

#include "support/system_names.h"

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
		CHECK(hoy_ip_equal(ips[0], hoy_ipv4(127, 0, 0, 1)));
	CHECK_INT(hoy_lookup_ip_addr("a.test", &addrs, NULL), 1);
	if (CHECK_INT(hoy_lookup_host("a.test", &names, NULL), 1))
		CHECK_STR(names[0], "127.0.0.1", "host");
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
	struct ns *ns = ns_start(system_answer, NULL);

	system_begin(ns);
	CHECK_INT(look_up(NULL), 0);
	CHECK_INT(hoy_run(look_up, NULL), 0);
	system_end();
	ns_stop(ns);
}
