/*
 * libuv as its users write it: one read callback, and a write that is tried at once and
 * only queued, with memory of its own, when the socket is full.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct queued {
	uv_write_t request;
	char data[];
};

static char shared[65536];	/* between alloc and read nothing else runs */

static void give_buffer(uv_handle_t *handle, size_t wanted, uv_buf_t *buf)
{
	(void)handle;
	(void)wanted;
	*buf = uv_buf_init(shared, sizeof shared);
}

static void on_close(uv_handle_t *handle) { free(handle); }

static void on_written(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	uv_buf_t out = uv_buf_init(buf->base, n > 0 ? (unsigned)n : 0);
	int sent;

	if (n < 0) {
		uv_close((uv_handle_t *)stream, on_close);
		return;
	}
	sent = uv_try_write(stream, &out, 1);
	if (sent < 0)
		sent = 0;
	if (sent < n) {
		struct queued *q = malloc(sizeof *q + n - sent);

		if (!q)
			err(1, "malloc");
		memcpy(q->data, buf->base + sent, n - sent);
		out = uv_buf_init(q->data, (unsigned)(n - sent));
		uv_write(&q->request, stream, &out, 1, on_written);
	}
}

static void on_connection(uv_stream_t *listener, int status)
{
	uv_tcp_t *conn = malloc(sizeof *conn);

	if (status < 0 || !conn)
		errx(1, "connection");
	uv_tcp_init(listener->loop, conn);
	if (uv_accept(listener, (uv_stream_t *)conn) == 0) {
		uv_tcp_nodelay(conn, 1);
		uv_read_start((uv_stream_t *)conn, give_buffer, on_read);
	} else {
		uv_close((uv_handle_t *)conn, on_close);
	}
}

int main(int argc, char **argv)
{
	const char *colon = argc == 2 ? strrchr(argv[1], ':') : NULL;
	struct sockaddr_in sa;
	uv_tcp_t listener;

	uv_ip4_addr("0.0.0.0", colon ? atoi(colon + 1) : 0, &sa);
	uv_tcp_init(uv_default_loop(), &listener);
	if (uv_tcp_bind(&listener, (struct sockaddr *)&sa, 0) < 0 ||
	    uv_listen((uv_stream_t *)&listener, 4096, on_connection) < 0)
		errx(1, "listen");
	return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
