/*
 * A question is one datagram to the kernel, which has put the first datagram of its reply into
 * our queue before sendmsg returns, and makes each further one while the last is received. So
 * nothing ever waits here. Anybody may ask, without /sys, which containers may lack.
 */
#include "sock/netlink.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "os/os.h"

enum { ROOM = 8192 };		/* the kernel makes no larger datagrams for a reader with this much room */

static int send_question(int fd, const struct nlmsghdr *question)
{
	union { struct sockaddr any; struct sockaddr_nl nl; } kernel = { .nl.nl_family = AF_NETLINK };
	struct iovec iov = { (void *)question, question->nlmsg_len };
	struct msghdr to = {
		.msg_name = &kernel, .msg_namelen = sizeof kernel.nl, .msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n = hoy__os_sendmsg(fd, &to, 0);

	return n < 0 ? (int)n : 0;
}

/* What an error or the end of a list carries: 0 or a code. */
static int code_of(const struct nlmsghdr *message)
{
	const int *code = NLMSG_DATA(message);

	return message->nlmsg_len >= NLMSG_LENGTH(sizeof *code) && *code < 0 ? *code : 0;
}

/* NLMSG_NEXT takes off more than there was when the padding of the last message is missing. */
static const struct nlmsghdr *next_message(const struct nlmsghdr *message, size_t *left)
{
	size_t step = NLMSG_ALIGN(message->nlmsg_len);

	if (step > *left)
		step = *left;
	*left -= step;
	return (const struct nlmsghdr *)((const char *)message + step);
}

int hoy__netlink_read(const void *datagram, size_t len, hoy__netlink_fn *each, void *arg)
{
	const struct nlmsghdr *m = datagram;
	int more = 0;

	for (; NLMSG_OK(m, len); m = next_message(m, &len)) {
		int code;

		if (m->nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE)
			return code_of(m);
		if ((code = each(m, arg)) < 0)
			return code;
		more = (m->nlmsg_flags & NLM_F_MULTI) != 0;
	}
	return more;
}

static int read_reply(int fd, hoy__netlink_fn *each, void *arg)
{
	union { struct nlmsghdr align; char bytes[ROOM]; } room;
	int code;

	do {
		ssize_t n = hoy__os_recv(fd, &room, sizeof room, MSG_TRUNC);

		if (n < 0)
			return (int)n;
		if ((size_t)n > sizeof room)
			return -EMSGSIZE;
		code = hoy__netlink_read(&room, (size_t)n, each, arg);
	} while (code > 0);
	return code;
}

static int ask(const struct nlmsghdr *question, hoy__netlink_fn *each, void *arg)
{
	int fd = hoy__os_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), code;

	if (fd < 0)
		return fd;
	code = send_question(fd, question);
	if (code == 0)
		code = read_reply(fd, each, arg);
	hoy__os_close(fd);
	return code;
}

int hoy__netlink_links(int index, const char *name, hoy__netlink_fn *each, void *arg)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
		struct rtattr attr;
		char name[IF_NAMESIZE];
	} question = {
		.head = { .nlmsg_len = sizeof question, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = index },
		.attr = { .rta_type = IFLA_IFNAME },
	};

	if (index || !name) {
		question.head.nlmsg_len = NLMSG_LENGTH(sizeof question.link);
		if (!index)
			question.head.nlmsg_flags |= NLM_F_DUMP;
	} else if (strlen(name) < sizeof question.name) {
		question.attr.rta_len = (unsigned short)RTA_LENGTH(strlen(name) + 1);
		memcpy(question.name, name, strlen(name));
	} else {
		return -ENODEV;
	}
	return ask(&question.head, each, arg);
}

int hoy__netlink_addrs(hoy__netlink_fn *each, void *arg)
{
	const struct {
		struct nlmsghdr head;
		struct ifaddrmsg addr;
	} question = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof question.addr), .nlmsg_type = RTM_GETADDR,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.addr = { .ifa_family = AF_UNSPEC },
	};

	return ask(&question.head, each, arg);
}

const struct rtattr *hoy__netlink_attrs(const struct nlmsghdr *message, size_t fixed, int *left)
{
	size_t start = NLMSG_LENGTH(NLMSG_ALIGN(fixed));

	if (message->nlmsg_len < start)
		return NULL;
	*left = (int)(message->nlmsg_len - start);
	return (const struct rtattr *)((const char *)message + start);
}
