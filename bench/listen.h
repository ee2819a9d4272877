/* A listening socket on ":PORT", or at a path with a slash, for the servers that have no library to ask. */
#ifndef BENCH_LISTEN_H
#define BENCH_LISTEN_H

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static inline int listen_at_path(const char *path, int flags)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	strncpy(sa.sun_path, path, sizeof sa.sun_path - 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(fd, 4096) < 0)
		err(1, "listen at %s", path);
	return fd;
}

static inline int listen_on(const char *address, int flags)
{
	const char *colon = strrchr(address, ':');
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(colon ? atoi(colon + 1) : 0) };
	int one = 1, fd;

	if (strchr(address, '/'))
		return listen_at_path(address, flags);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(fd, 4096) < 0)
		err(1, "listen on %s", address);
	return fd;
}

static inline void no_delay(int fd)
{
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

#endif
