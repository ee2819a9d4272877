/*
 * Dialling a name whose addresses do not come together (RFC 8305 section 3): a name server answers for one family
 * late, never or with an error, and the dial goes on with the other.
 */
#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include <hoy.h>

#include "api/pair.h"
#include "support/fault_os.h"
#include "support/name_server.h"
#include "support/packet.h"

enum { NEVER = -1, FAILS = -2 };	/* in place of milliseconds */

/* When the answers come. That for A is not earlier than that for AAAA unless it comes at once. */
struct plan {
	int a, aaaa;
	struct ns_query held;
	bool holds;
};

static void answer_with(const struct ns_query *q)
{
	static const uint8_t v4[4] = { 127, 0, 0, 1 }, v6[16] = { [15] = 1 };
	bool a = q->m.question.type == HOY__A;
	struct packet *p = malloc(sizeof *p);

	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, "host.test", q->m.question.type);
	packet_raw(p, HOY__ANSWER, "host.test", q->m.question.type, 60, a ? v4 : v6, a ? 4 : 16);
	ns_send(q, p->data, p->len);
	free(p);
}

static void answer_as_planned(struct ns_query *q, void *arg)
{
	struct plan *plan = arg;
	bool a = q->m.question.type == HOY__A;
	int delay = a ? plan->a : plan->aaaa;

	if (delay == FAILS)
		ns_rcode(q, HOY__SERVFAIL);
	if (a && delay > 0) {
		plan->held = *q;
		plan->holds = true;
	} else if (delay >= 0) {
		usleep((useconds_t)delay * 1000);
		answer_with(q);
	}
	if (!a && plan->holds) {
		usleep((useconds_t)plan->a * 1000);
		answer_with(&plan->held);
		plan->holds = false;
	}
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

/* A scripted name server, and perhaps a listener at the address that it gives. */
struct scene {
	struct plan plan;
	struct ns *ns;
	hoy_resolver *r;
	hoy_listener *l;
	char address[32];
	int before;
	hoy_time began;
};

static void open_scene(struct scene *s, struct plan plan, const char *listen)
{
	hoy_resolver_opts opts = { .timeout = 400 * HOY_MILLISECOND * t_scale(), .hosts = "", .resolv_conf = "" };
	char server[HOY_ADDR_STRLEN];
	hoy_addr addr;
	hoy_err err;

	*s = (struct scene){ .plan = plan };
	s->ns = ns_start(answer_as_planned, &s->plan);
	addr = ns_addr(s->ns);
	opts.servers = (const char *[]){ hoy_addr_string(&addr, server), NULL };
	must((s->r = hoy_resolver_new(&opts, &err)) != NULL, "resolver", &err);
	must((s->l = hoy_listen("tcp", listen, &err)) != NULL, "listen", &err);
	hoy_listener_addr(s->l, &addr);
	snprintf(s->address, sizeof s->address, "host.test:%u", addr.port);
	hoy_sleep(HOY_MILLISECOND);	/* a thread has its poller from now on */
	s->before = open_descriptors();
	s->began = hoy_now();
}

static void close_scene(struct scene *s)
{
	CHECK_INT(open_descriptors(), s->before);
	hoy_listener_free(s->l);
	hoy_resolver_free(s->r);
	ns_stop(s->ns);
}

static int family_of(const hoy_conn *c)
{
	hoy_addr addr;

	hoy_conn_remote_addr(c, &addr);
	return hoy_ip_to4(addr.ip).len ? 4 : 6;
}

/* Milliseconds; a limit above is not held to on a slow machine. */
static void took(const struct scene *s, int least, int most, size_t i)
{
	int64_t ms = since(s->began) / HOY_MILLISECOND;

	if (!CHECK(ms >= least && ms < most * t_scale()))
		fprintf(stderr, "case %zu took %lld ms\n", i, (long long)ms);
}

BOTH(a_dial_starts_with_the_family_that_is_known)
{
	static const struct { struct plan plan; int family, least, most; } cases[] = {
		{ { .a = 0, .aaaa = 0 }, 6, 0, 300 },
		{ { .a = 0, .aaaa = NEVER }, 4, 50, 300 },
		{ { .a = NEVER, .aaaa = 0 }, 6, 0, 300 },
		{ { .a = 0, .aaaa = 20 }, 0, 20, 300 },		/* 6, unless this machine is slow */
		{ { .a = 0, .aaaa = 49 }, 0, 49, 300 },
		{ { .a = 0, .aaaa = 51 }, 0, 50, 300 },
		{ { .a = 0, .aaaa = 500 }, 4, 50, 300 },
		{ { .a = 500, .aaaa = 0 }, 6, 0, 300 },
		{ { .a = 0, .aaaa = FAILS }, 4, 0, 300 },
		{ { .a = FAILS, .aaaa = 0 }, 6, 0, 300 },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		for (int udp = 0; udp < 2; udp++) {
			hoy_err err = { .code = 1 };
			struct scene s;
			hoy_conn *c;

			open_scene(&s, cases[i].plan, ":0");
			c = hoy_dialer_dial(&(hoy_dialer){ .resolver = s.r }, udp ? "udp" : "tcp", s.address, &err);
			took(&s, cases[i].least, cases[i].most, i);
			if (CHECK(c)) {
				CHECK(!cases[i].family || family_of(c) == cases[i].family);
				CHECK_INT(open_descriptors(), s.before + 1);
			}
			CHECK_INT(err.code, 1);		/* a success writes no error */
			hoy_conn_free(c);
			close_scene(&s);
		}
	return 0;
}

/* By itself a lookup waits for both families, and says which one has no answer. */
BOTH(a_lookup_says_which_family_is_missing)
{
	static const struct { struct plan plan; int missing, code; } cases[] = {
		{ { .a = 0, .aaaa = 0 }, 0, 0 },
		{ { .a = 0, .aaaa = NEVER }, 6, HOY_ETIMEOUT }, { { .a = NEVER, .aaaa = 0 }, 4, HOY_ETIMEOUT },
		{ { .a = 0, .aaaa = FAILS }, 6, HOY_ESERVFAIL }, { { .a = FAILS, .aaaa = 0 }, 4, HOY_ESERVFAIL },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct scene s;
		hoy_addr *list;
		hoy_err err;

		open_scene(&s, cases[i].plan, ":0");
		if (CHECK_INT(hoy_resolver_lookup_ip_addr(s.r, "host.test", &list, &err), cases[i].missing ? 1 : 2)) {
			CHECK_INT(hoy_answer_of(list)->missing, cases[i].missing);
			CHECK_INT(hoy_answer_of(list)->missing_code, cases[i].code);
			hoy_free(list);
		}
		close_scene(&s);
	}
	return 0;
}

/* The first family refuses: the other one is waited for, and joins. */
BOTH(the_late_family_joins)
{
	static const struct { struct plan plan; const char *listen; int family, least; } cases[] = {
		{ { .a = 150, .aaaa = 0 }, "127.0.0.1:0", 4, 150 },
		{ { .a = 0, .aaaa = 150 }, "[::1]:0", 6, 150 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_err err = { .code = 1 };
		struct scene s;
		hoy_conn *c;

		open_scene(&s, cases[i].plan, cases[i].listen);
		c = hoy_dialer_dial(&(hoy_dialer){ .resolver = s.r }, "tcp", s.address, &err);
		took(&s, cases[i].least, 1000, i);
		if (CHECK(c))
			CHECK_INT(family_of(c), cases[i].family);
		CHECK_INT(err.code, 1);
		hoy_conn_free(c);
		close_scene(&s);
	}
	return 0;
}

/* Whatever the lookup ends with, err is the failure of the first address. */
BOTH(when_the_late_family_never_comes_the_first_failure_is_told)
{
	static const struct { struct plan plan; const char *listen, *host; int least; } cases[] = {
		{ { .a = NEVER, .aaaa = 0 }, "127.0.0.1:0", "[::1]", 300 },
		{ { .a = 0, .aaaa = NEVER }, "[::1]:0", "127.0.0.1", 300 },
		{ { .a = 0, .aaaa = FAILS }, "[::1]:0", "127.0.0.1", 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		char want[HOY_ERR_STRLEN], text[HOY_ERR_STRLEN];
		hoy_err err = { 0 };
		struct scene s;

		open_scene(&s, cases[i].plan, cases[i].listen);
		CHECK(!hoy_dialer_dial(&(hoy_dialer){ .resolver = s.r, .timeout = 300 * HOY_MILLISECOND }, "tcp",
				       s.address, &err));
		took(&s, cases[i].least, 1000, i);
		snprintf(want, sizeof want, "dial tcp %s%s: connect: connection refused", cases[i].host,
			 strchr(s.address, ':'));
		CHECK_STR(hoy_err_string(&err, text), want, "the first's");
		close_scene(&s);
	}
	return 0;
}

BOTH(when_no_family_comes_the_lookup_has_failed)
{
	hoy_err err = { 0 };
	struct scene s;

	open_scene(&s, (struct plan){ .a = NEVER, .aaaa = NEVER }, ":0");
	CHECK(!hoy_dialer_dial(&(hoy_dialer){ .resolver = s.r, .timeout = 200 * HOY_MILLISECOND }, "tcp", s.address, &err));
	took(&s, 200, 1000, 0);
	CHECK_INT(err.code, HOY_ETIMEOUT);
	CHECK_INT(err.kind, HOY_ERR_LOOKUP);
	close_scene(&s);
	return 0;
}

/* The other ways of dialling, and strict errors, want both families first. */
BOTH(other_ways_wait_for_both)
{
	for (int i = 0; i < 3; i++) {
		hoy_dialer d = { .fallback_delay = i == 0 ? 300 * HOY_MILLISECOND : i == 1 ? -1 : 0 };
		struct scene s;
		hoy_conn *c;
		char server[HOY_ADDR_STRLEN];
		hoy_addr addr;
		hoy_resolver *strict;

		open_scene(&s, (struct plan){ .a = 0, .aaaa = 200 }, ":0");
		addr = ns_addr(s.ns);
		strict = hoy_resolver_new(&(hoy_resolver_opts){
			.servers = (const char *[]){ hoy_addr_string(&addr, server), NULL }, .hosts = "", .resolv_conf = "",
			.flags = HOY_RESOLVER_STRICT_ERRORS }, NULL);
		d.resolver = i == 2 ? strict : s.r;
		c = hoy_dialer_dial(&d, "tcp", s.address, NULL);
		took(&s, 200, 1500, (size_t)i);
		if (CHECK(c))
			CHECK_INT(family_of(c), 6);
		hoy_conn_free(c);
		hoy_resolver_free(strict);
		close_scene(&s);
	}
	return 0;
}

/* From an IPv4 address only IPv4 is dialled, and nothing is worth waiting for. */
BOTH(a_local_address_decides_the_family)
{
	const hoy_addr local = { .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(127, 0, 0, 1) };
	static const struct { struct plan plan; int least, most; } cases[] = {
		{ { .a = 0, .aaaa = NEVER }, 0, 300 }, { { .a = 100, .aaaa = 0 }, 100, 500 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct scene s;
		hoy_conn *c;

		open_scene(&s, cases[i].plan, ":0");
		c = hoy_dialer_dial(&(hoy_dialer){ .resolver = s.r, .local_addr = &local }, "tcp", s.address, NULL);
		took(&s, cases[i].least, cases[i].most, i);
		if (CHECK(c))
			CHECK_INT(family_of(c), 4);
		hoy_conn_free(c);
		close_scene(&s);
	}
	return 0;
}

/* ---- ended from outside ---- */

static struct scene ended;
static hoy_err end_err;

static int dial_for_ever(void *arg)
{
	(void)arg;
	CHECK(!hoy_dialer_dial(&(hoy_dialer){ .resolver = ended.r }, "tcp", ended.address, &end_err));
	return 0;
}

static int end_while_dialling(void *arg)
{
	(void)arg;
	CHECK_INT(hoy_go(dial_for_ever, NULL), 0);
	hoy_sleep(100 * HOY_MILLISECOND);
	return 0;
}

TEST(cancelling_ends_the_race_and_the_lookup)
{
	open_scene(&ended, (struct plan){ .a = NEVER, .aaaa = 0 }, "127.0.0.1:0");
	hoy_run(end_while_dialling, NULL);
	took(&ended, 100, 2000, 0);
	CHECK_INT(end_err.code, HOY_ECANCELED);
	close_scene(&ended);
}

static void *dial_in_thread(void *arg)
{
	dial_for_ever(arg);
	return NULL;
}

/* The lookup ends and the race has no address left: err is the failure of the race. */
TEST(closing_the_resolver_ends_the_wait_for_the_late_family)
{
	pthread_t thread;

	open_scene(&ended, (struct plan){ .a = NEVER, .aaaa = 0 }, "127.0.0.1:0");
	pthread_create(&thread, NULL, dial_in_thread, NULL);
	hoy_sleep(100 * HOY_MILLISECOND);
	hoy_resolver_close(ended.r, NULL);
	pthread_join(thread, NULL);
	took(&ended, 100, 2000, 0);
	CHECK_INT(end_err.code, -ECONNREFUSED);
	close_scene(&ended);
}

/* ---- one of many questions ---- */

enum { CROWD = 20 };

static atomic_int connected;

static int dial_with_others(void *arg)
{
	hoy_conn *c = hoy_dialer_dial(&(hoy_dialer){ .resolver = ended.r }, "tcp", ended.address, NULL);

	(void)arg;
	if (CHECK(c))
		atomic_fetch_add(&connected, 1);
	hoy_conn_free(c);
	return 0;
}

static int dial_in_crowd(void *arg)
{
	(void)arg;
	for (int i = 0; i < CROWD; i++)
		CHECK_INT(hoy_go(dial_with_others, NULL), 0);
	while (atomic_load(&connected) < CROWD && since(ended.began) < 10 * HOY_SECOND)
		hoy_sleep(HOY_MILLISECOND);
	return 0;
}

/* The dials share their queries: when the one that runs them connects first, another takes over, and none waits for the late answer. */
TEST(dials_that_share_a_lookup_all_start)
{
	open_scene(&ended, (struct plan){ .a = 0, .aaaa = NEVER }, ":0");
	hoy_run(dial_in_crowd, NULL);
	took(&ended, 50, 600, 0);
	CHECK_INT(connected, CROWD);
	close_scene(&ended);
}

/* ---- without what it needs ---- */

/* Each allocation or system call fails once: a connection or an error, and nothing is left. */
static bool dial_with_fault(struct plan plan, const char *listen, long n, bool of_memory)
{
	hoy_dialer d = { .timeout = 60 * HOY_MILLISECOND * t_scale() };
	hoy_err err = { 0 };
	struct scene s;
	hoy_conn *c;
	bool fired;

	open_scene(&s, plan, listen);
	d.resolver = s.r;
	fault_reset();
	(of_memory ? fault_alloc_at(n) : fault_at(n, 0));
	c = hoy_dialer_dial(&d, "tcp", s.address, &err);
	fired = fault_fired();
	fault_reset();
	CHECK(!c == (err.code < 0));
	hoy_conn_free(c);
	close_scene(&s);
	return fired;
}

TEST(anything_may_fail_once)
{
	static const struct plan plans[] = { { .a = NEVER, .aaaa = 0 }, { .a = 20, .aaaa = 0 } };
	long blocks;

	fault_install();
	dial_with_fault(plans[0], ":0", 1000000, true);
	blocks = fault_live_blocks();
	for (size_t i = 0; i < LEN(plans); i++)
		for (int of_memory = 0; of_memory < 2; of_memory++)
			for (long n = 1; n < 100; n++) {
				if (!dial_with_fault(plans[i], i ? "127.0.0.1:0" : ":0", n, of_memory))
					break;
				CHECK_INT(fault_live_blocks(), blocks);
				CHECK_INT(fault_bad_descriptors(), 0);
			}
}
