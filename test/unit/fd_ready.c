/* What is remembered of readiness: no call too many, and never an end of a stream missed. */
#include <unistd.h>

#include "fd_help.h"

static struct hoy__os counting;
static atomic_int recvs, eagains, adds, removes;
static int add_code;

static ssize_t count_recv(int fd, void *buf, size_t len, int flags)
{
	ssize_t n = hoy__os_linux.recv(fd, buf, len, flags);

	recvs++;
	eagains += n == -EAGAIN;
	return n;
}

static int count_add(int poller, int fd, uint64_t key)
{
	adds++;
	return add_code ? add_code : hoy__os_linux.poller_add(poller, fd, key);
}

static int count_remove(int poller, int fd)
{
	removes++;
	return hoy__os_linux.poller_remove(poller, fd);
}

static void count_calls(void)
{
	counting = hoy__os_linux;
	counting.recv = count_recv;
	counting.poller_add = count_add;
	counting.poller_remove = count_remove;
	hoy__os = &counting;
}

static struct hoy__fd *pair[2];

static int echo(void *fd)
{
	char buf[512];
	ssize_t n;

	while ((n = fd_read(fd, buf, sizeof buf)) > 0)
		if (!CHECK_INT(fd_write(fd, buf, n, NULL), 0))
			break;
	CHECK_INT(n, 0);
	return 0;
}

static int talk(void *unused)
{
	enum { ROUNDS = 200 };
	char buf[64] = { 0 };
	int before;

	(void)unused;
	tcp_pair(pair);
	start(echo, pair[1]);
	for (int i = 0; i < ROUNDS; i++) {
		if (i == 10)
			eagains = recvs = adds = 0;
		CHECK_INT(fd_write(pair[0], buf, sizeof buf, NULL), 0);
		CHECK_INT(fd_read(pair[0], buf, sizeof buf), sizeof buf);
	}
	/* Full reads ask once more on our side; the echo's short ones do not. */
	CHECK(eagains <= ROUNDS + 5);
	CHECK_INT(adds, 0);
	CHECK_INT(hoy__fd_set_deadline(pair[0], HOY__IN, in_ms(60000)), 0);
	before = eagains;
	for (int i = 0; i < ROUNDS; i++) {
		char answer[512];

		CHECK_INT(fd_write(pair[0], buf, sizeof buf, NULL), 0);
		CHECK_INT(fd_read(pair[0], answer, sizeof answer), sizeof buf);
	}
	CHECK(eagains - before <= 2);
	CHECK_INT(adds, 0);
	hoy__os_shutdown(pair[0]->source.sys, SHUT_WR);
	join();
	free_pair(pair);
	CHECK_INT(removes, 0);
	return 0;
}

TEST(steady_state_makes_no_useless_call)
{
	count_calls();
	in_runtime = true;
	CHECK_INT(hoy_run(talk, NULL), 0);
}

/* Data and the end may share one edge: whoever reads less than asked must still see the end. */
static struct sockaddr_in at;

static int send_and_leave(void *arg)
{
	int how = (int)(intptr_t)arg, fd = socket(AF_INET, SOCK_STREAM, 0);
	char rest[16];

	CHECK_INT(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	CHECK_INT(send(fd, "x", 1, 0), 1);
	if (how == 0) {
		shutdown(fd, SHUT_WR);
		CHECK_INT(recv(fd, rest, sizeof rest, 0), 1);
		CHECK_INT(recv(fd, rest, sizeof rest, 0), 0);
	}
	close(fd);
	return 0;
}

static void *leavers(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++)
		send_and_leave((void *)(intptr_t)(i % 2));
	return NULL;
}

static int serve_one(void *arg)
{
	struct hoy__fd *fd = arg;
	char buf[512];
	ssize_t n;

	CHECK_INT(hoy__fd_set_deadline(fd, HOY__IN, in_ms(5000)), 0);
	while ((n = fd_read(fd, buf, sizeof buf)) > 0)
		if (fd_write(fd, buf, n, NULL) < 0)
			break;
	CHECK(n >= 0 || n == -ECONNRESET);
	hoy__fd_free(fd);
	return 0;
}

static int accept_all(void *unused)
{
	int rounds = SCALED(3000);
	struct hoy__fd *l = listen_here(&at, 100);
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, leavers, &rounds);
	for (int i = 0; i < rounds; i++) {
		int sys = fd_accept(l, NULL, NULL);

		if (!CHECK(sys >= 0))
			break;
		start(serve_one, own(sys, TCP));
	}
	join();
	pthread_join(thread, NULL);
	hoy__fd_free(l);
	return 0;
}

TEST(data_and_end_in_one_edge)
{
	in_runtime = true;
	CHECK_INT(hoy_run(accept_all, NULL), 0);
}

/* TCP's urgent byte cuts a read short although more is there. */
static int read_past_urgent(void *unused)
{
	struct hoy__fd *fd[2];
	char buf[64];
	size_t got = 0;

	(void)unused;
	for (int i = 0; i < SCALED(50); i++) {
		tcp_pair(fd);
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(5)), 0);
		CHECK_INT(fd_read(fd[1], buf, sizeof buf), HOY_ETIMEOUT);	/* the poller knows it now */
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(5000)), 0);
		CHECK_INT(send(fd[0]->source.sys, "ab", 2, 0), 2);
		CHECK_INT(send(fd[0]->source.sys, "!", 1, MSG_OOB), 1);
		CHECK_INT(send(fd[0]->source.sys, "cd", 2, 0), 2);
		for (got = 0; got < 4; ) {
			ssize_t n = fd_read(fd[1], buf + got, sizeof buf - got);

			if (!CHECK(n > 0))
				break;
			got += n;
		}
		CHECK(got == 4 && memcmp(buf, "abcd", 4) == 0);
		free_pair(fd);
	}
	return 0;
}

TEST(urgent_data_hides_nothing) { both(read_past_urgent); }

static int no_room_in_the_poller(void *unused)
{
	struct hoy__fd *fd[2];
	char byte;

	(void)unused;
	unix_pair(fd, SOCK_STREAM);
	add_code = -ENOSPC;
	CHECK_INT(fd_read(fd[0], &byte, 1), -ENOSPC);
	add_code = 0;
	CHECK_INT(fd_write(fd[1], "x", 1, NULL), 0);
	CHECK_INT(fd_read(fd[0], &byte, 1), 1);
	free_pair(fd);
	return 0;
}

TEST(poller_full)
{
	count_calls();
	both(no_room_in_the_poller);
}

/* A child keeps the file open, so closing it here would not take it out of the poller. */
static int leave_the_poller(void *unused)
{
	struct hoy__fd *fd[2];
	pid_t child;
	char byte;
	int copy;

	(void)unused;
	for (int how = 0; how < 3; how++) {
		removes = 0;
		unix_pair(fd, SOCK_STREAM);
		CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, in_ms(1)), 0);
		CHECK_INT(fd_read(fd[0], &byte, 1), HOY_ETIMEOUT);
		copy = -1;
		if (how == 1) {
			child = fork();
			if (child == 0) {
				hoy__fd_free(fd[0]);	/* the poller is the parent's */
				_exit(removes);
			}
			int status = -1;
			CHECK_INT(waitpid(child, &status, 0), child);
			CHECK_INT(status, 0);
		} else if (how == 2) {
			copy = hoy__fd_export(fd[0]);
		}
		hoy__fd_free(fd[0]);
		CHECK_INT(removes, how > 0);
		hoy__fd_free(fd[1]);
		if (copy >= 0)
			close(copy);
		unix_pair(fd, SOCK_STREAM);	/* a later one is nobody else's */
		CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, in_ms(1)), 0);
		CHECK_INT(fd_read(fd[0], &byte, 1), HOY_ETIMEOUT);
		removes = 0;
		free_pair(fd);
		CHECK_INT(removes, 0);
	}
	return 0;
}

TEST(shared_files_leave_the_poller)
{
	count_calls();
	in_runtime = true;
	CHECK_INT(hoy_run(leave_the_poller, NULL), 0);
}

static struct hoy__fd *old[2];
static int copies[2];

/* They wait here, and are shared from now on. */
static int settle_two(void *unused)
{
	char byte;

	(void)unused;
	unix_pair(old, SOCK_STREAM);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(hoy__fd_set_deadline(old[i], HOY__IN, in_ms(1)), 0);
		CHECK_INT(fd_read(old[i], &byte, 1), HOY_ETIMEOUT);
		copies[i] = hoy__fd_export(old[i]);
	}
	return 0;
}

static int close_in_another_run(void *unused)
{
	(void)unused;
	hoy__fd_free(old[1]);
	return 0;
}

/* The poller that knew them has gone, and its number may be another's. */
TEST(shared_files_outlive_their_run)
{
	count_calls();
	removes = 0;
	in_runtime = true;
	CHECK_INT(hoy_run(settle_two, NULL), 0);
	hoy__fd_free(old[0]);
	CHECK_INT(hoy_run(close_in_another_run, NULL), 0);
	CHECK_INT(removes, 0);
	for (int i = 0; i < 2; i++)
		close(copies[i]);
}
