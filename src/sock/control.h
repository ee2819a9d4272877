/*
 * Control messages, cmsg(3): what a socket delivers and takes beside the bytes of a message, such as the address that a
 * datagram was sent to, or descriptors.
 */
#ifndef HOY_SOCK_CONTROL_H
#define HOY_SOCK_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct hoy__control {
	int level, type;
	const void *data;	/* not aligned */
	size_t len;
};

/*
 * Reads the control message at offset *at of msg->msg_control, and moves *at behind it; begin with 0. False at the
 * end of msg_controllen bytes, or where they are no control message.
 */
bool hoy__control_next(const struct msghdr *msg, size_t *at, struct hoy__control *c);
/* Its data as a number, of 1 or 4 bytes as the kernel has it; 0 when it is shorter. */
int hoy__control_number(const struct hoy__control *c);
/* Copies len bytes of its data; false when it has fewer. */
bool hoy__control_copy(const struct hoy__control *c, void *to, size_t len);

/*
 * Appends a control message: msg->msg_control has room for `room` bytes, of which msg_controllen are used. False, and
 * nothing is appended, when there is no room for it. A message without any needs msg_controllen 0 and no room.
 */
bool hoy__control_add(struct msghdr *msg, size_t room, int level, int type, const void *data, size_t len);

#endif
