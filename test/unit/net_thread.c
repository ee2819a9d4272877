/* A plain thread whose first blocking call finds nothing to wait with: the call says so, and the next one works. */
#include <pthread.h>
#include <sys/socket.h>

#include <hoy.h>

#include "t.h"
#include "support/fault_os.h"

enum { LATE = HOY_ETIMEOUT };

static hoy_time soon(void) { return hoy_in(20 * HOY_MILLISECOND * t_scale()); }

static int seventeen(void *arg)
{
	(void)arg;
	return 17;
}

static int call_sleep(void) { return hoy_sleep(HOY_MILLISECOND); }
static int call_offload(void) { return hoy_offload(seventeen, NULL); }

static int read_late(hoy_conn *c)
{
	char byte;

	return (int)(hoy_conn_set_deadline(c, soon(), NULL) < 0 ? -1 : hoy_conn_read(c, &byte, 1, NULL));
}

static int call_read(void)
{
	int ends[2], code;
	hoy_conn *c;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	c = hoy_conn_from_fd(ends[0], 0, NULL);
	code = c ? read_late(c) : -1;
	hoy_conn_free(c);
	close(ends[1]);
	return code;
}

static int call_pipe(void)
{
	hoy_conn *a, *b;
	int code = hoy_pipe(&a, &b, NULL);

	if (code < 0)
		return code;
	code = read_late(a);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return code;
}

static int with_listener(int (*fn)(hoy_listener *l))
{
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", NULL);
	int code = l ? fn(l) : -1;

	hoy_listener_free(l);
	return code;
}

static int accept_late(hoy_listener *l)
{
	hoy_err err;

	hoy_listener_set_deadline(l, soon(), NULL);
	return hoy_listener_accept(l, &err) ? 0 : err.code;
}

static int serve_late(hoy_listener *l)
{
	hoy_listener_set_deadline(l, soon(), NULL);
	return hoy_serve(l, NULL, NULL, NULL, NULL);
}

static int call_accept(void) { return with_listener(accept_late); }
static int call_serve(void) { return with_listener(serve_late); }

/* Of a server that never answers, for nobody reads there. */
static int call_lookup(void)
{
	hoy_conn *silent = hoy_listen_packet("udp", "127.0.0.1:0", NULL);
	char text[HOY_ADDR_STRLEN];
	const char *servers[] = { text, NULL };
	hoy_resolver_opts opts = { .servers = servers, .timeout = 20 * HOY_MILLISECOND * t_scale(), .attempts = 1 };
	hoy_resolver *r;
	hoy_addr addr;
	hoy_ip *list;
	int code = -1;

	hoy_conn_local_addr(silent, &addr);
	hoy_addr_string(&addr, text);
	if ((r = hoy_resolver_new(&opts, NULL)))
		code = hoy_resolver_lookup_ip(r, "ip4", "name.test.", &list, NULL);
	hoy_resolver_free(r);
	hoy_conn_free(silent);
	return code;
}

static const struct {
	const char *what;
	int (*call)(void);
	int then;		/* what it returns when nothing is amiss */
} calls[] = {
	{ "sleep", call_sleep, 0 },
	{ "offload", call_offload, 17 },
	{ "read", call_read, LATE },
	{ "read from a pipe", call_pipe, LATE },
	{ "accept", call_accept, LATE },
	{ "serve", call_serve, LATE },
	{ "lookup", call_lookup, LATE },
};

static const struct { enum fault_entry entry; int code; } faults[] = {
	{ FAULT_poller_open, -EMFILE }, { FAULT_waker_open, -ENFILE }, { FAULT_waker_open, -ENOMEM },
};

static size_t call_number, fault_number;

/* The thread's own worker ends with it, hence a thread for each. */
static void *first_call(void *arg)
{
	const char *what = calls[call_number].what;
	int code, then = calls[call_number].then;

	fault_reset();
	fault_entry_at(faults[fault_number].entry, 1, faults[fault_number].code);
	code = calls[call_number].call();
	if (code != faults[fault_number].code || !fault_fired())
		t_fail(__FILE__, __LINE__, what, "%d where %s fails", code, fault_name(faults[fault_number].entry));
	code = calls[call_number].call();
	if (code != then)
		t_fail(__FILE__, __LINE__, what, "%d afterwards, not %d", code, then);
	return arg;
}

TEST(a_thread_without_a_poller_says_so_and_tries_again)
{
	pthread_t thread;

	fault_install();
	for (call_number = 0; call_number < LEN(calls); call_number++)
		for (fault_number = 0; fault_number < LEN(faults); fault_number++) {
			int open = fault_open_descriptors();

			pthread_create(&thread, NULL, first_call, NULL);
			pthread_join(thread, NULL);
			CHECK_INT(fault_open_descriptors(), open);
			CHECK_INT(fault_bad_descriptors(), 0);
		}
}

static hoy_mutex mutex;
static hoy_wait_group group;
static atomic_int got;

static void *locks(void *arg)
{
	hoy_mutex_lock(&mutex);
	atomic_fetch_add(&got, 1);
	hoy_mutex_unlock(&mutex);
	return arg;
}

static void *waits(void *arg)
{
	hoy_wait_group_wait(&group);
	atomic_fetch_add(&got, 1);
	return arg;
}

/* These have no code to fail with. */
TEST(locks_and_wait_groups_do_without_a_poller)
{
	static void *(*const fns[])(void *) = { locks, waits };
	pthread_t threads[LEN(fns)];

	fault_install();
	fault_reset();
	fault_storm(FAULT_poller_open, 1, -EMFILE);
	hoy_mutex_lock(&mutex);
	hoy_wait_group_add(&group, 1);
	for (size_t i = 0; i < LEN(fns); i++)
		pthread_create(&threads[i], NULL, fns[i], NULL);
	while (fault_calls(FAULT_poller_open) < 100)
		usleep(1000);
	CHECK_INT(atomic_load(&got), 0);
	hoy_mutex_unlock(&mutex);
	pthread_join(threads[0], NULL);
	hoy_wait_group_done(&group);
	fault_reset();
	pthread_join(threads[1], NULL);
	CHECK_INT(atomic_load(&got), 2);
}
