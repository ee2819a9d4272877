/*
 * proxy_splice ADDRESS PORT: the least a TCP proxy can do with splice: one thread, edge-triggered epoll, a pipe for
 * each direction, which stays. An edge moves what there is, until the source is empty or the sink full.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

enum { MOST = 1 << 20 };

struct side {
	int fd, pipe[2];	/* the pipe is filled from fd, for the other side */
	size_t in_pipe;
	bool ended;
	struct side *other;
	struct pair *pair;
};

struct pair {
	struct side side[2];
	bool dead;
	struct pair *next;
};

static int poller, upstream;
static struct pair *dead;

static void add(int fd, uint32_t events, void *at)
{
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &(struct epoll_event){ .events = events | EPOLLET, .data.ptr = at }) < 0)
		err(1, "epoll_ctl");
}

static void end(struct pair *p)
{
	if (p->dead)
		return;
	for (int i = 0; i < 2; i++) {
		close(p->side[i].fd);
		close(p->side[i].pipe[0]);
		close(p->side[i].pipe[1]);
	}
	p->dead = true;
	p->next = dead;
	dead = p;
}

static void pair_up(int client)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(upstream), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct pair *p = calloc(1, sizeof *p);
	int fd[2] = { client, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0) };

	if (!p || fd[1] < 0 || (connect(fd[1], (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS))
		err(1, "connect");
	for (int i = 0; i < 2; i++) {
		struct side *s = &p->side[i];

		*s = (struct side){ .fd = fd[i], .other = &p->side[!i], .pair = p };
		if (pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) < 0)
			err(1, "pipe");
		fcntl(s->pipe[1], F_SETPIPE_SZ, MOST);
		no_delay(s->fd);
	}
	for (int i = 0; i < 2; i++)
		add(fd[i], EPOLLIN | EPOLLOUT | EPOLLRDHUP, &p->side[i]);
}

/* From one side to the other. False when the pair has ended. */
static bool move(struct side *from)
{
	struct side *to = from->other;

	for (;;) {
		ssize_t n = 1;

		while (from->in_pipe > 0 && (n = splice(from->pipe[0], NULL, to->fd, NULL, from->in_pipe,
							SPLICE_F_MOVE | SPLICE_F_NONBLOCK)) > 0)
			from->in_pipe -= (size_t)n;
		if (from->in_pipe > 0)
			return n < 0 && errno == EAGAIN;
		if (from->ended)
			return true;
		n = splice(from->fd, NULL, from->pipe[1], NULL, MOST, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0) {
			from->ended = true;
			shutdown(to->fd, SHUT_WR);
			return !to->ended || to->in_pipe > 0;
		}
		from->in_pipe = (size_t)n;
	}
}

static void handle(struct side *s, uint32_t events)
{
	if (s->pair->dead)
		return;
	if (((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) && !move(s)) ||
	    ((events & EPOLLOUT) && s->other->in_pipe > 0 && !move(s->other)))
		end(s->pair);
}

static void free_dead(void)
{
	for (struct pair *p; (p = dead);) {
		dead = p->next;
		free(p);
	}
}

int main(int argc, char **argv)
{
	struct epoll_event events[256];
	int listener, fd;

	if (argc != 3)
		errx(2, "usage: proxy_splice ADDRESS PORT");
	signal(SIGPIPE, SIG_IGN);
	listener = listen_on(argv[1], SOCK_NONBLOCK);
	upstream = atoi(argv[2]);
	poller = epoll_create1(EPOLL_CLOEXEC);
	add(listener, EPOLLIN, NULL);
	for (;;) {
		int n = epoll_wait(poller, events, 256, -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.ptr)
				handle(events[i].data.ptr, events[i].events);
			else
				while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
					pair_up(fd);
		free_dead();
	}
}
