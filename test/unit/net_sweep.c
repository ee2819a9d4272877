/*
 * Every system call and every allocation of a listen, accept, dial, echo and close, made
 * to fail one after the other: the first, the second, until the scenario makes fewer. Each
 * time either all goes as if nothing had happened, which only the calls listed below may
 * bring about, or one of the ends tells exactly the failure; and then nothing is left
 * open or allocated, no byte is wrong, nobody waits for ever, and the next scenario of
 * the same process succeeds.
 *
 * Each attempt has a process of its own, so that what hoy keeps for later (pools, rings)
 * is made anew, and fails too.
 */
#include <errno.h>
#include <pthread.h>

#include <hoy.h>

#define TEST_LIMIT 120
#include "base/base.h"
#include "support/fault_os.h"
#include "t.h"

enum { LENGTH = 64, NOT_FIRED = 3, HUNG = 4, WRONG_BYTE = -9999 };

/* Calls whose failure may change nothing, and why that is right. */
static const struct { enum fault_entry entry; const char *reason; } tolerated[] = {
	{ FAULT_close, "the descriptor is gone whatever close says" },
	{ FAULT_unmap, "the memory stays mapped; there is nobody to tell, and nothing to do about it" },
	{ FAULT_map, "the probe of MADV_GUARD_INSTALL: without it there is mprotect" },
	{ FAULT_guard, "the same probe" },
	{ FAULT_random, "the same probe, which asks the kernel to write into a guard" },
	{ FAULT_discard, "pages that are kept cost memory, no more" },
	{ FAULT_open, "somaxconn and max_map_count have well-known defaults" },
	{ FAULT_read, "the same files" },
	{ FAULT_getsockname, "an address for show; unknown then, as in Go" },
	{ FAULT_getpeername, "an address for show; and not yet connected means: wait on" },
	{ FAULT_setsockopt, "no-delay and keep-alive are wishes, as in Go" },
	{ FAULT_ready, "the accept is tried without an answer" },
	{ FAULT_poller_wait, "the loop asks again" },
	{ FAULT_poller_remove, "the kernel refuses to remove only what is not there" },
	{ FAULT_membarrier_register, "channels take their plain lock" },
	{ FAULT_waker_wake, "the sleeper wakes by another event, or at its next timer" },
};

/* Failures that are told by another code. */
static const struct { enum fault_entry entry; int code; const char *reason; } translated[] = {
	{ FAULT_getsockname, -EDESTADDRREQ, "this test cannot dial a listener that does not know its port" },
	{ FAULT_poller_remove, -EEXIST, "a descriptor that would not leave cannot enter again" },
};

/* How it went at either end; 0 is well. */
struct outcome {
	int client, server;
};

struct ends {
	hoy_listener *listener;
	struct outcome *outcome;
	hoy_wait_group done;
};

/* What is told must be what is returned, and say so in words. */
static int told(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	CHECK(err->code < 0);
	CHECK(strstr(hoy_err_string(err, text), hoy_strerror(err->code)) != NULL);
	CHECK(err->op != NULL);
	return err->code;
}

static int echo_once(hoy_listener *l)
{
	char buf[LENGTH];
	hoy_err err = { 0 };
	hoy_conn *c = hoy_listener_accept(l, &err);
	ssize_t n;

	if (!c)
		return told(&err);
	while ((n = hoy_conn_read(c, buf, sizeof buf, &err)) > 0)
		if ((n = hoy_conn_write(c, buf, (size_t)n, &err)) < 0)
			break;
	hoy_conn_free(c);
	return n < 0 ? told(&err) : 0;
}

/* One that fails to accept lets the listener go: who dialled must not wait for ever. */
static int serve(void *arg)
{
	struct ends *e = arg;

	e->outcome->server = echo_once(e->listener);
	hoy_listener_close(e->listener, NULL);
	hoy_wait_group_done(&e->done);
	return 0;
}

static int exchange(hoy_conn *c)
{
	char out[LENGTH], in[LENGTH + 1];
	hoy_err err = { 0 };

	for (int i = 0; i < LENGTH; i++)
		out[i] = (char)(3 * i);
	if (hoy_conn_write(c, out, sizeof out, &err) < 0 || hoy_conn_close_write(c, &err) < 0
	    || hoy_read_full(c, in, LENGTH, &err) < 0)
		return told(&err);
	if (memcmp(in, out, LENGTH) != 0)
		return WRONG_BYTE;
	ssize_t n = hoy_conn_read(c, in, sizeof in, &err);
	return n < 0 ? told(&err) : n > 0 ? WRONG_BYTE : 0;
}

static int ask(hoy_listener *l)
{
	char address[HOY_ADDR_STRLEN];
	hoy_err err = { 0 };
	hoy_addr at;
	hoy_conn *c;
	int code;

	hoy_listener_addr(l, &at);
	if (!at.port)		/* its own address could not be had: nobody can dial it */
		return -EDESTADDRREQ;
	c = hoy_dial("tcp", hoy_addr_string(&at, address), &err);
	if (!c)
		return told(&err);
	code = exchange(c);
	hoy_conn_free(c);
	return code;
}

/* start lets serve(ends) run beside us; 0 or a code. */
static int scenario(struct outcome *outcome, int (*start)(struct ends *), void (*join)(struct ends *))
{
	hoy_err err = { 0 };
	struct ends e = { .listener = hoy_listen("tcp", "127.0.0.1:0", &err), .outcome = outcome };
	int code;

	if (!e.listener)
		return outcome->client = told(&err);
	hoy_wait_group_add(&e.done, 1);
	if ((code = start(&e)) < 0) {
		outcome->client = code;
	} else {
		outcome->client = ask(e.listener);
		if (outcome->client < 0)
			hoy_listener_close(e.listener, NULL);
		join(&e);
	}
	hoy_listener_free(e.listener);
	return 0;
}

static int start_task(struct ends *e) { return hoy_go(serve, e); }
static void join_task(struct ends *e) { hoy_wait_group_wait(&e->done); }

static int run_scenario(void *outcome)
{
	scenario(outcome, start_task, join_task);
	return 0;
}

static void as_tasks(struct outcome *outcome)
{
	const hoy_run_opts one = { .workers = 1 };
	int code = hoy_run_with(&one, run_scenario, outcome);

	if (code < 0)
		outcome->client = code;
}

static pthread_t thread;

/*
 * While leaks are counted, both threads have what hoy keeps for a thread at the same
 * time, so that the pools are as full each time. A failing run does without.
 */
static atomic_bool counting;

static void be_known(void)
{
	if (atomic_load(&counting))
		CHECK_INT(hoy_sleep(HOY_NANOSECOND), 0);
}

static void *serve_thread(void *ends)
{
	be_known();
	serve(ends);
	return NULL;
}

static int start_thread(struct ends *e) { return -pthread_create(&thread, NULL, serve_thread, e); }

static void join_thread(struct ends *e)
{
	(void)e;
	pthread_join(thread, NULL);
}

static void *client_thread(void *outcome)
{
	be_known();
	scenario(outcome, start_thread, join_thread);
	return NULL;
}

/* Both in threads that end, so that what hoy keeps for a thread is given back too. */
static void as_threads(struct outcome *outcome)
{
	pthread_t client;

	if (CHECK_INT(pthread_create(&client, NULL, client_thread, outcome), 0))
		pthread_join(client, NULL);
}

/* What is left open and allocated after so many scenarios without a fault. */
static struct {
	int descriptors;
	long blocks, mapped;
} *usual;

static void remember(void)
{
	usual->descriptors = fault_open_descriptors();
	usual->blocks = fault_live_blocks();
	usual->mapped = fault_mapped_bytes();
}

static void nothing_is_left(bool still_mapped)
{
	CHECK_INT(fault_open_descriptors(), usual->descriptors);
	CHECK_INT(fault_live_blocks(), usual->blocks);
	CHECK(still_mapped || fault_mapped_bytes() == usual->mapped);
	CHECK_INT(fault_bad_descriptors(), 0);
}

/* What the other end sees of a failure: the connection went. */
static bool is_consequence(int code)
{
	static const int seen[] = { 0, HOY_EEOF, HOY_ECLOSED, -ECONNRESET, -ECONNREFUSED, -EPIPE, -ENOTCONN };

	for (size_t i = 0; i < LEN(seen); i++)
		if (code == seen[i])
			return true;
	return false;
}

static bool is_tolerated(enum fault_entry entry)
{
	for (size_t i = 0; i < LEN(tolerated); i++)
		if (tolerated[i].entry == entry)
			return true;
	return false;
}

static bool tells(int got, enum fault_entry entry, int code)
{
	for (size_t i = 0; i < LEN(translated); i++)
		if (translated[i].entry == entry && got == translated[i].code)
			return true;
	return got == code;
}

static void judge(const struct outcome *o, enum fault_entry entry, int code)
{
	if (o->client == 0 && o->server == 0) {
		CHECK(is_tolerated(entry));
		return;
	}
	CHECK(tells(o->client, entry, code) || tells(o->server, entry, code));
	CHECK(tells(o->client, entry, code) || is_consequence(o->client));
	CHECK(tells(o->server, entry, code) || is_consequence(o->server));
}

static char label[100];

/* The last words of an attempt that waits for ever, or went wrong. */
static void tell_story(const char *what)
{
	static char text[4000];
	int n = snprintf(text, sizeof text, "%s: %s: ", label, what);

	fault_story(text + n, sizeof text - (size_t)n - 1);
	strcat(text, "\n");
	CHECK(write(STDERR_FILENO, text, strlen(text)) > 0);
}

static void hung(int number)
{
	(void)number;
	tell_story("hung");
	_exit(HUNG);
}

/* The scenario with its fault, then twice without: it has recovered, and nothing leaked. */
static int attempt(void (*run)(struct outcome *), long n, int code)
{
	struct outcome o = { 0, 0 };
	int failures = atomic_load(&t_shared->failures);
	enum fault_entry entry;

	snprintf(label, sizeof label, "call %ld", n);
	signal(SIGALRM, hung);
	alarm((unsigned)(5 * t_scale()));
	fault_install();
	fault_at(n > 0 ? n : 0, code);
	fault_alloc_at(n < 0 ? -n : 0);
	run(&o);
	if (n && !fault_fired())
		return NOT_FIRED;
	entry = fault_fired_entry();
	snprintf(label, sizeof label, "call %ld, %s, %s: client %d, server %d", n, n ? fault_name(entry) : "none",
		 hoy_strerror(fault_fired_code()), o.client, o.server);
	if (n)
		judge(&o, entry, fault_fired_code());
	CHECK_INT(fault_bad_descriptors(), 0);
	if (atomic_load(&t_shared->failures) > failures)
		tell_story("with the fault");
	failures = atomic_load(&t_shared->failures);
	atomic_store(&counting, true);
	for (int i = 0; i < 2; i++) {
		o = (struct outcome){ 0, 0 };
		fault_reset();
		run(&o);
		CHECK_INT(o.client, 0);
		CHECK_INT(o.server, 0);
	}
	if (n)
		nothing_is_left(entry == FAULT_unmap);
	else
		remember();
	if (atomic_load(&t_shared->failures) > failures)
		tell_story("afterwards");
	return 0;
}

/* In a process of its own; the exit status. */
static int try(void (*run)(struct outcome *), long n, int code)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(attempt(run, n, code));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* step 1: system calls; -1: allocations. How many there were. */
static void sweep(void (*run)(struct outcome *), long step, int code)
{
	long n;
	int status;

	usual = mmap(NULL, sizeof *usual, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK_INT(try(run, 0, 0), 0);
	for (n = step; (status = try(run, n, code)) != NOT_FIRED; n += step)
		if (!CHECK_INT(status, 0) && atomic_load(&t_shared->failures) > 60)
			break;
	printf("%ld calls\n", n * step - 1);
	CHECK(n * step > 5);
}

TEST(system_calls_as_tasks) { sweep(as_tasks, 1, 0); }
TEST(system_calls_as_threads) { sweep(as_threads, 1, 0); }
TEST(out_of_memory_as_tasks) { sweep(as_tasks, 1, -ENOMEM); }
TEST(out_of_memory_as_threads) { sweep(as_threads, 1, -ENOMEM); }
TEST(allocations_as_tasks) { sweep(as_tasks, -1, 0); }
TEST(allocations_as_threads) { sweep(as_threads, -1, 0); }

/* What only slows down must change nothing: run it both ways, and look for leaks. */
static void all_is_well(void)
{
	void (*const ways[])(struct outcome *) = { as_tasks, as_threads };

	for (size_t i = 0; i < LEN(ways); i++) {
		struct outcome o = { 0, 0 };

		ways[i](&o);
		CHECK_INT(o.client, 0);
		CHECK_INT(o.server, 0);
		CHECK_INT(fault_open_descriptors(), 0);
		CHECK_INT(fault_bad_descriptors(), 0);
	}
}

TEST(crumbs)
{
	static const size_t sizes[] = { 1, 2, 7, LENGTH - 1 };

	fault_install();
	for (size_t i = 0; i < LEN(sizes); i++) {
		fault_reset();
		fault_cut(sizes[i]);
		all_is_well();
		CHECK(fault_calls(FAULT_recv) >= LENGTH / (long)sizes[i]);
	}
}

/* Every second, or third, answer is "not yet", or the wait ends without an event. */
TEST(storms)
{
	static const struct { enum fault_entry entry; int code; } storms[] = {
		{ FAULT_recv, -EAGAIN }, { FAULT_send, -EAGAIN }, { FAULT_accept, -EAGAIN },
		{ FAULT_poller_wait, -EINTR },
	};

	fault_install();
	for (size_t i = 0; i < LEN(storms); i++)
		for (int period = 2; period <= 3; period++) {
			fault_reset();
			fault_storm(storms[i].entry, period, storms[i].code);
			all_is_well();
		}
}

enum { VISITORS = 10 };

static struct {
	hoy_listener *listener;
	int code, troubles, served, refused;
	hoy_wait_group done;
} shop;

static void trouble(const hoy_err *err, hoy_duration pause, void *arg)
{
	(void)arg;
	shop.troubles++;
	CHECK_INT(err->code, shop.code);
	CHECK(pause >= 5 * HOY_MILLISECOND && pause <= HOY_SECOND);
}

static void echo(hoy_conn *c, void *arg)
{
	char buf[LENGTH];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

static int keep_shop(void *arg)
{
	const hoy_serve_opts opts = { .trouble = trouble };

	(void)arg;
	CHECK_INT(hoy_serve(shop.listener, echo, NULL, &opts, NULL), 0);
	hoy_wait_group_done(&shop.done);
	return 0;
}

static int visit(void *arg)
{
	hoy_err err;

	(void)arg;
	shop.listener = hoy_listen("tcp", "127.0.0.1:0", &err);
	hoy_wait_group_add(&shop.done, 1);
	CHECK_INT(hoy_go(keep_shop, NULL), 0);
	for (int i = 0; i < VISITORS; i++) {
		int code = ask(shop.listener);

		shop.served += code == 0;
		shop.refused += code == -ECONNRESET || code == -EPIPE || code == -ENOTCONN;
	}
	hoy_listener_close(shop.listener, NULL);
	hoy_wait_group_wait(&shop.done);
	hoy_listener_free(shop.listener);
	return 0;
}

/* Every second accept fails; a server goes on, and what waited in the queue is served. */
TEST(a_server_in_trouble_goes_on)
{
	static const int codes[] = { -EMFILE, -ENFILE, -ENOBUFS, -ENOMEM, -ECONNABORTED };
	const hoy_run_opts one = { .workers = 1 };

	fault_install();
	for (size_t i = 0; i < LEN(codes); i++) {
		bool aborted = codes[i] == -ECONNABORTED;

		fault_reset();
		fault_storm(FAULT_accept, 2, codes[i]);
		memset(&shop, 0, sizeof shop);
		shop.code = codes[i];
		CHECK_INT(hoy_run_with(&one, visit, NULL), 0);
		CHECK_INT(shop.served + shop.refused, VISITORS);
		CHECK(aborted ? shop.troubles == 0 : shop.refused == 0);
		CHECK(aborted || shop.troubles > 0);
		CHECK(shop.served > 0);
		CHECK_INT(fault_open_descriptors(), 0);
	}
}
