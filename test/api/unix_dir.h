/* What the tests of Unix sockets share: a folder for each, sockets in it, and their names. */
#ifndef HOY_TEST_UNIX_DIR_H
#define HOY_TEST_UNIX_DIR_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "pair.h"

static char dir[] = "/tmp/hoy-unix-XXXXXX";
static bool has_dir;

/* "/tmp/hoy-unix-12ab34/NAME", in one of four buffers; the first call makes the folder. */
__attribute__((unused)) static char *in_dir(const char *name)
{
	static char text[4][120];
	static unsigned next;
	char *path = text[next++ % LEN(text)];

	if (!has_dir)
		must(has_dir = mkdtemp(dir) != NULL, "mkdtemp", NULL);
	snprintf(path, sizeof text[0], "%s/%s", dir, name);
	return path;
}

__attribute__((unused)) static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* The end of a test: no file is left. */
__attribute__((unused)) static int tidy(void)
{
	CHECK_INT(rmdir(dir), 0);
	return 0;
}

__attribute__((unused)) static hoy_conn *dial(const char *network, const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_dial(network, address, &err);

	must(c, "dial", &err);
	return c;
}

__attribute__((unused)) static hoy_conn *bound(const char *address)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_packet("unixgram", address, &err);

	must(c, "listen_packet", &err);
	return c;
}

__attribute__((unused)) static hoy_conn *accept_from(hoy_listener *l)
{
	hoy_err err;
	hoy_conn *c = hoy_listener_accept(l, &err);

	must(c, "accept", &err);
	return c;
}

__attribute__((unused)) static hoy_addr addr_of(const char *network, const char *path)
{
	hoy_addr addr;
	hoy_err err;

	must(hoy_resolve_unix_addr(network, path, &addr, &err) == 0, "resolve", &err);
	return addr;
}

/* A socket that hoy has nothing to do with. */
__attribute__((unused)) static int raw_socket(int type, const char *name, size_t len)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, name, len);
	must(bind(fd, (struct sockaddr *)&sa, (socklen_t)(sizeof sa.sun_family + len)) == 0, "bind", NULL);
	return fd;
}

__attribute__((unused)) static void check_ends(const hoy_conn *c, int kind, const char *local, const char *remote)
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

#endif
