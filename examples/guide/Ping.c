/*
 * The guide's Ping: an echo request to a host over a raw IP connection, and the bytes of both messages. It takes
 * root, or CAP_NET_RAW; hoy ping --bytes does the same with less. A raw connection to this machine receives the
 * request too, so requests are skipped, which the guide's program takes for the reply.
 *
 *	Ping host
 */
#include <hoy.h>

#include <stdio.h>
#include <stdlib.h>

static const int ipv4_header_size = 20;

static _Noreturn void fatal(const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	fprintf(stderr, "Fatal error: %s\n", hoy_err_string(err, text));
	exit(1);
}

static void resolve(const char *host, hoy_addr *addr)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;

	if (hoy_resolve_ip_addr("ip4", host, addr, &err) < 0) {
		printf("Resolution error %s\n", hoy_err_string(&err, text));
		exit(1);
	}
}

static void print(const char *what, const unsigned char *msg, ssize_t len)
{
	printf("%-17s", what);
	for (ssize_t n = 0; n < len; n++)
		printf(" %d", msg[n]);
	printf("\n");
}

static int ping(void *host)
{
	unsigned char msg[512] = {
		8,	/* echo */
		0,	/* code 0 */
		0, 0,	/* checksum, fix later */
		0, 13,	/* identifier (arbitrary) */
		0, 37	/* sequence (arbitrary) */
	};
	const int len = 8;
	hoy_addr local, remote;
	hoy_conn *conn;
	uint16_t check;
	hoy_err err;
	ssize_t size;

	resolve("0.0.0.0", &local);
	resolve(host, &remote);
	if (!(conn = hoy_dial_ip("ip4:icmp", &local, &remote, &err)))
		fatal(&err);
	check = hoy_checksum(msg, len);
	msg[2] = check >> 8;
	msg[3] = check & 255;
	if (hoy_conn_write(conn, msg, len, &err) < 0)
		fatal(&err);
	print("Message sent:", msg, len);
	hoy_conn_set_read_deadline(conn, hoy_in(5 * HOY_SECOND), NULL);
	do
		if ((size = hoy_conn_read(conn, msg, sizeof msg, &err)) < 0)
			fatal(&err);
	while (msg[ipv4_header_size] == 8);
	print("Message received:", msg + ipv4_header_size, size - ipv4_header_size);
	hoy_conn_free(conn);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		printf("Usage:  %s host\n", argv[0]);
		return 1;
	}
	return hoy_run(ping, argv[1]);
}
