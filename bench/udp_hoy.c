/*
 * A UDP echo server: udp_hoy ADDRESS [one|batch|gro]. One datagram at a time; as many as have come in one call; and
 * those of a peer joined by the kernel.
 */
#include <err.h>
#include <hoy.h>
#include <string.h>

static const char *mode = "one";

static void echo_one(hoy_conn *c)
{
	static char buf[65536];
	hoy_addr from;
	ssize_t n;

	while ((n = hoy_conn_read_from(c, buf, sizeof buf, &from, NULL)) >= 0)
		hoy_conn_write_to(c, buf, (size_t)n, &from, NULL);
}

static void echo_batch(hoy_conn *c, char *room, size_t size, int count)
{
	static hoy_msg msgs[64];
	int n;

	for (int i = 0; i < count; i++)
		msgs[i] = (hoy_msg){ .data = room + (size_t)i * size, .size = size };
	while ((n = hoy_udp_read_batch(c, msgs, count, NULL)) > 0)
		hoy_udp_write_batch(c, msgs, n, NULL);
}

static int serve(void *address)
{
	static char room[64 * 2048 > 4 * 65536 ? 64 * 2048 : 4 * 65536];
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_conn *c = hoy_listen_packet("udp", address, &err);

	if (!c || hoy_conn_set_read_buffer(c, 4 << 20, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	if (strcmp(mode, "batch") == 0) {
		echo_batch(c, room, 2048, 64);
	} else if (strcmp(mode, "gro") == 0) {
		hoy_udp_set_gro(c, 1, NULL);
		echo_batch(c, room, 65536, 4);
	} else {
		echo_one(c);
	}
	hoy_conn_free(c);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		mode = argv[2];
	return argc == 2 || argc == 3 ? hoy_run(serve, argv[1]) : 2;
}
