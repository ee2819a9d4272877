/*
 * Messages of Unix sockets: descriptors (SCM_RIGHTS) and credentials (SCM_CREDENTIALS) come as control messages. Every
 * descriptor that a control message brings is in this process already, so each is either returned or closed.
 */
#include <errno.h>
#include <string.h>

#include "os/os.h"
#include "sock/control.h"
#include "sock/unix.h"

enum { MOST_FDS = 253 };	/* SCM_MAX_FD, the most that Linux takes in one message */

union control {
	struct cmsghdr aligned;
	char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(MOST_FDS * sizeof(int))];
};

static void take_fds(hoy_unix_msg *m, const struct hoy__control *c)
{
	for (size_t i = 0; i < c->len / sizeof(int); i++) {
		int fd;

		memcpy(&fd, (const char *)c->data + i * sizeof fd, sizeof fd);
		if (m->fds_len < m->fds_size) {
			m->fds[m->fds_len++] = fd;
		} else {
			hoy__os_close(fd);
			m->flags |= HOY_UNIX_FDS_LOST;
		}
	}
}

static void take_cred(hoy_unix_msg *m, const struct hoy__control *c)
{
	struct ucred cred;

	if (!hoy__control_copy(c, &cred, sizeof cred))
		return;
	m->cred = (hoy_unix_cred){ cred.pid, cred.uid, cred.gid };
	m->flags |= HOY_UNIX_CRED;
}

static void take_control(hoy_unix_msg *m, const struct msghdr *msg)
{
	struct hoy__control c;

	for (size_t at = 0; hoy__control_next(msg, &at, &c);)
		if (c.level == SOL_SOCKET && c.type == SCM_RIGHTS)
			take_fds(m, &c);
		else if (c.level == SOL_SOCKET && c.type == SCM_CREDENTIALS)
			take_cred(m, &c);
}

/*
 * The room for control messages is the credentials' and that of as many descriptors as the caller takes. Without
 * credentials a few more fit into it; of those beyond, the system makes none here, and sets MSG_CTRUNC.
 */
ssize_t hoy__unix_receive(int fd, int kind, hoy_unix_msg *m, int flags)
{
	union hoy__sockaddr sa;
	union control control;
	size_t most = m->fds_size < MOST_FDS ? m->fds_size : MOST_FDS;
	struct iovec iov = { m->data, m->size };
	struct msghdr msg = {
		.msg_name = &sa, .msg_namelen = sizeof sa, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = CMSG_SPACE(sizeof(struct ucred)) + CMSG_LEN(most * sizeof(int)),
	};
	ssize_t n = hoy__os_recvmsg(fd, &msg, flags);

	if (n < 0)
		return n;
	m->len = (size_t)n;
	m->fds_len = 0;
	m->cred = (hoy_unix_cred){ 0 };
	m->flags = (msg.msg_flags & MSG_TRUNC ? HOY_UNIX_TRUNCATED : 0) | (msg.msg_flags & MSG_CTRUNC ? HOY_UNIX_FDS_LOST : 0);
	take_control(m, &msg);
	hoy__sockaddr_addr(&m->addr, kind, &sa, msg.msg_namelen);
	return n;
}

ssize_t hoy__unix_send(int fd, const hoy_unix_msg *m, const union hoy__sockaddr *sa, socklen_t sa_len, int flags)
{
	const struct ucred cred = { m->cred.pid, m->cred.uid, m->cred.gid };
	union control control;
	struct iovec iov = { m->data, m->len };
	struct msghdr msg = {
		.msg_name = sa_len ? (void *)sa : NULL, .msg_namelen = sa_len, .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control,
	};

	if (m->flags & HOY_UNIX_CRED)
		hoy__control_add(&msg, sizeof control, SOL_SOCKET, SCM_CREDENTIALS, &cred, sizeof cred);
	if (m->fds_len > MOST_FDS)
		return -EINVAL;
	if (m->fds_len)
		hoy__control_add(&msg, sizeof control, SOL_SOCKET, SCM_RIGHTS, m->fds, m->fds_len * sizeof(int));
	return hoy__os_sendmsg(fd, &msg, flags);
}

void hoy__unix_close_fds(hoy_unix_msg *m)
{
	while (m->fds_len)
		hoy__os_close(m->fds[--m->fds_len]);
}

int hoy__unix_peer_cred(int fd, hoy_unix_cred *cred)
{
	struct ucred got = { 0 };
	socklen_t len = sizeof got;
	int code = hoy__os_getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &got, &len);

	if (code < 0)
		return code;
	if (got.uid == (uid_t)-1)
		return -ENOTCONN;
	*cred = (hoy_unix_cred){ got.pid, got.uid, got.gid };
	return 0;
}
