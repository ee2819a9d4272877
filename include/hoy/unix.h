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

#ifdef __cplusplus
}
#endif
#endif
