/*
 * Connections and listeners: Go's Conn, PacketConn, Listener, Dialer and ListenConfig. One
 * hoy_conn serves TCP, UDP, Unix sockets, pipes and connections made by the user.
 *
 * Every call here may be made by several tasks at once: one reader and one writer
 * get in, others queue, so writes never interleave. Close wakes whoever is blocked
 * with HOY_ECLOSED; free gives the memory back when the last call inside has left.
 */
#ifndef HOY_CONN_H
#define HOY_CONN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <hoy/addr.h>
#include <hoy/err.h>
#include <hoy/mem.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hoy_conn hoy_conn;
typedef struct hoy_listener hoy_listener;

/*
 * Go's KeepAliveConfig. With a field of 0 hoy sets its default, with a negative one nothing: the
 * system's value stays. Linux counts in seconds, rounded up, of which it allows 32767.
 */
typedef struct hoy_keep_alive_config {
	int enable;
	hoy_duration idle;	/* 15 s */
	hoy_duration interval;	/* 15 s */
	int count;		/* 9 */
	uint64_t reserved[8];
} hoy_keep_alive_config;

struct hoy_resolver;

/*
 * Go's Dialer; all-zero, or NULL, is hoy_dial.
 *
 * A name with several addresses is dialled by Happy Eyeballs version 2 (RFC 8305): the
 * families in turn, a new attempt every 250 ms and as soon as one fails, until one
 * succeeds; the others are closed. With fallback_delay that is Go's way instead: the
 * first address's family one after the other, each with a share of the time, and beside
 * it the other family, later by the delay or once the first has failed (Go's default is
 * 300 ms); negative, all one after the other. So it is too for UDP and from a fixed port.
 *
 * With fallback_delay 0, a dial does not wait for both families of a name: it begins when the IPv6 addresses are
 * known, or 50 ms after the IPv4 ones; the others take part when they arrive (RFC 8305 section 3).
 *
 * When all fail, err is the first address's error, and `attempt` was told each of them.
 */
typedef struct hoy_dialer {
	hoy_duration timeout;		/* for the whole dial; 0: none; negative: over, HOY_ETIMEOUT (hoy/time.h) */
	hoy_time deadline;		/* {0}: none; the earlier of both counts */
	const hoy_addr *local_addr;	/* NULL: the kernel picks */
	hoy_duration keep_alive;	/* 0: on, 15 s; negative: off; ignored if config.enable */
	hoy_keep_alive_config keep_alive_config;
	/* Called for each descriptor before it is bound or connected; negative ends the attempt. */
	int (*control)(int fd, const char *network, const hoy_addr *addr, void *arg);
	/*
	 * Told the result of every attempt, by the dialling task: 0, or the code of err;
	 * HOY_ECANCELED for one given up because another succeeded.
	 */
	void (*attempt)(const hoy_addr *addr, int code, const hoy_err *err, void *arg);
	void *arg;			/* for both */
	hoy_duration fallback_delay;	/* 0: RFC 8305; positive: Go's way; negative: no second lane */
	struct hoy_resolver *resolver;	/* for names; NULL: the system's */
	const char *device;		/* the interface to send by (SO_BINDTODEVICE); NULL: as routed */
	uint32_t mark;			/* for rules of routing and filtering (SO_MARK); 0: none */
	uint8_t reuse_port;		/* others may have the local address too (SO_REUSEPORT) */
	uint8_t multipath;		/* MPTCP (RFC 8684) where system and peer know it, else TCP */
	/*
	 * TCP Fast Open (RFC 7413): the first write is sent with the SYN once the peer is known from an earlier
	 * connection. The dial then returns before the peer has answered; that write returns what it failed with.
	 */
	uint8_t fast_open;
	uint8_t unused;			/* 0 */
	uint64_t reserved[4];
} hoy_dialer;

/*
 * Connects. network: "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6"; address: "host:port",
 * an empty host is the local system. Or "unix", "unixgram", "unixpacket" and a path (hoy/unix.h);
 * or "ip4:icmp" and the like, and a host (hoy/raw.h).
 * A UDP connection exchanges datagrams with that peer alone, and nothing is sent yet. NULL on
 * failure. Waits. Go's net.Dial.
 */
hoy_conn *hoy_dial(const char *network, const char *address, hoy_err *err);
hoy_conn *hoy_dial_timeout(const char *network, const char *address, hoy_duration timeout, hoy_err *err);
hoy_conn *hoy_dialer_dial(const hoy_dialer *d, const char *network, const char *address, hoy_err *err);
/* To an address that is known already. Go's Dialer.DialTCP and DialUDP, with laddr in d->local_addr. */
hoy_conn *hoy_dialer_dial_addr(const hoy_dialer *d, const char *network, const hoy_addr *raddr, hoy_err *err);

/*
 * Go's ListenConfig; all-zero, or NULL, is hoy_listen. Every accepted connection starts with TCP_NODELAY and the keep-alive
 * settings. Other options of the listening socket, also those that control sets, are inherited where the system does that.
 * What the system refuses ends the call with its code: -EPERM for a mark without CAP_NET_ADMIN or CAP_NET_RAW.
 */
typedef struct hoy_listen_config {
	hoy_duration keep_alive;	/* as in hoy_dialer, for accepted connections */
	hoy_keep_alive_config keep_alive_config;
	int backlog;			/* 0: the system's maximum */
	int (*control)(int fd, const char *network, const hoy_addr *addr, void *arg);
	void *arg;
	const char *device;		/* the interface to receive by (SO_BINDTODEVICE); NULL: any */
	uint32_t mark;			/* for rules of routing and filtering (SO_MARK); 0: none */
	int fast_open;			/* connections of TCP Fast Open that may be incomplete at once; 0: none */
	uint8_t reuse_port;		/* others of the same user may listen at this address too (SO_REUSEPORT) */
	uint8_t v6only;			/* not IPv4 as well, where "tcp" or "udp" would take it; refused for an IPv4 address */
	uint8_t multipath;		/* MPTCP (RFC 8684) where the system knows it; peers with TCP are accepted too */
	/*
	 * Of a Unix socket's file. unix_replace: when the file is there, but no socket is bound to it any more, it is removed
	 * first; of servers that start at once with it, one succeeds. A file that a socket is bound to, or that is none, is
	 * -EADDRINUSE. unix_mode: the permissions, which are never wider in between; 0: what umask leaves of 0777.
	 */
	uint8_t unix_replace;
	uint16_t unix_mode;
	/*
	 * Sockets that share the address, among which the system spreads the connections; 0: one; negative: one for each worker. Each
	 * has a queue of its own, and under hoy_serve an accept loop on a worker of its own (the first on the first),
	 * where its connections stay. That is for servers whose connections are many and short. Such a listener is for hoy_serve
	 * alone: hoy_listener_accept and hoy_listener_fd are HOY_EWRONGKIND. At most 256, else -EINVAL.
	 */
	int16_t shards;
	const struct hoy_proxy_policy *proxy;	/* the PROXY protocol is read (hoy/proxy_header.h); NULL: it is not */
	uint64_t reserved[4];
} hoy_listen_config;

/*
 * Listens. "tcp" with an empty or unspecified host takes IPv4 and IPv6 on one socket;
 * port 0 picks one, see hoy_listener_addr. "unix" and "unixpacket" take a path, as hoy_listen_unix
 * does (hoy/unix.h). NULL on failure. Go's net.Listen.
 */
hoy_listener *hoy_listen(const char *network, const char *address, hoy_err *err);
hoy_listener *hoy_listen_config_listen(const hoy_listen_config *lc, const char *network, const char *address,
				       hoy_err *err);
/* At an address that is known already; NULL is every local one, and a port of the kernel's choice. */
hoy_listener *hoy_listen_config_listen_addr(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr,
					    hoy_err *err);

/*
 * A socket for datagrams from and to anybody: "udp", "udp4", "udp6", addresses as in
 * hoy_listen. "udp" takes IPv4 and IPv6 on one socket, whose IPv4 peers are told as such.
 * A multicast address binds its port on every local address and shares it; groups are not
 * joined. "unixgram" takes a path, as hoy_listen_unixgram does, "ip4:icmp" a host, as hoy_listen_ip (hoy/raw.h).
 * NULL on failure. Go's net.ListenPacket.
 */
hoy_conn *hoy_listen_packet(const char *network, const char *address, hoy_err *err);
hoy_conn *hoy_listen_config_listen_packet(const hoy_listen_config *lc, const char *network, const char *address,
					  hoy_err *err);
/* At an address that is known already, as hoy_listen_config_listen_addr. */
hoy_conn *hoy_listen_config_listen_packet_addr(const hoy_listen_config *lc, const char *network, const hoy_addr *laddr,
					       hoy_err *err);

/* Waits for a connection, which is then the caller's to free. NULL on failure. */
hoy_conn *hoy_listener_accept(hoy_listener *l, hoy_err *err);
/* Ends listening; whoever is in accept gets HOY_ECLOSED. A second close is HOY_ECLOSED too. */
int hoy_listener_close(hoy_listener *l, hoy_err *err);
/* Closes if still open and gives the listener back; NULL is nothing. */
void hoy_listener_free(hoy_listener *l);
/* Where it listens. Go's Listener.Addr. */
void hoy_listener_addr(const hoy_listener *l, hoy_addr *addr);
int hoy_listener_set_deadline(hoy_listener *l, hoy_time t, hoy_err *err);

/* All-zero, or NULL, are the defaults. */
typedef struct hoy_serve_opts {
	int max_conns;			/* served at once; accepting pauses at the limit; divided among shards; 0: no limit */
	hoy_duration idle;		/* a read or write that takes longer ends with HOY_ETIMEOUT; 0: none; negative: all do */
	hoy_duration drain;		/* after a close or cancel, for connections to end by themselves; 0: for ever; negative: none */
	size_t stack;			/* of each connection's task, as in hoy_go_opts (hoy/task.h) */
	/* Told of every accept that failed and is tried again. */
	void (*trouble)(const hoy_err *err, hoy_duration pause, void *arg);
	/* Told of every connection that was closed before fn was called, since its PROXY header failed. From its own task. */
	void (*refused)(const hoy_err *err, void *arg);
	hoy_duration goodbye;		/* after drain, between the cancellation of fn and the close; 0 or negative: none */
	uint64_t reserved[6];
} hoy_serve_opts;

/*
 * Accepts until the listener is closed or the caller cancelled, and runs fn(conn, arg)
 * in a task of its own for each connection, which is freed when fn returns. Out of
 * descriptors or memory, it pauses 5 ms, doubling to 1 s, and goes on. Returns 0 after
 * close or cancel, when the last connection has ended: the caller's scope (hoy/group.h) ends accepting, and none of the calls
 * in fn. When the time of drain is over, fn is cancelled: it runs in a scope, so all that waits in it, and in the children of its
 * groups, returns HOY_ECANCELED, unless it is shielded. When the time of goodbye is over as well, the connections are closed, so that
 * their calls return HOY_ECLOSED; then fn is waited for, however long it takes. After close, connections that the system has
 * completed by then are served as well, unless max_conns are being served or another process has the listener too; after
 * cancel, they can still be accepted.
 */
int hoy_serve(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
	      hoy_err *err);

/*
 * Reads at most len bytes, waiting for the first. 0 is the end of the stream (or len
 * was 0). Go's Conn.Read.
 */
ssize_t hoy_conn_read(hoy_conn *c, void *buf, size_t len, hoy_err *err);
/*
 * Reads what has arrived, at most 64 KiB, into a buffer that hoy lends to the task, and points *data to it: so a
 * connection that waits holds no buffer. The bytes are the task's to read, not to change, until its next call that may
 * wait or yield. The exception is hoy_conn_write, which may be given them, all or a part: it copies what it cannot send
 * at once, and the data is invalid when it returns. Every kind of connection can be read this way; of datagrams, each call
 * returns one. Results and waiting are as in hoy_conn_read; *data is set unless the result is negative.
 */
ssize_t hoy_conn_read_lent(hoy_conn *c, const void **data, hoy_err *err);
/*
 * Writes all len bytes or fails; err->done tells how many went out before. A broken
 * peer is -EPIPE, never a signal. Go's Conn.Write.
 */
ssize_t hoy_conn_write(hoy_conn *c, const void *buf, size_t len, hoy_err *err);
/* The same over several buffers; write sends all of them. Go's Buffers. */
ssize_t hoy_conn_readv(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err);
ssize_t hoy_conn_writev(hoy_conn *c, const struct iovec *iov, int n, hoy_err *err);

/*
 * Receives one datagram and, unless from is NULL, who sent it: kind 0 if it has no address, as a Unix
 * socket that was not bound. What does not fit into len
 * bytes is cut off; 0 is an empty datagram. On a connected socket, that the peer's port is
 * closed shows as -ECONNREFUSED in this or a later call. HOY_EWRONGKIND on a connection
 * without datagrams. Waits. Go's PacketConn.ReadFrom.
 */
ssize_t hoy_conn_read_from(hoy_conn *c, void *buf, size_t len, hoy_addr *from, hoy_err *err);
/*
 * Sends one datagram, which may be empty. A dialled connection has its peer: there it is
 * HOY_ECONNECTED, and hoy_conn_write sends. An address of another network is -EINVAL, an
 * IPv6 one on an IPv4 socket HOY_ENOTIPV4. Waits. Go's PacketConn.WriteTo.
 */
ssize_t hoy_conn_write_to(hoy_conn *c, const void *buf, size_t len, const hoy_addr *to, hoy_err *err);

/*
 * Orderly end, both directions; a second close is HOY_ECLOSED. Does not wait, except where the
 * system's close blocks (a socket that lingers, a file, a device) and no other call is inside: then
 * the caller waits until that is done or its scope (hoy/group.h) ends, and other tasks go on. Either way it returns 0.
 */
int hoy_conn_close(hoy_conn *c, hoy_err *err);
/* Half-close. The read side still yields what had arrived. HOY_EWRONGKIND for datagrams (not for "unixpacket"). */
int hoy_conn_close_read(hoy_conn *c, hoy_err *err);
int hoy_conn_close_write(hoy_conn *c, hoy_err *err);
/*
 * Closes if still open and gives the connection back; NULL is nothing. Once, by the owner. A task never
 * waits here: a close that blocks goes on aside, and hoy_run waits for it at its end, within the grace period.
 */
void hoy_conn_free(hoy_conn *c);

/* Both ends; kind 0 when unknown. */
void hoy_conn_local_addr(const hoy_conn *c, hoy_addr *addr);
void hoy_conn_remote_addr(const hoy_conn *c, hoy_addr *addr);

/*
 * Absolute deadlines for pending and future calls; {0} is none. Past it, calls fail
 * with HOY_ETIMEOUT, even when data is ready; moved, the connection works on.
 */
int hoy_conn_set_deadline(hoy_conn *c, hoy_time t, hoy_err *err);
int hoy_conn_set_read_deadline(hoy_conn *c, hoy_time t, hoy_err *err);
int hoy_conn_set_write_deadline(hoy_conn *c, hoy_time t, hoy_err *err);
/* The kernel's buffers, in bytes. */
int hoy_conn_set_read_buffer(hoy_conn *c, int bytes, hoy_err *err);
int hoy_conn_set_write_buffer(hoy_conn *c, int bytes, hoy_err *err);

enum hoy_fd_flag {
	/*
	 * Others use the descriptor too: its mode is never changed. What may block then runs on
	 * a thread aside, once there is something to read or room to write.
	 */
	HOY_FD_SHARED = 1
};

/*
 * Makes a connection of a descriptor: a TCP, UDP or Unix socket, a pipe, a terminal, a file; another
 * kind of socket, and one that listens, is HOY_EWRONGKIND. On success the descriptor belongs to the
 * connection. Go's FileConn and FilePacketConn, without the dup.
 *
 * Reads and writes of a file, and of a shared descriptor in blocking mode, run on threads aside.
 * Deadline and close end the wait at once, and cancellation after 100 ms; a call that has started
 * goes on. What such a read brings later is the next read's. Such a write may still go out, in
 * which case err->done does not count its last 64 KiB or less; the next write comes after it, and
 * returns its error if it failed. The descriptor is closed when the call in it has ended.
 */
hoy_conn *hoy_conn_from_fd(int fd, unsigned flags, hoy_err *err);
/* The same for a listening socket. The file of a Unix one stays when it closes. Go's FileListener. */
hoy_listener *hoy_listener_from_fd(int fd, unsigned flags, hoy_err *err);
/*
 * A duplicate of the descriptor (close-on-exec), the caller's to close, or a negative
 * code. Go's File.
 */
int hoy_conn_fd(hoy_conn *c, hoy_err *err);
int hoy_listener_fd(hoy_listener *l, hoy_err *err);

/*
 * A connection of one's own. Every call gets `self`; a NULL entry is
 * HOY_EWRONGKIND, a NULL free does nothing. Results follow the calls above:
 * counts, 0 for the end, negative codes. close is called once, before free.
 */
typedef struct hoy_conn_ops {
	const char *network;
	ssize_t (*read)(void *self, void *buf, size_t len);
	ssize_t (*write)(void *self, const void *buf, size_t len);
	int (*close)(void *self);
	int (*close_read)(void *self);
	int (*close_write)(void *self);
	int (*set_read_deadline)(void *self, hoy_time t);
	int (*set_write_deadline)(void *self, hoy_time t);
	void (*local_addr)(void *self, hoy_addr *addr);
	void (*remote_addr)(void *self, hoy_addr *addr);
	void (*free)(void *self);
	ssize_t (*read_from)(void *self, void *buf, size_t len, hoy_addr *from);	/* from is never NULL */
	ssize_t (*write_to)(void *self, const void *buf, size_t len, const hoy_addr *to);
	void *reserved[6];
} hoy_conn_ops;

/* ops must outlive the connection. NULL only for want of memory; self is then untouched. */
hoy_conn *hoy_conn_new(const hoy_conn_ops *ops, void *self, hoy_err *err);

/*
 * A listener of one's own, for hoy_listener_accept, hoy_serve and all that takes a listener. As with hoy_conn_ops, a NULL
 * entry is HOY_EWRONGKIND and close is called once, before free; it has to end an accept that waits. One accept at a time.
 */
typedef struct hoy_listener_ops {
	const char *network;
	int (*accept)(void *self, hoy_conn **c);	/* waits; 0 with the next connection in *c, or a code */
	int (*close)(void *self);
	int (*set_deadline)(void *self, hoy_time t);
	void (*addr)(void *self, hoy_addr *addr);
	void (*free)(void *self);
	void *reserved[6];
} hoy_listener_ops;

/* ops must outlive the listener. NULL only for want of memory; self is then untouched. */
hoy_listener *hoy_listener_new(const hoy_listener_ops *ops, void *self, hoy_err *err);

/*
 * Two ends in memory, without a buffer: a write returns when all of it was read.
 * Deadlines work. Go's net.Pipe. 0 or a negative code.
 */
int hoy_pipe(hoy_conn **a, hoy_conn **b, hoy_err *err);

/*
 * Moves bytes from src to dst until the end of src; the number moved, or a negative
 * code with err->done. Through the kernel where both sides allow it. After a failure, what was read and not yet
 * written is lost, at most 64 KiB. Waits. Go's io.Copy.
 */
int64_t hoy_copy(hoy_conn *dst, hoy_conn *src, hoy_err *err);

/* All-zero, or NULL, are the defaults. */
typedef struct hoy_proxy_opts {
	/*
	 * How long no byte may move in either direction, then HOY_ETIMEOUT; negative: at once. 0: the shorter limit that
	 * hoy_serve has set for the connections, or none.
	 */
	hoy_duration idle;
	int64_t *a_to_b, *b_to_a;	/* get the number of bytes that b and a have taken, also after a failure; NULL: not wanted */
	uint64_t reserved[8];
} hoy_proxy_opts;

/*
 * Sends to b what arrives at a, and to a what arrives at b. The end of one stream is passed on as a half-close, and the
 * other stream goes on: 0 when both have ended. When either side fails, a negative code at once; err names the
 * connection, and err->done counts what its stream has moved. Both connections stay the caller's to free. What has
 * already been read is lost with a failure, except that what a peer sent before it broke the connection is passed on.
 *
 * Needs no runtime, one task for both directions, and no buffer while nothing arrives; large data stays in the
 * kernel where both sides allow it. Datagrams are passed on one by one, and have no end. With a connection that is waited for inside
 * a call (of hoy_conn_new, a file, a shared pipe or terminal) there are two tasks more, HOY_ENORUNTIME outside hoy_run, and both
 * connections have been closed after a failure. The end of a stream does not reach a connection without a half-close.
 * Nothing else should read or write them meanwhile: such calls wait for their turn.
 */
int hoy_proxy(hoy_conn *a, hoy_conn *b, const hoy_proxy_opts *opts, hoy_err *err);

/*
 * Reads to the end into memory of its own: *data is the caller's to hoy_free, has a NUL
 * after its last byte, and is set on success only. More than limit bytes (0: no limit)
 * are HOY_ETOOLONG. After any failure the err->done bytes read until then are gone. Go's io.ReadAll.
 */
ssize_t hoy_read_all(hoy_conn *c, char **data, size_t limit, hoy_err *err);
/* Reads exactly len bytes; an end before that is HOY_EEOF, with err->done. Go's io.ReadFull. */
ssize_t hoy_read_full(hoy_conn *c, void *buf, size_t len, hoy_err *err);

/*
 * Runs fn(arg) in a task of its own when the connection becomes readable (or ended, or
 * was closed), once, without a stack waiting meanwhile. Until then it counts as a call that reads: it waits until those before
 * it have ended, and others wait for it. Needs a runtime.
 */
int hoy_when_readable(hoy_conn *c, int (*fn)(void *arg), void *arg, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
