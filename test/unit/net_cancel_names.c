/*
 * Cancelling every call that looks names up, by the system's resolver and by others: their name server is silent until the
 * call is fed.
 */
#define TEST_LIMIT 60

#include <pthread.h>

#include "api/cancel.h"
#include "support/system_names.h"

enum { HELD_MOST = 64 };

static struct {
	struct ns *ns;
	pthread_mutex_t lock;
	bool answers;
	struct ns_query held[HELD_MOST];
	int n;
	hoy_resolver *over_tcp;
} on = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* In the server's thread. The query that lets the others go is any that comes after feed. */
static void script(struct ns_query *q, void *arg)
{
	pthread_mutex_lock(&on.lock);
	if (on.answers) {
		while (on.n > 0)
			system_answer(&on.held[--on.n], arg);
		system_answer(q, arg);
	} else if (!q->tcp && on.n < HELD_MOST) {
		on.held[on.n++] = *q;
	}
	pthread_mutex_unlock(&on.lock);
}

static void set_answers(bool answers)
{
	pthread_mutex_lock(&on.lock);
	on.answers = answers;
	on.n = answers ? on.n : 0;
	pthread_mutex_unlock(&on.lock);
}

static void be_silent(void) { set_answers(false); }

static void feed(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = system_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct packet *p = calloc(1, sizeof *p);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	set_answers(true);
	packet_start(p, 1, HOY__RD, "go.test.", HOY__A);
	CHECK_INT(sendto(fd, p->data, p->len, 0, (struct sockaddr *)&at, sizeof at), p->len);
	close(fd);
	free(p);
}

static int freed(int n, void *list)
{
	if (n >= 0)
		hoy_free(list);
	return n;
}

/* A lookup whose list is freed. */
#define LOOKUP(name, type, expression) \
	static int name(void) { type *list = NULL; int n = (expression); return freed(n, list); }

LOOKUP(lookup_ip, hoy_ip, hoy_lookup_ip("a.test", &list, NULL))
LOOKUP(lookup_ip_addr, hoy_addr, hoy_lookup_ip_addr("a.test", &list, NULL))
LOOKUP(lookup_host, char *, hoy_lookup_host("a.test", &list, NULL))
LOOKUP(lookup_addr, char *, hoy_lookup_addr("192.0.2.1", &list, NULL))
LOOKUP(lookup_mx, hoy_mx, hoy_lookup_mx("a.test", &list, NULL))
LOOKUP(lookup_ns, hoy_ns, hoy_lookup_ns("a.test", &list, NULL))
LOOKUP(lookup_txt, hoy_txt, hoy_lookup_txt("a.test", &list, NULL))
LOOKUP(lookup_srv, hoy_srv, hoy_lookup_srv("xmpp-server", "tcp", "a.test", NULL, &list, NULL))
LOOKUP(lookup_https, hoy_svcb, hoy_lookup_https("a.test", &list, NULL))
LOOKUP(lookup_svcb, hoy_svcb, hoy_lookup_svcb("a.test", &list, NULL))
LOOKUP(resolver_ip, hoy_ip, hoy_resolver_lookup_ip(NULL, "ip", "a.test", &list, NULL))
LOOKUP(resolver_ip_addr, hoy_addr, hoy_resolver_lookup_ip_addr(NULL, "a.test", &list, NULL))
LOOKUP(resolver_host, char *, hoy_resolver_lookup_host(NULL, "a.test", &list, NULL))
LOOKUP(resolver_addr, char *, hoy_resolver_lookup_addr(NULL, "192.0.2.1", &list, NULL))
LOOKUP(resolver_mx, hoy_mx, hoy_resolver_lookup_mx(NULL, "a.test", &list, NULL))
LOOKUP(resolver_ns, hoy_ns, hoy_resolver_lookup_ns(NULL, "a.test", &list, NULL))
LOOKUP(resolver_txt, hoy_txt, hoy_resolver_lookup_txt(NULL, "a.test", &list, NULL))
LOOKUP(resolver_srv, hoy_srv, hoy_resolver_lookup_srv(NULL, "xmpp-server", "tcp", "a.test", NULL, &list, NULL))
LOOKUP(resolver_https, hoy_svcb, hoy_resolver_lookup_https(NULL, "a.test", &list, NULL))
LOOKUP(resolver_svcb, hoy_svcb, hoy_resolver_lookup_svcb(NULL, "a.test", &list, NULL))
LOOKUP(query, hoy_record, hoy_resolver_query(NULL, "a.test", HOY_TYPE_MX, &list, NULL))
LOOKUP(over_tcp, hoy_ip, hoy_resolver_lookup_ip(on.over_tcp, "ip", "a.test", &list, NULL))

static int lookup_cname(void) { return hoy_lookup_cname("a.test", (char[HOY_NAME_STRLEN]){ 0 }, NULL); }
static int resolver_cname(void) { return hoy_resolver_lookup_cname(NULL, "a.test", (char[HOY_NAME_STRLEN]){ 0 }, NULL); }
static int resolve_ip(void) { return hoy_resolve_ip_addr("ip", "a.test", &(hoy_addr){ 0 }, NULL); }
static int resolve_tcp(void) { return hoy_resolve_tcp_addr("tcp", "a.test:80", &(hoy_addr){ 0 }, NULL); }
static int resolve_udp(void) { return hoy_resolve_udp_addr("udp", "a.test:53", &(hoy_addr){ 0 }, NULL); }
static int resolver_resolve_ip(void) { return hoy_resolver_resolve_ip_addr(NULL, "ip", "a.test", &(hoy_addr){ 0 }, NULL); }
static int resolver_resolve_tcp(void) { return hoy_resolver_resolve_tcp_addr(NULL, "tcp", "a.test:80", &(hoy_addr){ 0 }, NULL); }
static int resolver_resolve_udp(void) { return hoy_resolver_resolve_udp_addr(NULL, "udp", "a.test:53", &(hoy_addr){ 0 }, NULL); }

/* ---- what looks a name up before it does something else ---- */

static int code_of_conn(hoy_conn *c, const hoy_err *err)
{
	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int code_of_listener(hoy_listener *l, const hoy_err *err)
{
	hoy_listener_free(l);
	return l ? 0 : err->code;
}

#define OPENING(name, code_of, expression) \
	static int name(void) { hoy_err err; return code_of(expression, &err); }

OPENING(dial, code_of_conn, hoy_dial("udp", "a.test:9", &err))
OPENING(dial_timeout, code_of_conn, hoy_dial_timeout("udp", "a.test:9", HOY_HOUR, &err))
OPENING(dialer_dial, code_of_conn, hoy_dialer_dial(&(hoy_dialer){ 0 }, "udp", "a.test:9", &err))
OPENING(listen_at, code_of_listener, hoy_listen("tcp", "a.test:0", &err))
OPENING(config_listen, code_of_listener, hoy_listen_config_listen(NULL, "tcp", "a.test:0", &err))
OPENING(listen_packet, code_of_conn, hoy_listen_packet("udp", "a.test:0", &err))
OPENING(config_listen_packet, code_of_conn, hoy_listen_config_listen_packet(NULL, "udp", "a.test:0", &err))

/* ---- over TCP ---- */

static void open_over_tcp(void)
{
	char at[HOY_ADDR_STRLEN];
	hoy_addr addr = ns_addr(on.ns);
	const char *servers[] = { hoy_addr_string(&addr, at), NULL };

	be_silent();
	on.over_tcp = hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .flags = HOY_RESOLVER_TCP, .hosts = "",
							     .timeout = HOY_HOUR }, NULL);
}

static void close_over_tcp(void) { hoy_resolver_free(on.over_tcp); }

static int take(const hoy_record *rr, void *arg)
{
	(void)rr;
	(void)arg;
	return 0;
}

static int transfer(void) { return hoy_resolver_transfer(on.over_tcp, "a.test", take, NULL, NULL); }

static const struct point names[] = {
	{ "hoy_lookup_ip", be_silent, lookup_ip, feed, .traits = LASTS },
	{ "hoy_lookup_ip_addr", be_silent, lookup_ip_addr, feed, .traits = LASTS },
	{ "hoy_lookup_host", be_silent, lookup_host, feed, .traits = LASTS },
	{ "hoy_lookup_addr", be_silent, lookup_addr, feed, .traits = LASTS },
	{ "hoy_lookup_cname", be_silent, lookup_cname, feed, .traits = LASTS },
	{ "hoy_lookup_mx", be_silent, lookup_mx, feed, .traits = LASTS },
	{ "hoy_lookup_ns", be_silent, lookup_ns, feed, .traits = LASTS },
	{ "hoy_lookup_txt", be_silent, lookup_txt, feed, .traits = LASTS },
	{ "hoy_lookup_srv", be_silent, lookup_srv, feed, .traits = LASTS },
	{ "hoy_lookup_https", be_silent, lookup_https, feed, .traits = LASTS },
	{ "hoy_lookup_svcb", be_silent, lookup_svcb, feed, .traits = LASTS },
	{ "hoy_resolve_ip_addr", be_silent, resolve_ip, feed, .traits = LASTS },
	{ "hoy_resolve_tcp_addr", be_silent, resolve_tcp, feed, .traits = LASTS },
	{ "hoy_resolve_udp_addr", be_silent, resolve_udp, feed, .traits = LASTS },
	{ "hoy_dial, by name", be_silent, dial, feed, .traits = LASTS },
	{ "hoy_dial_timeout, by name", be_silent, dial_timeout, feed, .traits = LASTS },
	{ "hoy_dialer_dial, by name", be_silent, dialer_dial, feed, .traits = LASTS },
	{ "hoy_listen", be_silent, listen_at, feed, .traits = LASTS },
	{ "hoy_listen_config_listen, by name", be_silent, config_listen, feed, .traits = LASTS },
	{ "hoy_listen_packet", be_silent, listen_packet, feed, .traits = LASTS },
	{ "hoy_listen_config_listen_packet", be_silent, config_listen_packet, feed, .traits = LASTS },
};

static const struct point resolvers[] = {
	{ "hoy_resolver_lookup_ip", be_silent, resolver_ip, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_ip_addr", be_silent, resolver_ip_addr, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_host", be_silent, resolver_host, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_addr", be_silent, resolver_addr, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_cname", be_silent, resolver_cname, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_mx", be_silent, resolver_mx, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_ns", be_silent, resolver_ns, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_txt", be_silent, resolver_txt, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_srv", be_silent, resolver_srv, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_https", be_silent, resolver_https, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_svcb", be_silent, resolver_svcb, feed, .traits = LASTS },
	{ "hoy_resolver_query", be_silent, query, feed, .traits = LASTS },
	{ "hoy_resolver_resolve_ip_addr", be_silent, resolver_resolve_ip, feed, .traits = LASTS },
	{ "hoy_resolver_resolve_tcp_addr", be_silent, resolver_resolve_tcp, feed, .traits = LASTS },
	{ "hoy_resolver_resolve_udp_addr", be_silent, resolver_resolve_udp, feed, .traits = LASTS },
	{ "hoy_resolver_lookup_ip, over TCP", open_over_tcp, over_tcp, NULL, .close = close_over_tcp },
	{ "hoy_resolver_transfer", open_over_tcp, transfer, NULL, .close = close_over_tcp },
};

static void with_server(void (*cancel)(const struct table *t), const struct table *t)
{
	on.ns = ns_start(script, NULL);
	system_begin(on.ns);
	cancel(t);
	system_end();
	ns_stop(on.ns);
}

TEST(names_in_tasks) { with_server(cancel_in_tasks, &(struct table){ names, LEN(names) }); }
TEST(names_in_threads) { with_server(cancel_in_threads, &(struct table){ names, LEN(names) }); }
TEST(resolvers_in_tasks) { with_server(cancel_in_tasks, &(struct table){ resolvers, LEN(resolvers) }); }
TEST(resolvers_in_threads) { with_server(cancel_in_threads, &(struct table){ resolvers, LEN(resolvers) }); }
