/* Linux has the options of RFC 3678 for groups, which name the interface by its number in both families. */
#include <errno.h>
#include <string.h>

#include "os/os.h"
#include "sock/multicast.h"
#include "sock/sock.h"

/* Of family 4, or else 6. */
static int set_address(struct sockaddr_storage *to, hoy_ip ip, int family)
{
	const hoy_addr addr = { .ip = ip };
	union hoy__sockaddr sa;
	int len = hoy__sockaddr_of(&sa, &addr, family);

	if (len < 0 || (family == 6 && hoy_ip_to4(ip).len))
		return -EINVAL;
	memcpy(to, &sa, (size_t)len);
	return 0;
}

int hoy__multicast_set_member(int fd, bool member, int ifindex, hoy_ip group, hoy_ip source)
{
	int family = hoy_ip_to4(group).len ? 4 : 6, level = family == 4 ? IPPROTO_IP : IPPROTO_IPV6, code;
	struct group_req any = { .gr_interface = (unsigned)ifindex };
	struct group_source_req one = { .gsr_interface = (unsigned)ifindex };

	if ((code = set_address(&any.gr_group, group, family)) < 0)
		return code;
	if (source.len == 0)
		return hoy__os_setsockopt(fd, level, member ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &any, sizeof any);
	one.gsr_group = any.gr_group;
	if ((code = set_address(&one.gsr_source, source, family)) < 0)
		return code;
	return hoy__os_setsockopt(fd, level, member ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP, &one, sizeof one);
}

int hoy__multicast_set_interface(int fd, int family, int ifindex)
{
	const struct ip_mreqn by_index = { .imr_ifindex = ifindex };
	int code = family == 6 ? hoy__sock_set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, ifindex) : 0;

	return code < 0 ? code : hoy__os_setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &by_index, sizeof by_index);
}

int hoy__multicast_set_loop(int fd, int family, int on)
{
	return hoy__sock_set_ip(fd, family, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, on);
}

int hoy__multicast_set_ttl(int fd, int family, int ttl)
{
	return hoy__sock_set_ip(fd, family, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, ttl);
}
