#include <hoy/udp.h>

int main(void)
{
	hoy_err err;
	hoy_conn *c = hoy_listen_udp("udp4", NULL, &err), *d = NULL;
	hoy_addr addr;
	char byte, text[] = "x";
	hoy_msg in = { .data = &byte, .size = 1 }, out = { .data = text, .len = 1 };
	int ok;

	if (!c)
		return 1;
	hoy_conn_local_addr(c, &addr);
	addr.ip = hoy_ipv4(127, 0, 0, 1);
	d = hoy_dial_udp("udp", NULL, &addr, &err);
	ok = d && hoy_conn_write(d, "x", 1, &err) == 1 && hoy_conn_read_from(c, &byte, 1, &addr, &err) == 1;
	ok = ok && hoy_udp_write_msg(d, &out, &err) == 1 && hoy_udp_read_msg(c, &in, &err) == 1 && in.dst.len == 4;
	ok = ok && hoy_udp_write_batch(d, &out, 1, &err) == 1 && hoy_udp_read_batch(c, &in, 1, &err) == 1;
	ok = ok && hoy_udp_set_gro(c, 0, &err) == 0 && hoy_udp_set_ttl(c, -1, &err) == 0 && hoy_udp_set_tos(c, 0, &err) == 0;
	ok = ok && hoy_udp_set_mtu_discover(d, HOY_MTU_DO, &err) == 0 && hoy_udp_mtu(d, &err) > 0;
	hoy_conn_free(c);
	hoy_conn_free(d);
	return !ok;
}
