/*
 * The macros of cmsg(3) trust the lengths that they read and want aligned memory; here each length is checked against
 * msg_controllen first, and headers are copied.
 */
#include "sock/control.h"

#include <stdint.h>
#include <string.h>

bool hoy__control_next(const struct msghdr *msg, size_t *at, struct hoy__control *c)
{
	const char *start = msg->msg_control;
	size_t left = *at < msg->msg_controllen ? msg->msg_controllen - *at : 0;
	struct cmsghdr head;

	if (left < CMSG_LEN(0))
		return false;
	memcpy(&head, start + *at, sizeof head);
	if (head.cmsg_len < CMSG_LEN(0) || head.cmsg_len > left)
		return false;
	*c = (struct hoy__control){
		.level = head.cmsg_level,
		.type = head.cmsg_type,
		.data = start + *at + CMSG_LEN(0),
		.len = head.cmsg_len - CMSG_LEN(0),
	};
	*at += CMSG_SPACE(c->len);
	return true;
}

bool hoy__control_copy(const struct hoy__control *c, void *to, size_t len)
{
	if (c->len < len)
		return false;
	memcpy(to, c->data, len);
	return true;
}

int hoy__control_number(const struct hoy__control *c)
{
	uint8_t byte = 0;
	int number = 0;

	if (hoy__control_copy(c, &number, sizeof number))
		return number;
	hoy__control_copy(c, &byte, sizeof byte);
	return byte;
}

bool hoy__control_add(struct msghdr *msg, size_t room, int level, int type, const void *data, size_t len)
{
	const struct cmsghdr head = { .cmsg_len = CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type };
	size_t space = CMSG_SPACE(len), used = msg->msg_controllen;
	char *at = (char *)msg->msg_control + used;

	if (room < used || room - used < space)
		return false;
	memset(at, 0, space);	/* valgrind and MSan look at the padding, too */
	memcpy(at, &head, sizeof head);
	if (len)
		memcpy(at + CMSG_LEN(0), data, len);
	msg->msg_controllen = used + space;
	return true;
}
