/* Unix sockets: streams, datagrams, messages; their names, and the files that some of them are. */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pair.h"

static char dir[] = "/tmp/hoy-unix-XXXXXX";
static bool has_dir;

/* "/tmp/hoy-unix-12ab34/NAME", in one of four buffers; the first call makes the folder. */
static char *in_dir(const char *name)
{
	static char text[4][120];
	static unsigned next;
	char *path = text[next++ % LEN(text)];

	if (!has_dir)
		must(has_dir = mkdtemp(dir) != NULL, "mkdtemp", NULL);
	snprintf(path, sizeof text[0], "%s/%s", dir, name);
	return path;
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The end of a test: no file is left. */
static int tidy(void)
{
	CHECK_INT(rmdir(dir), 0);
	return 0;
}

static hoy_conn *dial(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_dial(network, address, &err);

	must(c, "dial", &err);
	return c;
}

static hoy_conn *bound(const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet("unixgram", address, &err);

	must(c, "listen_packet", &err);
	return c;
}

static hoy_conn *accept_from(hoy_listener *l)
{
	hoy_err err;
	hoy_conn *c = hoy_listener_accept(l, &err);

	must(c, "accept", &err);
	return c;
}

static hoy_addr addr_of(const char *network, const char *path)
{
	hoy_addr addr;
	hoy_err err;

	must(hoy_resolve_unix_addr(network, path, &addr, &err) == 0, "resolve", &err);
	return addr;
}

/* A socket that hoy has nothing to do with. */
static int raw_socket(int type, const char *name, size_t len)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, name, len);
	must(bind(fd, (struct sockaddr *)&sa, (socklen_t)(sizeof sa.sun_family + len)) == 0, "bind", NULL);
	return fd;
}

static void check_ends(const hoy_conn *c, int kind, const char *local, const char *remote)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_conn_local_addr(c, &addr);
	CHECK_INT(addr.kind, local ? kind : HOY_ADDR_NONE);
	CHECK_STR(hoy_addr_string(&addr, text), local ? local : "", "local");
	hoy_conn_remote_addr(c, &addr);
	CHECK_INT(addr.kind, remote ? kind : HOY_ADDR_NONE);
	CHECK_STR(hoy_addr_string(&addr, text), remote ? remote : "", "remote");
}

BOTH(a_stream_and_its_file)
{
	char *path = in_dir("stream"), buf[8];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *s = accept_from(l);

	CHECK(exists(path));
	check_ends(c, HOY_ADDR_UNIX, "@", path);
	check_ends(s, HOY_ADDR_UNIX, path, "@");
	CHECK_INT(hoy_conn_write(c, "question", 8, NULL), 8);
	CHECK_INT(hoy_conn_close_write(c, NULL), 0);
	CHECK_INT(hoy_read_full(s, buf, 8, NULL), 8);
	CHECK_INT(hoy_conn_read(s, buf, 8, NULL), 0);
	CHECK_INT(hoy_conn_write(s, "answer", 6, NULL), 6);
	CHECK_INT(hoy_conn_read(c, buf, 8, NULL), 6);
	CHECK_INT(hoy_conn_close(s, NULL), 0);
	CHECK_INT(hoy_conn_read(c, buf, 8, NULL), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), -EPIPE);
	check_ends(s, HOY_ADDR_UNIX, path, "@");	/* also when it is closed */
	CHECK_INT(hoy_conn_read_from(c, buf, 8, NULL, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_tcp_set_no_delay(c, 1, NULL), HOY_EWRONGKIND);
	hoy_conn_free(c);
	hoy_conn_free(s);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	CHECK(!exists(path));
	hoy_listener_free(l);
	return tidy();
}

BOTH(messages_stay_apart)
{
	char *path = in_dir("packets"), buf[8], halves[] = "abcd";
	struct iovec parts[2] = { { halves, 2 }, { halves + 2, 2 } };
	hoy_listener *l = listen_on("unixpacket", path);
	hoy_conn *c = dial("unixpacket", path), *s = accept_from(l);
	hoy_addr from;

	check_ends(s, HOY_ADDR_UNIXPACKET, path, "@");
	CHECK_INT(hoy_conn_write(c, "one", 3, NULL), 3);
	CHECK_INT(hoy_conn_write(c, "0123456789", 10, NULL), 10);
	CHECK_INT(hoy_conn_writev(c, parts, 2, NULL), 4);
	CHECK_INT(hoy_conn_read(s, buf, sizeof buf, NULL), 3);
	CHECK_INT(hoy_conn_read(s, buf, 4, NULL), 4);	/* the rest of it is gone */
	CHECK_INT(hoy_conn_read_from(s, buf, sizeof buf, &from, NULL), 4);
	CHECK(memcmp(buf, "abcd", 4) == 0);
	CHECK_INT(hoy_conn_write_to(s, "x", 1, &from, NULL) < 0, 1);
	CHECK_INT(hoy_conn_close_write(c, NULL), 0);
	CHECK_INT(hoy_conn_read(s, buf, sizeof buf, NULL), 0);
	CHECK_INT(hoy_conn_write(s, "back", 4, NULL), 4);
	CHECK_INT(hoy_conn_read(c, buf, sizeof buf, NULL), 4);
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	CHECK(!exists(path));
	return tidy();
}

BOTH(datagrams_with_and_without_names)
{
	char *here = in_dir("here"), *there = in_dir("there"), buf[8];
	hoy_conn *a = bound(here), *b = bound(there), *c = dial("unixgram", here);
	hoy_addr from, to = addr_of("unixgram", here), stream = addr_of("unix", here), udp = { .kind = HOY_ADDR_UDP };

	check_ends(a, HOY_ADDR_UNIXGRAM, here, NULL);
	check_ends(c, HOY_ADDR_UNIXGRAM, "@", here);
	CHECK_INT(hoy_conn_write_to(b, "question", 8, &to, NULL), 8);
	CHECK_INT(hoy_conn_read_from(a, buf, sizeof buf, &from, NULL), 8);
	CHECK_INT(from.kind, HOY_ADDR_UNIXGRAM);
	CHECK_STR(from.path, there, "from");
	CHECK_INT(hoy_conn_write_to(a, NULL, 0, &from, NULL), 0);
	CHECK_INT(hoy_conn_read_from(b, buf, sizeof buf, NULL, NULL), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);
	CHECK_INT(hoy_conn_read_from(a, buf, sizeof buf, &from, NULL), 1);
	CHECK_INT(from.kind, HOY_ADDR_NONE);		/* it cannot be answered */
	CHECK_INT(hoy_conn_write_to(a, "x", 1, &from, NULL), -EINVAL);
	CHECK_INT(hoy_conn_write_to(a, "x", 1, NULL, NULL), HOY_EMISSING);
	CHECK_INT(hoy_conn_write_to(a, "x", 1, &stream, NULL), -EAFNOSUPPORT);
	CHECK_INT(hoy_conn_write_to(a, "x", 1, &udp, NULL), -EINVAL);
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &to, NULL), HOY_ECONNECTED);
	CHECK_INT(hoy_conn_close_read(a, NULL), HOY_EWRONGKIND);
	hoy_conn_free(a);
	CHECK(exists(here));				/* as in Go */
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), -ECONNREFUSED);
	CHECK_INT(unlink(here), 0);
	CHECK_INT(unlink(there), 0);
	hoy_conn_free(b);
	hoy_conn_free(c);
	return tidy();
}

BOTH(dialled_from_a_name)
{
	char *here = in_dir("server"), *mine = in_dir("client"), buf[8];
	hoy_addr to = addr_of("unix", here), from = addr_of("unix", mine), gram = addr_of("unixgram", here);
	hoy_listener *l = hoy_listen_unix("unix", &to, NULL);
	hoy_conn *c, *s, *g;
	hoy_addr empty = { .kind = HOY_ADDR_UNIX };
	hoy_err err;

	must(l, "listen_unix", NULL);
	c = hoy_dial_unix("unix", &from, &to, &err);
	must(c, "dial_unix", &err);
	s = accept_from(l);
	check_ends(c, HOY_ADDR_UNIX, mine, here);
	check_ends(s, HOY_ADDR_UNIX, here, mine);
	CHECK(!hoy_dial_unix("unix", &from, NULL, &err) && err.code == HOY_EMISSING);
	CHECK(!hoy_dial_unix("unix", &from, &empty, &err) && err.code == HOY_EMISSING);
	CHECK(!hoy_dial_unix("tcp", &from, &to, &err) && err.code == HOY_ENETWORK);
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	CHECK_INT(unlink(mine), 0);

	g = hoy_listen_unixgram("unixgram", &gram, &err);
	must(g, "listen_unixgram", &err);
	from.kind = HOY_ADDR_UNIXGRAM;
	c = hoy_dial_unix("unixgram", &from, NULL, &err);	/* without a peer */
	must(c, "dial_unix", &err);
	check_ends(c, HOY_ADDR_UNIXGRAM, mine, NULL);
	CHECK_INT(hoy_conn_write_to(c, "x", 1, &gram, NULL), 1);
	CHECK_INT(hoy_conn_read_from(g, buf, sizeof buf, &from, NULL), 1);
	CHECK_STR(from.path, mine, "from");
	hoy_conn_free(c);
	hoy_conn_free(g);
	CHECK_INT(unlink(mine) | unlink(here), 0);
	return tidy();
}

BOTH(abstract_names)
{
	char name[40], buf[8], text[HOY_ADDR_STRLEN], *there = in_dir("answers");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	hoy_listener *l;
	hoy_conn *c, *s;
	hoy_addr addr, from;
	hoy_err err;
	int fd;

	snprintf(name, sizeof name, "@hoy-api-unix-%d-%d", (int)getpid(), in_tasks);
	l = listen_on("unix", name);
	c = dial("unix", name);
	s = accept_from(l);
	check_ends(c, HOY_ADDR_UNIX, "@", name);
	check_ends(s, HOY_ADDR_UNIX, name, "@");
	CHECK_INT(hoy_listener_set_unlink_on_close(l, 1, NULL), 0);	/* there is no file */
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	CHECK(!hoy_dial("unix", name, &err) && err.code == -ECONNREFUSED);

	l = listen_on("unix", "");			/* the system chooses */
	hoy_listener_addr(l, &addr);
	CHECK(addr.path[0] == '@' && strlen(addr.path) == 6);
	c = hoy_dial_unix("unix", NULL, &addr, &err);
	must(c, "dial_unix", &err);
	hoy_conn_free(c);
	hoy_listener_free(l);

	fd = raw_socket(SOCK_DGRAM, "\0with\0nul\0", 10);
	c = bound(there);
	strcpy(to.sun_path, there);
	CHECK_INT(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to), 1);
	CHECK_INT(hoy_conn_read_from(c, buf, sizeof buf, &from, NULL), 1);
	CHECK_INT(from.path_len, 10);
	CHECK_STR(hoy_addr_string(&from, text), "@with@nul@", "NULs in it");
	addr = from;
	CHECK(hoy_addr_equal(&addr, &from));
	addr.path_len = 5;
	CHECK(!hoy_addr_equal(&addr, &from));
	CHECK_INT(hoy_conn_write_to(c, "yes", 3, &from, NULL), 3);
	CHECK_INT(recv(fd, buf, sizeof buf, 0), 3);
	addr = from;
	addr.path[0] = 'w';				/* a file's path with a NUL in it */
	CHECK_INT(hoy_conn_write_to(c, "no", 2, &addr, NULL), -EINVAL);
	hoy_conn_free(c);
	close(fd);
	CHECK_INT(unlink(there), 0);
	return tidy();
}

static char *long_path(char *text, size_t len)
{
	int n = snprintf(text, len + 1, "%s", in_dir("long-"));

	memset(text + n, 'x', len - (size_t)n);
	text[len] = '\0';
	return text;
}

static void check_refused(const hoy_err *err, const char *what, const char *path, const char *call)
{
	char text[HOY_ERR_STRLEN], want[HOY_ERR_STRLEN];

	snprintf(want, sizeof want, "%s %.255s: %s: invalid argument", what, path, call);
	CHECK_STR(hoy_err_string(err, text), want, path);
	CHECK_INT(err->code, -EINVAL);
}

BOTH(the_longest_path_and_one_more)
{
	static const size_t too_long[] = { 108, 109, 111, 112, 113, 255, 256, 300 };
	char path[301];
	hoy_addr addr = { .kind = HOY_ADDR_UNIX };
	hoy_listener *l = listen_on("unix", long_path(path, 107));
	hoy_conn *c = dial("unix", path), *s = accept_from(l);
	hoy_err err;

	check_ends(s, HOY_ADDR_UNIX, path, "@");
	hoy_conn_free(c);
	hoy_conn_free(s);
	hoy_listener_free(l);
	CHECK(!exists(path));
	for (size_t i = 0; i < LEN(too_long); i++) {
		long_path(path, too_long[i]);
		CHECK(!hoy_listen("unix", path, &err));
		check_refused(&err, "listen unix", path, "bind");
		CHECK(!hoy_listen_packet("unixgram", path, &err));
		check_refused(&err, "listen unixgram", path, "bind");
		CHECK(!hoy_dial("unixpacket", path, &err));
		check_refused(&err, "dial unixpacket", path, "connect");
	}
	memset(addr.path, 'x', sizeof addr.path);	/* filled by hand, without a NUL */
	CHECK(!hoy_listen_unix("unix", &addr, &err) && err.code == -EINVAL);
	CHECK(!hoy_dial_unix("unix", NULL, &addr, &err) && err.code == -EINVAL);

	memset(path, 'a', sizeof path);
	snprintf(path, 16, "@hoy-%d-%d", (int)getpid(), in_tasks);
	path[strlen(path)] = 'a';
	path[108] = '\0';
	l = listen_on("unix", path);
	c = dial("unix", path);
	check_ends(c, HOY_ADDR_UNIX, "@", path);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return tidy();
}

static const struct { const char *op, *network, *address, *want; } refusals[] = {
	{ "dial", "unix", "", "dial unix: missing address" },
	{ "dial", "unix", "nosuch/x", "dial unix nosuch/x: connect: no such file or directory" },
	{ "dial", "unixgram", "/dev/null", "dial unixgram /dev/null: connect: connection refused" },
	{ "dial", "unixes", "x", "dial unixes: unknown network unixes" },
	{ "listen", "unix", "nosuch/x", "listen unix nosuch/x: bind: no such file or directory" },
	{ "listen", "unix", "/dev/null", "listen unix /dev/null: bind: address already in use" },
	{ "listen", "unixgram", "x", "listen unixgram x: address x: unexpected address type" },
	{ "packet", "unix", "x", "listen unix x: address x: unexpected address type" },
	{ "packet", "unixpacket", "x", "listen unixpacket x: address x: unexpected address type" },
	{ "packet", "unixgram", "/dev/null", "listen unixgram /dev/null: bind: address already in use" },
};

TEST(refused_in_words)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	for (size_t i = 0; i < LEN(refusals); i++) {
		const char *network = refusals[i].network, *address = refusals[i].address;
		bool opened = refusals[i].op[0] == 'd' ? hoy_dial(network, address, &err) != NULL
			: refusals[i].op[0] == 'l' ? hoy_listen(network, address, &err) != NULL
			: hoy_listen_packet(network, address, &err) != NULL;

		CHECK(!opened);
		CHECK_STR(hoy_err_string(&err, text), refusals[i].want, address);
	}
}

TEST(refused_by_address)
{
	hoy_addr tcp = { .kind = HOY_ADDR_TCP, .ip = hoy_ipv4(127, 0, 0, 1) }, path = addr_of("unix", "x");
	const hoy_dialer from_tcp = { .local_addr = &tcp };
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	CHECK(!hoy_dialer_dial(&from_tcp, "unix", "x", &err));
	CHECK_STR(hoy_err_string(&err, text), "dial unix: address 127.0.0.1:0: mismatched local address type", "local");
	CHECK(!hoy_dial_unix("unix", NULL, &tcp, &err) && err.code == HOY_EMISSING);
	CHECK(!hoy_listen_unix("unix", &tcp, &err) && err.code == HOY_EADDR);
	CHECK(!hoy_listen_unix("unix", NULL, &err) && err.code == HOY_EMISSING);
	CHECK(!hoy_listen_unix("unixgram", &path, &err) && err.code == HOY_ENETWORK);
	CHECK(!hoy_listen_unixgram("unix", &path, &err) && err.code == HOY_ENETWORK);
	CHECK(!hoy_listen_unixgram("unixgram", NULL, &err) && err.code == HOY_EMISSING);
}

/* ---- whose file it is ---- */

static hoy_listener *adopted(const hoy_listener *l)
{
	hoy_err err;
	hoy_listener *copy = hoy_listener_from_fd(hoy_listener_fd((hoy_listener *)l, NULL), 0, &err);

	must(copy, "listener_from_fd", &err);
	return copy;
}

BOTH(unlinked_by_its_maker)
{
	char *path = in_dir("owned");
	hoy_listener *l = listen_on("unix", path), *copy = adopted(l), *other;

	hoy_listener_free(copy);
	CHECK(exists(path));				/* it was handed over */
	CHECK_INT(hoy_listener_set_unlink_on_close(l, 0, NULL), 0);
	copy = adopted(l);
	hoy_listener_free(l);
	CHECK(exists(path));
	hoy_conn_free(dial("unix", path));
	CHECK_INT(hoy_listener_set_unlink_on_close(copy, 1, NULL), 0);
	hoy_listener_free(copy);
	CHECK(!exists(path));

	l = listen_on("unix", path);
	CHECK_INT(unlink(path), 0);			/* somebody makes another of that name */
	other = listen_on("unix", path);
	CHECK_INT(hoy_listener_close(l, NULL), 0);
	CHECK(exists(path));
	hoy_conn_free(dial("unix", path));
	hoy_listener_free(other);
	CHECK(!exists(path));
	other = listen_on("unix", path);
	hoy_listener_free(l);				/* once, by close */
	CHECK(exists(path));
	CHECK_INT(hoy_listener_close(other, NULL), 0);
	CHECK_INT(hoy_listener_set_unlink_on_close(other, 1, NULL), HOY_ECLOSED);
	hoy_listener_free(other);
	l = listen_on("tcp", "127.0.0.1:0");
	CHECK_INT(hoy_listener_set_unlink_on_close(l, 1, NULL), HOY_EWRONGKIND);
	hoy_listener_free(l);
	return tidy();
}

/* ---- stale files, and permissions ---- */

static hoy_listener *replacing(const char *network, const char *path, hoy_err *err)
{
	const hoy_listen_config lc = { .unix_replace = 1 };

	return hoy_listen_config_listen(&lc, network, path, err);
}

BOTH(a_stale_file_is_replaced)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	const hoy_listen_config lc = { .unix_replace = 1 };
	char *path = in_dir("stale");
	hoy_err err;

	for (size_t i = 0; i < LEN(types); i++) {
		hoy_listener *l;
		hoy_conn *c;

		close(raw_socket(types[i], path, strlen(path) + 1));
		CHECK(!hoy_listen("unix", path, &err) && err.code == -EADDRINUSE);
		l = replacing("unix", path, &err);
		must(l, "listen", &err);
		hoy_conn_free(dial("unix", path));
		hoy_listener_free(l);
		CHECK(!exists(path));
		close(raw_socket(types[i], path, strlen(path) + 1));
		c = hoy_listen_config_listen_packet(&lc, "unixgram", path, &err);
		must(c, "listen_packet", &err);
		hoy_conn_free(c);
		CHECK_INT(unlink(path), 0);
	}
	return tidy();
}

static void check_in_use(const char *path)
{
	hoy_err err = { 0 };

	CHECK(!replacing("unix", path, &err));
	CHECK_INT(err.code, -EADDRINUSE);
	CHECK_STR(err.call, "bind", path);
	CHECK(exists(path));
}

BOTH(what_is_not_stale_stays)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	char *path = in_dir("live"), *link = in_dir("link"), *folder = in_dir("folder");
	int fd;

	for (size_t i = 0; i < LEN(types); i++) {
		fd = raw_socket(types[i], path, strlen(path) + 1);	/* it does not listen yet */
		check_in_use(path);
		if (types[i] != SOCK_DGRAM) {
			CHECK_INT(listen(fd, 1), 0);
			check_in_use(path);
			CHECK_INT(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
			CHECK(accept(fd, NULL, NULL) < 0 && errno == EAGAIN);	/* nobody has dialled */
		}
		close(fd);
		if (i < LEN(types) - 1)
			CHECK_INT(unlink(path), 0);
	}
	CHECK_INT(symlink(path, link), 0);		/* to a stale one */
	check_in_use(link);
	CHECK_INT(unlink(link) | unlink(path), 0);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	check_in_use(path);
	CHECK_INT(unlink(path), 0);
	CHECK_INT(mkdir(folder, 0700), 0);
	check_in_use(folder);
	CHECK_INT(rmdir(folder), 0);
	return tidy();
}

static hoy_listener *won;

static int compete(void *path)
{
	hoy_err err = { 0 };
	hoy_listener *l = replacing("unix", path, &err);

	if (!l)
		return err.code;
	won = l;
	return 0;
}

/* Of servers that find the same stale file at once one succeeds, and its file stays. */
BOTH(one_replaces_a_stale_file)
{
	char *path = in_dir("race");
	struct started s[4];

	for (int round = 0; round < SCALED(50); round++) {
		int winners = 0;

		won = NULL;
		close(raw_socket(SOCK_STREAM, path, strlen(path) + 1));
		for (size_t i = 0; i < LEN(s); i++)
			start(&s[i], compete, path);
		for (size_t i = 0; i < LEN(s); i++) {
			int code = finish(&s[i]);

			winners += code == 0;
			CHECK(code == 0 || code == -EADDRINUSE);
		}
		if (!CHECK_INT(winners, 1))
			break;
		hoy_conn_free(dial("unix", path));
		hoy_listener_free(won);
	}
	return tidy();
}

/* While another process looks at the file, nobody else does. */
BOTH(a_replacement_waits_for_its_turn)
{
	char *path = in_dir("turn");
	struct started s;
	struct stat before = { 0 }, now = { 0 };
	int lock;

	close(raw_socket(SOCK_STREAM, path, strlen(path) + 1));
	lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(flock(lock, LOCK_EX), 0);
	stat(path, &before);
	start(&s, compete, path);
	hoy_sleep(50 * HOY_MILLISECOND);
	CHECK(stat(path, &now) == 0 && now.st_ino == before.st_ino);
	CHECK(!won);
	close(lock);
	CHECK_INT(finish(&s), 0);
	hoy_listener_free(won);
	return tidy();
}

static unsigned mode_of(const char *path)
{
	struct stat st = { 0 };

	stat(path, &st);
	return st.st_mode & 07777;
}

BOTH(permissions_of_the_file)
{
	static const struct { unsigned umask, asked, want; } cases[] = {
		{ 022, 0, 0755 }, { 0, 0, 0777 }, { 022, 0600, 0600 }, { 077, 0666, 0666 }, { 0777, 0660, 0660 },
		{ 0, 0400, 0400 },
	};
	char *path = in_dir("mode");

	for (size_t i = 0; i < LEN(cases); i++) {
		const hoy_listen_config lc = { .unix_mode = (uint16_t)cases[i].asked, .unix_replace = i % 2 };
		hoy_listener *l;
		hoy_conn *c;

		umask(cases[i].umask);
		l = hoy_listen_config_listen(&lc, "unix", path, NULL);
		if (CHECK(l != NULL))
			CHECK_INT(mode_of(path), cases[i].want);
		hoy_listener_free(l);
		c = hoy_listen_config_listen_packet(&lc, "unixgram", path, NULL);
		if (CHECK(c != NULL))
			CHECK_INT(mode_of(path), cases[i].want);
		hoy_conn_free(c);
		CHECK_INT(unlink(path), 0);
	}
	return tidy();
}

/* An abstract name has no file, so the options do nothing; what is IP's alone is refused. */
BOTH(options_without_a_file)
{
	const hoy_listen_config lc = { .unix_mode = 0600, .unix_replace = 1 }, ip = { .v6only = 1 };
	char *path = in_dir("v6only"), *mine = in_dir("mine");
	const hoy_addr from = addr_of("unix", mine);
	const hoy_dialer d = { .local_addr = &from };
	hoy_listener *l = hoy_listen_config_listen(&lc, "unix", "", NULL);
	hoy_err err = { 0 };

	CHECK(l != NULL);
	hoy_listener_free(l);
	CHECK(!hoy_listen_config_listen(&ip, "unix", path, &err));
	CHECK_STR(err.call, "setsockopt", "v6only");
	CHECK(!exists(path));
	CHECK(!hoy_dialer_dial(&d, "unix", path, &err));	/* a dial that fails leaves no file either */
	CHECK_INT(err.code, -ENOENT);
	CHECK(!exists(mine));
	return tidy();
}

/* ---- full queues ---- */

static int accept_later(void *l)
{
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_conn_free(accept_from(l));
	return 0;
}

static int close_later(void *l)
{
	hoy_sleep(20 * HOY_MILLISECOND);
	hoy_listener_close(l, NULL);
	return 0;
}

BOTH(a_dial_waits_for_a_full_queue)
{
	const hoy_listen_config one = { .backlog = 1 };
	char *path = in_dir("queue"), text[HOY_ERR_STRLEN], want[200];
	hoy_err err;
	hoy_listener *l = hoy_listen_config_listen(&one, "unix", path, &err);
	hoy_conn *a, *b, *c;
	struct started s;

	must(l, "listen", &err);
	a = dial("unix", path);
	b = dial("unix", path);
	CHECK(!hoy_dial_timeout("unix", path, 30 * HOY_MILLISECOND, &err));
	snprintf(want, sizeof want, "dial unix %s: i/o timeout", path);
	CHECK_STR(hoy_err_string(&err, text), want, path);
	start(&s, accept_later, l);
	c = hoy_dial_timeout("unix", path, 10 * HOY_SECOND, &err);
	must(c, "dial", &err);
	finish(&s);
	CHECK_INT(hoy_conn_set_write_deadline(c, hoy_in(HOY_SECOND), NULL), 0);
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), 1);	/* the dial's deadline is gone */
	start(&s, close_later, l);
	CHECK(!hoy_dial("unix", path, &err));
	CHECK(err.code == -ECONNREFUSED || err.code == -ENOENT);
	finish(&s);
	hoy_listener_free(l);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(c);
	return tidy();
}

static int read_later(void *c)
{
	char buf[8];

	hoy_sleep(20 * HOY_MILLISECOND);
	return (int)hoy_conn_read(c, buf, sizeof buf, NULL);
}

/* The receiver's queue is full, and its kernel tells a sender that is not connected nothing when it is not. */
static ssize_t fill(hoy_conn *sender, const hoy_addr *to)
{
	ssize_t n = 0;

	CHECK_INT(hoy_conn_set_write_deadline(sender, hoy_in(100 * t_scale() * HOY_MILLISECOND), NULL), 0);
	for (int i = 0; i < 100000 && n >= 0; i++)
		n = to ? hoy_conn_write_to(sender, "x", 1, to, NULL) : hoy_conn_write(sender, "x", 1, NULL);
	CHECK_INT(hoy_conn_set_write_deadline(sender, (hoy_time){ 0 }, NULL), 0);
	return n;
}

BOTH(a_datagram_waits_for_a_full_queue)
{
	char *path = in_dir("full"), *mine = in_dir("sender");
	hoy_conn *a = bound(path), *b = bound(mine), *c = dial("unixgram", path);
	hoy_addr to = addr_of("unixgram", path);
	struct started s;

	CHECK_INT(fill(b, &to), HOY_ETIMEOUT);
	start(&s, read_later, a);
	CHECK_INT(hoy_conn_write_to(b, "y", 1, &to, NULL), 1);
	CHECK_INT(finish(&s), 1);
	CHECK_INT(fill(c, NULL), HOY_ETIMEOUT);
	start(&s, read_later, a);
	CHECK_INT(hoy_conn_write(c, "y", 1, NULL), 1);
	CHECK_INT(finish(&s), 1);
	CHECK_INT(unlink(path) | unlink(mine), 0);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_conn_free(c);
	return tidy();
}

/* ---- descriptors from elsewhere ---- */

BOTH(adopted_sockets_of_every_kind)
{
	static const struct { int type, kind; } kinds[] = {
		{ SOCK_STREAM, HOY_ADDR_UNIX }, { SOCK_DGRAM, HOY_ADDR_UNIXGRAM }, { SOCK_SEQPACKET, HOY_ADDR_UNIXPACKET },
	};

	for (size_t i = 0; i < LEN(kinds); i++)
		for (unsigned flags = 0; flags <= HOY_FD_SHARED; flags++) {
			char buf[8], *path = in_dir("adopted");
			hoy_conn *a, *b;
			hoy_err err;
			int fd[2];

			CHECK_INT(socketpair(AF_UNIX, kinds[i].type, 0, fd), 0);
			a = hoy_conn_from_fd(fd[0], flags, &err);
			b = hoy_conn_from_fd(fd[1], flags, &err);
			must(a && b, "from_fd", &err);
			check_ends(a, kinds[i].kind, "@", "@");
			CHECK_INT(hoy_conn_write(a, "one", 3, NULL), 3);
			CHECK_INT(hoy_conn_write(a, "two", 3, NULL), 3);
			CHECK_INT(hoy_conn_read(b, buf, sizeof buf, NULL), kinds[i].type == SOCK_STREAM ? 6 : 3);
			CHECK_INT(hoy_conn_set_read_deadline(a, hoy_in(10 * HOY_MILLISECOND), NULL), 0);
			CHECK_INT(hoy_conn_read(a, buf, sizeof buf, NULL), HOY_ETIMEOUT);
			hoy_conn_free(a);
			hoy_conn_free(b);
			fd[0] = raw_socket(kinds[i].type, path, strlen(path) + 1);
			if (kinds[i].type != SOCK_DGRAM) {
				hoy_listener *l;
				hoy_conn *c;

				CHECK_INT(listen(fd[0], 8), 0);
				CHECK(!hoy_conn_from_fd(fd[0], flags, &err) && err.code == HOY_EWRONGKIND);
				l = hoy_listener_from_fd(fd[0], flags, &err);
				must(l, "listener_from_fd", &err);
				c = dial(kinds[i].type == SOCK_STREAM ? "unix" : "unixpacket", path);
				a = accept_from(l);
				check_ends(a, kinds[i].kind, path, "@");
				hoy_conn_free(a);
				hoy_conn_free(c);
				hoy_listener_free(l);
			} else {
				CHECK(!hoy_listener_from_fd(fd[0], flags, &err) && err.code == HOY_EWRONGKIND);
				a = hoy_conn_from_fd(fd[0], flags, &err);
				must(a, "from_fd", &err);
				check_ends(a, kinds[i].kind, path, NULL);
				hoy_conn_free(a);
			}
			CHECK_INT(unlink(path), 0);
		}
	return tidy();
}

/* ---- much data ---- */

enum { CHUNK = 4096 };

/* 64 MiB, and a little. */
static long long amount(void)
{
	return (1024LL / t_scale() + 1) << 16;
}

static unsigned char byte_at(long long i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static int send_much(void *c)
{
	static unsigned char buf[1 << 16];
	long long sent = 0;

	while (sent < amount()) {
		for (size_t i = 0; i < sizeof buf; i++)
			buf[i] = byte_at(sent + (long long)i);
		if (!CHECK_INT(hoy_conn_write(c, buf, sizeof buf, NULL), sizeof buf))
			break;
		sent += (long long)sizeof buf;
	}
	return hoy_conn_close_write(c, NULL);
}

/* 64 MiB to a reader of 4 KiB at a time, which answers after the end. */
BOTH(a_slow_reader_loses_nothing)
{
	char *path = in_dir("much");
	unsigned char buf[CHUNK];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *reader = accept_from(l);
	struct started s;
	long long got = 0;
	ssize_t n;

	start(&s, send_much, c);
	while ((n = hoy_conn_read(reader, buf, sizeof buf, NULL)) > 0) {
		if (buf[0] != byte_at(got) || buf[n - 1] != byte_at(got + n - 1))
			break;
		got += n;
	}
	CHECK_INT(n, 0);
	CHECK_INT(got, amount());
	CHECK_INT(finish(&s), 0);
	CHECK_INT(hoy_conn_write(reader, "done", 4, NULL), 4);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	hoy_conn_free(c);
	hoy_conn_free(reader);
	hoy_listener_free(l);
	return tidy();
}

static int copy_all(void *ends)
{
	hoy_conn **c = ends;

	return hoy_copy(c[1], c[0], NULL) == amount() ? hoy_conn_close_write(c[1], NULL) : -1;
}

/* Through the kernel where it can: stream to stream, and to TCP. */
BOTH(a_copy_between_unix_and_tcp)
{
	char *path = in_dir("copied");
	unsigned char buf[CHUNK];
	hoy_listener *l = listen_on("unix", path);
	hoy_conn *c = dial("unix", path), *middle[2] = { accept_from(l), NULL }, *end;
	struct started s, copy;
	long long got = 0;
	ssize_t n;

	make_pair(&middle[1], &end);
	start(&s, send_much, c);
	start(&copy, copy_all, middle);
	while ((n = hoy_conn_read(end, buf, sizeof buf, NULL)) > 0 && buf[n - 1] == byte_at(got + n - 1))
		got += n;
	CHECK_INT(n, 0);
	CHECK_INT(got, amount());
	CHECK_INT(finish(&s), 0);
	CHECK_INT(finish(&copy), 0);
	hoy_conn_free(c);
	hoy_conn_free(middle[0]);
	hoy_conn_free(middle[1]);
	hoy_conn_free(end);
	hoy_listener_free(l);
	return tidy();
}
