/*
 * Sockets are opened here, and what the system can do is found out by trying: a kernel
 * without IPv6, or one where it is switched off, says so only when a socket is bound.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>

#include "os/os.h"
#include "sock/sock.h"
#include "task/inspect.h"

int hoy__sock_open(int family, int type, int protocol, bool v6only)
{
	int domain = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNIX;
	int fd = hoy__os_socket(domain, type, protocol), code;

	atomic_store_explicit(&hoy__describe_socket, hoy__sock_text, memory_order_relaxed);
	if (fd < 0 || family != 6 || type == SOCK_RAW)	/* a raw socket takes one family only */
		return fd;
	code = hoy__sock_set_v6only(fd, v6only);
	if (code < 0) {
		hoy__os_close(fd);
		return code;
	}
	return fd;
}

int hoy__sock_bind(int fd, const hoy_addr *addr, int family)
{
	union hoy__sockaddr sa;
	int len = hoy__sockaddr_of(&sa, addr, family);

	return len < 0 ? len : hoy__os_bind(fd, &sa.any, (socklen_t)len);
}

int hoy__sock_disconnect(int fd)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return hoy__os_connect(fd, &nowhere, sizeof nowhere);
}

/* Binds to this address. */
static int try_to_bind(int family, bool v6only, const hoy_addr *addr)
{
	int fd = hoy__sock_open(family, SOCK_STREAM, IPPROTO_TCP, v6only), code;

	if (fd < 0)
		return fd;
	code = hoy__sock_bind(fd, addr, family);
	hoy__os_close(fd);
	return code;
}

enum { UNKNOWN, NO, YES };

/* Out of descriptors or memory, the question is still open: yes for now, ask again. */
static bool remember(atomic_int *known, int code)
{
	bool undecided = code == -EMFILE || code == -ENFILE || code == -ENOBUFS || code == -ENOMEM;

	if (!undecided)
		atomic_store(known, code < 0 ? NO : YES);
	return undecided || code == 0;
}

static bool probe(atomic_int *known, int family, bool v6only, const hoy_addr *addr)
{
	int k = atomic_load(known);

	return k == UNKNOWN ? remember(known, try_to_bind(family, v6only, addr)) : k == YES;
}

static const hoy_addr loopback4 = { .ip = { 4, { 127, 0, 0, 1 } } };
static const hoy_addr loopback6 = { .ip = { 16, { [15] = 1 } } };

bool hoy__sock_has_ipv4(void)
{
	static atomic_int known;

	return probe(&known, 4, false, &loopback4);
}

bool hoy__sock_has_ipv6(void)
{
	static atomic_int known;

	return probe(&known, 6, true, &loopback6);
}

bool hoy__sock_has_dual_stack(void)
{
	static atomic_int known;

	return hoy__sock_has_ipv4() && probe(&known, 6, false, &loopback4);
}

/* Where the file cannot be read, what listen's callers have always written. */
enum { DEFAULT_BACKLOG = 128 };

static int read_backlog(void)
{
	char text[16];
	int fd = hoy__os_open("/proc/sys/net/core/somaxconn", O_RDONLY), value = 0;
	ssize_t n;

	if (fd < 0)
		return DEFAULT_BACKLOG;
	n = hoy__os_read(fd, text, sizeof text);
	hoy__os_close(fd);
	for (ssize_t i = 0; i < n && text[i] >= '0' && text[i] <= '9' && value < 1 << 20; i++)
		value = value * 10 + (text[i] - '0');
	return value ? value : DEFAULT_BACKLOG;
}

int hoy__sock_backlog(void)
{
	static atomic_int known;
	int backlog = atomic_load(&known);

	if (!backlog) {
		backlog = read_backlog();
		atomic_store(&known, backlog);
	}
	return backlog;
}
