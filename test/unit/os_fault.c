/* The failing table keeps its word: it is what other tests rely on. */
#include "support/fault_os.h"

#include <fcntl.h>

#include "base/base.h"
#include "os/os.h"
#include "../t.h"

/* Five calls: open, read, read, close, open that fails by itself. */
static int scenario(void)
{
	char buf[8];
	int fd = hoy__os_open("/dev/zero", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = hoy__os_read(fd, buf, 8);
	if (n >= 0)
		n = hoy__os_read(fd, buf, 8);
	hoy__os_close(fd);
	return n < 0 ? (int)n : hoy__os_open("/nowhere", O_RDONLY);
}

TEST(each_call_fails_in_turn)
{
	static const struct { enum fault_entry entry; int code; } want[] = {
		{ FAULT_open, -ENFILE }, { FAULT_read, -EIO }, { FAULT_read, -EIO },
		{ FAULT_close, -ENOENT }, { FAULT_open, -ENFILE },
	};
	long n;

	fault_install();
	for (n = 1; ; n++) {
		fault_reset();
		fault_at(n, 0);
		int code = scenario();

		CHECK_INT(fault_open_descriptors(), 0);
		if (!fault_fired())
			break;
		CHECK_INT(fault_fired_entry(), want[n - 1].entry);
		CHECK_INT(code, want[n - 1].code);
	}
	CHECK_INT(n, 6);
	CHECK_INT(fault_calls_all(), 5);
	CHECK_INT(fault_calls(FAULT_open), 2);
	CHECK_INT(fault_calls(FAULT_read), 2);
	CHECK_INT(fault_bad_descriptors(), 0);
}

TEST(one_entry_with_a_code_of_choice)
{
	fault_install();
	fault_entry_at(FAULT_read, 2, -EINTR);
	CHECK_INT(scenario(), -EINTR);
	CHECK_STR(fault_name(fault_fired_entry()), "read", "entry");
	CHECK_INT(fault_calls(FAULT_read), 2);
}

TEST(leaks_and_double_closes_are_counted)
{
	int p[2];

	fault_install();
	CHECK_INT(hoy__os_pipe(p), 0);
	CHECK_INT(fault_open_descriptors(), 2);
	CHECK_INT(hoy__os_close(p[0]), 0);
	CHECK_INT(fault_open_descriptors(), 1);
	CHECK_INT(hoy__os_close(p[0]), -EBADF);
	CHECK_INT(fault_open_descriptors(), 1);
	CHECK_INT(fault_bad_descriptors(), 1);
	fault_entry_at(FAULT_close, 1, 0);
	CHECK_INT(hoy__os_close(p[1]), -EIO);
	CHECK_INT(fault_open_descriptors(), 0);		/* gone, whatever it said */
	CHECK_INT(fcntl(p[1], F_GETFD), -1);
}

TEST(crumbs)
{
	char buf[8] = "", letters[] = "abcdef";
	struct iovec iov[3] = { { letters, 2 }, { letters + 2, 2 }, { letters + 4, 2 } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 3 };
	int end[2];

	fault_install();
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, end), 0);
	fault_cut(3);
	CHECK_INT(hoy__os_write(end[0], "abcdef", 6), 3);
	CHECK_INT(hoy__os_send(end[0], "def", 2, 0), 2);
	CHECK_INT(hoy__os_writev(end[0], iov + 2, 1), 2);
	CHECK_INT(hoy__os_read(end[1], buf, 8), 3);
	CHECK_INT(hoy__os_recv(end[1], buf + 3, 8, 0), 3);
	CHECK_INT(hoy__os_recv(end[1], buf + 6, 8, 0), 1);
	CHECK(memcmp(buf, "abcdeef", 7) == 0);
	CHECK_INT(hoy__os_writev(end[0], iov, 3), 3);
	CHECK_INT(hoy__os_sendmsg(end[0], &msg, 0), 3);
	CHECK_INT(iov[1].iov_len, 2);			/* the caller's vector is as it was */
	msg.msg_iov = &(struct iovec){ buf, 8 };
	msg.msg_iovlen = 1;
	CHECK_INT(hoy__os_recvmsg(end[1], &msg, 0), 3);
	CHECK_INT(hoy__os_readv(end[1], &(struct iovec){ buf + 3, 5 }, 1), 3);
	CHECK(memcmp(buf, "abcabc", 6) == 0);
	fault_cut(0);
	CHECK_INT(hoy__os_write(end[0], "abcdef", 6), 6);
}

TEST(storms)
{
	int p[2], refused = 0;

	fault_install();
	CHECK_INT(hoy__os_pipe(p), 0);
	fault_storm(FAULT_write, 3, -EAGAIN);
	for (int i = 0; i < 9; i++)
		refused += hoy__os_write(p[1], "x", 1) == -EAGAIN;
	CHECK_INT(refused, 3);
	fault_reset();
	CHECK_INT(hoy__os_write(p[1], "x", 1), 1);
	CHECK_INT(hoy__os_write(p[1], "x", 1), 1);
	CHECK_INT(hoy__os_write(p[1], "x", 1), 1);
}

/* Without the second edge an edge-triggered program would wait for ever. */
TEST(a_lie_is_followed_by_an_edge)
{
	struct hoy__event event;
	char c;
	int p[2], poller;

	fault_install();
	poller = hoy__os_poller_open();
	CHECK_INT(hoy__os_pipe(p), 0);
	CHECK_INT(hoy__os_poller_add(poller, p[0], 5), 0);
	CHECK_INT(hoy__os_write(p[1], "x", 1), 1);
	CHECK_INT(hoy__os_poller_wait(poller, &event, 1, 0), 1);
	fault_entry_at(FAULT_read, 1, -EAGAIN);
	CHECK_INT(hoy__os_read(p[0], &c, 1), -EAGAIN);
	CHECK_INT(hoy__os_poller_wait(poller, &event, 1, 0), 1);
	CHECK_INT(event.key, 5);
	CHECK(event.ready & HOY__READABLE);
	CHECK_INT(hoy__os_read(p[0], &c, 1), 1);
}

TEST(allocations_fail_and_are_counted)
{
	void *a, *b;

	fault_install();
	fault_alloc_at(2);
	a = hoy__alloc(10);
	CHECK(a != NULL);
	CHECK(hoy__alloc(10) == NULL);
	CHECK(fault_fired());
	CHECK_STR(fault_name(fault_fired_entry()), "allocation", "entry");
	b = hoy__alloc(10);
	CHECK_INT(fault_allocs(), 3);
	CHECK_INT(fault_live_blocks(), 2);
	a = hoy__realloc(a, 1000);
	CHECK_INT(fault_live_blocks(), 2);
	hoy__release(a);
	hoy__release(b);
	CHECK_INT(fault_live_blocks(), 0);
}

TEST(maps_are_counted)
{
	void *at = NULL;

	fault_install();
	CHECK_INT(hoy__os_map(65536, &at), 0);
	CHECK_INT(fault_mapped_bytes(), 65536);
	CHECK_INT(hoy__os_unmap(at, 65536), 0);
	CHECK_INT(fault_mapped_bytes(), 0);
}

TEST(the_story)
{
	char text[200];

	fault_install();
	hoy__os_close(-1);
	fault_entry_at(FAULT_shutdown, 1, -ENOBUFS);
	hoy__os_shutdown(77, 0);
	snprintf(text + 100, 100, "close(-1)=%d shutdown(77)=%d ", -EBADF, -ENOBUFS);
	CHECK_STR(fault_story(text, 100), text + 100, "story");
}
