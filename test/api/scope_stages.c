/*
 * One scope of 200 ms around a whole conversation: lookup, dial, write, read. Whichever of them the server stalls, the
 * conversation ends in time, and nothing is left of it.
 */
#define TEST_LIMIT 60

#include "left.h"

enum { CLIENTS = 8, ROUNDS = 3, KEPT_MOST = 64, MEGABYTE = 1 << 20 };

#define LIMIT (200 * HOY_MILLISECOND)

/* ---- servers, each a thread that looks at all it has every 10 ms ---- */

static struct server {
	pthread_t thread;
	atomic_bool stopping;
	hoy_conn *dns;
	hoy_listener *l;
	hoy_resolver *resolver;		/* that asks dns */
	bool is_dns_silent, is_dns_tcp, is_full, trickles, reads;
	hoy_conn *queued[2];
	hoy_conn *kept[KEPT_MOST];
	int n;
	char dns_at[HOY_ADDR_STRLEN], port[8];
} server;

/* The question is sent back as an answer without data, or for an A record with 127.0.0.1. */
static void answer_query(struct server *s)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1 };
	uint8_t m[600];
	hoy_addr from;
	ssize_t n = hoy_conn_read_from(s->dns, m, 500, &from, NULL);
	size_t end = 12;

	if (n < 17)
		return;
	while (m[end])
		end += 1u + m[end];
	end += 5;
	m[2] = 0x81;
	m[3] = 0x80;
	memset(m + 6, 0, 6);
	m[7] = m[end - 3] == HOY_TYPE_A;
	memcpy(m + end, record, sizeof record);
	hoy_conn_write_to(s->dns, m, end + (m[7] ? sizeof record : 0), &from, NULL);
}

/* False: it has ended. */
static bool look_after(struct server *s, hoy_conn *c)
{
	char buf[4096];
	ssize_t n = HOY_ECANCELED;

	if (s->trickles && hoy_conn_write(c, "x", 1, NULL) < 0)
		return false;
	while (s->reads && (n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		;
	return n == HOY_ECANCELED;
}

static void accept_one(struct server *s)
{
	hoy_conn *c = s->n < KEPT_MOST && !s->is_full ? hoy_listener_accept(s->l, NULL) : NULL;

	if (c)
		s->kept[s->n++] = c;
}

/* All that need not wait. */
static void look_around(struct server *s)
{
	int left = 0;

	for (int i = 0; i < CLIENTS; i++) {
		accept_one(s);
		if (!s->is_dns_silent)
			answer_query(s);
	}
	for (int i = 0; i < s->n; i++) {
		if (look_after(s, s->kept[i]))
			s->kept[left++] = s->kept[i];
		else
			hoy_conn_free(s->kept[i]);
	}
	s->n = left;
}

static void *serve(void *at)
{
	struct server *s = at;
	hoy_scope scope;

	hoy_scope_enter(&scope, (hoy_time){ 0 });
	hoy_scope_cancel(&scope);
	while (!s->stopping) {
		look_around(s);
		usleep(1000);
	}
	hoy_scope_leave(&scope);
	while (s->n > 0)
		hoy_conn_free(s->kept[--s->n]);
	return NULL;
}

static hoy_resolver *resolver_for(struct server *s)
{
	const char *servers[] = { s->dns_at, NULL };
	hoy_err err;
	hoy_resolver *r = hoy_resolver_new(&(hoy_resolver_opts){ .servers = servers, .hosts = "", .resolv_conf = "",
		.flags = s->is_dns_tcp ? HOY_RESOLVER_TCP : 0, .timeout = HOY_HOUR }, &err);

	must(r, "hoy_resolver_new", &err);
	return r;
}

/* Of a listener whose queue is full the system drops each SYN. */
static void fill_queue(struct server *s)
{
	for (size_t i = 0; i < LEN(s->queued); i++)
		s->queued[i] = dial_to(s->l);
}

static void start_server(struct server *s)
{
	const hoy_listen_config lc = { .backlog = s->is_full };
	hoy_addr addr;

	s->dns = hoy_listen_packet("udp", "127.0.0.1:0", NULL);
	s->l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", NULL);
	must(s->dns && s->l, "listen", NULL);
	if (s->is_full)
		fill_queue(s);
	hoy_conn_local_addr(s->dns, &addr);
	if (s->is_dns_tcp)
		hoy_listener_addr(s->l, &addr);
	hoy_addr_string(&addr, s->dns_at);
	hoy_listener_addr(s->l, &addr);
	snprintf(s->port, sizeof s->port, "%u", addr.port);
	s->resolver = resolver_for(s);
	CHECK_INT(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop_server(struct server *s)
{
	s->stopping = true;
	pthread_join(s->thread, NULL);
	hoy_resolver_free(s->resolver);
	hoy_conn_free(s->dns);
	hoy_listener_free(s->l);
	for (size_t i = 0; i < LEN(s->queued); i++)
		hoy_conn_free(s->queued[i]);
}

/* ---- stages ---- */

static const struct stage {
	const char *name;
	struct server server;
	size_t request;		/* bytes */
	const char *stalled;	/* the call that does not end by itself */
} stages[] = {
	{ "a silent name server", { .is_dns_silent = true }, 1, "lookup" },
	{ "a silent name server over TCP", { .is_dns_tcp = true, .is_dns_silent = true }, 1, "lookup" },
	{ "a name server that trickles", { .is_dns_tcp = true, .is_dns_silent = true, .trickles = true }, 1, "lookup" },
	{ "a SYN that is dropped", { .is_full = true }, 1, "dial" },
	{ "a peer that does not read", { .reads = false }, 16 * MEGABYTE, "write" },
	{ "a peer that does not answer", { .reads = true }, MEGABYTE, "read" },
	{ "a peer that trickles", { .reads = true, .trickles = true }, 1, "read" },
};

struct talk {
	const struct stage *stage;
	int code;
	const char *call;	/* that returned it */
	hoy_duration took, waited;	/* waited: for a CPU */
};

static int converse_with(struct talk *t, hoy_conn *c)
{
	static char block[16 * MEGABYTE];
	char answer[4096];
	ssize_t n;

	t->call = "write";
	if ((n = hoy_conn_write(c, block, t->stage->request, NULL)) >= 0) {
		t->call = "read";
		n = hoy_read_full(c, answer, sizeof answer, NULL);
	}
	hoy_conn_free(c);
	return (int)n;
}

static int converse(struct talk *t)
{
	const hoy_dialer d = { .resolver = server.resolver };
	char address[32];
	hoy_err err = { 0 };
	hoy_ip *list;
	hoy_conn *c;
	int n;

	t->call = "lookup";
	if ((n = hoy_resolver_lookup_ip(server.resolver, "ip4", "server.test", &list, NULL)) < 0)
		return n;
	hoy_free(list);
	snprintf(address, sizeof address, "server.test:%s", server.port);
	t->call = "dial";
	c = hoy_dialer_dial(&d, "tcp4", address, &err);
	return c ? converse_with(t, c) : err.code;
}

/* How long this thread has been ready and without a CPU, proc(5). */
static hoy_duration waited_for_cpu(void)
{
	long long waited = 0;
	FILE *f = fopen("/proc/thread-self/schedstat", "r");

	if (f) {
		CHECK_INT(fscanf(f, "%*d %lld", &waited), 1);
		fclose(f);
	}
	return waited;
}

static int talk(void *at)
{
	struct talk *t = at;
	hoy_duration waited = waited_for_cpu();
	hoy_time begin = hoy_now();
	hoy_scope s;

	hoy_scope_enter(&s, hoy_time_add(begin, LIMIT));
	t->code = converse(t);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	t->took = since(begin);
	t->waited = waited_for_cpu() - waited;
	return 0;
}

/* Between 200 and 260 ms, apart from what the machine's other load takes. */
static void check_talk(const struct talk *t)
{
	CHECK_STR(t->call, t->stage->stalled, t->stage->name);
	if (t->code != HOY_ECANCELED || t->took < LIMIT || t->took - t->waited > LIMIT + t_scale() * 60 * HOY_MILLISECOND)
		t_fail(__FILE__, __LINE__, t->stage->name, "%s after %.1f ms, of which %.1f without a CPU",
		       t->code < 0 ? hoy_strerror(t->code) : "no error", (double)t->took / 1e6, (double)t->waited / 1e6);
}

static void talk_at_once(const struct stage *stage)
{
	struct talk talks[CLIENTS];
	struct started s[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		talks[i] = (struct talk){ .stage = stage };
		start(&s[i], talk, &talks[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
		finish(&s[i]);
	for (int i = 0; i < CLIENTS; i++)
		check_talk(&talks[i]);
}

static void check_stage(const struct stage *stage)
{
	struct left before;

	hoy_sleep(HOY_MILLISECOND);	/* a plain thread has its poller now */
	before = count_left();
	server = stage->server;
	start_server(&server);
	for (int i = 0; i < ROUNDS; i++)
		talk_at_once(stage);
	stop_server(&server);
	check_nothing_left(stage->name, before);
}

BOTH(one_scope_around_all)
{
	for (size_t i = 0; i < LEN(stages); i++)
		check_stage(&stages[i]);
	return 0;
}
