/* The file of a Unix socket: who removes it, who may replace it, and its permissions. */
#include <fcntl.h>
#include <sys/file.h>

#include "unix_dir.h"

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

static hoy_listener *_Atomic won;

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

BOTH(a_replacement_is_cancelled)
{
	char *path = in_dir("canceled");
	hoy_scope s;
	int lock;

	close(raw_socket(SOCK_STREAM, path, strlen(path) + 1));
	lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK_INT(flock(lock, LOCK_EX), 0);
	hoy_scope_enter(&s, hoy_in(20 * HOY_MILLISECOND));
	CHECK_INT(compete(path), HOY_ECANCELED);
	CHECK_INT(hoy_scope_leave(&s), HOY_ETIMEOUT);
	close(lock);
	CHECK_INT(unlink(path), 0);
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
