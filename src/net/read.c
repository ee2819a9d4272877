/* Reading more than one read gives: to the end, or exactly so much. */
#include <errno.h>

#include "net/net.h"

/* The end of either: the count, or what went wrong after it. */
static ssize_t end(hoy_conn *c, int begun, ssize_t code, size_t done, hoy_err *err)
{
	hoy__conn_end(c, HOY__NEITHER, begun, "read", "read", code, err);
	if (code < 0 && err)
		err->done = done;
	return code < 0 ? code : (ssize_t)done;
}

ssize_t hoy_read_full(hoy_conn *c, void *buf, size_t len, hoy_err *err)
{
	int begun = hoy__conn_begin(c, HOY__NEITHER);
	ssize_t n = begun;
	size_t done = 0;

	while (n >= 0 && done < len) {
		n = hoy_conn_read(c, (char *)buf + done, len - done, NULL);
		if (n == 0)
			n = HOY_EEOF;
		if (n > 0)
			done += (size_t)n;
	}
	return end(c, begun, n < 0 ? n : 0, done, err);
}

struct block {
	char *at;
	size_t len, size;
};

/* Room for something and the NUL. With a limit, one byte beyond it: that is how too much is seen. */
static int make_room(struct block *b, size_t limit)
{
	size_t size = b->size ? 2 * b->size : 1024;
	char *at;

	if (b->size - b->len > 1)
		return 0;
	if (limit && size > limit + 2)
		size = limit + 2;
	at = hoy__block_resize(b->at, size);
	if (!at)
		return -ENOMEM;
	b->at = at;
	b->size = size;
	return 0;
}

static ssize_t read_more(hoy_conn *c, struct block *b, size_t limit)
{
	ssize_t n = make_room(b, limit);

	if (n == 0)
		n = hoy_conn_read(c, b->at + b->len, b->size - b->len - 1, NULL);
	if (n > 0)
		b->len += (size_t)n;
	return limit && b->len > limit ? HOY_ETOOLONG : n;
}

ssize_t hoy_read_all(hoy_conn *c, char **data, size_t limit, hoy_err *err)
{
	struct block b = { 0 };
	int begun = hoy__conn_begin(c, HOY__NEITHER);
	ssize_t n = begun;

	if (begun == 0)
		while ((n = read_more(c, &b, limit)) > 0)
			;
	if (n < 0) {
		hoy__block_free(b.at);
	} else {
		b.at[b.len] = '\0';
		*data = b.at;
	}
	return end(c, begun, n, b.len, err);
}
