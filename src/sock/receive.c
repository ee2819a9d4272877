/* Messages received: recvmmsg fills as many as have come, or recvmsg the first where there is no such call. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "os/os.h"
#include "sock/control.h"
#include "sock/message.h"

/* It stands on the stack during the system call only, not while a task waits. */
struct inbound {
	struct mmsghdr heads[HOY__BATCH];
	struct iovec iov[HOY__BATCH];
	struct sockaddr_in6 names[HOY__BATCH];	/* of either family */
	_Alignas(struct cmsghdr) char control[HOY__BATCH][HOY__MESSAGE_CONTROL];
};

static void prepare(struct inbound *in, const hoy_msg *msgs, int n)
{
	for (int i = 0; i < n; i++) {
		in->iov[i] = (struct iovec){ msgs[i].data, msgs[i].size };
		in->heads[i].msg_hdr = (struct msghdr){
			.msg_name = &in->names[i], .msg_namelen = sizeof in->names[i],
			.msg_iov = &in->iov[i], .msg_iovlen = 1,
			.msg_control = in->control[i], .msg_controllen = sizeof in->control[i],
		};
	}
}

static int receive_one(int fd, struct mmsghdr *head, int flags)
{
	ssize_t len = hoy__os_recvmsg(fd, &head->msg_hdr, flags);

	head->msg_len = (unsigned)(len < 0 ? 0 : len);
	return len < 0 ? (int)len : 1;
}

static int receive(int fd, struct mmsghdr *heads, int n, int flags)
{
	static atomic_bool missing;
	int got;

	if (n > 1 && !atomic_load(&missing)) {
		got = hoy__os_recvmmsg(fd, heads, n, flags);
		if (got != -ENOSYS)
			return got;
		atomic_store(&missing, true);
	}
	return receive_one(fd, heads, flags);
}

static void finish(hoy_msg *m, const struct mmsghdr *head, int kind)
{
	const struct msghdr *msg = &head->msg_hdr;
	union hoy__sockaddr sa;
	struct hoy__endpoint e;

	memcpy(&sa, msg->msg_name, sizeof(struct sockaddr_in6));
	hoy__endpoint_of(&e, kind, &sa, msg->msg_namelen);
	hoy__endpoint_addr(&e, &m->addr);
	m->len = head->msg_len;
	m->flags = msg->msg_flags & MSG_TRUNC ? HOY_MSG_TRUNCATED : 0;
	hoy__message_read_control(msg, m);
	if (m->segment == 0)
		m->segment = (uint32_t)m->len;
}

int hoy__message_receive(int fd, int kind, hoy_msg *msgs, int n, int flags)
{
	struct inbound in;
	int got;

	prepare(&in, msgs, n < HOY__BATCH ? n : HOY__BATCH);
	got = receive(fd, in.heads, n < HOY__BATCH ? n : HOY__BATCH, flags);
	for (int i = 0; i < got; i++)
		finish(&msgs[i], &in.heads[i], kind);
	return got;
}
