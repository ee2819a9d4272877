/* What the kernel reports beside a packet for a pinger: TTL, time of arrival, an ICMP error. */
#include "sock/ping.h"

#include <string.h>
#include <time.h>

#include <linux/errqueue.h>

#include "base/moment.h"
#include "sock/control.h"

static int64_t read_stamp(const struct hoy__control *c)
{
	struct timespec t;
	int64_t stamp;

	if (!hoy__control_copy(c, &t, sizeof t) || __builtin_mul_overflow(t.tv_sec, HOY_SECOND, &stamp))
		return 0;
	return hoy__moment_add(stamp, t.tv_nsec);
}

/* The address of the sender follows the error. */
static void read_error(const struct hoy__control *c, struct hoy__ping_report *r)
{
	struct sock_extended_err e;
	union hoy__sockaddr from = { 0 };
	size_t left;

	if (!hoy__control_copy(c, &e, sizeof e) || (e.ee_origin != SO_EE_ORIGIN_ICMP && e.ee_origin != SO_EE_ORIGIN_ICMP6))
		return;
	r->has_error = true;
	r->icmp_type = e.ee_type;
	r->icmp_code = e.ee_code;
	r->code = -(int)e.ee_errno;
	r->info = e.ee_info;
	left = c->len - sizeof e < sizeof from ? c->len - sizeof e : sizeof from;
	memcpy(&from, (const char *)c->data + sizeof e, left);
	hoy__endpoint_of(&r->from, HOY_ADDR_IP, &from, (socklen_t)left);
}

static bool is(const struct hoy__control *c, int level, int type)
{
	return c->level == level && c->type == type;
}

void hoy__ping_report_read(const struct msghdr *msg, struct hoy__ping_report *r)
{
	struct hoy__control c;

	*r = (struct hoy__ping_report){ .ttl = -1 };
	for (size_t at = 0; hoy__control_next(msg, &at, &c);) {
		if (is(&c, IPPROTO_IP, IP_TTL) || is(&c, IPPROTO_IPV6, IPV6_HOPLIMIT))
			r->ttl = hoy__control_number(&c);
		else if (is(&c, SOL_SOCKET, SCM_TIMESTAMPNS))
			r->arrived = read_stamp(&c);
		else if (is(&c, IPPROTO_IP, IP_RECVERR) || is(&c, IPPROTO_IPV6, IPV6_RECVERR))
			read_error(&c, r);
	}
}
