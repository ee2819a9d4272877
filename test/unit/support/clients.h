/*
 * Clients that share no code with hoy: they live in a child process with descriptors of
 * its own, speak plain sockets, and tell by CHECK and their exit status how it went.
 */
#ifndef CLIENTS_H
#define CLIENTS_H

#include <stdint.h>
#include <sys/types.h>

#include <hoy.h>

struct clients {
	pid_t pid;
	int go, done;	/* pipes: the port to it; from it nothing but its end */
};

/* Forks before any thread exists; fn(port) runs in the child once clients_go is called. */
void clients_fork(struct clients *c, void (*fn)(int port));
/* From a task: tells the port, waits for the end. The exit status; 0 is good. */
int clients_go(struct clients *c, int port);

/* Lets this process open so many descriptors; 0 when the system does not allow it. */
int allow_files(unsigned n);
/* A blocking connection to 127.0.0.host:port, or -1. */
int connect_to(unsigned host, int port);

/* A stream of bytes of its own for each seed: xorshift. */
struct stream {
	uint64_t x, word;
	unsigned left;
};

void stream_init(struct stream *s, uint64_t seed);
void stream_bytes(struct stream *s, uint8_t *out, size_t len);
/* Do the next bytes of the stream read like this? */
int stream_matches(struct stream *s, const uint8_t *in, size_t len);
uint32_t stream_number(struct stream *s, uint32_t below);

/* A server that echoes, as a handler of hoy_serve. */
void echo(hoy_conn *c, void *arg);
/* The port a listener got. */
int port_of(const hoy_listener *l);
/* Serves `fn` on every local address in a task of its own, started now. */
hoy_listener *serve_in_background(void (*fn)(hoy_conn *, void *), hoy_wait_group *ended);

#endif
