/* hoy_unix_msg in the system's form, and back. Neither direction waits. */
#ifndef HOY_SOCK_UNIX_H
#define HOY_SOCK_UNIX_H

#include <hoy/unix.h>

#include "sock/sock.h"

/* Receives one message from a peer of this kind of address; its length, or a code. */
ssize_t hoy__unix_receive(int fd, int kind, hoy_unix_msg *m, int flags);
/* Sends it, on a stream perhaps a part; sa_len 0: to the peer. The number of bytes, or a code. */
ssize_t hoy__unix_send(int fd, const hoy_unix_msg *m, const union hoy__sockaddr *sa, socklen_t sa_len, int flags);
/* Closes what a receive has returned. */
void hoy__unix_close_fds(hoy_unix_msg *m);
/* 0, -ENOTCONN when the socket does not know its peer, or another code. */
int hoy__unix_peer_cred(int fd, hoy_unix_cred *cred);

#endif
