/*
 * The least an echo server can do: one thread, every socket in one edge-triggered epoll
 * set from the start. An edge is answered by one read, and by another only when the first
 * filled the buffer or the peer has hung up.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "listen.h"

static int poller;

static void add(int fd, uint32_t events)
{
	struct epoll_event e = { .events = events | EPOLLET, .data.fd = fd };

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0)
		err(1, "epoll_ctl");
}

static void take_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		no_delay(fd);
		add(fd, EPOLLIN | EPOLLRDHUP);
	}
}

static void answer(int fd, uint32_t events)
{
	char buf[512];
	ssize_t n;

	do {
		n = read(fd, buf, sizeof buf);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0 || send(fd, buf, n, MSG_NOSIGNAL) != n) {
			close(fd);
			return;
		}
	} while (n == sizeof buf || events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
}

int main(int argc, char **argv)
{
	struct epoll_event events[256];
	int listener = listen_on(argc == 2 ? argv[1] : "", SOCK_NONBLOCK);

	poller = epoll_create1(EPOLL_CLOEXEC);
	add(listener, EPOLLIN);
	for (;;) {
		int n = epoll_wait(poller, events, 256, -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd == listener)
				take_all(listener);
			else
				answer(events[i].data.fd, events[i].events);
	}
}
