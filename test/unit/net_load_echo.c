/*
 * Nine thousand clients at once, each with a stream of bytes that nobody else has: what
 * comes back must be that stream, whole and in order. One lost or crossed byte shows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define TEST_LIMIT 120
#include "support/clients.h"
#include "t.h"

enum { CLIENTS = 9000, BYTES = 3000, LARGEST = 400, PENDING = 128 };

struct client {
	struct stream out, in, sizes;
	int fd, sent, received, connected;
};

static struct client clients[CLIENTS];
static int poller, count, connected, ended;

static void start_connecting(int i, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = (uint32_t)i };
	struct client *c = &clients[i];

	at.sin_addr.s_addr = htonl(0x7f000001 + (uint32_t)i % 16);
	stream_init(&c->out, (uint64_t)i);
	stream_init(&c->in, (uint64_t)i);
	stream_init(&c->sizes, (uint64_t)i + 1000000);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	CHECK(c->fd >= 0);
	CHECK(connect(c->fd, (struct sockaddr *)&at, sizeof at) == 0 || errno == EINPROGRESS);
	CHECK_INT(epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event), 0);
}

/* The next message, of some size; after the last one half of the connection is closed. */
static void send_next(struct client *c)
{
	uint8_t buf[LARGEST];
	int len = 1 + (int)stream_number(&c->sizes, LARGEST);

	if (c->sent == BYTES)
		return;
	len = len < BYTES - c->sent ? len : BYTES - c->sent;
	stream_bytes(&c->out, buf, (size_t)len);
	CHECK_INT(send(c->fd, buf, (size_t)len, MSG_NOSIGNAL), len);
	c->sent += len;
	if (c->sent == BYTES)
		CHECK_INT(shutdown(c->fd, SHUT_WR), 0);
}

static void finish(struct client *c)
{
	CHECK_INT(c->received, BYTES);
	close(c->fd);
	c->fd = -1;
	ended++;
}

static void receive(struct client *c)
{
	uint8_t buf[2 * LARGEST];
	ssize_t n;

	while (c->fd >= 0 && (n = recv(c->fd, buf, sizeof buf, 0)) != 0) {
		if (n < 0) {
			if (CHECK_INT(errno, EAGAIN))
				return;
			break;
		}
		if (!CHECK(stream_matches(&c->in, buf, (size_t)n)))
			break;
		c->received += (int)n;
		if (c->received == c->sent)
			send_next(c);
	}
	finish(c);
}

static void happens(struct client *c, uint32_t events)
{
	if (!c->connected && (events & EPOLLOUT)) {
		c->connected = 1;
		connected++;
	}
	if (connected == count && c->fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		receive(c);
}

/* All are connected before the first byte is sent. */
static void run_clients(int port)
{
	struct epoll_event events[512];
	int started = 0, speaking = 0;

	count = SCALED(CLIENTS);
	poller = epoll_create1(0);
	while (ended < count) {
		while (started < count && started - connected < PENDING)
			start_connecting(started++, port);
		if (!speaking && connected == count)
			for (speaking = 1; speaking <= count; speaking++)
				send_next(&clients[speaking - 1]);
		int n = epoll_wait(poller, events, 512, 20000);
		if (!CHECK(n > 0))
			return;
		for (int i = 0; i < n; i++)
			happens(&clients[events[i].data.u32], events[i].events);
	}
}

static int serve_them(void *arg)
{
	hoy_wait_group ended_all = { 0 };
	hoy_listener *l = serve_in_background(echo, &ended_all);

	CHECK(l != NULL);
	CHECK_INT(clients_go(arg, port_of(l)), 0);
	hoy_listener_close(l, NULL);
	hoy_wait_group_wait(&ended_all);
	hoy_listener_free(l);
	return 0;
}

TEST(nine_thousand_streams_come_back_whole)
{
	struct clients c;

	if (!allow_files(CLIENTS + 100))
		SKIP("fewer than 9,100 descriptors are allowed here");
	clients_fork(&c, run_clients);
	CHECK_INT(hoy_run(serve_them, &c), 0);
}
