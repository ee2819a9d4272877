/* Path MTU discovery (RFC 1191, 8201), and the rest of what a socket writes into IP headers. */
#include <errno.h>

#include <hoy/udp.h>

#include "base/base.h"
#include "sock/sock.h"

int hoy__sock_set_ttl(int fd, int family, int ttl)
{
	return hoy__sock_set_ip(fd, family, IP_TTL, IPV6_UNICAST_HOPS, ttl);
}

int hoy__sock_set_tos(int fd, int family, int tos)
{
	return hoy__sock_set_ip(fd, family, IP_TOS, IPV6_TCLASS, tos);
}

int hoy__sock_set_mtu_discover(int fd, int family, int how)
{
	static const int linux_names[] = {
		[HOY_MTU_WANT] = IP_PMTUDISC_WANT, [HOY_MTU_DO] = IP_PMTUDISC_DO,
		[HOY_MTU_PROBE] = IP_PMTUDISC_PROBE, [HOY_MTU_DONT] = IP_PMTUDISC_DONT,
	};

	if (how < 0 || how >= (int)LEN(linux_names))
		return -EINVAL;
	return hoy__sock_set_ip(fd, family, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, linux_names[how]);
}

int hoy__sock_mtu(int fd, int family)
{
	int mtu = 0, code;

	if (family == 4)
		code = hoy__sock_get_int(fd, IPPROTO_IP, IP_MTU, &mtu);
	else
		code = hoy__sock_get_int(fd, IPPROTO_IPV6, IPV6_MTU, &mtu);
	return code < 0 ? code : mtu;
}

#ifndef IPV6_HDRINCL	/* Linux 4.5, newer than some C libraries */
#define IPV6_HDRINCL 36
#endif

int hoy__sock_set_header(int fd, int family, bool on)
{
	if (family == 4)
		return hoy__sock_set_int(fd, IPPROTO_IP, IP_HDRINCL, on);
	return hoy__sock_set_int(fd, IPPROTO_IPV6, IPV6_HDRINCL, on);
}
