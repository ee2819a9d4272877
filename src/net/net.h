/*
 * What the files of net share. A connection is a hoy__fd, which gives it its life, its
 * locks and its deadlines, and either a descriptor below that or a table of calls.
 */
#ifndef HOY_NET_NET_H
#define HOY_NET_NET_H

#include <stdatomic.h>

#include <hoy/conn.h>
#include <hoy/dns.h>
#include <hoy/proxy_header.h>
#include <hoy/sync.h>
#include <hoy/task.h>
#include <hoy/tcp.h>
#include <hoy/udp.h>
#include <hoy/unix.h>

#include "base/base.h"
#include "dns/query/client.h"
#include "fd/fd.h"
#include "ip/network.h"
#include "ip/path.h"
#include "os/os.h"
#include "sock/sock.h"

struct hoy__serve;

/* Is hoy_conn.local filled in? Only an accepted connection begins with LOCAL_UNKNOWN. */
enum hoy__local { HOY__LOCAL_KNOWN, HOY__LOCAL_UNKNOWN, HOY__LOCAL_BUSY };

/* How hoy_udp_read_msg and its like use the socket. */
enum hoy__messages { HOY__HAS_CONTROL = 1, HOY__NO_GSO = 2 };

/* Paths are long, so only connections of Unix sockets have room for them. */
struct hoy__unix_ends {
	hoy_addr local, remote;
};

/* Small: it is the larger half of what an idle connection costs beside its stack. */
struct hoy_conn {
	struct hoy__fd *fd;
	const hoy_conn_ops *ops;	/* NULL: the descriptor's */
	void *self;			/* for ops */
	hoy_duration idle;		/* 0, or the longest a call may take */
	atomic_bool own_deadline[2];	/* by direction: the user set one, which beats idle */
	uint8_t kind;			/* enum hoy_addr_kind */
	uint8_t family;			/* 4 or 6, of a datagram socket: how it takes addresses */
	atomic_uchar local_state;	/* enum hoy__local */
	atomic_uchar messages;		/* of enum hoy__messages */
	atomic_uchar proxy_state;	/* enum hoy__proxy_state; remote is set once there is nothing to await */
	const char *network;		/* static text, or the ops' */
	struct hoy__endpoint local, remote;	/* of a Unix socket they have only a kind */
	struct hoy__serve *serve;	/* who runs it; and its neighbours there */
	hoy_conn *next, **at;
	struct hoy__unix_ends unix_ends[];	/* one of a Unix socket, else none */
};

struct hoy_listener {
	struct hoy__fd *fd;
	const hoy_listener_ops *ops;	/* NULL: the descriptor's */
	void *self;			/* for ops */
	const char *network;
	uint8_t kind;			/* enum hoy_addr_kind */
	hoy_addr addr;
	bool unlink_on_close;		/* the file of a Unix socket, */
	struct hoy__file_info file;	/* as long as it is this one; inode 0: whichever it is */
	hoy_keep_alive_config keep_alive;
	bool has_defaults;		/* set on the listening socket, from which connections inherit them */
	struct hoy__proxy_gate *gate;	/* NULL: without the PROXY protocol */
	hoy_mutex guard;
	struct hoy__serve *serves;	/* to be woken by close */
	hoy_listener *shard;		/* the next socket at the same address; all belong to the first, the user's */
	bool is_shard;			/* it is one of several */
};

/* fail.c. All return code, and fill err unless it is NULL. call is named for the system's codes only. */
int hoy__fail(hoy_err *err, const char *op, const char *network, const char *call, int code);
int hoy__fail_at(hoy_err *err, const char *op, const char *network, const hoy_addr *source, const hoy_addr *addr,
		 const char *call, int code);
/* `ip` has told the inner half. */
int hoy__fail_told(hoy_err *err, const char *op, const char *network, int code);
int hoy__fail_told_at(hoy_err *err, const char *op, const char *network, const hoy_addr *source, const hoy_addr *addr,
		      int code);
/* As hoy__fail_at for a socket that could not be opened, with a hint where a raw one is not permitted. */
int hoy__fail_open(hoy_err *err, const char *op, const struct hoy__network *net, const hoy_addr *source, const hoy_addr *addr,
		   const char *call, int code);
int hoy__conn_fail(const hoy_conn *c, const char *op, const char *call, int code, hoy_err *err);
/* Go names only the near end when a setting common to all connections fails. */
int hoy__conn_fail_near(const hoy_conn *c, const char *op, const char *call, int code, hoy_err *err);
int hoy__listener_fail(const hoy_listener *l, const char *op, const char *call, int code, hoy_err *err);
/*
 * Every call on a connection is
 *
 *	int begun = hoy__conn_begin(c, HOY__IN);
 *	ssize_t n = hoy__fd_begun(begun);
 *
 *	if (n == 0)
 *		n = ... what it does ...;
 *	return hoy__conn_end(c, HOY__IN, begun, "read", "recv", n, err);
 *
 * The end fills in err while the call still has its reference, since c may have been freed meanwhile. It returns code.
 */
int hoy__conn_begin(hoy_conn *c, enum hoy__direction d);
ssize_t hoy__conn_end(hoy_conn *c, enum hoy__direction d, int begun, const char *op, const char *call, ssize_t code,
		      hoy_err *err);
int hoy__listener_end(hoy_listener *l, enum hoy__direction d, int begun, const char *op, const char *call, int code,
		      hoy_err *err);

/* Datagrams, of which an empty one is no end, and which are not half-closed. */
static inline bool hoy__conn_has_no_end(const hoy_conn *c)
{
	return hoy__fd_is(c->fd, HOY__FD_DATAGRAM) && c->kind != HOY_ADDR_UNIXPACKET;
}

/* leak.c. What is listed when a run ends and has not freed it. */
struct hoy__leak_kind;
extern const struct hoy__leak_kind hoy__leak_conn, hoy__leak_listener;

/* conn.c. Takes the descriptor; NULL for want of memory, and then it is still the caller's. */
hoy_conn *hoy__conn_new(int sys, unsigned fd_kind, int kind, const char *network);
/* The same of a socket: fd_kind is HOY__FD_SHARED or 0, the rest follows from kind. family: 4, 6 or 0, of datagrams. */
hoy_conn *hoy__socket_new(int sys, unsigned fd_kind, int kind, int family, const char *network);
/* Writes all, or fails; *done is what went out. Fills in err but for that. */
int hoy__conn_write(hoy_conn *c, const void *buf, size_t len, size_t *done, hoy_err *err);
/* A call of this direction begins, without hoy__conn_begin: if there is an idle time, its deadline is that long from now. */
void hoy__conn_renew(hoy_conn *c, enum hoy__direction d);
/* Closes without waiting, which hoy_conn_close does where the system's close blocks. */
int hoy__conn_shut(hoy_conn *c);

/* copy.c. splice has no way to say "do not wait": the socket must be in that mode, and nobody else's. */
bool hoy__can_splice(const hoy_conn *c);

/* proxy_header.c. Is a PROXY header still to be read, before the first data? */
enum hoy__proxy_state { HOY__PROXY_NONE, HOY__PROXY_AWAITED, HOY__PROXY_MAYBE, HOY__PROXY_REFUSED };

struct hoy__proxy_gate;
/* A copy of the policy for hoy__release, or NULL; 0 or a code. */
int hoy__proxy_gate_new(const hoy_proxy_policy *policy, int kind, struct hoy__proxy_gate **gate);
/* Of a new connection whose remote is known: decides whether a header is awaited, and until when. */
void hoy__proxy_gate_enter(const struct hoy__proxy_gate *gate, hoy_conn *c);
/* Reads the header, if one is awaited. The caller has the lock of HOY__IN. 0 or a code. */
int hoy__proxy_header_read(hoy_conn *c);

/* ends.c. Before the descriptor closes: fills in c->local if it is unknown. The caller holds c, or owns it. */
void hoy__conn_keep_local(hoy_conn *c);
/* Fills in both ends, as the system knows them. */
void hoy__conn_find_ends(hoy_conn *c);
/* Fills in the ends of a connection that l accepted from this peer. */
void hoy__conn_accepted(hoy_conn *c, const hoy_listener *l, const union hoy__sockaddr *peer, socklen_t len);

/* listen.c. As hoy__socket_new. */
hoy_listener *hoy__listener_new(int sys, unsigned fd_kind, int kind, const char *network);
hoy_listener *hoy__listen_at(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
			     hoy_err *err);

/* packet.c. The end of a write to this address that failed: err names it. */
void hoy__conn_fail_to(const hoy_addr *to, int code, hoy_err *err);
/* packet.c. Where a datagram for `to` (NULL: none given) is sent: the length, or a code when this connection cannot. */
int hoy__conn_sockaddr(const hoy_conn *c, const hoy_addr *to, union hoy__sockaddr *sa);
hoy_conn *hoy__listen_packet_at(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
				hoy_err *err);

/* unix.c. The address of a text, for call "connect" or "bind": 0, or -EINVAL, told in err, when it is too long. */
int hoy__unix_addr(const struct hoy__network *net, const char *text, const char *op, const char *call, hoy_addr *addr,
		   hoy_err *err);
hoy_conn *hoy__dial_unix(const hoy_dialer *d, const struct hoy__network *net, const hoy_addr *raddr, int64_t deadline,
			 hoy_err *err);

/*
 * udp.c. Messages of a connection of this kind, HOY_ADDR_UDP or HOY_ADDR_IP: the number, or a code. call is what the story
 * of a failure names.
 */
int hoy__msgs_read(hoy_conn *c, int kind, hoy_msg *msgs, int n, const char *call, hoy_err *err);
/* 0 when all went out. */
int hoy__msgs_write(hoy_conn *c, int kind, const hoy_msg *msgs, int n, const char *call, hoy_err *err);
/* From now on the kernel reports the fields of hoy_msg with each datagram. 0 or a code. */
int hoy__udp_want_control(hoy_conn *c);

/* raw.c. Of raw IPv4: receives a packet without its header, as hoy__fd_recvfrom. */
ssize_t hoy__raw_receive(hoy_conn *c, void *buf, size_t len, union hoy__sockaddr *from, socklen_t *from_len);

/* open.c. What a socket is opened as, so that it can hold these addresses (NULL: none given). */
struct hoy__family {
	int family;		/* 4, 6, or 0 for Unix */
	bool v6only;
};
struct hoy__family hoy__family_of(const struct hoy__network *net, const hoy_addr *laddr, const hoy_addr *raddr);
/* A socket still to be bound; `listens` it will receive from anybody, at laddr. The rest is as in hoy_dialer, hoy_listen_config. */
struct hoy__opening {
	struct hoy__family family;
	const struct hoy__network *net;
	bool listens;
	const hoy_addr *laddr, *raddr;
	int (*control)(int fd, const char *network, const hoy_addr *addr, void *arg);
	void *arg;
	const char *device;
	uint32_t mark;
	int fast_open;
	bool reuse_port, v6only, multipath;
	bool unix_replace;
	unsigned unix_mode;
};
/* What a dialer opens for this peer. */
struct hoy__opening hoy__opening_to(const hoy_dialer *d, const struct hoy__network *net, const hoy_addr *raddr);
/* What a listen config says about the socket at laddr (NULL: anywhere). */
struct hoy__opening hoy__opening_of(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr);
/* The socket, seen by control and bound to laddr if there is one; *call names what refused. */
int hoy__open(const struct hoy__opening *o, const char **call);
/* Undoes that: closes the socket, and removes the file that it was bound to. */
void hoy__open_undo(const struct hoy__opening *o, int sys);

/* unix_file.c. Binds a Unix socket, as o says; *call names what failed, and then no file is left. */
int hoy__unix_bind(int sys, const struct hoy__opening *o, const char **call);
/* The address names a file. */
bool hoy__unix_has_file(const hoy_addr *addr);
/* Shall the close of this listener remove its file? Of TCP there is none. */
void hoy__unix_own_file(hoy_listener *l, bool own);
/* Before a listener closes: removes the file that it owns. */
void hoy__unix_unlink(hoy_listener *l);

/* tcp.c. The configuration that a dialer's or listener's two fields come down to. */
hoy_keep_alive_config hoy__keep_alive_of(hoy_duration keep_alive, const hoy_keep_alive_config *config);
int hoy__tcp_keep_alive(int sys, const hoy_keep_alive_config *config);
/*
 * The options that every connection starts with: no delay, and these keep-alive settings. All are tried; 0, or the
 * first failure's code, which is no reason to refuse the connection.
 */
int hoy__tcp_defaults(int sys, const hoy_keep_alive_config *config);

/* dial.c. Dials these addresses, and reorders them. */
hoy_conn *hoy__dial_list(const hoy_dialer *d, const struct hoy__network *net, hoy_addr *list, size_t n,
			 int64_t deadline, hoy_err *err);

/* listen.c. One socket. */
hoy_listener *hoy__listen_once(const hoy_listen_config *lc, const struct hoy__network *net, const hoy_addr *laddr,
			       hoy_err *err);
/* hoy_listener_accept, of a shard too. */
hoy_conn *hoy__listener_accept(hoy_listener *l, hoy_err *err);
/* The same of a socket for a caller that has the lock, without waiting: 0, -EAGAIN or a code. */
int hoy__listener_accept_now(hoy_listener *l, hoy_conn **conn);
/*
 * After the close, while the caller keeps the descriptor: no connection is begun any more; and the next that was completed, or
 * NULL. Neither waits. Not for a listener that others have too.
 */
void hoy__listener_stop_queue(hoy_listener *l);
hoy_conn *hoy__listener_accept_rest(hoy_listener *l);

/* fdconn.c. hoy_listener_from_fd, with what lc (NULL: the defaults) says about accepted connections. */
hoy_listener *hoy__listener_adopt(int fd, const hoy_listen_config *lc, hoy_err *err);

/* shards.c. How many sockets the configuration wants, or a code; and the others than l, in a list behind it: 0 or a code in err. */
int hoy__shards_wanted(const hoy_listen_config *lc);
int hoy__shards_add(hoy_listener *l, int n, const hoy_listen_config *lc, const struct hoy__network *net,
		    const hoy_addr *laddr, hoy_err *err);
/* hoy_serve of all sockets of l. */
int hoy__serve_shards(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
		      hoy_err *err);

/* serve.c. hoy_serve of this one socket. */
int hoy__serve_one(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
		   hoy_err *err);
/* Does this failure of an accept pass when others let go, or is it that of a connection that failed early? */
bool hoy__accept_may_pass(int code);
/* The listener has closed. */
void hoy__serve_wake(hoy_listener *l);

/*
 * What a dial does with the addresses of the family that is known first, while the other is still being asked for
 * (RFC 8305 section 3).
 */
struct hoy__early {
	struct hoy__meanwhile meanwhile;	/* step and wait are the dial's */
	void (*start)(struct hoy__early *e, hoy_addr *list, size_t n);	/* the list is its to release */
	bool begun;				/* by start: a failure of the lookup is not told any more */
	/* for those who look up */
	struct hoy__lookup *lookup;
	const struct hoy__network *net;
	uint16_t port;
};

/*
 * address.c. All addresses of "host:port" in the order to try them, a block for
 * hoy__release; resolver NULL: the system's. A lookup ends at the deadline. early may be NULL.
 * The count, or a code, told in err.
 */
int hoy__resolve_all(hoy_resolver *r, int64_t deadline, const struct hoy__network *net, const char *address,
		     struct hoy__early *early, hoy_addr **list, hoy_err *err);
/* One address to listen at, and its network. HOY_EUNEXPECTED when that is not of one of these kinds; told in err. */
int hoy__resolve_local(const char *network, unsigned kinds, const char *address, struct hoy__network *net, hoy_addr *addr,
		       hoy_err *err);
/* Those of the list that fit the network, with the port; the count. */
int hoy__resolve_these(const struct hoy__network *net, uint16_t port, hoy_addr *list, int n);

/*
 * lookup.c. hoy_resolver_lookup_ip_addr for one family (0: both), which ends at the deadline
 * if that is earlier than the resolver's own.
 */
int hoy__lookup_until(hoy_resolver *r, const char *name, int family, int64_t deadline, struct hoy__early *early,
		      hoy_addr **list, hoy_err *err);
/* A record as hoy__record_keep has put it into results with this pool, whose text it points to. */
struct hoy__result;
hoy_record hoy__record_of(const struct hoy__result *result, char *pool);

#endif
