/*
 * The requests of a pinger that were sent last: when, and whether they had a reply. One task may send while another
 * receives.
 */
#ifndef HOY_NET_PING_WINDOW_H
#define HOY_NET_PING_WINDOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { HOY__PING_WINDOW = 1024 };

/* All-zero is empty. */
struct hoy__ping_window {
	struct hoy__ping_request {
		_Atomic int64_t sent;		/* a moment */
		_Atomic uint32_t state;		/* 0: none; else see ping_window.c */
	} requests[HOY__PING_WINDOW];
};

/* A request with this number is being sent; an earlier one in its place is forgotten. */
void hoy__ping_window_send(struct hoy__ping_window *w, uint16_t seq, int64_t now);
/* A reply to it has come: when it was sent, or -1 when it is forgotten; and had it a reply before? */
int64_t hoy__ping_window_answer(struct hoy__ping_window *w, uint16_t seq, bool *duplicate);

#endif
