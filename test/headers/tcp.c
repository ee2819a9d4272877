#include <hoy/tcp.h>

int main(void)
{
	hoy_err err;
	hoy_listener *l = hoy_listen_tcp("tcp4", NULL, &err);
	hoy_addr addr;
	hoy_conn *c;
	int ok;

	if (!l)
		return 1;
	hoy_listener_addr(l, &addr);
	addr.ip = hoy_ipv4(127, 0, 0, 1);
	c = hoy_dial_tcp("tcp", NULL, &addr, &err);
	ok = c && hoy_tcp_set_keep_alive_period(c, HOY_MINUTE, &err) == 0 && hoy_tcp_set_linger(c, -1, &err) == 0;
	hoy_conn_free(c);
	hoy_listener_free(l);
	return !ok;
}
