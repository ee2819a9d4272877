/* Reading and writing: each operation over each kind of descriptor, from tasks and threads. */
#include "fd_help.h"

#define PIECE(text) { (char *)(text), sizeof(text) - 1 }

static struct hoy__fd *ends[2];
static size_t done;
static char buf[1 << 16];

static void fill(unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = i * 31 + (i >> 8);
}

static int read_code(struct hoy__fd *fd)
{
	char byte[16];

	return (int)fd_read(fd, byte, sizeof byte);
}

static void there_and_back(struct hoy__fd *fd[2])
{
	struct iovec out[] = { PIECE("ab"), { NULL, 0 }, PIECE("cde") };
	char a[2], b[8];
	struct iovec in[] = { { a, sizeof a }, { b, sizeof b } };
	socklen_t none = 0;

	CHECK_INT(fd_write(fd[0], "hello", 5, &done), 0);
	CHECK_INT(done, 5);
	CHECK_INT(fd_read(fd[1], buf, sizeof buf), 5);
	CHECK(memcmp(buf, "hello", 5) == 0);
	CHECK_INT(fd_writev(fd[1], out, 3, NULL), 0);
	CHECK_INT(fd_readv(fd[0], in, 2), 5);
	CHECK(memcmp(a, "ab", 2) == 0 && memcmp(b, "cde", 3) == 0);
	if (fd[0]->source.kind & HOY__FD_SOCKET) {
		CHECK_INT(fd_sendto(fd[0], "again", 5, NULL, 0), 5);
		CHECK_INT(fd_recvfrom(fd[1], buf, sizeof buf, NULL, &none), 5);
		CHECK(memcmp(buf, "again", 5) == 0);
	}
	CHECK_INT(fd_read(fd[0], buf, 0), 0);
	CHECK_INT(fd_readv(fd[0], in, 0), 0);
	CHECK_INT(fd_write(fd[0], NULL, 0, &done), 0);
	CHECK_INT(fd_writev(fd[0], NULL, 0, &done), 0);
	CHECK_INT(done, 0);
}

static void make_pair(struct hoy__fd *fd[2], int which)
{
	if (which == 0)
		tcp_pair(fd);
	else
		unix_pair(fd, SOCK_STREAM);
}

static int each_operation(void *unused)
{
	struct hoy__fd *fd[2];

	(void)unused;
	for (int which = 0; which < 2; which++) {
		make_pair(fd, which);
		there_and_back(fd);
		hoy__fd_free(fd[0]);
		CHECK_INT(fd_read(fd[1], buf, sizeof buf), 0);	/* the end, and again */
		CHECK_INT(fd_read(fd[1], buf, sizeof buf), 0);
		hoy__fd_free(fd[1]);
	}
	return 0;
}

TEST(operations) { both(each_operation); }

static int datagrams(void *unused)
{
	struct hoy__fd *fd[2];

	(void)unused;
	unix_pair(fd, SOCK_DGRAM);
	CHECK_INT(fd_write(fd[0], "", 0, NULL), 0);
	CHECK_INT(fd_writev(fd[0], &(struct iovec)PIECE("one"), 1, NULL), 0);
	CHECK_INT(fd_read(fd[1], buf, 0), 0);		/* takes none */
	CHECK_INT(fd_read(fd[1], buf, sizeof buf), 0);	/* the empty one */
	CHECK_INT(fd_read(fd[1], buf, 2), 2);		/* the rest is cut */
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(1)), 0);
	CHECK_INT(read_code(fd[1]), HOY_ETIMEOUT);
	free_pair(fd);
	return 0;
}

TEST(datagrams_keep_their_edges) { both(datagrams); }

static int pipes(void *unused)
{
	int sys[2];
	struct hoy__fd *fd[2];

	(void)unused;
	CHECK_INT(hoy__os_pipe(sys), 0);
	fd[0] = own(sys[0], HOY__FD_STREAM);
	fd[1] = own(sys[1], HOY__FD_STREAM);
	CHECK_INT(fd_write(fd[1], "x", 1, NULL), 0);
	CHECK_INT(fd_read(fd[0], buf, sizeof buf), 1);
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, in_ms(1)), 0);
	CHECK_INT(read_code(fd[0]), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__IN, HOY__NEVER), 0);
	hoy__fd_free(fd[1]);
	CHECK_INT(read_code(fd[0]), 0);
	hoy__fd_free(fd[0]);
	return 0;
}

TEST(pipes_wait_in_the_poller) { both(pipes); }

static int blocking_ones(void *unused)
{
	char name[] = "/tmp/hoy-fd-XXXXXX";
	int sys[2], file = mkstemp(name);
	struct hoy__fd *fd[2], *f = own(file, HOY__FD_BLOCKING);
	struct iovec iov[] = { PIECE("ab"), PIECE("c") };

	(void)unused;
	unlink(name);
	CHECK_INT(fd_writev(f, iov, 2, NULL), 0);
	CHECK_INT(fd_write(f, "d", 1, NULL), 0);
	CHECK_INT(fd_read(f, buf, sizeof buf), 0);
	CHECK_INT(lseek(file, 0, SEEK_SET), 0);
	CHECK_INT(fd_read(f, buf, sizeof buf), 4);
	CHECK(memcmp(buf, "abcd", 4) == 0);
	CHECK_INT(hoy__fd_set_deadline(f, HOY__IN, HOY__PAST), 0);
	CHECK_INT(read_code(f), HOY_ETIMEOUT);		/* past is past here too */
	hoy__fd_free(f);

	CHECK_INT(pipe(sys), 0);
	fd[0] = own(sys[0], HOY__FD_BLOCKING | HOY__FD_SHARED);
	fd[1] = own(sys[1], HOY__FD_BLOCKING | HOY__FD_SHARED);
	CHECK_INT(fd_write(fd[1], "pipe", 4, NULL), 0);
	CHECK_INT(read_code(fd[0]), 4);
	CHECK_INT(fcntl(sys[0], F_GETFL) & O_NONBLOCK, 0);
	hoy__fd_free(fd[1]);
	CHECK_INT(read_code(fd[0]), 0);
	hoy__fd_free(fd[0]);
	return 0;
}

TEST(blocking_descriptors_go_through_the_pool) { both(blocking_ones); }

/* Nobody's reads and writes that block are out of reach: the pipe stays empty, then full. */
static int blocking_calls_that_wait(void *unused)
{
	static char much[200000];
	struct iovec iov[] = { { much, 1 }, { much, sizeof much - 1 } };
	struct hoy__fd *in, *out;
	int sys[2];

	(void)unused;
	CHECK_INT(pipe(sys), 0);
	in = own(sys[0], HOY__FD_BLOCKING | HOY__FD_SHARED);
	out = own(sys[1], HOY__FD_BLOCKING | HOY__FD_SHARED);
	CHECK_INT(hoy__fd_set_deadline(in, HOY__IN, in_ms(5)), 0);
	CHECK_INT(read_code(in), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(out, HOY__OUT, in_ms(50)), 0);
	CHECK_INT(fd_writev(out, iov, 2, &done), HOY_ETIMEOUT);
	CHECK(done >= 4096 && done < sizeof much);
	CHECK_INT(hoy__fd_set_deadline(in, HOY__IN, HOY__NEVER), 0);
	for (size_t left = done; left; )
		left -= (size_t)fd_read(in, buf, sizeof buf < left ? sizeof buf : left);
	CHECK_INT(hoy__fd_set_deadline(in, HOY__IN, in_ms(5)), 0);
	CHECK_INT(read_code(in), HOY_ETIMEOUT);		/* nothing else went out */
	hoy__fd_free(out);
	hoy__fd_free(in);
	return 0;
}

TEST(blocking_descriptors_obey_deadlines) { both(blocking_calls_that_wait); }

static int shared_socket(void *unused)
{
	int sys[2];
	struct hoy__fd *fd[2];

	(void)unused;
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sys), 0);
	fd[0] = own(sys[0], SOCKET | HOY__FD_SHARED);
	fd[1] = own(sys[1], SOCKET | HOY__FD_SHARED);
	there_and_back(fd);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(1)), 0);
	CHECK_INT(read_code(fd[1]), HOY_ETIMEOUT);	/* it did wait, and not in recv */
	CHECK_INT(fcntl(sys[0], F_GETFL) & O_NONBLOCK, 0);
	free_pair(fd);
	return 0;
}

TEST(shared_sockets_keep_their_mode) { both(shared_socket); }

/* --- deadlines ------------------------------------------------------------------------ */

static int past_and_moved(void *unused)
{
	struct hoy__fd *fd[2];

	(void)unused;
	tcp_pair(fd);
	CHECK_INT(fd_write(fd[0], "hello", 5, NULL), 0);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, hoy__os_monotonic()), 0);
	CHECK_INT(read_code(fd[1]), HOY_ETIMEOUT);	/* though data is ready */
	CHECK_INT(fd_read(fd[1], buf, 0), 0);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, -1), 0);
	CHECK_INT(read_code(fd[1]), HOY_ETIMEOUT);
	CHECK_INT(fd_write(fd[1], "x", 1, NULL), 0);	/* the other direction works on */
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(10000)), 0);
	CHECK_INT(read_code(fd[1]), 5);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, HOY__NEVER), 0);
	CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__OUT, HOY__PAST), 0);
	CHECK_INT(fd_write(fd[1], "x", 1, &done), HOY_ETIMEOUT);
	CHECK_INT(done, 0);
	free_pair(fd);
	return 0;
}

TEST(deadline_past_and_moved) { both(past_and_moved); }

static atomic_int result;

static int read_it(void *fd)
{
	result = read_code(fd);
	return 0;
}

static int64_t take_time(void)
{
	int64_t begin = hoy__os_monotonic();

	join();
	return (hoy__os_monotonic() - begin) / HOY_MILLISECOND;
}

static int pending(void *unused)
{
	struct hoy__fd *fd[2];

	(void)unused;
	tcp_pair(fd);
	for (int earlier = 0; earlier < 3; earlier++) {
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, earlier ? in_ms(60000) : HOY__NEVER), 0);
		start(read_it, fd[1]);
		until_inside(fd[1], 1);
		pause_ms(2);
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, earlier == 2 ? HOY__PAST : in_ms(10)), 0);
		CHECK(take_time() < 1000 * t_scale());
		CHECK_INT(result, HOY_ETIMEOUT);
	}
	/* later, and none at all: the data decides */
	for (int none = 0; none < 2; none++) {
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, in_ms(100 * t_scale())), 0);
		start(read_it, fd[1]);
		until_inside(fd[1], 1);
		CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, none ? HOY__NEVER : in_ms(60000)), 0);
		pause_ms(150 * t_scale());
		CHECK_INT(refs(fd[1]), 2);
		CHECK_INT(fd_write(fd[0], "hello", 5, NULL), 0);
		join();
		CHECK_INT(result, 5);
	}
	free_pair(fd);
	return 0;
}

TEST(deadline_of_pending_calls) { both(pending); }

/* Of the sender only: a tiny window of the receiver would have TCP wait for its timers. */
static void shrink(struct hoy__fd *fd[2])
{
	int size = 4096;

	CHECK_INT(hoy__os_setsockopt(fd[0]->source.sys, SOL_SOCKET, SO_SNDBUF, &size, sizeof size), 0);
}

static int timed_out_write(void *unused)
{
	struct hoy__fd *fd[2];
	size_t len = 8 << 20, got = 0;
	unsigned char *out = malloc(len), *in = malloc(len);
	ssize_t n;

	(void)unused;
	fill(out, len);
	for (int which = 0; which < 2; which++) {
		make_pair(fd, which);
		shrink(fd);
		CHECK_INT(hoy__fd_set_deadline(fd[0], HOY__OUT, in_ms(20)), 0);
		CHECK_INT(fd_write(fd[0], out, len, &done), HOY_ETIMEOUT);
		CHECK(done > 0 && done < len);
		CHECK_INT(hoy__os_shutdown(fd[0]->source.sys, SHUT_WR), 0);
		for (got = 0; (n = fd_read(fd[1], in + got, len - got)) > 0; got += n)
			;
		CHECK_INT(got, done);		/* to the byte */
		CHECK(memcmp(in, out, got) == 0);
		free_pair(fd);
	}
	free(in);
	free(out);
	return 0;
}

TEST(a_timed_out_write_tells_what_went_out) { both(timed_out_write); }

/* --- all or a code ------------------------------------------------------------------- */

enum { PIECES = 2500 };

static struct iovec pieces[PIECES];
static size_t total;
static unsigned char *stream;

static int write_pieces(void *fd)
{
	CHECK_INT(fd_writev(fd, pieces, PIECES, &done), 0);
	CHECK_INT(done, total);
	hoy__os_shutdown(((struct hoy__fd *)fd)->source.sys, SHUT_WR);
	return 0;
}

static int many_pieces(void *unused)
{
	struct hoy__fd *fd[2];
	size_t got, max = PIECES * 700;
	unsigned char *in = malloc(max + 1);
	struct iovec *before = malloc(sizeof pieces);
	ssize_t n;

	(void)unused;
	stream = malloc(max);
	fill(stream, max);
	total = 0;
	for (int i = 0; i < PIECES; i++) {	/* sizes from 0 to 699, and a stretch of nothing */
		size_t len = i > 1000 && i < 2200 ? 0 : i * 37 % 700;

		pieces[i] = (struct iovec){ stream + total, len };
		total += len;
	}
	memcpy(before, pieces, sizeof pieces);
	for (int which = 0; which < 2; which++) {
		make_pair(fd, which);
		shrink(fd);
		start(write_pieces, fd[0]);
		for (got = 0; (n = fd_read(fd[1], in + got, max + 1 - got)) > 0; got += n)
			;
		join();
		CHECK_INT(got, total);
		CHECK(memcmp(in, stream, got) == 0);
		CHECK(memcmp(before, pieces, sizeof pieces) == 0);
		free_pair(fd);
	}
	free(before);
	free(stream);
	free(in);
	return 0;
}

TEST(a_vector_goes_out_whole) { both(many_pieces); }

enum { LINE = 3000, LINES = 20, WRITERS = 6 };

static int write_lines(void *arg)
{
	char *line = malloc(LINE);

	memset(line, 'a' + (int)(intptr_t)arg, LINE);
	for (int i = 0; i < LINES; i++)
		CHECK_INT(fd_write(ends[0], line, LINE, NULL), 0);
	free(line);
	return 0;
}

static void read_exactly(struct hoy__fd *fd, char *to, size_t len)
{
	for (size_t got = 0; got < len; ) {
		ssize_t n = fd_read(fd, to + got, len - got);

		if (!CHECK(n > 0))
			return;
		got += n;
	}
}

static int many_writers(void *unused)
{
	int count[WRITERS] = { 0 };
	char *line = malloc(LINE);

	(void)unused;
	for (int which = 0; which < 2; which++) {
		make_pair(ends, which);
		shrink(ends);
		for (intptr_t i = 0; i < WRITERS; i++)
			start(write_lines, (void *)i);
		for (int i = 0; i < WRITERS * LINES; i++) {
			read_exactly(ends[1], line, LINE);
			count[(line[0] - 'a') % WRITERS]++;
			for (int j = 1; j < LINE; j++)
				if (line[j] != line[0] && CHECK_INT(line[j], line[0]) == 0)
					break;
		}
		join();
		free_pair(ends);
	}
	for (int i = 0; i < WRITERS; i++)
		CHECK_INT(count[i], 2 * LINES);
	free(line);
	return 0;
}

TEST(writers_never_interleave) { both(many_writers); }

static int broken_peer(void *unused)
{
	struct hoy__fd *fd[2];
	int sys[2];

	(void)unused;
	unix_pair(fd, SOCK_STREAM);
	hoy__fd_free(fd[1]);
	CHECK_INT(fd_write(fd[0], "x", 1, &done), -EPIPE);
	CHECK_INT(fd_writev(fd[0], &(struct iovec)PIECE("x"), 1, NULL), -EPIPE);
	hoy__fd_free(fd[0]);
	CHECK_INT(hoy__os_pipe(sys), 0);
	close(sys[0]);
	fd[1] = own(sys[1], HOY__FD_STREAM);
	CHECK_INT(fd_write(fd[1], "x", 1, NULL), -EPIPE);
	CHECK_INT(fd_writev(fd[1], (struct iovec[]){ PIECE("x"), PIECE("y") }, 2, NULL), -EPIPE);
	hoy__fd_free(fd[1]);
	return 0;
}

TEST(a_broken_peer_is_a_code_and_no_signal) { both(broken_peer); }

/* --- close ---------------------------------------------------------------------------- */

static atomic_int closed_reads, closed_writes, strange;

static int blocked_read(void *fd)
{
	int code = read_code(fd);

	atomic_fetch_add(code == HOY_ECLOSED ? &closed_reads : &strange, 1);
	return 0;
}

static int blocked_write(void *fd)
{
	static const char zeros[1 << 22];
	size_t went = 0;
	int code = fd_write(fd, zeros, sizeof zeros, &went);

	atomic_fetch_add(code == HOY_ECLOSED ? &closed_writes : &strange, 1);
	return 0;
}

static atomic_bool stop_churning;

static int churn(void *unused)
{
	(void)unused;
	while (!stop_churning) {
		struct hoy__fd *fd[2];

		unix_pair(fd, SOCK_STREAM);
		CHECK_INT(fd_write(fd[0], "x", 1, NULL), 0);
		CHECK_INT(read_code(fd[1]), 1);
		free_pair(fd);
		hoy_yield();
	}
	return 0;
}

static int close_wakes(void *unused)
{
	int n = SCALED(in_runtime ? 250 : 25);
	struct hoy__fd **fd = calloc(n, sizeof *fd);

	(void)unused;
	closed_reads = closed_writes = strange = 0;
	stop_churning = false;
	start(churn, NULL);
	for (int i = 0; i < n; i++) {	/* two readers and two writers on each: one in, one queued */
		struct hoy__fd *pair[2];

		unix_pair(pair, SOCK_STREAM);
		fd[i] = pair[0];
		for (int j = 0; j < 2; j++) {
			start(blocked_read, fd[i]);
			start(blocked_write, fd[i]);
		}
		pair[1]->owner = pair[1];	/* kept open, and found again */
		fd[i]->owner = pair[1];
	}
	for (int i = 0; i < n; i++)
		until_inside(fd[i], 4);
	for (int i = 0; i < n; i++) {
		struct hoy__fd *peer = fd[i]->owner;

		CHECK_INT(hoy__fd_close(fd[i]), 0);
		hoy__fd_free(peer);
	}
	stop_churning = true;
	join();
	CHECK_INT(closed_reads, 2 * n);
	CHECK_INT(closed_writes, 2 * n);
	CHECK_INT(strange, 0);
	for (int i = 0; i < n; i++)
		hoy__fd_free(fd[i]);
	free(fd);
	return 0;
}

TEST(close_wakes_everyone_once) { both(close_wakes); }

/* Close, deadline and data at the very moment when a call decides to wait. */
static int race_close(void *unused)
{
	(void)unused;
	for (int i = 0; i < SCALED(2000); i++) {
		struct hoy__fd *fd[2];

		unix_pair(fd, SOCK_STREAM);
		start(read_it, fd[1]);
		for (int spin = i % 50; spin > 0; spin--)
			if (in_runtime || spin % 8 == 0)
				hoy_yield();
		switch (i % 3) {
		case 0: CHECK_INT(hoy__fd_close(fd[1]), 0); break;
		case 1: CHECK_INT(hoy__fd_set_deadline(fd[1], HOY__IN, HOY__PAST), 0); break;
		case 2: CHECK_INT(fd_write(fd[0], "hello", 5, NULL), 0); break;
		}
		join();
		CHECK_INT(result, i % 3 == 0 ? HOY_ECLOSED : i % 3 == 1 ? HOY_ETIMEOUT : 5);
		free_pair(fd);
	}
	return 0;
}

TEST(races_with_waiting_are_not_lost) { both(race_close); }

static int cancelled;

static int wait_for_cancel(void *fd)
{
	cancelled = read_code(fd);
	return 0;
}

static int leave_it_waiting(void *unused)
{
	(void)unused;
	unix_pair(ends, SOCK_STREAM);
	start(wait_for_cancel, ends[1]);
	until_inside(ends[1], 1);
	return 0;
}

TEST(cancel_ends_the_wait)
{
	in_runtime = true;
	CHECK_INT(hoy_run(leave_it_waiting, NULL), 0);
	CHECK_INT(cancelled, HOY_ECANCELED);
	/* and the descriptor outlives the runtime */
	CHECK_INT(fd_write(ends[0], "x", 1, NULL), 0);
	CHECK_INT(read_code(ends[1]), 1);
	in_runtime = false;
	start(read_it, ends[1]);
	until_inside(ends[1], 1);
	CHECK_INT(fd_write(ends[0], "xy", 2, NULL), 0);
	join();
	CHECK_INT(result, 2);
	free_pair(ends);
}

/* --- signals -------------------------------------------------------------------------- */

static atomic_int alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static int write_stream(void *fd)
{
	CHECK_INT(fd_write(fd, stream, total, NULL), 0);
	return 0;
}

static int under_alarms(void *unused)
{
	struct hoy__fd *fd[2];
	char *in;

	(void)unused;
	total = SCALED(2 << 20);
	stream = malloc(total);
	in = malloc(total);
	fill(stream, total);
	tcp_pair(fd);
	shrink(fd);
	start(write_stream, fd[0]);
	read_exactly(fd[1], in, total);
	join();
	CHECK(memcmp(in, stream, total) == 0);
	free_pair(fd);
	free(in);
	free(stream);
	return 0;
}

TEST(interrupted_calls_go_on)
{
	struct sigaction sa = { .sa_handler = on_alarm };	/* without SA_RESTART */
	timer_t timer;
	struct itimerspec often = { { 0, 300000 }, { 0, 300000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	sigaction(SIGALRM, &sa, NULL);
	CHECK_INT(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	CHECK_INT(timer_settime(timer, 0, &often, NULL), 0);
	both(under_alarms);
	timer_delete(timer);
	CHECK(alarms > 0);
}
