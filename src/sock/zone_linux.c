/*
 * Zones by netlink: one question, one answer, for anybody's asking and without /sys,
 * which containers may lack.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "sock/zone.h"

_Static_assert(IF_NAMESIZE == 16, "a zone is an interface's name");

struct question {
	struct nlmsghdr head;
	struct ifinfomsg link;
	struct rtattr attr;
	char name[IF_NAMESIZE];
};

/* The answer is one message, a link or an error; its length, or a code. */
static ssize_t ask(const struct question *q, void *answer, size_t size)
{
	union { struct sockaddr any; struct sockaddr_nl nl; } kernel = { .nl.nl_family = AF_NETLINK };
	struct msghdr to = {
		.msg_name = &kernel, .msg_namelen = sizeof kernel.nl,
		.msg_iov = &(struct iovec){ (void *)q, q->head.nlmsg_len }, .msg_iovlen = 1,
	};
	int fd = hoy__os_socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = hoy__os_sendmsg(fd, &to, 0);
	if (n >= 0)	/* rtnetlink answers before send returns */
		n = hoy__os_recv(fd, answer, size, 0);
	hoy__os_close(fd);
	return n;
}

/* By index, or by name where index is 0. Both are filled in. */
static int find_link(int *index, char name[IF_NAMESIZE])
{
	union { struct nlmsghdr head; char room[8192]; } answer;
	struct question q = {
		.head = { .nlmsg_len = sizeof q, .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = *index },
		.attr = { .rta_len = RTA_LENGTH(strlen(name) + 1), .rta_type = IFLA_IFNAME },
	};
	struct ifinfomsg *link = NLMSG_DATA(&answer.head);
	ssize_t n;

	if (*index)
		q.head.nlmsg_len = NLMSG_LENGTH(sizeof q.link);
	else
		memcpy(q.name, name, sizeof q.name);
	n = ask(&q, &answer, sizeof answer);
	if (n < 0)
		return (int)n;
	if (!NLMSG_OK(&answer.head, n) || answer.head.nlmsg_type != RTM_NEWLINK)
		return -ENODEV;
	*index = link->ifi_index;

	int left = IFLA_PAYLOAD(&answer.head);
	for (struct rtattr *a = IFLA_RTA(link); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_IFNAME && RTA_PAYLOAD(a) <= IF_NAMESIZE)
			memcpy(name, RTA_DATA(a), RTA_PAYLOAD(a));
	return 0;
}

/* 0 when it is no number; the kernel's are positive ints. */
static uint32_t decimal(const char *text)
{
	uint64_t n = 0;

	for (; *text >= '0' && *text <= '9' && n <= INT32_MAX; text++)
		n = n * 10 + (*text - '0');
	return *text || n > INT32_MAX ? 0 : n;
}

int hoy__zone_index(const char *name, uint32_t *index)
{
	char copy[IF_NAMESIZE] = "";
	int found = 0, code;

	if (strlen(name) >= sizeof copy)
		return -ENODEV;
	memcpy(copy, name, strlen(name));
	code = find_link(&found, copy);
	*index = code == 0 ? (uint32_t)found : decimal(name);
	return *index ? 0 : -ENODEV;
}

char *hoy__zone_name(uint32_t index, char name[16])
{
	int number = (int)index;

	name[0] = '\0';
	if (find_link(&number, name) < 0 || !name[0])
		snprintf(name, IF_NAMESIZE, "%u", index);
	return name;
}
