/* Reads, writes and accepts of a descriptor whose calls block, on threads of the pool. */
#ifndef HOY_FD_ASIDE_H
#define HOY_FD_ASIDE_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "task/source.h"

struct hoy__fd;

/*
 * They wait until the call would not block, as elsewhere, and then run it on a thread. A close or a
 * deadline ends the wait but not the call: what such a read or accept brings is the next one's, and
 * the next write waits until such a write has ended, and fails if that has failed. The caller is
 * inside, with the direction's lock.
 */
ssize_t hoy__aside_read(struct hoy__fd *fd, const struct iovec *iov, int n);
/* Writes a part, from the beginning. */
ssize_t hoy__aside_write(struct hoy__fd *fd, const struct iovec *iov, int n);
int hoy__aside_accept(struct hoy__fd *fd, struct sockaddr *sa, socklen_t *len);

/*
 * Is a call of this direction under way, or its result still to be taken? 0 neither; -EAGAIN: it is under way, and the source is
 * kicked when it ends; 1: a next call returns at once.
 */
int hoy__aside_look(struct hoy__fd *fd, enum hoy__direction d);

/* The last call inside has left: drop the results that no call took. */
void hoy__aside_free(struct hoy__fd *fd);

#endif
