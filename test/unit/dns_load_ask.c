/*
 * 5,000 names, both families, 200 at once, three servers, one reply in twenty lost: every
 * lookup returns both, descriptors stay within what is under way, and none is left.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/sync.h>

#define TEST_LIMIT 120
#include "support/asking.h"
#include "t.h"

enum { NAMES = 5000, AT_ONCE = 200, SERVERS = 3, LOST = 20, SPARE = 64 };

static struct {
	struct hoy__asker *asker;
	hoy_addr server[SERVERS];
	int names;
	atomic_int next, right, over, most;
	hoy_wait_group group;
	bool use_tcp;
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

static bool is_right(const struct hoy__found *found, const struct hoy__name *name, unsigned family)
{
	struct hoy__message m;
	struct hoy__reply reply;
	struct hoy__record rr;
	struct hoy__rdata data;
	uint32_t want = ns_address(name);
	const uint8_t *tail;

	if (found->code != 0 || hoy__message_open(&m, found->message, found->len) < 0 ||
	    hoy__reply_read(&m, &reply) < 0)
		return false;
	hoy__message_rewind(&m);
	if (hoy__reply_next(&m, &reply, &rr) != 1 || hoy__record_read(&m, &rr, &data) < 0)
		return false;
	tail = data.ip.bytes + data.ip.len - 3;
	return data.ip.len == (family ? 16 : 4) && (uint32_t)(tail[0] << 16 | tail[1] << 8 | tail[2]) == want;
}

static int base_descriptors;

static void look_up(int number)
{
	struct hoy__ask_policy policy = { .server = load.server, .servers = SERVERS, .attempts = 3,
					  .timeout = 200 * HOY_MILLISECOND * t_scale(), .use_tcp = load.use_tcp,
					  .rotate = true };
	struct hoy__found found[2];
	struct hoy__name name;
	char text[32];

	snprintf(text, sizeof text, "n%d.example", number);
	hoy__name_parse(&name, text, strlen(text));
	CHECK_INT(hoy__ask(load.asker, &policy, &name, (const uint16_t[]){ HOY__A, HOY__AAAA }, 2, found), 0);
	if (is_right(&found[0], &name, 0) && is_right(&found[1], &name, 1))
		atomic_fetch_add(&load.right, 1);
	else
		t_fail(__FILE__, __LINE__, text, "codes %d and %d", found[0].code, found[1].code);
	for (int i = 0; i < 2; i++)
		hoy__found_drop(&found[i]);
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
	hoy__asker_free(load.asker);
	CHECK(open_descriptors() <= base_descriptors + (load.use_tcp ? SPARE : 0));	/* the servers' ends go a little later */
	return 0;
}

static void run_load(bool use_tcp)
{
	struct ns *ns[SERVERS];
	int64_t start = hoy_now().ns, took;
	int before;

	load.names = SCALED(NAMES);
	load.use_tcp = use_tcp;
	for (int i = 0; i < SERVERS; i++) {
		ns[i] = ns_start(answer_most, NULL);
		load.server[i] = ns_addr(ns[i]);
	}
	load.asker = hoy__asker_new();
	before = open_descriptors();
	CHECK_INT(hoy_run(run, NULL), 0);
	took = hoy_now().ns - start;
	CHECK_INT(load.right, load.names);
	CHECK(load.most > 0 && load.most <= AT_ONCE + SPARE);
	CHECK(took < 60 * HOY_SECOND);
	hoy_sleep(100 * HOY_MILLISECOND);
	CHECK(open_descriptors() <= before + 2);	/* what the sleeping thread keeps */
	printf("%d names in %.2f s, at most %d descriptors\n", load.right, (double)took / 1e9, load.most);
	for (int i = 0; i < SERVERS; i++)
		ns_stop(ns[i]);
}

TEST(every_lookup_returns_both_families_though_replies_are_lost) { run_load(false); }
TEST(the_same_over_tcp) { run_load(true); }
