/*
 * Servers that lie, flood and forge; and what an off-path attacker would need to guess.
 * The lines of the catalogue that concern sockets and are not in the other dns_ask tests.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hoy/err.h>
#include <hoy/sync.h>

#include "support/asking.h"
#include "support/packet.h"
#include "t.h"

static void answer(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_answer(q);
}

static void both_ways(hoy_fn *scenario, void *arg)
{
	CHECK_INT(scenario(arg), 0);
	CHECK_INT(hoy_run(scenario, arg), 0);
}

static int ask_and_be_right(void *arg)
{
	struct asking k;

	asking_start(&k, arg);
	k.policy.timeout = 5 * HOY_SECOND;
	for (int i = 0; i < 5; i++) {
		CHECK_INT(ask_both(&k, "n7.example"), 0);
		CHECK(asking_has(&k, 0, 1));
		CHECK(asking_has(&k, 1, 1));
		CHECK_INT(asking_count(&k, HOY_TRACE_TIMEOUT), 0);
	}
	asking_end(&k);
	return 0;
}

/* ---- S1, S2: what must be guessed ---- */

enum { SAMPLES = 2000 };

static struct {
	uint16_t id[SAMPLES], port[SAMPLES];
	atomic_uint n;
} seen;

static void remember(struct ns_query *q, void *arg)
{
	unsigned n = atomic_load(&seen.n);

	(void)arg;
	if (n < SAMPLES) {
		seen.id[n] = q->m.id;
		seen.port[n] = ntohs(q->from.sin_port);
		atomic_store(&seen.n, n + 1);
	}
	ns_answer(q);
}

static unsigned distinct(const uint16_t *values, unsigned n)
{
	static bool met[65536];
	unsigned count = 0;

	memset(met, 0, sizeof met);
	for (unsigned i = 0; i < n; i++) {
		count += !met[values[i]];
		met[values[i]] = true;
	}
	return count;
}

/* How often each bit is set: half of the time, six sigma. */
static void check_bits(const uint16_t *values, unsigned n)
{
	for (unsigned bit = 0; bit < 16; bit++) {
		unsigned set = 0;

		for (unsigned i = 0; i < n; i++)
			set += values[i] >> bit & 1;
		CHECK(set > n / 2 - 135 && set < n / 2 + 135);
	}
}

static int ask_often(void *arg)
{
	struct asking k;

	asking_start(&k, arg);
	k.policy.trace = NULL;
	for (int i = 0; i < SAMPLES / 2; i++)
		CHECK_INT(ask_both(&k, "n7.example"), 0);
	asking_end(&k);
	return 0;
}

TEST(S1_S2_ids_and_ports_cannot_be_told_beforehand)
{
	struct ns *ns = ns_start(remember, NULL);
	unsigned repeats = 0;

	CHECK_INT(hoy_run(ask_often, ns), 0);
	CHECK_INT(atomic_load(&seen.n), SAMPLES);
	CHECK(distinct(seen.id, SAMPLES) > SAMPLES - 100);	/* 30 repeat on average */
	check_bits(seen.id, SAMPLES);
	CHECK(distinct(seen.port, SAMPLES) > SAMPLES / 2 - 150);	/* one for each pair, out of 28,232 */
	for (unsigned i = 2; i < SAMPLES; i += 2) {
		CHECK_INT(seen.port[i], seen.port[i + 1]);
		repeats += (uint16_t)(seen.port[i] - seen.port[i - 2]) < 3;
	}
	CHECK(repeats < 10);		/* nor are they in a row */
	ns_stop(ns);
}

/* What the child of a fork draws is not what its parent draws. */
TEST(S1_F6_a_fork_shares_neither_luck_nor_connections)
{
	static struct asking k;
	static struct ns *ns;		/* the child leaves without it */
	int status = -1;
	pid_t child;

	ns = ns_start(remember, NULL);
	asking_start(&k, ns);
	k.policy.use_tcp = true;
	CHECK_INT(ask_one(&k, "n7.example"), 0);
	CHECK_INT(ns_connections(ns), 1);
	child = fork();
	if (child == 0) {
		const char *end;

		ask_one(&k, "n7.example");
		end = k.found[0].code == 0 ? "true" : "false";
		execlp(end, end, NULL);	/* not exit: what the server's thread had at the fork looks like leaks here */
		_exit(1);
	}
	waitpid(child, &status, 0);
	CHECK_INT(status, 0);
	CHECK_INT(ns_connections(ns), 2);
	CHECK_INT(ask_one(&k, "n7.example"), 0);
	CHECK_INT(k.found[0].code, 0);
	CHECK_INT(ns_connections(ns), 2);	/* the parent's is as it was */
	CHECK(seen.id[1] != seen.id[0] || seen.id[2] != seen.id[1]);
	CHECK(seen.id[1] != seen.id[2]);
	asking_end(&k);
	ns_stop(ns);
}

/* ---- S4: forgeries ---- */

static void send_from_elsewhere(const struct ns_query *q, const void *data, size_t len)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	sendto(fd, data, len, 0, (const struct sockaddr *)&q->from, sizeof q->from);
	close(fd);
}

/* First the lies, each with another mistake; then the truth. */
static void forge(struct ns_query *q, void *arg)
{
	static const uint8_t wrong[16] = { 6, 6, 6, 6 };
	struct packet *p = malloc(sizeof *p);
	unsigned type = q->m.question.type, len = type == HOY__A ? 4 : 16;

	(void)arg;
	for (int lie = 0; lie < 8; lie++) {
		packet_start(p, q->m.id + (lie == 1), HOY__QR | HOY__RD | HOY__RA | (lie == 2 ? 0x0800 : 0),
			     lie == 3 ? "n8.example" : "n7.example", lie == 4 ? HOY__MX : type);
		if (lie == 5)
			p->data[2] &= 0x7f;
		if (lie == 6)
			p->data[p->len - 1] = 3;
		if (lie == 7)
			p->data[5] = 2;		/* two questions, it says */
		packet_raw(p, HOY__ANSWER, "n7.example", type, 60, wrong, len);
		if (lie == 0)
			send_from_elsewhere(q, p->data, p->len);
		else
			ns_send(q, p->data, p->len);
	}
	free(p);
	ns_answer(q);
}

TEST(S4_S8_a_reply_that_differs_in_anything_is_not_ours)
{
	struct ns *ns = ns_start(forge, NULL);

	both_ways(ask_and_be_right, ns);
	ns_stop(ns);
}

/* ---- S6: sizes ---- */

static uint16_t announced;

static void read_opt(struct ns_query *q, void *arg)
{
	struct hoy__message m;
	struct hoy__record rr;

	(void)arg;
	CHECK_INT(hoy__message_open(&m, q->data, q->len), 0);
	while (hoy__message_next(&m, &rr) == 1)
		if (rr.type == HOY__OPT)
			announced = rr.class;
	CHECK_INT(q->data[10] << 8 | q->data[11], 1);	/* one OPT and nothing else */
	CHECK(m.flags == HOY__RD);
	ns_answer(q);
}

TEST(S6_answers_are_asked_to_be_too_small_for_fragments)
{
	struct ns *ns = ns_start(read_opt, NULL);

	both_ways(ask_and_be_right, ns);
	CHECK_INT(announced, 1232);
	ns_stop(ns);
}

/* ---- T3: floods ---- */

static atomic_bool flooding;

static void *flood_it(void *arg)
{
	struct ns_query q = *(struct ns_query *)arg;

	for (unsigned i = 0; atomic_load(&flooding); i++)
		ns_send(&q, "garbage!", i % 9);		/* also nothing at all */
	return NULL;
}

static pthread_t flooder;

static void flood(struct ns_query *q, void *arg)
{
	static struct ns_query first;

	(void)arg;
	if (atomic_exchange(&flooding, true))
		return;
	first = *q;
	pthread_create(&flooder, NULL, flood_it, &first);
}

static int ask_the_flood(void *arg)
{
	struct asking k;
	int64_t start = hoy_now().ns;

	asking_start(&k, arg);
	k.policy.timeout = 100 * t_scale() * HOY_MILLISECOND;
	k.policy.attempts = 1;
	CHECK_INT(ask_both(&k, "n7.example"), 0);
	CHECK_INT(k.found[0].code, HOY_ETIMEOUT);
	CHECK(hoy_now().ns - start < 5 * t_scale() * HOY_SECOND);
	CHECK(asking_count(&k, HOY_TRACE_IGNORED) > 10);
	if (atomic_exchange(&flooding, false))
		pthread_join(flooder, NULL);
	asking_end(&k);
	return 0;
}

TEST(T3_empty_datagrams_and_garbage_stop_no_timer)
{
	struct ns *ns = ns_start(flood, NULL);

	both_ways(ask_the_flood, ns);
	ns_stop(ns);
}

/* Garbage does not keep the other tasks of the worker from running. */
static atomic_int ticks;

static int tick(void *arg)
{
	(void)arg;
	while (!atomic_load(&flooding))
		hoy_sleep(HOY_MILLISECOND);
	while (atomic_load(&flooding)) {
		hoy_sleep(HOY_MILLISECOND);
		atomic_fetch_add(&ticks, 1);
	}
	return 0;
}

static int ask_the_flood_beside_others(void *arg)
{
	CHECK_INT(hoy_go(tick, NULL), 0);
	return ask_the_flood(arg);
}

TEST(T3_a_flood_starves_nobody)
{
	static const hoy_run_opts one = { .workers = 1 };
	struct ns *ns = ns_start(flood, NULL);

	CHECK_INT(hoy_run_with(&one, ask_the_flood_beside_others, ns), 0);
	CHECK(atomic_load(&ticks) > 5);
	ns_stop(ns);
}

/* ---- W11: what we do not read cannot hurt ---- */

static void answer_with_nsec(struct ns_query *q, void *arg)
{
	static const uint8_t bitmap[] = { 0, 0, 0, 0, 0, 0xff, 0, 1, 0x80, 0 };	/* of no known form */
	static const uint8_t address[16] = { 10, [3] = 7, [15] = 7 };
	struct packet *p = malloc(sizeof *p);
	unsigned type = q->m.question.type;

	(void)arg;
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, "n7.example", type);
	packet_raw(p, HOY__ANSWER, "n7.example", type, 60, address, type == HOY__A ? 4 : 16);
	packet_raw(p, HOY__AUTHORITY, "n7.example", 47, 60, bitmap, sizeof bitmap);
	ns_send(q, p->data, p->len);
	free(p);
}

TEST(W11_an_nsec_of_any_form_is_passed_over)
{
	struct ns *ns = ns_start(answer_with_nsec, NULL);

	both_ways(ask_and_be_right, ns);
	ns_stop(ns);
}

/* ---- T6: from inside ---- */

static void close_inside(const hoy_trace *event, void *arg)
{
	struct asking *k = arg;

	asking_trace(event, arg);
	if (event->kind == HOY_TRACE_SENT && k->client) {
		hoy__client_free(k->client);
		k->client = NULL;
	}
}

static int ask_and_free(void *arg)
{
	for (int tcp = 0; tcp < 2; tcp++) {
		struct asking k;

		asking_start(&k, arg);
		k.policy.trace = close_inside;
		k.policy.use_tcp = tcp;
		CHECK_INT(ask_both(&k, "n7.example"), 0);
		CHECK(k.found[0].code == HOY_ECLOSED || k.found[0].code == 0);
		CHECK(k.client == NULL);
		asking_drop(&k);
	}
	return 0;
}

TEST(T6_the_client_may_be_freed_from_inside_a_trace)
{
	struct ns *ns = ns_start(answer, NULL);

	both_ways(ask_and_free, ns);
	ns_stop(ns);
}

/* ---- T7 ---- */

static void refuse(struct ns_query *q, void *arg)
{
	(void)arg;
	ns_rcode(q, HOY__REFUSED);
}

TEST(T7_any_number_of_attempts_and_any_timeout)
{
	static const unsigned attempts[] = { 1, 100, 1u << 31, ~0u };
	struct ns *ns = ns_start(refuse, NULL);
	static struct asking k;

	asking_start(&k, ns);
	k.policy.timeout = INT64_MAX;
	for (size_t i = 0; i < LEN(attempts); i++) {
		k.policy.attempts = attempts[i];
		CHECK_INT(ask_both(&k, "n7.example"), 0);
		CHECK_INT(k.found[0].code, HOY_EREFUSED);
	}
	asking_end(&k);
	ns_stop(ns);
}

/* ---- F8, F9: what is kept ---- */

enum { CROWD = 300 };

struct crowd {
	struct asking *k;
	hoy_wait_group group;
	atomic_uint number;
};

static int ask_one_of_many(void *arg)
{
	struct crowd *crowd = arg;
	struct hoy__client_policy policy = crowd->k->policy;
	struct hoy__found found[2];
	struct hoy__name name;
	char text[32];

	snprintf(text, sizeof text, "n%u.example", atomic_fetch_add(&crowd->number, 1));
	hoy__name_parse(&name, text, strlen(text));
	policy.trace = NULL;
	CHECK_INT(hoy__client_ask(crowd->k->client, &policy, &name, (const uint16_t[]){ HOY__A, HOY__AAAA }, 2, found), 0);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(found[i].code, 0);
		hoy__found_drop(&found[i]);
	}
	hoy_wait_group_done(&crowd->group);
	return 0;
}

static int run_crowd(void *arg)
{
	struct crowd *crowd = arg;

	hoy_wait_group_add(&crowd->group, CROWD);
	for (int i = 0; i < CROWD; i++)
		CHECK_INT(hoy_go(ask_one_of_many, crowd), 0);
	hoy_wait_group_wait(&crowd->group);
	return 0;
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

TEST(F8_F9_questions_on_a_connection_are_bounded_and_so_are_connections)
{
	struct ns *ns = ns_start(answer, NULL);
	static struct asking k;
	int before;

	asking_start(&k, ns);
	k.policy.use_tcp = true;
	k.policy.timeout = 15 * HOY_SECOND;
	before = open_descriptors();
	CHECK_INT(hoy_run(run_crowd, &(struct crowd){ .k = &k }), 0);
	CHECK(ns_connections(ns) <= 2 * CROWD / 30 + 1);
	hoy_sleep(50 * HOY_MILLISECOND);
	CHECK(open_descriptors() <= before + 2 * 8 + 3);	/* both ends of those kept, and the sleeper's */
	asking_end(&k);
	hoy_sleep(50 * HOY_MILLISECOND);
	CHECK(open_descriptors() <= before + 3);
	ns_stop(ns);
}
