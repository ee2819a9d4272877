/*
 * Addresses as the system wants them, and back. An IPv6 socket speaks IPv4 through
 * mapped addresses; those become IPv4 again on the way out, so that nobody above sees
 * which of the two kinds of socket carried a connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "ip/path.h"
#include "os/os.h"
#include "sock/sock.h"
#include "sock/zone.h"

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static int in4_of(struct sockaddr_in *sa, const hoy_addr *addr)
{
	if (addr->ip.len == 16 && memcmp(addr->ip.bytes, mapped, sizeof mapped) != 0)
		return HOY_EADDR;
	*sa = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(addr->port) };
	if (addr->ip.len)
		memcpy(&sa->sin_addr, addr->ip.bytes + addr->ip.len - 4, 4);
	return sizeof *sa;
}

/* 0.0.0.0 asks for every address, and on an IPv6 socket that is written [::]. */
static bool is_any(const hoy_ip *ip)
{
	static const uint8_t zeros[16];

	return ip->len == 0 || memcmp(ip->bytes, zeros, ip->len) == 0;
}

static int in6_of(struct sockaddr_in6 *sa, const hoy_addr *addr)
{
	*sa = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(addr->port) };
	if (!is_any(&addr->ip) && addr->ip.len == 4) {
		memcpy(sa->sin6_addr.s6_addr, mapped, sizeof mapped);
		memcpy(sa->sin6_addr.s6_addr + 12, addr->ip.bytes, 4);
	} else if (addr->ip.len == 16) {
		memcpy(&sa->sin6_addr, addr->ip.bytes, 16);
	}
	return addr->zone[0] ? hoy__zone_index(addr->zone, &sa->sin6_scope_id) : 0;
}

enum { UN_PATH = offsetof(struct sockaddr_un, sun_path) };

/*
 * unix(7): a path is followed by a NUL; an abstract name begins with one and ends with the address. No path at all
 * makes bind choose an abstract name.
 */
COLD static int un_of(struct sockaddr_un *sa, const hoy_addr *addr)
{
	size_t len = hoy__path_len(addr);
	bool abstract = hoy__path_is_abstract(addr->path, len);

	if (!hoy__is_unix(addr->kind))
		return HOY_EADDR;
	if (!hoy__path_fits(addr->path, len) || (!abstract && strnlen(addr->path, sizeof addr->path) != len))
		return -EINVAL;
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(sa->sun_path, addr->path, len);
	if (abstract)
		sa->sun_path[0] = '\0';
	return (int)(UN_PATH + len + (len && !abstract));
}

int hoy__sockaddr_of(union hoy__sockaddr *sa, const hoy_addr *addr, int family)
{
	int code;

	if (family == 4)
		return in4_of(&sa->in4, addr);
	if (family == 0)
		return un_of(&sa->un, addr);
	code = in6_of(&sa->in6, addr);
	return code < 0 ? code : (int)sizeof sa->in6;
}

/* The bytes of an IPv6 address, or those of the IPv4 one that it stands for. The number is returned. */
static uint8_t ip_from(uint8_t ip[16], const struct in6_addr *from)
{
	bool is_mapped = memcmp(from, mapped, sizeof mapped) == 0;

	if (is_mapped)
		memcpy(ip, from->s6_addr + sizeof mapped, 4);
	else
		memcpy(ip, from, 16);
	return is_mapped ? 4 : 16;
}

static bool is_in4(const union hoy__sockaddr *sa, socklen_t len)
{
	return len >= sizeof sa->in4 && sa->any.sa_family == AF_INET;
}

static bool is_in6(const union hoy__sockaddr *sa, socklen_t len)
{
	return len >= sizeof sa->in6 && sa->any.sa_family == AF_INET6;
}

void hoy__endpoint_of(struct hoy__endpoint *e, int kind, const union hoy__sockaddr *sa, socklen_t len)
{
	*e = (struct hoy__endpoint){ .kind = kind };
	if (is_in4(sa, len)) {
		e->port = ntohs(sa->in4.sin_port);
		e->len = 4;
		memcpy(e->ip, &sa->in4.sin_addr, 4);
	} else if (is_in6(sa, len)) {
		e->port = ntohs(sa->in6.sin6_port);
		e->scope = sa->in6.sin6_scope_id;
		e->len = ip_from(e->ip, &sa->in6.sin6_addr);
	} else {
		e->kind = HOY_ADDR_NONE;
	}
	if (kind == HOY_ADDR_IP)
		e->port = 0;	/* of a raw socket it is the protocol */
}

void hoy__endpoint_addr(const struct hoy__endpoint *e, hoy_addr *addr)
{
	memset(addr, 0, sizeof *addr);
	addr->kind = e->kind;
	addr->port = e->port;
	addr->ip.len = e->len;
	memcpy(addr->ip.bytes, e->ip, e->len);
	if (e->scope)
		hoy__zone_name(e->scope, addr->zone);
}

/* Linux counts the NUL that it puts behind a path of 108 bytes, so len may be larger than the structure. */
COLD static void un_from(hoy_addr *addr, const struct sockaddr_un *sa, size_t len)
{
	size_t n = len > sizeof *sa ? sizeof sa->sun_path : len - UN_PATH;
	bool abstract = n > 0 && sa->sun_path[0] == '\0';

	if (!abstract)
		n = strnlen(sa->sun_path, n);
	memcpy(addr->path, sa->sun_path, n);
	if (n == 0 || abstract)
		addr->path[0] = '@';
	if (memchr(addr->path, '\0', n))
		addr->path_len = (uint8_t)n;
}

void hoy__sockaddr_addr(hoy_addr *addr, int kind, const union hoy__sockaddr *sa, socklen_t len)
{
	*addr = (hoy_addr){ .kind = kind };
	if (is_in4(sa, len)) {
		addr->port = ntohs(sa->in4.sin_port);
		addr->ip.len = 4;
		memcpy(addr->ip.bytes, &sa->in4.sin_addr, 4);
	} else if (is_in6(sa, len)) {
		addr->port = ntohs(sa->in6.sin6_port);
		addr->ip.len = ip_from(addr->ip.bytes, &sa->in6.sin6_addr);
		if (sa->in6.sin6_scope_id)
			hoy__zone_name(sa->in6.sin6_scope_id, addr->zone);
	} else if (len >= UN_PATH && sa->any.sa_family == AF_UNIX) {
		un_from(addr, &sa->un, len);
	} else {
		addr->kind = HOY_ADDR_NONE;
	}
}

void hoy__sock_local(int fd, int kind, hoy_addr *addr)
{
	union hoy__sockaddr sa;
	socklen_t len = sizeof sa;

	if (hoy__os_getsockname(fd, &sa.any, &len) == 0)
		hoy__sockaddr_addr(addr, kind, &sa, len);
	else
		*addr = (hoy_addr){ 0 };
}

void hoy__sock_remote(int fd, int kind, hoy_addr *addr)
{
	union hoy__sockaddr sa;
	socklen_t len = sizeof sa;

	if (hoy__os_getpeername(fd, &sa.any, &len) == 0)
		hoy__sockaddr_addr(addr, kind, &sa, len);
	else
		*addr = (hoy_addr){ 0 };
}

void hoy__sock_ends(int fd, int kind, struct hoy__endpoint *local, struct hoy__endpoint *remote)
{
	union hoy__sockaddr sa;
	socklen_t len = sizeof sa;

	*local = (struct hoy__endpoint){ .kind = HOY_ADDR_NONE };
	if (hoy__os_getsockname(fd, &sa.any, &len) == 0)
		hoy__endpoint_of(local, kind, &sa, len);
	if (!remote)
		return;
	*remote = (struct hoy__endpoint){ .kind = HOY_ADDR_NONE };
	len = sizeof sa;
	if (hoy__os_getpeername(fd, &sa.any, &len) == 0)
		hoy__endpoint_of(remote, kind, &sa, len);
}
