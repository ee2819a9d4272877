#include <hoy/conn.h>

int main(void)
{
	char address[HOY_ADDR_STRLEN], *data = NULL;
	hoy_addr addr;
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", "127.0.0.1:0", &err);
	hoy_conn *a, *b;
	int ok;

	if (!l)
		return 1;
	hoy_listener_addr(l, &addr);
	a = hoy_dial_timeout("tcp", hoy_addr_string(&addr, address), 10 * HOY_SECOND, &err);
	b = a ? hoy_listener_accept(l, &err) : NULL;
	ok = b && hoy_conn_write(a, "x", 1, &err) == 1 && hoy_conn_close_write(a, &err) == 0 &&
	     hoy_conn_set_deadline(b, hoy_in(10 * HOY_SECOND), &err) == 0 && hoy_read_all(b, &data, 0, &err) == 1;
	hoy_free(data);
	hoy_conn_free(a);
	hoy_conn_free(b);
	hoy_listener_free(l);
	return !ok || !hoy_is_closed(HOY_ECLOSED);
}
