/*
 * The addresses of a connection's two ends. accept returns the remote one with the connection. The local one costs a
 * system call that most servers do not need, so an accepted connection makes it each time its address is wanted, and
 * keeps the result when it closes.
 */
#include "net/net.h"

/* Of several tasks that close at once, one fills in c->local. */
void hoy__conn_keep_local(hoy_conn *c)
{
	unsigned char state = HOY__LOCAL_UNKNOWN;

	if (atomic_load(&c->local_state) == state &&
	    atomic_compare_exchange_strong(&c->local_state, &state, HOY__LOCAL_BUSY)) {
		hoy__sock_ends(hoy__fd_sys(c->fd), c->kind, &c->local, NULL);
		atomic_store(&c->local_state, HOY__LOCAL_KNOWN);
	}
}

void hoy__conn_find_ends(hoy_conn *c)
{
	int sys = hoy__fd_sys(c->fd);

	if (!hoy__is_unix(c->kind)) {
		hoy__sock_ends(sys, c->kind, &c->local, &c->remote);
		return;
	}
	hoy__sock_local(sys, c->kind, &c->unix_ends->local);
	hoy__sock_remote(sys, c->kind, &c->unix_ends->remote);
	c->local.kind = (uint8_t)c->unix_ends->local.kind;
	c->remote.kind = (uint8_t)c->unix_ends->remote.kind;
}

void hoy__conn_accepted(hoy_conn *c, const hoy_listener *l, const union hoy__sockaddr *peer, socklen_t len)
{
	if (!hoy__is_unix(c->kind)) {
		atomic_init(&c->local_state, HOY__LOCAL_UNKNOWN);
		hoy__endpoint_of(&c->remote, c->kind, peer, len);
		return;
	}
	c->unix_ends->local = l->addr;
	hoy__sockaddr_addr(&c->unix_ends->remote, c->kind, peer, len);
	c->local.kind = (uint8_t)l->addr.kind;
	c->remote.kind = c->kind;
}

static struct hoy__endpoint local_of(hoy_conn *c)
{
	struct hoy__endpoint local = { .kind = HOY_ADDR_NONE };

	if (atomic_load(&c->local_state) != HOY__LOCAL_KNOWN && hoy__fd_hold(c->fd) == 0) {
		hoy__sock_ends(hoy__fd_sys(c->fd), c->kind, &local, NULL);
		hoy__fd_drop(c->fd);
	} else if (atomic_load(&c->local_state) == HOY__LOCAL_KNOWN) {
		local = c->local;
	}
	return local;
}

/*
 * While a PROXY header is awaited, whoever reads it may be changing the ends that the connection keeps: the system's are those of
 * the connection itself.
 */
static void ask_system(hoy_conn *c, void (*ask)(int fd, int kind, hoy_addr *addr), hoy_addr *addr)
{
	*addr = (hoy_addr){ 0 };
	if (hoy__fd_hold(c->fd) == 0) {
		ask(hoy__fd_sys(c->fd), c->kind, addr);
		hoy__fd_drop(c->fd);
	}
}

static bool awaits_header(const hoy_conn *c)
{
	return atomic_load(&c->proxy_state) != HOY__PROXY_NONE;
}

void hoy_conn_local_addr(const hoy_conn *c, hoy_addr *addr)
{
	struct hoy__endpoint local;

	if (c->ops && c->ops->local_addr) {
		c->ops->local_addr(c->self, addr);
	} else if (hoy__is_unix(c->kind) && awaits_header(c)) {
		ask_system((hoy_conn *)c, hoy__sock_local, addr);
	} else if (hoy__is_unix(c->kind)) {
		*addr = c->unix_ends->local;
	} else {
		local = local_of((hoy_conn *)c);
		hoy__endpoint_addr(&local, addr);
	}
}

void hoy_conn_remote_addr(const hoy_conn *c, hoy_addr *addr)
{
	if (c->ops && c->ops->remote_addr)
		c->ops->remote_addr(c->self, addr);
	else if (awaits_header(c))
		ask_system((hoy_conn *)c, hoy__sock_remote, addr);
	else if (hoy__is_unix(c->kind))
		*addr = c->unix_ends->remote;
	else
		hoy__endpoint_addr(&c->remote, addr);
}
