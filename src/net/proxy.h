/* Two streams in opposite directions between two connections, and how they are moved. */
#ifndef HOY_NET_PROXY_H
#define HOY_NET_PROXY_H

#include "net/net.h"

/* One direction. */
struct hoy__stream {
	hoy_conn *from, *to;
	int64_t *moved;		/* bytes that `to` has taken */
};

struct hoy__proxy {
	struct hoy__stream stream[2];
	hoy_duration idle;	/* 0: none */
	hoy_err *err;
};

/* Each waits until both streams have ended, or fails and fills in err. 0 or a code. */
/* proxy_ready.c. In this task, for descriptors that the poller waits for. */
int hoy__proxy_ready(const struct hoy__proxy *p);
/* proxy_tasks.c. In a task for each stream, for connections that can only be waited for in a call. */
int hoy__proxy_tasks(const struct hoy__proxy *p);

/* proxy.c. The stream's failure, on its connection c: fills in err, and returns code. */
int hoy__stream_fail(const struct hoy__stream *s, hoy_conn *c, const char *op, const char *call, int code, hoy_err *err);
/* A read returned n, which is not data: has the stream ended? A datagram may be empty. */
bool hoy__stream_is_end(const struct hoy__stream *s, ssize_t n);

#endif
