#include <hoy/unix.h>

int main(void)
{
	hoy_err err;
	hoy_addr none = { .kind = HOY_ADDR_UNIX }, addr;
	hoy_listener *l = hoy_listen_unix("unix", &none, &err);
	hoy_conn *c;

	if (!l)
		return 1;
	hoy_listener_addr(l, &addr);
	c = hoy_dial_unix("unix", NULL, &addr, &err);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return !c;
}
