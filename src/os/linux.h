/* What the files that fill hoy__os_linux share. */
#ifndef HOY_OS_LINUX_H
#define HOY_OS_LINUX_H

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

#include "os/os.h"

/* A system call was cut short by a signal: it is made again. */
static inline bool interrupted(ssize_t n)
{
	return n < 0 && errno == EINTR;
}

static inline ssize_t result(ssize_t n)
{
	return n < 0 ? -errno : n;
}

int hoy__epoll_open(void);
int hoy__epoll_add(int poller, int fd, uint64_t key);
int hoy__epoll_add_in(int poller, int fd, uint64_t key);
int hoy__epoll_widen(int poller, int fd, uint64_t key);
int hoy__epoll_remove(int poller, int fd);
int hoy__epoll_wait(int poller, struct hoy__event *events, int n, int64_t until);
int hoy__waker_open(int poller, uint64_t key);
int hoy__waker_wake(int waker);

int hoy__memory_map(size_t len, void **at);
int hoy__memory_map_file(int fd, size_t len, const void **at);
int hoy__memory_unmap(void *at, size_t len);
int hoy__memory_guard(void *at, size_t len);
int hoy__memory_protect(void *at, size_t len);
int hoy__memory_discard(void *at, size_t len);
ssize_t hoy__memory_peek(const void *at, void *buf, size_t len);
int hoy__membarrier_register(void);
int hoy__membarrier(void);

#endif
