/* Unix sockets: streams, datagrams and messages, their names, and what is refused. */
#include "unix_dir.h"

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
