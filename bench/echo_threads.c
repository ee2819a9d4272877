/* A blocking thread for each connection, on a stack of the smallest size that is comfortable. */
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#include "listen.h"

static void *echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char buf[512];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		if (send(fd, buf, n, MSG_NOSIGNAL) != n)
			break;
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	int fd, listener = listen_on(argc == 2 ? argv[1] : "", 0);
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (;;) {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		no_delay(fd);
		if (pthread_create(&thread, &attr, echo, (void *)(intptr_t)fd) != 0)
			close(fd);
	}
}
