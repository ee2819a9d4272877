/*
 * The guide's UDP server: sends every datagram back with the QR bit of a DNS message set,
 * each in a task of its own. One too short to have that bit, on which the guide's panics,
 * comes back as it is.
 *
 *	ListenPacket [address]		:1053 without one
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
	hoy_conn *pc;
	hoy_addr addr;
	size_t len;
	char buf[1024];
};

static int serve(void *arg)
{
	struct request *r = arg;

	/*
	 * 0 - 1: ID
	 * 2: QR(1): Opcode(4)
	 */
	if (r->len > 2)
		r->buf[2] = (char)(r->buf[2] | 0x80);	/* Set QR bit */
	hoy_conn_write_to(r->pc, r->buf, r->len, &r->addr, NULL);
	return 0;
}

static int listen_packet(void *address)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	struct request r = { .pc = hoy_listen_packet("udp", address, &err) };

	if (!r.pc) {
		fprintf(stderr, "%s\n", hoy_err_string(&err, text));
		exit(1);
	}
	for (;;) {
		ssize_t n = hoy_conn_read_from(r.pc, r.buf, sizeof r.buf, &r.addr, NULL);

		if (n < 0) {
			/* the guide goes on at once, and so spins while memory is short */
			hoy_sleep(10 * HOY_MILLISECOND);
			continue;
		}
		r.len = (size_t)n;
		hoy_go_copy(serve, &r, sizeof r);	/* one that cannot be started is one more lost datagram */
	}
}

int main(int argc, char **argv)
{
	char port[] = ":1053";

	return hoy_run(listen_packet, argc > 1 ? argv[1] : port);
}
