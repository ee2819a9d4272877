/*
 * What is particular to Unix sockets, unix(7). Networks: "unix" (a stream), "unixgram" (datagrams) and "unixpacket"
 * (a sequence of messages). An address is a path of at most 107 bytes, or '@' and a name in Linux's abstract namespace
 * (107 bytes), which is no file and ends with its socket.
 */
#ifndef HOY_UNIX_H
#define HOY_UNIX_H

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * laddr, which may be NULL, names this end too. raddr may be NULL for "unixgram" with laddr: the socket has no peer
 * then. While the listener's queue is full, this waits. Go's net.DialUnix.
 */
hoy_conn *hoy_dial_unix(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err);
/*
 * "unix" or "unixpacket". Creates the file, which must not exist, with the permissions that umask leaves, and removes it
 * when the listener closes. An empty path is an abstract name of the system's choice. NULL on failure. Go's
 * net.ListenUnix.
 */
hoy_listener *hoy_listen_unix(const char *network, const hoy_addr *laddr, hoy_err *err);
/* "unixgram". The file stays when the socket closes: remove it. NULL on failure. Go's net.ListenUnixgram. */
hoy_conn *hoy_listen_unixgram(const char *network, const hoy_addr *laddr, hoy_err *err);

/*
 * Shall closing remove the listener's file? On for a listener that created it, off for one of hoy_listener_from_fd.
 * Another file that has taken its place since this call, or since listening began, stays. Switch it off where another
 * process goes on listening. HOY_EWRONGKIND for TCP. Go's UnixListener.SetUnlinkOnClose.
 */
int hoy_listener_set_unlink_on_close(hoy_listener *l, int on, hoy_err *err);

/* A process, as the system knows it. */
typedef struct hoy_unix_cred {
	pid_t pid;		/* 0: it is in a pid namespace that is not visible from this one */
	uid_t uid;
	gid_t gid;
} hoy_unix_cred;

/*
 * The process at the other end of a "unix" or "unixpacket" connection: who it was when it dialled, or began to listen
 * (SO_PEERCRED). -ENOTCONN for a "unixgram" socket without a peer; of one that was dialled this cannot be known either.
 * Does not wait.
 */
int hoy_unix_peer_cred(hoy_conn *c, hoy_unix_cred *cred, hoy_err *err);
/* On: each message that hoy_unix_read_msg reads has its sender's credentials (SO_PASSCRED). */
int hoy_unix_set_pass_cred(hoy_conn *c, int on, hoy_err *err);

enum hoy_unix_msg_flag {
	HOY_UNIX_TRUNCATED = 1,	/* set by a read: the message was longer than size, and the rest is lost */
	HOY_UNIX_FDS_LOST = 2,	/* set by a read: more descriptors came than there was room for, or this process may have */
	HOY_UNIX_CRED = 4	/* set by a read when cred is known, and by the caller of a write that sends cred */
};

/* Bytes, and what came with them. */
typedef struct hoy_unix_msg {
	void *data;		/* the caller's; a write only reads it */
	size_t size;		/* bytes of room at data, for reads */
	size_t len;		/* bytes at data: set by reads, sent by writes */
	hoy_addr addr;		/* the sender, kind 0 if it has no name; for a write without a peer, the receiver */
	int *fds;		/* descriptors: the caller's array */
	unsigned fds_size;	/* room at fds, for reads */
	unsigned fds_len;	/* set by reads, sent by writes */
	unsigned flags;		/* of enum hoy_unix_msg_flag */
	hoy_unix_cred cred;
	uint64_t reserved[4];
} hoy_unix_msg;

/*
 * Reads one message, or of a stream what has come, at most to the end of the bytes that the next descriptors were sent
 * with. Sets all fields but data, size, fds and fds_size. Descriptors are the caller's to close; they are close-on-exec,
 * and those that do not fit are closed. Other reads of the connection close all. m->len, or a negative code. Waits. Go's
 * UnixConn.ReadMsgUnix.
 */
ssize_t hoy_unix_read_msg(hoy_conn *c, hoy_unix_msg *m, hoy_err *err);
/*
 * Writes all of m->len, and copies of the descriptors, which stay the caller's: at most 253 (-EINVAL), with musl 252
 * (-ENOMEM), and on a stream with at least one byte (-EINVAL). cred may be another than one's own only with privileges
 * (-EPERM). On a connection with a peer addr is that peer's or has kind 0, else it is HOY_ECONNECTED. Waits. m->len, or a
 * negative code and err->done. Go's UnixConn.WriteMsgUnix.
 */
ssize_t hoy_unix_write_msg(hoy_conn *c, const hoy_unix_msg *m, hoy_err *err);

/* hoy_unix_write_msg of these bytes and n descriptors, on a connection with a peer. */
ssize_t hoy_unix_send_fds(hoy_conn *c, const void *data, size_t len, const int *fds, int n, hoy_err *err);
/*
 * hoy_unix_read_msg; *n is the room at fds, then how many came. When some were lost, the call closes all and fails with
 * -EMSGSIZE; the err->done bytes at data were read.
 */
ssize_t hoy_unix_recv_fds(hoy_conn *c, void *data, size_t size, int *fds, int *n, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
