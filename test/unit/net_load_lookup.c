/*
 * 5,000 names, both families, 200 at once, three servers, one reply in twenty lost: every
 * lookup returns both, descriptors stay within what is under way, and none is left.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/name_server.h"
#include "t.h"

enum { NAMES = 5000, AT_ONCE = 200, SERVERS = 3, LOST = 20, SPARE = 64 };

static struct {
	hoy_resolver *resolver;
	char server[SERVERS][HOY_ADDR_STRLEN];
	int names;
	atomic_int next, right, most;
	hoy_wait_group group;
} load;

/* Every LOSTth reply, counted over all servers: a different one in each round. */
static void answer_most(struct ns_query *q, void *arg)
{
	static atomic_uint replies;

	(void)arg;
	if (q->tcp || atomic_fetch_add(&replies, 1) % LOST != LOST - 1)
		ns_answer(q);
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void watch_descriptors(int base)
{
	int n = open_descriptors() - base, most = atomic_load(&load.most);

	while (n > most && !atomic_compare_exchange_weak(&load.most, &most, n))
		;
}

/* The last three octets of both families say the number of the name. */
static bool is_right(const hoy_ip *list, int n, int number)
{
	bool four = false, six = false;

	for (int i = 0; i < n; i++) {
		const uint8_t *tail = list[i].bytes + list[i].len - 3;

		if ((tail[0] << 16 | tail[1] << 8 | tail[2]) != number)
			return false;
		four |= list[i].len == 4;
		six |= list[i].len == 16;
	}
	return n == 2 && four && six;
}

static int base_descriptors;

static void look_up(int number)
{
	char name[32], text[HOY_ERR_STRLEN];
	hoy_err err = { 0 };
	hoy_ip *list = NULL;
	int n;

	snprintf(name, sizeof name, "n%d.example", number);
	n = hoy_resolver_lookup_ip(load.resolver, "ip", name, &list, &err);
	if (is_right(list, n, number))
		atomic_fetch_add(&load.right, 1);
	else
		t_fail(__FILE__, __LINE__, name, "%d: %s", n, hoy_err_string(&err, text));
	hoy_free(list);
}

static int look_up_many(void *arg)
{
	int number;

	(void)arg;
	while ((number = atomic_fetch_add(&load.next, 1)) < load.names) {
		look_up(number);
		if (number % 50 == 0)
			watch_descriptors(base_descriptors);
	}
	hoy_wait_group_done(&load.group);
	return 0;
}

static int run(void *arg)
{
	(void)arg;
	base_descriptors = open_descriptors();
	hoy_wait_group_add(&load.group, AT_ONCE);
	for (int i = 0; i < AT_ONCE; i++)
		CHECK_INT(hoy_go(look_up_many, NULL), 0);
	hoy_wait_group_wait(&load.group);
	return 0;
}

static void start(struct ns *ns[SERVERS], unsigned flags)
{
	const char *servers[SERVERS + 1] = { NULL };
	hoy_resolver_opts opts = {
		.servers = servers, .resolv_conf = "", .hosts = "", .nsswitch = "", .attempts = 3,
		.timeout = 200 * HOY_MILLISECOND * t_scale(), .flags = flags | HOY_RESOLVER_ROTATE,
	};

	for (int i = 0; i < SERVERS; i++) {
		hoy_addr addr;

		ns[i] = ns_start(answer_most, NULL);
		addr = ns_addr(ns[i]);
		servers[i] = hoy_addr_string(&addr, load.server[i]);
	}
	load.resolver = hoy_resolver_new(&opts, NULL);
	load.names = SCALED(NAMES);
}

/* Over UDP no descriptor is left although the resolver is still there; over TCP the servers' ends go a little later. */
static void run_load(unsigned flags)
{
	struct ns *ns[SERVERS];
	int64_t start_at = hoy_now().ns, took;
	int before;

	start(ns, flags);
	before = open_descriptors();
	CHECK_INT(hoy_run(run, NULL), 0);
	took = hoy_now().ns - start_at;
	CHECK_INT(load.right, load.names);
	CHECK(load.most > 0 && load.most <= AT_ONCE + SPARE);
	CHECK(took < 60 * HOY_SECOND);
	if (flags & HOY_RESOLVER_TCP)
		hoy_resolver_free(load.resolver);
	hoy_sleep(100 * HOY_MILLISECOND);
	CHECK(open_descriptors() <= before + 2);	/* what the sleeping thread keeps */
	if (!(flags & HOY_RESOLVER_TCP))
		hoy_resolver_free(load.resolver);
	printf("%d names in %.2f s, at most %d descriptors\n", load.right, (double)took / 1e9, load.most);
	for (int i = 0; i < SERVERS; i++)
		ns_stop(ns[i]);
}

TEST(every_lookup_returns_both_families_though_replies_are_lost) { run_load(0); }
TEST(the_same_over_tcp) { run_load(HOY_RESOLVER_TCP); }
