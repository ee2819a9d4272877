/*
 * Dialling several addresses for real: who answers, who is silent (a listener whose queue
 * is full drops the SYN), who refuses. Whatever happens, one connection at most is left,
 * and no descriptor.
 */
#include <dirent.h>

#include <hoy.h>

#include "api/pair.h"
#include "net/net.h"

enum { MOST = 6 };

struct attempts {
	int n, code[MOST];
	hoy_addr addr[MOST];
};

static void note(const hoy_addr *addr, int code, const hoy_err *err, void *arg)
{
	struct attempts *a = arg;

	CHECK((code < 0) == (err != NULL));
	if (err)
		CHECK(err->code == code && hoy_addr_equal(&err->addr, addr));
	if (!CHECK(a->n < MOST))
		return;
	a->addr[a->n] = *addr;
	a->code[a->n++] = code;
}

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* One end of the world, and who may be found there. */
struct place {
	hoy_listener *l;
	hoy_conn *fill[4];
	int filled;
	hoy_addr addr;
};

static void open_place(struct place *p, const char *address, int backlog)
{
	const hoy_listen_config lc = { .backlog = backlog };
	hoy_err err;

	*p = (struct place){ .l = hoy_listen_config_listen(&lc, "tcp", address, &err) };
	must(p->l, "listen", &err);
	hoy_listener_addr(p->l, &p->addr);
}

static void answering(struct place *p, const char *address)
{
	open_place(p, address, 16);
}

static void silent(struct place *p, const char *address)
{
	hoy_conn *c;

	open_place(p, address, 1);
	while (p->filled < 4 && (c = hoy_dial_timeout("tcp", hoy_addr_string(&p->addr, (char[HOY_ADDR_STRLEN]){ 0 }),
						      20 * HOY_MILLISECOND, NULL)))
		p->fill[p->filled++] = c;
	CHECK(p->filled > 0 && p->filled < 4);
}

/* Bound, so that nobody else gets the port meanwhile, and not listening; until the process ends. */
static void refusing(struct place *p, const char *address)
{
	union hoy__sockaddr sa;
	socklen_t len;
	int fd, size;

	*p = (struct place){ .l = NULL };
	CHECK_INT(hoy_parse_addr_port(address, &p->addr, NULL), 0);
	p->addr.kind = HOY_ADDR_TCP;
	size = hoy__sockaddr_of(&sa, &p->addr, p->addr.ip.len == 16 ? 6 : 4);
	fd = socket(sa.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	len = (socklen_t)size;
	CHECK_INT(bind(fd, &sa.any, len), 0);
	CHECK_INT(getsockname(fd, &sa.any, &len), 0);
	p->addr.port = ntohs(p->addr.ip.len == 16 ? sa.in6.sin6_port : sa.in4.sin_port);
}

/* How many connections have come that were not made to fill it. */
static int visitors(struct place *p)
{
	int n = -p->filled;
	hoy_conn *c;

	hoy_listener_set_deadline(p->l, hoy_in(20 * HOY_MILLISECOND), NULL);
	for (; (c = hoy_listener_accept(p->l, NULL)); n++)
		hoy_conn_free(c);
	return n;
}

static void leave(struct place *p)
{
	while (p->filled > 0)
		hoy_conn_free(p->fill[--p->filled]);
	hoy_listener_free(p->l);
}

static hoy_conn *dial(const hoy_dialer *d, struct place *places, size_t n, int64_t deadline, hoy_err *err)
{
	hoy_addr list[MOST];

	for (size_t i = 0; i < n; i++)
		list[i] = places[i].addr;
	return hoy__dial_list(d, hoy__network_of(HOY_ADDR_TCP, 0), list, n, deadline, err);
}

static bool went_to(const hoy_conn *c, const struct place *p)
{
	hoy_addr addr;

	if (!CHECK(c))
		return false;
	hoy_conn_remote_addr(c, &addr);
	return CHECK(hoy_addr_equal(&addr, &p->addr));
}

static void was_told(const struct attempts *a, int i, const struct place *p, int code)
{
	if (CHECK(i < a->n)) {
		CHECK_INT(a->code[i], code);
		CHECK(hoy_addr_equal(&a->addr[i], &p->addr));
	}
}

BOTH(a_silent_address_costs_a_quarter_of_a_second)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &a };
	struct place p[2];
	hoy_err err = { .code = 1 };
	int before;
	hoy_time began;
	hoy_conn *c;

	silent(&p[0], "[::1]:0");
	answering(&p[1], "127.0.0.1:0");
	before = open_descriptors();
	began = hoy_now();
	c = dial(&d, p, 2, HOY__NEVER, &err);
	CHECK(since(began) >= 250 * HOY_MILLISECOND && since(began) < t_scale() * HOY_SECOND);
	went_to(c, &p[1]);
	CHECK_INT(err.code, 1);		/* a success writes no error */
	CHECK_INT(a.n, 2);
	was_told(&a, 0, &p[0], HOY_ECANCELED);
	was_told(&a, 1, &p[1], 0);
	CHECK_INT(open_descriptors(), before + 1);
	hoy_conn_free(c);
	CHECK_INT(visitors(&p[1]), 1);
	CHECK_INT(visitors(&p[0]), 0);
	hoy_sleep(1100 * HOY_MILLISECOND);	/* the kernel would have sent the SYN again */
	CHECK_INT(visitors(&p[0]), -p[0].filled);
	leave(&p[0]);
	leave(&p[1]);
	return 0;
}

BOTH(a_refusal_costs_nothing)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &a };
	struct place p[3];
	hoy_err err = { .code = 1 };
	hoy_time began;
	hoy_conn *c;

	refusing(&p[0], "[::1]:0");
	refusing(&p[1], "127.0.0.1:0");
	answering(&p[2], "[::1]:0");
	began = hoy_now();
	c = dial(&d, p, 3, HOY__NEVER, &err);
	CHECK(since(began) < 200 * HOY_MILLISECOND * t_scale());
	went_to(c, &p[2]);
	CHECK_INT(err.code, 1);
	was_told(&a, 0, &p[0], -ECONNREFUSED);
	was_told(&a, 1, &p[1], -ECONNREFUSED);
	was_told(&a, 2, &p[2], 0);
	hoy_conn_free(c);
	leave(&p[2]);
	return 0;
}

/* Families take turns, so the other one is second although it stood last. */
BOTH(the_other_family_is_next)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &a };
	struct place p[3];
	hoy_conn *c;

	silent(&p[0], "[::1]:0");
	silent(&p[1], "[::1]:0");
	answering(&p[2], "127.0.0.1:0");
	c = dial(&d, p, 3, HOY__NEVER, NULL);
	went_to(c, &p[2]);
	CHECK_INT(a.n, 2);
	was_told(&a, 0, &p[0], HOY_ECANCELED);
	was_told(&a, 1, &p[2], 0);
	hoy_conn_free(c);
	for (int i = 0; i < 3; i++)
		leave(&p[i]);
	return 0;
}

BOTH(go_s_second_lane_starts_after_its_delay)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .fallback_delay = 60 * HOY_MILLISECOND, .attempt = note, .arg = &a };
	struct place p[3];
	hoy_time began;
	hoy_conn *c;

	silent(&p[0], "127.0.0.1:0");
	answering(&p[1], "127.0.0.1:0");	/* stays in the lane of the silent one */
	answering(&p[2], "[::1]:0");
	began = hoy_now();
	c = dial(&d, p, 3, HOY__NEVER, NULL);
	CHECK(since(began) >= 60 * HOY_MILLISECOND && since(began) < 800 * HOY_MILLISECOND * t_scale());
	went_to(c, &p[2]);
	CHECK_INT(a.n, 2);
	was_told(&a, 0, &p[0], HOY_ECANCELED);
	hoy_conn_free(c);
	CHECK_INT(visitors(&p[1]), 0);
	for (int i = 0; i < 3; i++)
		leave(&p[i]);
	return 0;
}

/* Also from a port of one's own, which two sockets cannot have at once. */
TEST(one_after_the_other_when_asked)
{
	const hoy_addr local = { .kind = HOY_ADDR_TCP };
	hoy_dialer d = { .fallback_delay = -1, .local_addr = &local };
	struct place p[2];
	hoy_time began;
	hoy_conn *c;

	silent(&p[0], "127.0.0.1:0");
	answering(&p[1], "127.0.0.1:0");
	began = hoy_now();
	c = dial(&d, p, 2, hoy_in(3 * HOY_SECOND).ns, NULL);	/* at least 2 s for the first */
	CHECK(since(began) >= 2 * HOY_SECOND && since(began) < 3 * HOY_SECOND);
	went_to(c, &p[1]);
	hoy_conn_free(c);
	leave(&p[0]);
	leave(&p[1]);
}

BOTH(when_all_fail_each_error_is_told_and_the_first_returned)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &a };
	struct place p[3];
	hoy_err err = { 0 };
	char text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN], at[HOY_ADDR_STRLEN];
	int before;

	refusing(&p[0], "127.0.0.1:0");
	refusing(&p[1], "[::1]:0");
	silent(&p[2], "127.0.0.1:0");
	before = open_descriptors();
	CHECK(!dial(&d, p, 3, hoy_in(50 * HOY_MILLISECOND).ns, &err));
	snprintf(want, sizeof want, "dial tcp %s: connect: connection refused", hoy_addr_string(&p[0].addr, at));
	CHECK_STR(hoy_err_string(&err, text), want, "the first's");
	CHECK_INT(a.n, 3);
	was_told(&a, 0, &p[0], -ECONNREFUSED);
	was_told(&a, 1, &p[1], -ECONNREFUSED);
	was_told(&a, 2, &p[2], HOY_ETIMEOUT);
	CHECK_INT(open_descriptors(), before);
	leave(&p[2]);
	return 0;
}

BOTH(the_deadline_ends_all_at_once)
{
	struct attempts a = { 0 };
	const hoy_dialer d = { .attempt = note, .arg = &a };
	struct place p[2];
	hoy_err err = { 0 };
	hoy_time began;

	silent(&p[0], "127.0.0.1:0");
	silent(&p[1], "[::1]:0");
	began = hoy_now();
	CHECK(!dial(&d, p, 2, hoy_in(300 * HOY_MILLISECOND).ns, &err));
	CHECK(since(began) >= 300 * HOY_MILLISECOND && since(began) < t_scale() * HOY_SECOND);
	CHECK(err.code == HOY_ETIMEOUT && hoy_addr_equal(&err.addr, &p[0].addr));
	CHECK_INT(a.n, 2);
	was_told(&a, 0, &p[0], HOY_ETIMEOUT);
	was_told(&a, 1, &p[1], HOY_ETIMEOUT);
	a.n = 0;
	CHECK(!dial(&d, p, 2, hoy_now().ns - 1, &err));		/* too late for any */
	CHECK(err.code == HOY_ETIMEOUT && hoy_addr_equal(&err.addr, &p[0].addr));
	CHECK_INT(a.n, 1);
	leave(&p[0]);
	leave(&p[1]);
	return 0;
}

static struct attempts cancelled;
static struct place quiet[3];
static hoy_err cancel_err;

static int dial_quiet(void *arg)
{
	const hoy_dialer d = { .attempt = note, .arg = &cancelled };

	(void)arg;
	CHECK(!dial(&d, quiet, 3, HOY__NEVER, &cancel_err));
	return 0;
}

static int end_while_dialling(void *arg)
{
	(void)arg;
	refusing(&quiet[0], "127.0.0.1:0");
	silent(&quiet[1], "[::1]:0");
	silent(&quiet[2], "127.0.0.1:0");
	CHECK_INT(hoy_go(dial_quiet, NULL), 0);
	hoy_sleep(300 * HOY_MILLISECOND);
	return 0;
}

TEST(cancelling_ends_all_at_once)
{
	hoy_run(end_while_dialling, NULL);
	CHECK_INT(cancel_err.code, HOY_ECANCELED);
	CHECK_INT(cancelled.n, 3);
	was_told(&cancelled, 0, &quiet[0], -ECONNREFUSED);
	was_told(&cancelled, 1, &quiet[1], HOY_ECANCELED);
	was_told(&cancelled, 2, &quiet[2], HOY_ECANCELED);
	leave(&quiet[1]);
	leave(&quiet[2]);
}

/* A name with hundreds of addresses that all refuse is no worse than one. */
BOTH(many_refusals)
{
	struct place p;
	static hoy_addr list[300];
	hoy_err err = { 0 };
	int before;

	refusing(&p, "127.0.0.1:0");
	for (size_t i = 0; i < LEN(list); i++)
		list[i] = p.addr;
	hoy_sleep(HOY_MILLISECOND);	/* a thread has its poller from now on */
	before = open_descriptors();
	CHECK(!hoy__dial_list(&(hoy_dialer){ 0 }, hoy__network_of(HOY_ADDR_TCP, 0), list, LEN(list), HOY__NEVER, &err));
	CHECK_INT(err.code, -ECONNREFUSED);
	CHECK_INT(open_descriptors(), before);
	return 0;
}
