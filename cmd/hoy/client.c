/* What the verbs that ask a server share: one deadline covers dialling and talking. */
#include "cmd.h"

hoy_conn *dial_within(const char *network, const char *address, hoy_duration timeout, hoy_duration *took, hoy_err *err)
{
	hoy_time start = hoy_now();
	hoy_dialer d = { .deadline = timeout ? hoy_time_add(start, timeout) : (hoy_time){ 0 } };
	hoy_conn *c = hoy_dialer_dial(&d, network, address, err);

	if (!c)
		return NULL;
	*took = hoy_time_sub(hoy_now(), start);
	if (hoy_conn_set_deadline(c, d.deadline, err) < 0) {
		hoy_conn_free(c);
		return NULL;
	}
	return c;
}

char *remote_of(const hoy_conn *c, char buf[HOY_ADDR_STRLEN])
{
	hoy_addr addr;

	hoy_conn_remote_addr(c, &addr);
	return hoy_addr_string(&addr, buf);
}

int64_t in_us(hoy_duration d)
{
	return d / HOY_MICROSECOND;
}
