/*
 * Every system call and every allocation of a datagram's way there and back, and of a race
 * between two addresses, made to fail one after the other. What fails is told as it is;
 * nothing is left open or allocated, nobody waits for ever, and the next run succeeds.
 */
#include <errno.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "net/net.h"
#include "support/fault_os.h"
#include "t.h"

/* Calls whose failure may change nothing, and why that is right. */
static const struct { enum fault_entry entry; const char *reason; } tolerated[] = {
	{ FAULT_close, "the descriptor is gone whatever close says" },
	{ FAULT_unmap, "the memory stays mapped; there is nobody to tell" },
	{ FAULT_map, "the probe of MADV_GUARD_INSTALL: without it there is mprotect" },
	{ FAULT_guard, "the same probe" },
	{ FAULT_random, "the same probe" },
	{ FAULT_discard, "pages that are kept cost memory, no more" },
	{ FAULT_open, "max_map_count and somaxconn have well-known defaults" },
	{ FAULT_read, "the same files" },
	{ FAULT_getsockname, "an address for show; unknown then, as in Go" },
	{ FAULT_getpeername, "the same; and not yet connected means: wait on" },
	{ FAULT_poller_wait, "the loop asks again" },
	{ FAULT_poller_remove, "the kernel refuses to remove only what is not there" },
	{ FAULT_waker_wake, "the sleeper wakes by another event, or at its next timer" },
};

static bool is_tolerated(enum fault_entry entry)
{
	for (size_t i = 0; i < LEN(tolerated); i++)
		if (tolerated[i].entry == entry)
			return true;
	return false;
}

/* What is told must be what is returned, and say so in words. */
static int told(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	CHECK(err->code < 0 && err->op);
	CHECK(strstr(hoy_err_string(err, text), hoy_strerror(err->code)) != NULL);
	return err->code;
}

static int there_and_back(hoy_conn *server, hoy_conn *client)
{
	char buf[8];
	hoy_err err = { 0 };
	hoy_addr from;

	if (hoy_conn_write(client, "there", 5, &err) < 0 ||
	    hoy_conn_read_from(server, buf, sizeof buf, &from, &err) < 0 ||
	    hoy_conn_write_to(server, "back", 4, &from, &err) < 0 ||
	    hoy_conn_read(client, buf, sizeof buf, &err) < 0)
		return told(&err);
	return CHECK(memcmp(buf, "back", 4) == 0) ? 0 : -EBADMSG;
}

static int datagrams(void *arg)
{
	char text[HOY_ADDR_STRLEN];
	hoy_err err = { 0 };
	hoy_conn *server = hoy_listen_packet("udp", "127.0.0.1:0", &err), *client;
	hoy_addr at;
	int code;

	(void)arg;
	if (!server)
		return told(&err);
	hoy_conn_local_addr(server, &at);
	if (!at.port) {		/* its own address could not be had: nobody can write to it */
		hoy_conn_free(server);
		return 0;
	}
	hoy_conn_set_read_deadline(server, hoy_in(t_scale() * HOY_SECOND), NULL);
	client = hoy_dial("udp", hoy_addr_string(&at, text), &err);
	code = client ? there_and_back(server, client) : told(&err);
	hoy_conn_free(client);
	hoy_conn_free(server);
	return code;
}

/* Either address will do, so most failures only send the dial to the other one. */
static int race(void *arg)
{
	hoy_err err = { 0 };
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", &err);
	hoy_addr list[2];
	hoy_conn *c;
	int code = 0;

	(void)arg;
	if (!l)
		return told(&err);
	hoy_listener_addr(l, &list[0]);
	list[1] = list[0];
	if (list[0].port) {
		c = hoy__dial_list(&(hoy_dialer){ 0 }, hoy__network_of(HOY_ADDR_TCP, 0), list, 2,
				   hoy_in(10 * HOY_SECOND).ns, &err);
		code = c ? 0 : told(&err);
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return code;
}

static int run(hoy_fn *fn)
{
	const hoy_run_opts one = { .workers = 1 };

	return hoy_run_with(&one, fn, NULL);
}

static void judge(int code, bool may_recover)
{
	char story[600];

	if (code == 0 ? may_recover || is_tolerated(fault_fired_entry()) : code == fault_fired_code())
		return;
	t_fail(__FILE__, __LINE__, "told as it is", "%s failed with %d, told %d: %s", fault_name(fault_fired_entry()),
	       fault_fired_code(), code, fault_story(story, sizeof story));
}

/* step 1: system calls; -1: allocations. */
static void sweep(hoy_fn *fn, long step, int fault, bool may_recover)
{
	long blocks, n;
	int before;

	fault_install();
	CHECK_INT(run(fn), 0);		/* what is kept for later is there from now on */
	CHECK_INT(run(fn), 0);
	before = fault_open_descriptors();
	blocks = fault_live_blocks();
	for (n = step;; n += step) {
		int code;

		fault_reset();
		fault_at(n > 0 ? n : 0, fault);
		fault_alloc_at(n < 0 ? -n : 0);
		code = run(fn);
		if (!fault_fired())
			break;
		judge(code, may_recover);
		fault_reset();
		CHECK_INT(run(fn), 0);
		CHECK_INT(fault_open_descriptors(), before);
		CHECK_INT(fault_live_blocks(), blocks);
		CHECK_INT(fault_bad_descriptors(), 0);
		if (atomic_load(&t_shared->failures) > 20)
			return;
	}
	printf("%ld calls\n", n * step - 1);
	CHECK(n * step > (step > 0 ? 10 : 1));
}

TEST(datagrams_system_calls) { sweep(datagrams, 1, 0, false); }
TEST(datagrams_out_of_memory) { sweep(datagrams, 1, -ENOMEM, false); }
TEST(datagrams_allocations) { sweep(datagrams, -1, 0, false); }
TEST(race_system_calls) { sweep(race, 1, 0, true); }
TEST(race_out_of_memory) { sweep(race, 1, -ENOMEM, true); }
TEST(race_allocations) { sweep(race, -1, 0, true); }
