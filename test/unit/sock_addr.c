/* Addresses in the system's form and back, for both kinds of IP socket. */
#include <arpa/inet.h>
#include <hoy/err.h>
#include <net/if.h>

#include "os/os.h"
#include "sock/sock.h"
#include "sock/zone.h"
#include "t.h"

/* text of an address, "" none */
static hoy_addr addr_of(const char *text, uint16_t port, const char *zone)
{
	hoy_addr addr = { .kind = HOY_ADDR_TCP, .port = port };

	if (inet_pton(AF_INET, text, addr.ip.bytes) == 1)
		addr.ip.len = 4;
	else if (inet_pton(AF_INET6, text, addr.ip.bytes) == 1)
		addr.ip.len = 16;
	snprintf(addr.zone, sizeof addr.zone, "%s", zone);
	return addr;
}

static const char *text_of(const union hoy__sockaddr *sa, char *buf)
{
	if (sa->any.sa_family == AF_INET)
		return inet_ntop(AF_INET, &sa->in4.sin_addr, buf, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, &sa->in6.sin6_addr, buf, INET6_ADDRSTRLEN);
}

static const struct {
	const char *in;
	int family;
	const char *want;	/* as the kernel gets it; NULL: cannot be */
	const char *back;	/* as it comes back */
} forms[] = {
	{ "192.0.2.1",        4, "192.0.2.1",        "192.0.2.1" },
	{ "",                 4, "0.0.0.0",          "0.0.0.0" },
	{ "::ffff:192.0.2.1", 4, "192.0.2.1",        "192.0.2.1" },
	{ "2001:db8::1",      4, NULL,               NULL },
	{ "::",               4, NULL,               NULL },
	{ "2001:db8::1",      6, "2001:db8::1",      "2001:db8::1" },
	{ "",                 6, "::",               "::" },
	{ "0.0.0.0",          6, "::",               "::" },
	{ "192.0.2.1",        6, "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::1",              6, "::1",              "::1" },
};

TEST(there_and_back)
{
	char buf[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < LEN(forms); i++) {
		hoy_addr addr = addr_of(forms[i].in, 8080, ""), back;
		union hoy__sockaddr sa;
		struct hoy__endpoint e;
		int len = hoy__sockaddr_of(&sa, &addr, forms[i].family);

		if (!forms[i].want) {
			CHECK_INT(len, HOY_EADDR);
			continue;
		}
		CHECK_INT(len, forms[i].family == 4 ? sizeof sa.in4 : sizeof sa.in6);
		CHECK_INT(sa.any.sa_family, forms[i].family == 4 ? AF_INET : AF_INET6);
		CHECK_STR(text_of(&sa, buf), forms[i].want, forms[i].in);
		hoy__endpoint_of(&e, HOY_ADDR_TCP, &sa, len);
		hoy__endpoint_addr(&e, &back);
		CHECK_INT(back.kind, HOY_ADDR_TCP);
		CHECK_INT(back.port, 8080);
		CHECK_STR(inet_ntop(back.ip.len == 4 ? AF_INET : AF_INET6, back.ip.bytes, buf, sizeof buf),
			  forms[i].back, forms[i].in);
	}
}

TEST(other_families_have_no_ip)
{
	hoy_addr addr = addr_of("192.0.2.1", 1, "");
	union hoy__sockaddr sa = { .un = { .sun_family = AF_UNIX } };
	struct hoy__endpoint e;

	hoy__endpoint_of(&e, HOY_ADDR_TCP, &sa, sizeof sa.un);
	CHECK_INT(e.kind, HOY_ADDR_NONE);
	hoy__endpoint_of(&e, HOY_ADDR_TCP, &sa, 0);
	CHECK_INT(e.kind, HOY_ADDR_NONE);
	CHECK_INT(hoy__sockaddr_of(&sa, &addr, 0), HOY_EADDR);
}

TEST(zones)
{
	uint32_t lo = if_nametoindex("lo"), index = 0;
	char name[16], number[16];
	static const char *const unknown[] = {
		"no-such-if", "0", "-1", "2147483648", "99999999999999999999", "1x", "a-name-that-is-too-long",
	};

	if (!lo)
		SKIP("no loopback interface");
	snprintf(number, sizeof number, "%u", lo);
	CHECK_INT(hoy__zone_index("lo", &index), 0);
	CHECK_INT(index, lo);
	CHECK_INT(hoy__zone_index(number, &index), 0);
	CHECK_INT(index, lo);
	CHECK_INT(hoy__zone_index("2147483647", &index), 0);	/* a number need not exist yet */
	CHECK_INT(index, 2147483647);
	for (size_t i = 0; i < LEN(unknown); i++)
		CHECK_INT(hoy__zone_index(unknown[i], &index), -ENODEV);
	CHECK_STR(hoy__zone_name(lo, name), "lo", "by number");
	CHECK_STR(hoy__zone_name(2147483647, name), "2147483647", "gone");
}

TEST(zone_travels_in_the_scope)
{
	hoy_addr addr = addr_of("fe80::1", 53, "lo"), back;
	union hoy__sockaddr sa;
	struct hoy__endpoint e;
	int len = hoy__sockaddr_of(&sa, &addr, 6);

	CHECK_INT(len, sizeof sa.in6);
	CHECK_INT(sa.in6.sin6_scope_id, if_nametoindex("lo"));
	hoy__endpoint_of(&e, HOY_ADDR_TCP, &sa, len);
	hoy__endpoint_addr(&e, &back);
	CHECK_STR(back.zone, "lo", "fe80::1%lo");
	addr = addr_of("fe80::1", 53, "nowhere");
	CHECK_INT(hoy__sockaddr_of(&sa, &addr, 6), -ENODEV);
}

TEST(ends_of_a_connection)
{
	union hoy__sockaddr sa;
	socklen_t len = sizeof sa.in6;
	struct hoy__endpoint local, remote;
	hoy_addr any = addr_of("", 0, ""), here = addr_of("127.0.0.1", 0, "");
	int l = hoy__sock_open(6, SOCK_STREAM, 0, false), c, a;

	if (!hoy__sock_has_dual_stack())
		SKIP("no dual-stack sockets");
	hoy__sockaddr_of(&sa, &any, 6);
	CHECK_INT(hoy__os_bind(l, &sa.any, len), 0);
	CHECK_INT(hoy__os_listen(l, hoy__sock_backlog()), 0);
	hoy__sock_ends(l, HOY_ADDR_TCP, &local, &remote);
	CHECK_INT(local.kind, HOY_ADDR_TCP);
	CHECK_INT(remote.kind, HOY_ADDR_NONE);
	here.port = local.port;
	c = hoy__sock_open(4, SOCK_STREAM, 0, false);
	len = hoy__sockaddr_of(&sa, &here, 4);
	CHECK_INT(hoy__os_connect(c, &sa.any, len), -EINPROGRESS);
	len = sizeof sa;
	a = hoy__os_accept(l, &sa.any, &len);
	CHECK(a >= 0);
	hoy__sock_ends(a, HOY_ADDR_TCP, &local, &remote);	/* mapped, and nobody sees */
	CHECK_INT(local.len, 4);
	CHECK_INT(remote.len, 4);
	CHECK_INT(local.port, here.port);
	CHECK(memcmp(local.ip, here.ip.bytes, 4) == 0);
	hoy__sock_ends(-1, HOY_ADDR_TCP, &local, &remote);
	CHECK_INT(local.kind, HOY_ADDR_NONE);
	CHECK_INT(remote.kind, HOY_ADDR_NONE);
	hoy__os_close(a);
	hoy__os_close(c);
	hoy__os_close(l);
}
