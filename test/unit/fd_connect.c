/* Connecting and accepting: every outcome, and everything that can come in between. */
#include <sys/un.h>

#include "fd_help.h"
#include "support/fault_os.h"

static struct sockaddr_in at;

static int connect_to(struct hoy__fd *fd)
{
	return hoy__fd_connect(fd, (struct sockaddr *)&at, sizeof at);
}

static int outcomes(void *unused)
{
	struct hoy__fd *l = listen_here(&at, 8), *c = new_tcp();
	struct sockaddr_in from;
	socklen_t len = sizeof from;
	int sys;

	(void)unused;
	CHECK_INT(connect_to(c), 0);
	CHECK_INT(connect_to(c), 0);		/* it is connected: that is what was asked */
	sys = fd_accept(l, (struct sockaddr *)&from, &len);
	CHECK(sys >= 0);
	CHECK_INT(len, sizeof from);
	CHECK_INT(from.sin_family, AF_INET);
	CHECK(fcntl(sys, F_GETFL) & O_NONBLOCK);
	CHECK_INT(fcntl(sys, F_GETFD), FD_CLOEXEC);
	close(sys);
	hoy__fd_free(c);

	hoy__fd_free(l);			/* nobody listens any more */
	c = new_tcp();
	CHECK_INT(connect_to(c), -ECONNREFUSED);
	hoy__fd_free(c);

	c = new_tcp();
	CHECK_INT(hoy__fd_set_deadline(c, HOY__OUT, HOY__PAST), 0);
	CHECK_INT(connect_to(c), HOY_ETIMEOUT);	/* before anything was sent */
	CHECK_INT(hoy__fd_close(c), 0);
	CHECK_INT(connect_to(c), HOY_ECLOSED);
	CHECK_INT(fd_accept(c, NULL, NULL), HOY_ECLOSED);
	hoy__fd_free(c);
	return 0;
}

TEST(connect_and_accept) { both(outcomes); }

/* A listener that answers nobody: its queue is full, so the kernel drops what comes. */
static struct hoy__fd *deaf, *filler[4];

static void make_deaf(void)
{
	deaf = listen_here(&at, 0);
	for (size_t i = 0; i < LEN(filler); i++) {
		filler[i] = new_tcp();
		hoy__fd_set_deadline(filler[i], HOY__OUT, in_ms(20));
		connect_to(filler[i]);
	}
}

static void forget_deaf(void)
{
	for (size_t i = 0; i < LEN(filler); i++)
		hoy__fd_free(filler[i]);
	hoy__fd_free(deaf);
}

static atomic_int result;

static int dial(void *fd)
{
	result = connect_to(fd);
	return 0;
}

static int interrupted(void *unused)
{
	struct hoy__fd *c;

	(void)unused;
	make_deaf();
	c = new_tcp();
	CHECK_INT(hoy__fd_set_deadline(c, HOY__OUT, in_ms(20)), 0);
	CHECK_INT(connect_to(c), HOY_ETIMEOUT);
	hoy__fd_free(c);

	c = new_tcp();
	result = 1;
	start(dial, c);
	until_inside(c, 1);
	for (int i = 0; i < 20; i++) {		/* woken for nothing, it is not connected */
		hoy__source_kick(&c->source, HOY__OUT);
		pause_ms(1);
	}
	CHECK_INT(result, 1);
	CHECK_INT(hoy__fd_set_deadline(c, HOY__OUT, HOY__PAST), 0);
	join();
	CHECK_INT(result, HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(c, HOY__OUT, HOY__NEVER), 0);
	start(dial, c);				/* the attempt goes on by itself; so may we */
	until_inside(c, 1);
	pause_ms(2);
	CHECK_INT(hoy__fd_close(c), 0);
	join();
	CHECK_INT(result, HOY_ECLOSED);
	hoy__fd_free(c);
	forget_deaf();
	return 0;
}

TEST(deadline_close_and_false_alarms_while_connecting) { both(interrupted); }

static struct hoy__fd *left;

static int leave_dialling(void *unused)
{
	(void)unused;
	make_deaf();
	left = new_tcp();
	start(dial, left);
	until_inside(left, 1);
	return 0;
}

TEST(cancel_while_connecting)
{
	in_runtime = true;
	CHECK_INT(hoy_run(leave_dialling, NULL), 0);
	CHECK_INT(result, HOY_ECANCELED);
	hoy__fd_free(left);
	forget_deaf();
}

static struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0hoy-fd-connect" };

static int dial_unix(void *fd)
{
	result = hoy__fd_connect(fd, (struct sockaddr *)&name, sizeof name.sun_family + 15);
	return 0;
}

static int unix_sockets(void *unused)
{
	struct sockaddr *sa = (struct sockaddr *)&name;
	socklen_t len = sizeof name.sun_family + 15;
	int sys = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), got;
	struct hoy__fd *l, *c[4];

	(void)unused;
	CHECK_INT(bind(sys, sa, len), 0);
	CHECK_INT(listen(sys, 0), 0);
	l = own(sys, SOCKET);
	for (size_t i = 0; i < LEN(c); i++)
		c[i] = own(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), SOCKET | HOY__FD_UNIX);
	CHECK_INT(hoy__fd_connect(c[0], sa, len), 0);
	CHECK_INT(hoy__fd_set_deadline(c[1], HOY__OUT, in_ms(20)), 0);
	CHECK_INT(hoy__fd_connect(c[1], sa, len), HOY_ETIMEOUT);	/* full */
	start(dial_unix, c[2]);
	until_inside(c[2], 1);
	pause_ms(5);
	got = fd_accept(l, NULL, NULL);		/* no event follows, yet the connect goes on */
	CHECK(got >= 0);
	close(got);
	join();
	CHECK_INT(result, 0);
	CHECK_INT(hoy__fd_set_deadline(c[1], HOY__OUT, HOY__NEVER), 0);
	start(dial_unix, c[1]);
	until_inside(c[1], 1);
	CHECK_INT(hoy__fd_close(c[1]), 0);
	join();
	CHECK_INT(result, HOY_ECLOSED);
	name.sun_path[1] = '?';
	CHECK_INT(hoy__fd_connect(c[3], sa, len), -ECONNREFUSED);
	for (size_t i = 0; i < LEN(c); i++)
		hoy__fd_free(c[i]);
	hoy__fd_free(l);
	name.sun_path[1] = 'h';
	return 0;
}

TEST(unix_listeners) { both(unix_sockets); }

static atomic_int closed, accepted;

static int accept_one(void *l)
{
	int sys = fd_accept(l, NULL, NULL);

	if (sys == HOY_ECLOSED)
		closed++;
	else if (CHECK(sys >= 0)) {
		accepted++;
		close(sys);
	}
	return 0;
}

static int accepting(void *unused)
{
	struct hoy__fd *l = listen_here(&at, 8), *c = new_tcp();
	int n = SCALED(in_runtime ? 300 : 20);

	(void)unused;
	closed = accepted = 0;
	CHECK_INT(hoy__fd_set_deadline(l, HOY__IN, in_ms(5)), 0);
	CHECK_INT(fd_accept(l, NULL, NULL), HOY_ETIMEOUT);
	CHECK_INT(hoy__fd_set_deadline(l, HOY__IN, HOY__NEVER), 0);
	for (int i = 0; i < n; i++)
		start(accept_one, l);
	until_inside(l, n);
	CHECK_INT(connect_to(c), 0);
	while (!accepted)
		pause_ms(1);
	CHECK_INT(hoy__fd_close(l), 0);
	join();
	CHECK_INT(accepted, 1);
	CHECK_INT(closed, n - 1);
	hoy__fd_free(l);
	hoy__fd_free(c);
	return 0;
}

TEST(acceptors_queue_and_close_wakes_them) { both(accepting); }

/* What accept fails with, and whether the caller hears of it. */
static int accept_fails(void *unused)
{
	static const struct { int code; bool told; } cases[] = {
		{ -ECONNABORTED, false }, { -EMFILE, true }, { -ENFILE, true }, { -ENOBUFS, true },
		{ -ENOMEM, true },
	};
	struct hoy__fd *l = listen_here(&at, 8);

	(void)unused;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__fd *c = new_tcp(), *next = new_tcp();
		int sys;

		CHECK_INT(connect_to(c), 0);
		if (!cases[i].told)	/* the one that was aborted is gone */
			CHECK_INT(connect_to(next), 0);
		fault_reset();
		fault_entry_at(FAULT_accept, 1, cases[i].code);
		sys = fd_accept(l, NULL, NULL);
		CHECK(fault_fired());
		if (cases[i].told) {
			CHECK_INT(sys, cases[i].code);
			sys = fd_accept(l, NULL, NULL);	/* it has not gone away */
		}
		CHECK(sys >= 0);
		hoy__os_close(sys);
		hoy__fd_free(c);
		hoy__fd_free(next);
	}
	hoy__fd_free(l);
	return 0;
}

TEST(accept_errors)
{
	fault_install();
	both(accept_fails);
}

static int connect_fails(void *unused)
{
	struct hoy__fd *c;

	(void)unused;
	make_deaf();
	fault_reset();
	fault_entry_at(FAULT_connect, 1, -EADDRNOTAVAIL);
	c = new_tcp();
	CHECK_INT(connect_to(c), -EADDRNOTAVAIL);
	hoy__fd_free(c);
	/* the outcome cannot be asked for: that is an outcome too */
	fault_reset();
	fault_entry_at(FAULT_getsockopt, 1, -ENOBUFS);
	c = new_tcp();
	start(dial, c);
	until_inside(c, 1);
	pause_ms(5);
	hoy__source_kick(&c->source, HOY__OUT);
	join();
	CHECK_INT(result, -ENOBUFS);
	hoy__fd_free(c);
	fault_reset();
	fault_entry_at(FAULT_getpeername, 1, -ENOBUFS);
	c = new_tcp();
	start(dial, c);
	until_inside(c, 1);
	pause_ms(5);
	hoy__source_kick(&c->source, HOY__OUT);
	join();
	CHECK_INT(result, -ENOBUFS);
	hoy__fd_free(c);
	forget_deaf();
	return 0;
}

TEST(connect_errors)
{
	fault_install();
	both(connect_fails);
}
