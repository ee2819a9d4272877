/* One address being dialled: a socket on its way to being a connection. Nothing here waits. */
#ifndef HOY_NET_CONNECTING_H
#define HOY_NET_CONNECTING_H

#include "net/net.h"

struct hoy__connecting {
	const hoy_dialer *dialer;
	const struct hoy__network *net;
	const hoy_addr *raddr;
	int64_t deadline;
	hoy_conn *conn;		/* from begin until it failed or was given up */
	const char *call;	/* what refused */
	int code;		/* 0 connected, 1 under way, or why not */
	int times;		/* it was begun */
};

/* Both set code. Look is for one that is under way. */
void hoy__connecting_begin(struct hoy__connecting *at);
void hoy__connecting_look(struct hoy__connecting *at, int64_t now);
/* Closes what is there. */
void hoy__connecting_give_up(struct hoy__connecting *at, int code);
/* For err; the code. */
int hoy__connecting_fail(const struct hoy__connecting *at, hoy_err *err);

#endif
