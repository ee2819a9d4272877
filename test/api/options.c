/* Options: NULL stands for the defaults in every call, and the code of hoy_run differs from the value of fn. */
#include <sys/resource.h>
#include <sys/socket.h>

#include "pair.h"

static const char *const network[] = { "tcp", "udp" };

static void *connect_to(hoy_listener *l)
{
	char address[HOY_ADDR_STRLEN];
	hoy_err err;
	hoy_conn *c = hoy_dialer_dial(NULL, "tcp", address_of(l, address), &err);

	must(c, "dial", &err);
	return c;
}

static void handover_without_options(void)
{
	char path[64];
	hoy_handover *h;
	hoy_listener *l;

	snprintf(path, sizeof path, "@hoy-options-%d", getpid());
	h = hoy_handover_open(path, NULL);
	must(h, "open", NULL);
	l = hoy_handover_listen(h, NULL, "tcp", "127.0.0.1:0", NULL);
	CHECK(l);
	hoy_handover_free(h);
	hoy_listener_free(l);
}

BOTH(no_options_are_the_defaults)
{
	hoy_listener *l = hoy_listen_config_listen(NULL, "tcp", "127.0.0.1:0", NULL);
	hoy_conn *packet = hoy_listen_config_listen_packet(NULL, "udp", "127.0.0.1:0", NULL), *a, *b;
	int fd, on = -1;
	socklen_t len = sizeof on;

	must(l && packet, "listen", NULL);
	a = connect_to(l);
	b = hoy_listener_accept(l, NULL);
	must(b, "accept", NULL);
	CHECK_INT(hoy_tcp_set_keep_alive_config(a, NULL, NULL), 0);
	fd = hoy_conn_fd(a, NULL);
	CHECK(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &len) == 0 && on == 0);
	close(fd);
	CHECK_INT(hoy_conn_write(a, "x", 1, NULL), 1);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(packet);
	hoy_listener_free(l);
	l = hoy_listen_config_listen_addr(NULL, "tcp", NULL, NULL);
	packet = hoy_listen_config_listen_packet_addr(NULL, "udp", NULL, NULL);
	CHECK(l && packet);
	CHECK(!hoy_dialer_dial_addr(NULL, "tcp", NULL, NULL));
	CHECK(!hoy_activation_listener(NULL, NULL, NULL));
	handover_without_options();
	hoy_conn_free(packet);
	hoy_listener_free(l);
	return 0;
}

BOTH(a_proxy_without_options)
{
	hoy_conn *client, *server, *a, *b;

	make_pair(&client, &a);
	make_pair(&server, &b);
	hoy_conn_close_write(client, NULL);
	hoy_conn_close_write(server, NULL);
	CHECK_INT(hoy_proxy(a, b, NULL, NULL), 0);
	hoy_conn_free(client);
	hoy_conn_free(server);
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

/* The same failures, too: the story does not need the options. */
BOTH(no_options_and_no_luck)
{
	hoy_err err;

	for (size_t i = 0; i < LEN(network); i++) {
		CHECK(!hoy_dialer_dial(NULL, network[i], "no port", &err) && err.code < 0);
		CHECK(!hoy_listen_config_listen(NULL, network[i], "no port", &err) && err.code < 0);
		CHECK(!hoy_listen_config_listen_packet(NULL, network[i], "no port", &err) && err.code < 0);
	}
	CHECK(!hoy_dialer_dial(NULL, "none", "127.0.0.1:1", &err) && err.code == HOY_ENETWORK);
	CHECK(!hoy_listen_config_listen(NULL, "none", "127.0.0.1:1", &err) && err.code == HOY_ENETWORK);
	return 0;
}

BOTH(a_resolver_without_options)
{
	hoy_resolver *r = hoy_resolver_new(NULL, NULL);
	hoy_ip *list;

	must(r, "resolver", NULL);
	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "127.0.0.1", &list, NULL), 1);
	hoy_free(list);
	hoy_resolver_free(r);
	return 0;
}

/* Which needs a permission that this system may not give. */
BOTH(a_ping_without_options)
{
	const hoy_addr loopback = { .kind = HOY_ADDR_IP, .ip = hoy_ipv4(127, 0, 0, 1) };
	hoy_pinger *p = hoy_pinger_new(&loopback, NULL, NULL);
	hoy_ping_reply reply;
	hoy_err err;
	int code = hoy_ping("127.0.0.1", NULL, &reply, &err);

	CHECK(code == 0 || (code == -EPERM && err.kind == HOY_ERR_HINT));
	CHECK_INT(code == 0, p != NULL);
	hoy_pinger_free(p);
	return 0;
}

static void say(hoy_conn *c, void *arg)
{
	(void)arg;
	hoy_conn_write(c, "x", 1, NULL);
}

static int serve(void *l)
{
	return hoy_serve(l, say, NULL, NULL, NULL);
}

static int count(void *ran)
{
	++*(atomic_int *)ran;
	return 0;
}

static int use_tasks(void *arg)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	struct started s;
	hoy_conn *c;
	atomic_int ran = 0;
	char byte;

	(void)arg;
	CHECK_INT(hoy_offload_with(NULL, count, &ran), 0);
	CHECK_INT(ran, 1);
	ran = 0;
	CHECK_INT(hoy_go_with(NULL, count, &ran), 0);
	for (int i = 0; i < 1000 && !ran; i++)
		hoy_sleep(HOY_MILLISECOND);
	CHECK_INT(ran, 1);
	start(&s, serve, l);
	c = connect_to(l);
	CHECK_INT(hoy_conn_read(c, &byte, 1, NULL), 1);
	hoy_conn_free(c);
	hoy_listener_close(l, NULL);
	CHECK_INT(finish(&s), 0);
	hoy_listener_free(l);
	return 6;
}

TEST(a_run_and_tasks_without_options)
{
	atomic_int ran = 0;

	in_tasks = true;
	CHECK_INT(hoy_run_with(NULL, use_tasks, NULL), 6);
	CHECK_INT(hoy_offload_with(NULL, count, &ran), 0);
	CHECK_INT(ran, 1);
	CHECK_INT(hoy_go_with(NULL, count, &ran), HOY_ENORUNTIME);
}

static int run_child(void *arg)
{
	hoy_group *g = hoy_group_new();
	atomic_int ran = 0;

	(void)arg;
	CHECK_INT(hoy_group_go_with(g, NULL, count, &ran), 0);
	CHECK_INT(hoy_group_wait(g), 0);
	CHECK_INT(ran, 1);
	hoy_group_free(g);
	return 0;
}

TEST(a_child_without_options)
{
	CHECK_INT(hoy_run(run_child, NULL), 0);
}

/* ---- the value of fn, and the run's own code ---- */

static int give(void *value)
{
	return *(int *)value;
}

TEST(result_has_the_value_whatever_it_is)
{
	static int values[] = { 0, 5, -1, -EBUSY, HOY_ECANCELED, INT32_MAX, INT32_MIN };

	for (size_t i = 0; i < LEN(values); i++) {
		int result = 77;
		hoy_run_opts opts = { .workers = 1, .result = &result };

		CHECK_INT(hoy_run_with(&opts, give, &values[i]), 0);
		CHECK_INT(result, values[i]);
		opts.result = NULL;
		CHECK_INT(hoy_run_with(&opts, give, &values[i]), values[i]);
	}
}

static int run_again(void *arg)
{
	int result = 77;
	hoy_run_opts opts = { .result = &result };

	CHECK_INT(hoy_run_with(&opts, give, arg), -EBUSY);
	CHECK_INT(hoy_run(give, arg), -EBUSY);
	CHECK_INT(hoy_run_with(NULL, give, arg), -EBUSY);
	CHECK_INT(result, 77);
	return -EBUSY;
}

TEST(a_run_that_does_not_start_leaves_result)
{
	int value = 5, result = 77;
	hoy_run_opts opts = { .result = &result };

	CHECK_INT(hoy_run_with(&opts, run_again, &value), 0);
	CHECK_INT(result, -EBUSY);
}

TEST(a_run_without_descriptors)
{
	int value = 5, result = 77;
	hoy_run_opts opts = { .workers = 1, .result = &result };
	struct rlimit before, few;

	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 3;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
	CHECK_INT(hoy_run_with(&opts, give, &value), -EMFILE);
	CHECK_INT(result, 77);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
	CHECK_INT(hoy_run_with(&opts, give, &value), 0);
	CHECK_INT(result, 5);
}

/* Option structs may gain fields, and not bytes: programs built with an older header go on working. */
TEST(sizes_stay)
{
	CHECK_INT(sizeof(hoy_run_opts), 80);
	CHECK_INT(sizeof(hoy_go_opts), 88);
	CHECK_INT(sizeof(hoy_offload_opts), 80);
	CHECK_INT(sizeof(hoy_keep_alive_config), 96);
	CHECK_INT(sizeof(hoy_dialer), 216);
	CHECK_INT(sizeof(hoy_listen_config), 192);
	CHECK_INT(sizeof(hoy_serve_opts), 104);
	CHECK_INT(sizeof(hoy_proxy_opts), 88);
	CHECK_INT(sizeof(hoy_resolver_opts), 176);
}
