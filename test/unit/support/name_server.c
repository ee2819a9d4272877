#include "support/name_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/packet.h"

enum { CONNECTIONS = 256 };

struct connection {
	int fd;
	uint8_t in[4096];
	size_t got;
	unsigned queries;
};

struct ns {
	pthread_t thread;
	ns_script *script;
	void *arg;
	int udp, tcp, stop[2];
	struct sockaddr_in at;
	atomic_uint queries, accepted;
	atomic_bool no_tcp;
	unsigned connections;
	struct connection connection[CONNECTIONS];
};

static void die(const char *what)
{
	perror(what);
	abort();
}

static void hand_on(struct ns *ns, struct ns_query *q)
{
	q->ns = ns;
	q->number = atomic_fetch_add(&ns->queries, 1);
	if (hoy__message_peek(&q->m, q->data, q->len) == 0)
		ns->script(q, ns->arg);
}

static void read_udp(struct ns *ns)
{
	struct ns_query q = { .fd = -1 };
	socklen_t len = sizeof q.from;
	ssize_t n = recvfrom(ns->udp, q.data, sizeof q.data, MSG_DONTWAIT, (struct sockaddr *)&q.from, &len);

	if (n < 0)
		return;
	q.len = (size_t)n;
	hand_on(ns, &q);
}

static void accept_tcp(struct ns *ns)
{
	int fd = accept4(ns->tcp, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	atomic_fetch_add(&ns->accepted, 1);
	if (ns->connections == CONNECTIONS) {
		close(fd);
		return;
	}
	ns->connection[ns->connections++] = (struct connection){ .fd = fd };
}

/* False when it has ended, by itself or by the script. */
static bool read_tcp(struct ns *ns, struct connection *c)
{
	ssize_t n = recv(c->fd, c->in + c->got, sizeof c->in - c->got, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	c->got += (size_t)n;
	for (;;) {
		struct ns_query q = { .tcp = true, .fd = c->fd };
		size_t len = (size_t)(c->in[0] << 8 | c->in[1]);

		if (c->got < 2 || c->got < 2 + len)
			return true;
		q.on_connection = c->queries++;
		q.len = len < sizeof q.data ? len : sizeof q.data;
		memcpy(q.data, c->in + 2, q.len);
		memmove(c->in, c->in + 2 + len, c->got - 2 - len);
		c->got -= 2 + len;
		hand_on(ns, &q);
	}
}

static unsigned fill(struct ns *ns, struct pollfd *p)
{
	p[0] = (struct pollfd){ .fd = ns->stop[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = ns->udp, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = atomic_load(&ns->no_tcp) ? -1 : ns->tcp, .events = POLLIN };
	for (unsigned i = 0; i < ns->connections; i++)
		p[3 + i] = (struct pollfd){ .fd = ns->connection[i].fd, .events = POLLIN };
	return 3 + ns->connections;
}

static void *serve(void *arg)
{
	struct ns *ns = arg;
	struct pollfd p[3 + CONNECTIONS];

	for (;;) {
		unsigned n = fill(ns, p);

		poll(p, n, -1);
		if (p[0].revents)
			return NULL;
		if (p[1].revents)
			read_udp(ns);
		for (unsigned i = ns->connections; i-- > 0; )
			if (p[3 + i].revents && !read_tcp(ns, &ns->connection[i])) {
				close(ns->connection[i].fd);
				ns->connection[i] = ns->connection[--ns->connections];
			}
		if (p[2].revents)
			accept_tcp(ns);
	}
}

static int open_at(struct ns *ns, int type)
{
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), size = 4 << 20;
	socklen_t len = sizeof ns->at;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (fd < 0 || bind(fd, (struct sockaddr *)&ns->at, sizeof ns->at) < 0) {
		close(fd);
		return -1;
	}
	getsockname(fd, (struct sockaddr *)&ns->at, &len);
	return fd;
}

/* A port that is free for both. */
static void open_both(struct ns *ns)
{
	for (int i = 0; i < 100; i++) {
		ns->at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		ns->udp = open_at(ns, SOCK_DGRAM);
		ns->tcp = open_at(ns, SOCK_STREAM);
		if (ns->udp >= 0 && ns->tcp >= 0 && listen(ns->tcp, 128) == 0)
			return;
		close(ns->udp);
		close(ns->tcp);
	}
	die("name server: no port");
}

struct ns *ns_start(ns_script *script, void *arg)
{
	struct ns *ns = calloc(1, sizeof *ns);

	if (!ns || pipe(ns->stop) < 0)
		die("name server");
	ns->script = script;
	ns->arg = arg;
	open_both(ns);
	if (pthread_create(&ns->thread, NULL, serve, ns))
		die("name server: thread");
	return ns;
}

void ns_stop(struct ns *ns)
{
	close(ns->stop[1]);
	pthread_join(ns->thread, NULL);
	close(ns->stop[0]);
	close(ns->udp);
	close(ns->tcp);
	for (unsigned i = 0; i < ns->connections; i++)
		close(ns->connection[i].fd);
	free(ns);
}

hoy_addr ns_addr(const struct ns *ns)
{
	return (hoy_addr){ .kind = HOY_ADDR_UDP, .port = ntohs(ns->at.sin_port), .ip = { 4, { 127, 0, 0, 1 } } };
}

unsigned ns_queries(const struct ns *ns)
{
	return atomic_load(&ns->queries);
}

unsigned ns_connections(const struct ns *ns)
{
	return atomic_load(&ns->accepted);
}

/* A listener that is shut down refuses, and keeps its number until the end. */
void ns_close_tcp(struct ns *ns)
{
	atomic_store(&ns->no_tcp, true);
	shutdown(ns->tcp, SHUT_RDWR);
}

void ns_send_raw(const struct ns_query *q, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = send(q->fd, at, len, MSG_NOSIGNAL);

		if (n < 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void ns_send(const struct ns_query *q, const void *data, size_t len)
{
	if (q->tcp) {
		uint8_t *framed = malloc(len + 2);

		framed[0] = (uint8_t)(len >> 8);
		framed[1] = (uint8_t)len;
		memcpy(framed + 2, data, len);
		ns_send_raw(q, framed, len + 2);
		free(framed);
	} else {
		sendto(q->ns->udp, data, len, 0, (const struct sockaddr *)&q->from, sizeof q->from);
	}
}

void ns_hang_up(const struct ns_query *q, bool abruptly)
{
	struct linger linger = { 1, 0 };

	if (!abruptly) {
		shutdown(q->fd, SHUT_RDWR);
		return;
	}
	/* disconnecting resets, and leaves the number to the one who polls it */
	setsockopt(q->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
	connect(q->fd, &(struct sockaddr){ .sa_family = AF_UNSPEC }, sizeof(struct sockaddr));
}

static void start_reply(struct packet *p, const struct ns_query *q, unsigned flags)
{
	char text[HOY__NAME_STRLEN];

	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA | flags, hoy__name_text(&q->m.question.name, text),
		     q->m.question.type);
	memcpy(p->data + 12, q->data + 12, q->m.question.name.len);	/* in the letters of the question */
}

void ns_rcode(const struct ns_query *q, unsigned flags)
{
	struct packet *p = malloc(sizeof *p);

	start_reply(p, q, flags);
	ns_send(q, p->data, p->len);
	free(p);
}

uint32_t ns_address(const struct hoy__name *name)
{
	uint32_t number = 0;

	for (unsigned i = 1; i < 1u + name->wire[0]; i++)
		if (name->wire[i] >= '0' && name->wire[i] <= '9')
			number = number * 10 + (name->wire[i] - '0');
	return number;
}

static void put_address(struct packet *p, const struct ns_query *q, unsigned i)
{
	uint32_t number = ns_address(&q->m.question.name) + i;
	uint8_t tail[3] = { (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
	uint8_t v4[4] = { 10 }, v6[16] = { 0x20, 1, 0x0d, 0xb8 };
	char text[HOY__NAME_STRLEN];

	memcpy(v4 + 1, tail, 3);
	memcpy(v6 + 13, tail, 3);
	hoy__name_text(&q->m.question.name, text);
	if (q->m.question.type == HOY__A)
		packet_raw(p, HOY__ANSWER, text, HOY__A, 60, v4, 4);
	else if (q->m.question.type == HOY__AAAA)
		packet_raw(p, HOY__ANSWER, text, HOY__AAAA, 60, v6, 16);
}

static void build_many(struct packet *p, const struct ns_query *q, unsigned n)
{
	start_reply(p, q, 0);
	for (unsigned i = 0; i < n; i++)
		put_address(p, q, i);
}

void ns_answer_many(const struct ns_query *q, unsigned n)
{
	struct packet *p = malloc(sizeof *p);

	build_many(p, q, n);
	ns_send(q, p->data, p->len);
	free(p);
}

size_t ns_size_of_many(const struct ns_query *q, unsigned n)
{
	struct packet *p = malloc(sizeof *p);
	size_t len;

	build_many(p, q, n);
	len = p->len;
	free(p);
	return len;
}

void ns_answer(const struct ns_query *q)
{
	ns_answer_many(q, 1);
}
