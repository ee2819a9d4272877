/* How dialling shares out its time, and which failures it tries again. */
#include <hoy.h>

#include "net/net.h"
#include "net/race.h"
#include "t.h"
#include "unit/support/fault_os.h"
#include "unit/support/tsv.h"

TEST(each_address_gets_its_share_of_the_time)
{
	const int64_t now = 100 * HOY_SECOND;
	struct tsv t;

	tsv_open(&t, "dial_partial_deadline");
	while (tsv_next(&t)) {
		bool none = tsv_is(&t, "remaining_ms", "NONE");
		int64_t deadline = none ? HOY__NEVER : now + atoll(tsv(&t, "remaining_ms")) * HOY_MILLISECOND, got = -1;
		size_t left = (size_t)atoll(tsv(&t, "addresses_left"));
		int code = hoy__partial_deadline(now, deadline, left, &got);

		if (tsv_is(&t, "per_address_ms", "TIMEOUT"))
			CHECK_INT(code, HOY_ETIMEOUT);
		else if (none)
			CHECK(code == 0 && got == HOY__NEVER);
		else
			CHECK_INT(got - now, atoll(tsv(&t, "per_address_ms")) * HOY_MILLISECOND);
	}
	CHECK(t.row > 10);
}

/* What the kernel says of the first dials, and how often hoy then asks. */
static const struct {
	int failures, code;		/* the first so many connects end like this */
	int want, connects;
} retries[] = {
	{ 0, 0,              0,              1 },
	{ 1, -EADDRNOTAVAIL, 0,              2 },
	{ 2, -EADDRNOTAVAIL, 0,              3 },
	{ 3, -EADDRNOTAVAIL, -EADDRNOTAVAIL, 3 },
	{ 1, -ECONNREFUSED,  -ECONNREFUSED,  1 },
	{ 1, -ENETUNREACH,   -ENETUNREACH,   1 },
};

static int failures, failure, connects;

static int connect_fails(int fd, const struct sockaddr *sa, socklen_t len)
{
	connects++;
	return failures-- > 0 ? failure : hoy__os_linux.connect(fd, sa, len);
}

TEST(a_kernel_that_finds_no_port_is_asked_again)
{
	struct hoy__os os = hoy__os_linux;
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	os.connect = connect_fails;
	hoy__os = &os;
	hoy_listener_addr(l, &addr);
	hoy_addr_string(&addr, text);
	for (size_t i = 0; i < LEN(retries); i++) {
		hoy_err err = { 0 };
		hoy_conn *c;

		failures = retries[i].failures;
		failure = retries[i].code;
		connects = 0;
		c = hoy_dial("tcp", text, &err);
		CHECK_INT(c ? 0 : err.code, retries[i].want);
		CHECK_INT(connects, retries[i].connects);
		hoy_conn_free(c);
	}
	/* a port that was asked for is not there: asking again does not help */
	hoy_addr from = { .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(127, 0, 0, 1), .port = 1 };

	failures = 3;
	failure = -EADDRNOTAVAIL;
	connects = 0;
	from.port = addr.port ^ 1;
	CHECK(!hoy_dial_tcp("tcp", &from, &addr, NULL));
	CHECK(connects <= 1);
	hoy_listener_free(l);
}

TEST(a_connection_is_small)
{
	CHECK(sizeof(struct hoy_conn) + sizeof(struct hoy__fd) <= 300);
}

/* An option that a system refuses costs nobody a connection. */
TEST(without_options_there_is_a_connection)
{
	hoy_listener *l;
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_conn *c, *peer;

	fault_install();
	l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	hoy_listener_addr(l, &addr);
	fault_storm(FAULT_setsockopt, 1, -ENOPROTOOPT);
	c = hoy_dial("tcp", hoy_addr_string(&addr, text), NULL);
	peer = hoy_listener_accept(l, NULL);
	CHECK(c && peer);
	CHECK_INT(hoy_tcp_set_no_delay(c, 1, NULL), -ENOPROTOOPT);
	hoy_conn_free(c);
	hoy_conn_free(peer);
	hoy_listener_free(l);
	CHECK_INT(fault_open_descriptors(), 2);	/* the thread's own poller and waker */
}
