/* What the tests of descriptors share: pairs, crews of tasks or threads, and a deadline soon. */
#ifndef FD_HELP_H
#define FD_HELP_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <hoy/err.h>
#include <hoy/sync.h>
#include <hoy/task.h>

#include "fd/fd.h"
#include "os/os.h"
#include "t.h"
#include "unit/support/fd_calls.h"
#include "unit/support/fd_calls.h"

#define UNUSED __attribute__((unused))

enum { SOCKET = HOY__FD_SOCKET, TCP = HOY__FD_SOCKET | HOY__FD_STREAM };

/* A crew runs functions side by side: in tasks under hoy_run, in threads without. */
static hoy_wait_group crew;
static bool in_runtime;

struct member {
	hoy_fn *fn;
	void *arg;
};

static int run_member(void *arg)
{
	struct member *m = arg;

	m->fn(m->arg);
	free(m);
	hoy_wait_group_done(&crew);
	return 0;
}

static void *run_member_thread(void *arg)
{
	run_member(arg);
	return NULL;
}

UNUSED static void start(hoy_fn *fn, void *arg)
{
	struct member *m = malloc(sizeof *m);
	pthread_t thread;

	*m = (struct member){ fn, arg };
	hoy_wait_group_add(&crew, 1);
	if (in_runtime) {
		CHECK_INT(hoy_go(run_member, m), 0);
	} else if (CHECK_INT(pthread_create(&thread, NULL, run_member_thread, m), 0)) {
		pthread_detach(thread);
	}
}

UNUSED static void join(void)
{
	hoy_wait_group_wait(&crew);
}

/* Once in a plain thread, once as a task. */
UNUSED static void both(hoy_fn *fn)
{
	in_runtime = false;
	fn(NULL);
	in_runtime = true;
	CHECK_INT(hoy_run(fn, NULL), 0);
}

UNUSED static int64_t in_ms(int ms)
{
	return hoy__os_monotonic() + ms * HOY_MILLISECOND * t_scale();
}

UNUSED static void pause_ms(int ms)
{
	hoy_sleep(ms * HOY_MILLISECOND);
}

static uint64_t refs(struct hoy__fd *fd)
{
	return (atomic_load(&fd->state) & HOY__FD_REFS) / HOY__FD_REF;
}

/* Waits until so many calls are inside. */
UNUSED static void until_inside(struct hoy__fd *fd, unsigned n)
{
	while (refs(fd) != n + 1)
		pause_ms(1);
}

static atomic_int released;

static void count_released(void *owner)
{
	(void)owner;
	atomic_fetch_add(&released, 1);
}

UNUSED static struct hoy__fd *own(int sys, unsigned kind)
{
	struct hoy__fd *fd = hoy__fd_new(sys, kind, count_released, NULL);

	CHECK(fd != NULL);
	return fd;
}

UNUSED static void unix_pair(struct hoy__fd *fd[2], int type)
{
	int sys[2];

	CHECK_INT(socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sys), 0);
	for (int i = 0; i < 2; i++)
		fd[i] = own(sys[i], SOCKET);
}

UNUSED static struct hoy__fd *listen_here(struct sockaddr_in *at, int backlog)
{
	socklen_t len = sizeof *at;
	int sys = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK_INT(bind(sys, (struct sockaddr *)at, len), 0);
	CHECK_INT(listen(sys, backlog), 0);
	CHECK_INT(getsockname(sys, (struct sockaddr *)at, &len), 0);
	return own(sys, SOCKET);
}

UNUSED static struct hoy__fd *new_tcp(void)
{
	return own(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), TCP);
}

UNUSED static void tcp_pair(struct hoy__fd *fd[2])
{
	struct sockaddr_in at;
	struct hoy__fd *l = listen_here(&at, 1);
	int sys;

	fd[0] = new_tcp();
	CHECK_INT(hoy__fd_connect(fd[0], (struct sockaddr *)&at, sizeof at), 0);
	sys = fd_accept(l, NULL, NULL);
	CHECK(sys >= 0);
	fd[1] = own(sys, TCP);
	hoy__fd_free(l);
}

UNUSED static void free_pair(struct hoy__fd *fd[2])
{
	hoy__fd_free(fd[0]);
	hoy__fd_free(fd[1]);
}

#endif
