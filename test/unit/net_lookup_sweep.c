/*
 * Every system call and every allocation of lookups, from the resolver's beginning to its
 * end, made to fail one after the other. Each lookup has its list nonetheless, or tells
 * the failure in words; nothing is left open or allocated, nobody waits for ever, and the
 * same lookups succeed afterwards in the same process.
 */
#include <errno.h>
#include <unistd.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "support/fault_os.h"
#include "support/name_server.h"
#include "support/packet.h"
#include "t.h"

enum { LOOKUPS = 7 };

static struct ns *ns;
static char server[HOY_ADDR_STRLEN], hosts[] = "/tmp/hoy-sweep-XXXXXX";
static int counts[LOOKUPS];	/* or codes */
static int made;		/* the code of hoy_resolver_new, or hoy_run */
static size_t cache;		/* then everything is looked up twice */

static void answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	switch (q->m.question.type) {
	case HOY__MX:
		for (unsigned i = 0; i < 3; i++) {
			size_t at = packet_record(p, HOY__ANSWER, name, HOY__MX, 60);

			packet_number(p, 10, 2);
			packet_name(p, "mail.example.");
			packet_close(p, at);
		}
		break;
	case HOY__HTTPS:	/* an alias of a service */
		if (name[0] == 'n')
			packet_raw(p, HOY__ANSWER, name, HOY__HTTPS, 60, "\0\0\1a\0", 5);
		else
			packet_raw(p, HOY__ANSWER, name, HOY__HTTPS, 60, "\0\1\0\0\1\0\3\2h2\0\4\0\4\300\0\2\1", 18);
		break;
	case HOY__PTR:
		packet_target(p, name, HOY__PTR, "host.example.");
		break;
	default:
		ns_answer_many(q, 2);
		free(p);
		return;
	}
	ns_send(q, p->data, p->len);
	free(p);
}

/* What is told must be what is returned, and say so in words. at: where the list was put. */
static int told(int n, void *at, const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];
	void *list;

	if (n >= 0) {
		memcpy(&list, at, sizeof list);
		hoy_free(list);
		return n;
	}
	CHECK_INT(err->code, n);
	CHECK(strstr(hoy_err_string(err, text), hoy_strerror(n)) != NULL);
	return n;
}

static void look_everything_up(hoy_resolver *r)
{
	hoy_err err = { 0 };
	char **texts = NULL;
	hoy_record *records = NULL;
	hoy_addr *addrs = NULL;
	hoy_svcb *svcb = NULL;
	hoy_mx *mx = NULL;
	hoy_ip *ips = NULL;

	counts[0] = told(hoy_resolver_lookup_ip(r, "ip", "n1.example", &ips, &err), &ips, &err);
	counts[1] = told(hoy_resolver_lookup_host(r, "here.example", &texts, &err), &texts, &err);
	counts[2] = told(hoy_resolver_lookup_mx(r, "n3.example", &mx, &err), &mx, &err);
	counts[3] = told(hoy_resolver_lookup_addr(r, "192.0.2.4", &texts, &err), &texts, &err);
	counts[4] = told(hoy_resolver_query(r, "n5.example", HOY_TYPE_A, &records, &err), &records, &err);
	counts[5] = told(hoy_resolver_lookup_ip_addr(r, "n6.example", &addrs, &err), &addrs, &err);
	counts[6] = told(hoy_resolver_lookup_https(r, "n7.example", &svcb, &err), &svcb, &err);
}

static int look_up(void *arg)
{
	const char *const servers[] = { server, NULL };
	const hoy_resolver_opts opts = {
		.servers = servers, .resolv_conf = "", .nsswitch = "", .services = "", .hosts = hosts,
		.attempts = 1, .timeout = 100 * HOY_MILLISECOND, .cache = cache, .stale = HOY_HOUR,
	};
	hoy_err err = { 0 };
	hoy_resolver *r = hoy_resolver_new(&opts, &err);

	(void)arg;
	made = r ? 0 : err.code;
	if (!r)
		return 0;
	look_everything_up(r);
	if (cache)
		look_everything_up(r);
	hoy_resolver_free(r);
	return 0;
}

static const int well[LOOKUPS] = { 4, 2, 3, 1, 2, 4, 2 };

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

/*
 * A query that was lost may time out, one family may be missing; a hosts file that cannot
 * be read is empty, and then the server is asked, who has four addresses.
 */
static void judge(int fault)
{
	if (made) {
		CHECK(made == fault || made == -ENOMEM);
		return;
	}
	for (int i = 0; i < LOOKUPS; i++) {
		int n = counts[i];

		if (n == well[i] || n == fault || n == HOY_ETIMEOUT || (n == 2 && well[i] == 4) || (i == 1 && n == 4))
			continue;
		/* a descriptor that would not leave the poller cannot enter again */
		if (n == -EEXIST && fault_fired_entry() == FAULT_poller_remove)
			continue;
		CHECK_INT(n, well[i]);
	}
}

static void all_is_well(void)
{
	CHECK_INT(made, 0);
	for (int i = 0; i < LOOKUPS; i++)
		CHECK_INT(counts[i], well[i]);
}

/* n counts calls when positive, allocations when negative. False when nothing was left to fail. */
static bool fail_one(void (*run)(void), long n, int code)
{
	int open, failures = atomic_load(&t_shared->failures);
	long blocks;
	bool fired;

	fault_reset();
	open = fault_open_descriptors();
	blocks = fault_live_blocks();
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
	static const char text[] = "192.0.2.1 here.example\n2001:db8::1 here.example\n";
	int fd = mkstemp(hosts);
	hoy_addr addr;
	long n = 1;

	CHECK_INT(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	ns = ns_start(answer, NULL);
	addr = ns_addr(ns);
	hoy_addr_string(&addr, server);
	fault_install();
	run();
	run();		/* what hoy keeps for later is there */
	while (n < 2000 && fail_one(run, sign * n, code))
		n++;
	CHECK(n > 10 && n < 2000);
	ns_stop(ns);
	unlink(hosts);
}

TEST(each_call_of_a_thread) { sweep(as_thread, 1, 0); }
TEST(each_call_of_a_task) { sweep(as_task, 1, 0); }
TEST(each_allocation_of_a_thread) { sweep(as_thread, -1, 0); }
TEST(each_allocation_of_a_task) { sweep(as_task, -1, 0); }

/* The calls are those of the first time; what is remembered takes none. */
TEST(each_call_of_a_task_with_a_cache) { cache = 20; sweep(as_task, 1, 0); }
TEST(each_allocation_of_a_thread_with_a_cache) { cache = 20; sweep(as_thread, -1, 0); }
TEST(each_allocation_of_a_task_with_a_cache) { cache = 20; sweep(as_task, -1, 0); }
