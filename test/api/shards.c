/*
 * Several sockets at one address: connections are spread over the workers and stay there, limits and deadlines hold for all, and
 * no connection that was made before the end is lost, neither here nor with a single socket.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

enum { WORKERS = 4, CLIENTS = 400, THREADS = 8 };

static struct {
	hoy_listen_config lc;
	hoy_serve_opts opts;
	hoy_listener *l;
	struct started started;
	hoy_err err;
	atomic_int inside, most, served;
	_Atomic(pthread_t) worker[WORKERS];
	atomic_int on_worker[WORKERS];
} server;

static void echo(hoy_conn *c, void *arg)
{
	char buf[64];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
	server.served++;
}

static int serve(void *fn)
{
	return hoy_serve(server.l, *(void (**)(hoy_conn *, void *))fn, NULL, &server.opts, &server.err);
}

static void begin(void (**fn)(hoy_conn *c, void *arg))
{
	hoy_err err;

	server.l = hoy_listen_config_listen(&server.lc, "tcp", "127.0.0.1:0", &err);
	must(server.l, "listen", &err);
	start(&server.started, serve, fn);
}

static int end(void)
{
	int code;

	hoy_listener_close(server.l, NULL);
	code = finish(&server.started);
	hoy_listener_free(server.l);
	return code;
}

static int run(hoy_fn *fn)
{
	const hoy_run_opts opts = { .workers = WORKERS };

	in_tasks = true;
	return hoy_run_with(&opts, fn, NULL);
}

/* ---- spread ---- */

static void note_worker(hoy_conn *c, void *arg)
{
	pthread_t none = 0, self = pthread_self();
	char byte;

	(void)arg;
	for (int i = 0; i < WORKERS; i++, none = 0) {
		atomic_compare_exchange_strong(&server.worker[i], &none, self);
		if (pthread_equal(server.worker[i], self)) {
			server.on_worker[i]++;
			break;
		}
	}
	hoy_conn_write(c, "x", 1, NULL);
	hoy_conn_read(c, &byte, 1, NULL);
	CHECK(pthread_equal(pthread_self(), self));
}

static int spread(void *arg)
{
	void (*fn)(hoy_conn *, void *) = note_worker;
	char byte;

	(void)arg;
	server.lc.shards = -1;
	begin(&fn);
	for (int i = 0; i < CLIENTS; i++) {
		hoy_conn *c = dial_to(server.l);

		CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
		hoy_conn_free(c);
	}
	for (int i = 0; i < WORKERS; i++)
		CHECK(server.on_worker[i] > CLIENTS / WORKERS / 2);
	CHECK_INT(end(), 0);
	return 0;
}

TEST(connections_are_spread)
{
	CHECK_INT(run(spread), 0);
}

/* ---- nothing lost at the end ---- */

/* A blocking client in another process: 1 answered, 0 not connected, -1 connected and lost. */
static int visit(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0), result = 0;
	char byte = 'x';

	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		result = send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1 && byte == 'x' ? 1 : -1;
	close(fd);
	return result;
}

static struct visits {
	uint16_t port;
	atomic_int answered, lost;
} *visits;

static void *visit_often(void *unused)
{
	int result;

	while ((result = visit(visits->port)) != 0)
		(result > 0 ? &visits->answered : &visits->lost)[0]++;
	return unused;
}

static void be_clients(int go)
{
	pthread_t thread[THREADS];
	char byte;

	if (read(go, &byte, 1) != 1)
		_exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, visit_often, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

static int close_under_load(void *arg)
{
	void (*fn)(hoy_conn *, void *) = echo;
	hoy_addr addr;

	server.lc.shards = *(int *)arg;
	begin(&fn);
	hoy_listener_addr(server.l, &addr);
	visits->port = addr.port;
	CHECK(write(((int *)arg)[1], "g", 1) == 1);
	while (visits->answered < 200)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(end(), 0);
	return 0;
}

static void lose_nothing(int shards)
{
	for (int round = 0; round < 5; round++) {
		int go[2], arg[2] = { shards }, status = -1;
		const hoy_run_opts opts = { .workers = WORKERS };
		pid_t pid;

		visits = mmap(NULL, sizeof *visits, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (pipe(go) < 0 || (pid = fork()) < 0)
			_exit(1);
		if (pid == 0)
			be_clients(go[0]);
		arg[1] = go[1];
		in_tasks = true;
		server.served = 0;
		CHECK_INT(hoy_run_with(&opts, close_under_load, arg), 0);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
		CHECK_INT(visits->lost, 0);
		CHECK_INT(server.served, visits->answered);
		close(go[0]);
		close(go[1]);
	}
}

TEST(nothing_is_lost_with_shards) { lose_nothing(-1); }
TEST(nothing_is_lost_with_one_socket) { lose_nothing(0); }

/* ---- limits ---- */

static void hold(hoy_conn *c, void *arg)
{
	int inside = atomic_fetch_add(&server.inside, 1) + 1, most = server.most;
	char byte;

	(void)arg;
	while (inside > most && !atomic_compare_exchange_weak(&server.most, &most, inside))
		;
	hoy_conn_read(c, &byte, 1, NULL);
	server.inside--;
}

/* Six places over four shards are 2, 2, 1 and 1; two over four are one each. */
static int limited(void *arg)
{
	static const struct { int limit, most; } cases[] = { { 6, 6 }, { 2, 4 }, { -1, 64 } };
	void (*fn)(hoy_conn *, void *) = hold;

	(void)arg;
	server.lc.shards = 4;
	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_conn *c[64];
		hoy_time began = hoy_now();

		server.most = 0;
		server.opts.max_conns = cases[i].limit;
		server.opts.drain = -1;
		begin(&fn);
		for (size_t k = 0; k < LEN(c); k++)
			c[k] = dial_to(server.l);
		while (server.inside < cases[i].most && since(began) < HOY_MINUTE)
			hoy_sleep(HOY_MILLISECOND);
		hoy_sleep(5 * HOY_MILLISECOND);
		CHECK_INT(server.most, cases[i].most);
		CHECK_INT(end(), 0);
		for (size_t k = 0; k < LEN(c); k++)
			hoy_conn_free(c[k]);
	}
	return 0;
}

TEST(limits_are_divided)
{
	CHECK_INT(run(limited), 0);
}

/* The deadline of the listener is that of each shard, and ends all. */
static int past_deadline(void *arg)
{
	void (*fn)(hoy_conn *, void *) = echo;

	(void)arg;
	server.lc.shards = 3;
	begin(&fn);
	CHECK_INT(hoy_listener_set_deadline(server.l, hoy_in(20 * HOY_MILLISECOND), NULL), 0);
	CHECK_INT(finish(&server.started), HOY_ETIMEOUT);
	CHECK_INT(server.err.code, HOY_ETIMEOUT);
	CHECK_INT(hoy_listener_close(server.l, NULL), HOY_ECLOSED);
	hoy_listener_free(server.l);
	return 0;
}

TEST(a_deadline_ends_all)
{
	CHECK_INT(run(past_deadline), 0);
}

static int end_run(void *arg)
{
	void (*fn)(hoy_conn *, void *) = hold;

	(void)arg;
	server.lc.shards = -1;
	begin(&fn);
	dial_to(server.l);
	hoy_sleep(5 * HOY_MILLISECOND);
	return 7;
}

TEST(the_end_of_the_run_ends_all)
{
	CHECK_INT(run(end_run), 7);
	CHECK_INT(server.started.result, 0);
}

BOTH(for_serving_alone)
{
	const hoy_listen_config two = { .shards = 2 }, many = { .shards = 257 };
	char text[HOY_ERR_STRLEN], address[HOY_ADDR_STRLEN], want[200];
	hoy_listener *l = hoy_listen_config_listen(&two, "tcp", "127.0.0.1:0", NULL);
	hoy_err err;

	must(l, "listen", NULL);
	CHECK(!hoy_listener_accept(l, &err));
	snprintf(want, sizeof want, "accept tcp %s: operation not supported by this kind of connection", address_of(l, address));
	CHECK_STR(hoy_err_string(&err, text), want, "accept");
	CHECK_INT(hoy_listener_fd(l, NULL), HOY_EWRONGKIND);
	hoy_listener_free(l);
	CHECK(!hoy_listen_config_listen(&many, "tcp", "127.0.0.1:0", &err));
	CHECK_STR(hoy_err_string(&err, text), "listen tcp 127.0.0.1:0: invalid argument", "too many");
	CHECK(!hoy_listen_config_listen(&two, "unix", "@hoy-test-shards", &err));
	return 0;
}

/* Without a run there is nobody to serve. */
TEST(no_runtime)
{
	const hoy_listen_config two = { .shards = 2 };
	hoy_listener *l = hoy_listen_config_listen(&two, "tcp", "127.0.0.1:0", NULL);

	must(l, "listen", NULL);
	CHECK_INT(hoy_serve(l, echo, NULL, NULL, NULL), HOY_ENORUNTIME);
	hoy_listener_free(l);
}
