/* The child is forked before the runtime starts its threads, and waits for the port. */
#include "clients.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void clients_fork(struct clients *c, void (*fn)(int port))
{
	int go[2], done[2], port;

	if (pipe(go) < 0 || pipe(done) < 0 || (c->pid = fork()) < 0)
		abort();
	if (c->pid == 0) {
		close(go[1]);
		close(done[0]);
		if (read(go[0], &port, sizeof port) == sizeof port)
			fn(port);
		_exit(0);
	}
	close(go[0]);
	close(done[1]);
	c->go = go[1];
	c->done = done[0];
}

int clients_go(struct clients *c, int port)
{
	hoy_conn *done = hoy_conn_from_fd(c->done, 0, NULL);
	int status = -1;
	char byte;

	if (!done || write(c->go, &port, sizeof port) != sizeof port)
		return -1;
	hoy_conn_read(done, &byte, 1, NULL);
	hoy_conn_free(done);
	close(c->go);
	return waitpid(c->pid, &status, 0) == c->pid ? status : -1;
}

int allow_files(unsigned n)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= n)
		return 1;
	files.rlim_cur = n;
	return setrlimit(RLIMIT_NOFILE, &files) == 0;
}

int connect_to(unsigned host, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(0x7f000000 + host);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void stream_init(struct stream *s, uint64_t seed)
{
	*s = (struct stream){ .x = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) };
}

static uint64_t next(struct stream *s)
{
	s->x ^= s->x << 13;
	s->x ^= s->x >> 7;
	s->x ^= s->x << 17;
	return s->x * UINT64_C(0x2545f4914f6cdd1d);
}

static uint8_t next_byte(struct stream *s)
{
	uint8_t byte;

	if (!s->left) {
		s->word = next(s);
		s->left = 8;
	}
	byte = (uint8_t)s->word;
	s->word >>= 8;
	s->left--;
	return byte;
}

void stream_bytes(struct stream *s, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = next_byte(s);
}

int stream_matches(struct stream *s, const uint8_t *in, size_t len)
{
	int same = 1;

	for (size_t i = 0; i < len; i++)
		same &= in[i] == next_byte(s);
	return same;
}

uint32_t stream_number(struct stream *s, uint32_t below)
{
	return (uint32_t)(next(s) >> 32) % below;
}

void echo(hoy_conn *c, void *arg)
{
	char buf[4096];
	ssize_t n;

	(void)arg;
	while ((n = hoy_conn_read(c, buf, sizeof buf, NULL)) > 0)
		if (hoy_conn_write(c, buf, (size_t)n, NULL) < 0)
			break;
}

int port_of(const hoy_listener *l)
{
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	return addr.port;
}

struct service {
	hoy_listener *listener;
	void (*fn)(hoy_conn *, void *);
	hoy_wait_group *ended;
};

static int serve(void *arg)
{
	struct service *s = arg;
	hoy_wait_group *ended = s->ended;
	int code = hoy_serve(s->listener, s->fn, NULL, NULL, NULL);

	hoy_wait_group_done(ended);
	return code;
}

hoy_listener *serve_in_background(void (*fn)(hoy_conn *, void *), hoy_wait_group *ended)
{
	struct service s = { hoy_listen("tcp4", ":0", NULL), fn, ended };

	if (!s.listener)
		return NULL;
	hoy_wait_group_add(ended, 1);
	if (hoy_go_copy(serve, &s, sizeof s) < 0)
		abort();
	return s.listener;
}
