/*
 * hoy_msg in the system's form, and back: one system call for one or many messages. Neither direction waits; what is
 * to be done about -EAGAIN the callers know.
 */
#ifndef HOY_SOCK_MESSAGE_H
#define HOY_SOCK_MESSAGE_H

#include <hoy/udp.h>

#include "sock/sock.h"

enum { HOY__BATCH = 64 };	/* messages in one system call */

/*
 * What the kernel is to report with each message from now on: the destination, interface, TTL and TOS. A socket of
 * family 6 receives IPv4 too. 0 or a code.
 */
int hoy__message_want_control(int fd, int family);
/* UDP_GRO. 0 or a code. */
int hoy__message_set_gro(int fd, bool on);

enum { HOY__MESSAGE_CONTROL = 160 };	/* bytes of room for the control messages of one message */

/* Sets dst, local, ifindex, ttl, tos and segment from the control messages; 0 where there is none for it. */
void hoy__message_read_control(const struct msghdr *msg, hoy_msg *m);
/*
 * Appends the control messages that m needs to a peer of this family. With a segment other than 0 the system cuts the
 * data into datagrams of that many bytes. 0 or a code.
 */
int hoy__message_write_control(struct msghdr *msg, const hoy_msg *m, int family, uint16_t segment);
/* Does the system cut data into datagrams (UDP_SEGMENT)? Probed once, by a UDP socket. */
bool hoy__message_has_gso(int fd);

/* Receives up to n messages from peers of this kind of address; the number, at least 1, or a code. */
int hoy__message_receive(int fd, int kind, hoy_msg *msgs, int n, int flags);

/*
 * Messages being sent, and the place of the next datagram: `offset` in message `at`. With a peer the socket is connected,
 * and addresses are not given to the system.
 */
struct hoy__sending {
	const hoy_msg *msgs;
	int n, at;
	size_t offset;
	const struct hoy__endpoint *peer;	/* its kind is HOY_ADDR_NONE when the socket is not connected */
	int kind, family;
	bool no_gso;		/* the system, or the device, cannot do it */
	int alone;		/* messages before this one are sent without it */
};

/* Sends as much as one system call does, and advances; 0, or the code of the next message. */
int hoy__message_send(int fd, struct hoy__sending *s, int flags);

#endif
