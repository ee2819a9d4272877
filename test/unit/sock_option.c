/* Opening, options, what the system can do; and every way in which these fail. */
#include <netinet/tcp.h>

#include "os/os.h"
#include "sock/sock.h"
#include "t.h"

static int get(int fd, int level, int name)
{
	int value = -1;

	CHECK_INT(hoy__sock_get_int(fd, level, name, &value), 0);
	return value;
}

TEST(ints_and_switches)
{
	int fd = hoy__sock_open(4, SOCK_STREAM, 0, false);
	struct linger l;
	socklen_t len = sizeof l;

	CHECK(fd >= 0);
	CHECK_INT(hoy__sock_set_reuse_addr(fd), 0);
	CHECK_INT(get(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	CHECK_INT(hoy__sock_set_no_delay(fd, true), 0);
	CHECK_INT(get(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	CHECK_INT(hoy__sock_set_no_delay(fd, false), 0);
	CHECK_INT(get(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	CHECK_INT(hoy__sock_set_keep_alive(fd, true), 0);
	CHECK_INT(get(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	CHECK_INT(hoy__sock_set_keep_alive_count(fd, 9), 0);
	CHECK_INT(get(fd, IPPROTO_TCP, TCP_KEEPCNT), 9);
	CHECK_INT(hoy__sock_set_linger(fd, 3), 0);
	CHECK_INT(hoy__os_getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len), 0);
	CHECK(l.l_onoff && l.l_linger == 3);
	CHECK_INT(hoy__sock_set_linger(fd, -1), 0);
	CHECK_INT(hoy__os_getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len), 0);
	CHECK(!l.l_onoff);
	CHECK_INT(hoy__sock_set_read_buffer(fd, 16384), 0);
	CHECK_INT(get(fd, SOL_SOCKET, SO_RCVBUF), 2 * 16384);	/* the kernel doubles it for its own needs */
	CHECK_INT(hoy__sock_set_write_buffer(fd, 16384), 0);
	CHECK_INT(get(fd, SOL_SOCKET, SO_SNDBUF), 2 * 16384);
	hoy__os_close(fd);
}

TEST(times_are_rounded_up)
{
	static const struct { hoy_duration in; int want; } cases[] = {
		{ 1, 1 }, { HOY_SECOND, 1 }, { HOY_SECOND + 1, 2 }, { 15 * HOY_SECOND, 15 },
		{ 90 * HOY_MINUTE, 5400 },
	};
	int fd = hoy__sock_open(4, SOCK_STREAM, 0, false);

	for (size_t i = 0; i < LEN(cases); i++) {
		CHECK_INT(hoy__sock_set_keep_alive_idle(fd, cases[i].in), 0);
		CHECK_INT(get(fd, IPPROTO_TCP, TCP_KEEPIDLE), cases[i].want);
		CHECK_INT(hoy__sock_set_keep_alive_interval(fd, cases[i].in), 0);
		CHECK_INT(get(fd, IPPROTO_TCP, TCP_KEEPINTVL), cases[i].want);
	}
	CHECK_INT(hoy__sock_set_keep_alive_idle(fd, INT64_MAX), 0);
	CHECK_INT(get(fd, IPPROTO_TCP, TCP_KEEPIDLE), 32767);	/* Linux refuses more */
	CHECK_INT(hoy__sock_set_keep_alive_idle(fd, 0), -EINVAL);
	CHECK_INT(hoy__sock_set_keep_alive_count(fd, 0), -EINVAL);
	hoy__os_close(fd);
}

TEST(failures_are_codes)
{
	int value = 7, file = hoy__os_open("/dev/null", 0);
	struct hoy__sock_info info;

	CHECK_INT(hoy__sock_open(0, SOCK_STREAM, 77, false), -EPROTONOSUPPORT);
	CHECK_INT(hoy__sock_set_int(-1, SOL_SOCKET, SO_REUSEADDR, 1), -EBADF);
	CHECK_INT(hoy__sock_get_int(file, SOL_SOCKET, SO_TYPE, &value), -ENOTSOCK);
	CHECK_INT(value, 7);
	CHECK_INT(hoy__sock_set_linger(file, 1), -ENOTSOCK);
	CHECK_INT(hoy__sock_describe(file, &info), -ENOTSOCK);
	CHECK_INT(hoy__sock_describe(-1, &info), -EBADF);
	hoy__os_close(file);
}

TEST(describe)
{
	static const struct { int domain, type, kind, family; } cases[] = {
		{ AF_INET, SOCK_STREAM, HOY_ADDR_TCP, 4 }, { AF_INET, SOCK_DGRAM, HOY_ADDR_UDP, 4 },
		{ AF_INET6, SOCK_STREAM, HOY_ADDR_TCP, 6 }, { AF_INET6, SOCK_DGRAM, HOY_ADDR_UDP, 6 },
		{ AF_UNIX, SOCK_STREAM, HOY_ADDR_UNIX, 0 }, { AF_UNIX, SOCK_SEQPACKET, HOY_ADDR_UNIXPACKET, 0 },
		{ AF_UNIX, SOCK_DGRAM, HOY_ADDR_UNIXGRAM, 0 }, { AF_NETLINK, SOCK_DGRAM, HOY_ADDR_NONE, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct hoy__sock_info info;
		int fd = hoy__os_socket(cases[i].domain, cases[i].type, 0);

		if (fd == -EAFNOSUPPORT)
			continue;
		CHECK_INT(hoy__sock_describe(fd, &info), 0);
		CHECK_INT(info.kind, cases[i].kind);
		CHECK_INT(info.family, cases[i].family);
		CHECK(!info.listening);
		if (cases[i].kind == HOY_ADDR_TCP && cases[i].family == 4) {
			CHECK_INT(hoy__os_listen(fd, 1), 0);
			CHECK_INT(hoy__sock_describe(fd, &info), 0);
			CHECK(info.listening);
		}
		hoy__os_close(fd);
	}
}

TEST(v6only_is_explicit)
{
	for (int v6only = 0; v6only <= 1; v6only++) {
		int fd = hoy__sock_open(6, SOCK_STREAM, 0, v6only);

		if (fd < 0)
			SKIP("no IPv6");
		CHECK_INT(get(fd, IPPROTO_IPV6, IPV6_V6ONLY), v6only);
		hoy__os_close(fd);
	}
}

TEST(backlog_is_somaxconn)
{
	FILE *f = fopen("/proc/sys/net/core/somaxconn", "r");
	int want = 0;

	if (!f)
		SKIP("no /proc");
	CHECK_INT(fscanf(f, "%d", &want), 1);
	fclose(f);
	CHECK_INT(hoy__sock_backlog(), want);
	CHECK_INT(hoy__sock_backlog(), want);
}

/* A table like Linux's, but for what a test makes of it. */
static struct hoy__os crooked;
static int sockets_left, family_refused, v6only_code;

static int crooked_socket(int family, int type, int protocol)
{
	if (family == family_refused)
		return -EAFNOSUPPORT;
	if (sockets_left-- <= 0)
		return -EMFILE;
	return hoy__os_linux.socket(family, type, protocol);
}

static int crooked_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level == IPPROTO_IPV6 && name == IPV6_V6ONLY && v6only_code)
		return v6only_code;
	return hoy__os_linux.setsockopt(fd, level, name, value, len);
}

static int no_file(const char *path, int flags)
{
	(void)path, (void)flags;
	return -ENOENT;
}

static void bend(void)
{
	crooked = hoy__os_linux;
	crooked.socket = crooked_socket;
	crooked.setsockopt = crooked_setsockopt;
	crooked.open = no_file;
	hoy__os = &crooked;
	sockets_left = 100;
}

TEST(no_ipv6)
{
	bend();
	family_refused = AF_INET6;
	CHECK(hoy__sock_has_ipv4());
	CHECK(!hoy__sock_has_ipv6());
	CHECK(!hoy__sock_has_dual_stack());
	family_refused = 0;	/* the answer is remembered */
	CHECK(!hoy__sock_has_ipv6());
}

TEST(no_ipv4)
{
	bend();
	family_refused = AF_INET;
	CHECK(!hoy__sock_has_ipv4());
	CHECK(!hoy__sock_has_dual_stack());
}

TEST(out_of_descriptors_decides_nothing)
{
	bend();
	sockets_left = 0;
	CHECK(hoy__sock_has_ipv4());
	family_refused = AF_INET;
	sockets_left = 100;
	CHECK(!hoy__sock_has_ipv4());
}

TEST(v6only_refused_closes_the_socket)
{
	int before, after;

	bend();
	v6only_code = -ENOPROTOOPT;
	before = hoy__os_linux.open("/dev/null", 0);
	hoy__os_close(before);
	CHECK_INT(hoy__sock_open(6, SOCK_STREAM, 0, true), -ENOPROTOOPT);
	after = hoy__os_linux.open("/dev/null", 0);
	CHECK_INT(after, before);
}

TEST(backlog_without_proc)
{
	bend();
	CHECK_INT(hoy__sock_backlog(), 128);
}
