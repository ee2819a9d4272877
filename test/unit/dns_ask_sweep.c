/*
 * Every system call and every allocation of asking, made to fail one after the other: by
 * UDP, by UDP and then TCP, and over a connection that is kept. Each question is answered
 * nonetheless, or tells the failure; nothing is left open or allocated, nobody waits for
 * ever, and the next lookup of the same process succeeds.
 */
#include <errno.h>

#include <hoy/err.h>

#define TEST_LIMIT 120
#include "os/os.h"
#include "sock/sock.h"
#include "support/asking.h"
#include "support/fault_os.h"
#include "t.h"

enum { LOOKUPS = 4 };

static struct ns *ns;
static struct asking k;
static int codes[LOOKUPS][2];
static bool dials;		/* the sockets are of a dial of our own */
static int made;		/* the code of hoy__client_new, or hoy_run */

/* Names with an even number are too large for UDP. */
static void answer(struct ns_query *q, void *arg)
{
	unsigned number = ns_address(&q->m.question.name);

	(void)arg;
	if (q->tcp || number % 2)
		ns_answer_many(q, number % 2 ? 1 : 100);
	else
		ns_rcode(q, HOY__TC);
}

/* By the same table, so that its sockets are in the book too. */
static int dial(const char *network, const hoy_addr *server, void *arg)
{
	union hoy__sockaddr sa;
	int len = hoy__sockaddr_of(&sa, server, 4), code;
	int fd = hoy__os_socket(AF_INET, strcmp(network, "tcp") == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);

	(void)arg;
	code = fd < 0 ? fd : hoy__os_connect(fd, &sa.any, (socklen_t)len);
	if (fd >= 0 && code < 0 && code != -EINPROGRESS)
		hoy__os_close(fd);
	return code < 0 && code != -EINPROGRESS ? code : fd;
}

static int look_up(void *arg)
{
	(void)arg;
	made = 0;
	asking_start(&k, ns);
	if (!k.client) {
		made = -ENOMEM;
		return 0;
	}
	if (dials)
		hoy__client_dial_by(k.client, dial, NULL);
	k.policy.attempts = 1;
	k.policy.timeout = (t_scale() > 1 ? 400 : 100) * HOY_MILLISECOND;	/* lost packets cost it, so no more than needed */
	for (int i = 0; i < LOOKUPS; i++) {
		ask_both(&k, i % 2 ? "n2.example" : "n1.example");
		for (int family = 0; family < 2; family++) {
			codes[i][family] = k.found[family].code;
			if (k.found[family].code == 0)
				CHECK(asking_has(&k, family, i % 2 ? 100 : 1));
		}
	}
	asking_end(&k);
	return 0;
}

static void as_thread(void)
{
	look_up(NULL);
}

static void as_task(void)
{
	const hoy_run_opts one = { .workers = 1 };
	int code = hoy_run_with(&one, look_up, NULL);

	if (code < 0)
		made = code;
}

static char label[100];

/* A lookup whose packet or wake-up was lost may time out; no other code may appear from nowhere. */
static void judge(int fault)
{
	if (made) {
		CHECK(made == fault || made == -ENOMEM);
		return;
	}
	for (int i = 0; i < LOOKUPS; i++)
		for (int family = 0; family < 2; family++) {
			int code = codes[i][family];

			/* a descriptor that would not leave the poller cannot enter again */
			if (code == -EEXIST && fault_fired_entry() == FAULT_poller_remove)
				continue;
			if (code && code != fault && code != HOY_ETIMEOUT)
				CHECK_STR(hoy_strerror(code), hoy_strerror(fault), label);
		}
}

static void all_is_well(void)
{
	CHECK_INT(made, 0);
	for (int i = 0; i < LOOKUPS; i++)
		for (int family = 0; family < 2; family++)
			CHECK_INT(codes[i][family], 0);
}

/* n counts calls when positive, allocations when negative. False when nothing was left to fail. */
static bool fail_one(void (*run)(void), long n, int code)
{
	int open, failures = atomic_load(&t_shared->failures);
	long blocks;
	bool fired;

	fault_reset();
	run();
	all_is_well();
	open = fault_open_descriptors();
	blocks = fault_live_blocks();
	fault_reset();
	fault_at(n > 0 ? n : 0, code);
	fault_alloc_at(n < 0 ? -n : 0);
	run();
	fired = fault_fired();
	if (fired) {
		snprintf(label, sizeof label, "call %ld: %s", n, fault_name(fault_fired_entry()));
		judge(fault_fired_code());
	}
	fault_reset();
	run();
	all_is_well();
	CHECK_INT(fault_open_descriptors(), open);
	CHECK_INT(fault_live_blocks(), blocks);
	CHECK_INT(fault_bad_descriptors(), 0);
	if (atomic_load(&t_shared->failures) > failures)
		fprintf(stderr, "with %s\n", label);
	return fired;
}

static void sweep(void (*run)(void), long sign, int code)
{
	long n = 1;

	ns = ns_start(answer, NULL);
	fault_install();
	run();
	run();		/* what hoy keeps for later is there */
	while (n < 2000 && fail_one(run, sign * n, code))
		n++;
	CHECK(n > 10 && n < 2000);
	ns_stop(ns);
}

TEST(each_call_of_a_thread) { sweep(as_thread, 1, 0); }
TEST(each_call_of_a_task) { sweep(as_task, 1, 0); }
TEST(each_call_of_a_task_interrupted_by_want) { sweep(as_task, 1, -ENOMEM); }
TEST(each_allocation_of_a_thread) { sweep(as_thread, -1, 0); }
TEST(each_allocation_of_a_task) { sweep(as_task, -1, 0); }

TEST(each_call_where_the_sockets_are_the_users)
{
	dials = true;
	sweep(as_task, 1, 0);
}

/* Crumbs and storms: slower, but the same. */
static void in_crumbs(void (*run)(void))
{
	ns = ns_start(answer, NULL);
	fault_install();
	for (size_t most = 1; most < 8; most += 3) {
		fault_reset();
		fault_cut(most);
		run();
	}
	fault_reset();
	fault_storm(FAULT_recv, 2, -EAGAIN);
	run();
	fault_reset();
	run();
	all_is_well();
	CHECK_INT(fault_bad_descriptors(), 0);
	ns_stop(ns);
}

TEST(crumbs_and_storms_in_a_thread) { in_crumbs(as_thread); }
TEST(crumbs_and_storms_in_a_task) { in_crumbs(as_task); }
