/* A signal in the middle of a call: the call goes on; only the poller comes back. */
#include "os/os.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "../t.h"

static atomic_int signals;

static void count(int number)
{
	(void)number;
	atomic_fetch_add(&signals, 1);
}

/* SIGALRM every millisecond, without SA_RESTART. */
static void shower(bool on)
{
	struct sigaction action = { .sa_handler = count };
	struct itimerval often = { { 0, on ? 1000 : 0 }, { 0, on ? 1000 : 0 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* Signals go to the thread that is to be interrupted. */
static void *fill_later(void *fd)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	usleep(30000);
	return write(*(int *)fd, "late", 4) == 4 ? NULL : fd;
}

static ssize_t by_read(int fd, char *buf) { return hoy__os_read(fd, buf, 4); }
static ssize_t by_recv(int fd, char *buf) { return hoy__os_recv(fd, buf, 4, 0); }
static ssize_t by_recvfrom(int fd, char *buf) { return hoy__os_recvfrom(fd, buf, 4, 0, NULL, NULL); }
static ssize_t by_readv(int fd, char *buf) { return hoy__os_readv(fd, &(struct iovec){ buf, 4 }, 1); }

static ssize_t by_recvmsg(int fd, char *buf)
{
	struct msghdr msg = { .msg_iov = &(struct iovec){ buf, 4 }, .msg_iovlen = 1 };

	return hoy__os_recvmsg(fd, &msg, 0);
}

TEST(reads_go_on)
{
	ssize_t (*const ways[])(int, char *) = { by_read, by_recv, by_recvfrom, by_readv, by_recvmsg };

	for (size_t i = 0; i < LEN(ways); i++) {
		pthread_t thread;
		char buf[8] = "";
		int end[2], before = atomic_load(&signals);

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
		CHECK_INT(pthread_create(&thread, NULL, fill_later, &end[1]), 0);
		shower(true);
		CHECK_INT(ways[i](end[0], buf), 4);
		shower(false);
		CHECK_STR(buf, "late", "read");
		CHECK(atomic_load(&signals) > before);
		pthread_join(thread, NULL);
	}
}

static void *drain_later(void *fd)
{
	static char sink[65536];
	sigset_t all;
	ssize_t n;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	usleep(30000);
	while ((n = read(*(int *)fd, sink, sizeof sink)) > 0)
		continue;
	return NULL;
}

static ssize_t by_write(int fd, char *buf) { return hoy__os_write(fd, buf, 4); }
static ssize_t by_send(int fd, char *buf) { return hoy__os_send(fd, buf, 4, 0); }
static ssize_t by_sendto(int fd, char *buf) { return hoy__os_sendto(fd, buf, 4, 0, NULL, 0); }
static ssize_t by_writev(int fd, char *buf) { return hoy__os_writev(fd, &(struct iovec){ buf, 4 }, 1); }

static ssize_t by_sendmsg(int fd, char *buf)
{
	struct msghdr msg = { .msg_iov = &(struct iovec){ buf, 4 }, .msg_iovlen = 1 };

	return hoy__os_sendmsg(fd, &msg, 0);
}

TEST(writes_go_on)
{
	ssize_t (*const ways[])(int, char *) = { by_write, by_send, by_sendto, by_writev, by_sendmsg };

	for (size_t i = 0; i < LEN(ways); i++) {
		static char lot[4096];
		pthread_t thread;
		int end[2], before = atomic_load(&signals);

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, end), 0);
		while (send(end[0], lot, sizeof lot, MSG_DONTWAIT) > 0)
			continue;
		CHECK_INT(pthread_create(&thread, NULL, drain_later, &end[1]), 0);
		shower(true);
		CHECK_INT(ways[i](end[0], lot), 4);
		shower(false);
		CHECK(atomic_load(&signals) > before);
		close(end[0]);
		pthread_join(thread, NULL);
	}
}

TEST(the_poller_comes_back_with_nothing)
{
	int poller = hoy__os_poller_open();
	struct hoy__event event;

	shower(true);
	for (int i = 0; i < 10; i++)
		CHECK_INT(hoy__os_poller_wait(poller, &event, 1, INT64_MAX), 0);
	shower(false);
	CHECK(atomic_load(&signals) >= 10);
}

static void *open_later(void *path)
{
	usleep(30000);
	return (void *)(intptr_t)(open(path, O_WRONLY) < 0);
}

/* Opening a FIFO waits for the other end. */
TEST(open_goes_on)
{
	char path[] = "/tmp/hoy-fifo-XXXXXX";
	pthread_t thread;
	sigset_t alarm;

	close(mkstemp(path));
	unlink(path);
	CHECK_INT(mkfifo(path, 0600), 0);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	CHECK_INT(pthread_create(&thread, NULL, open_later, path), 0);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	shower(true);
	CHECK(hoy__os_open(path, O_RDONLY) >= 0);
	shower(false);
	pthread_join(thread, NULL);
	unlink(path);
}
