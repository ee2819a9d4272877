#include <hoy/bufio.h>

static ssize_t give(void *self, void *buf, size_t len)
{
	(void)self;
	*(char *)buf = '\n';
	return len > 0;
}

static ssize_t take(void *self, const void *buf, size_t len)
{
	(void)self;
	(void)buf;
	return (ssize_t)len;
}

int main(void)
{
	static const hoy_conn_ops ops = { .network = "own", .read = give, .write = take };
	hoy_err err;
	hoy_conn *c = hoy_conn_new(&ops, NULL, &err);
	hoy_reader *r = hoy_reader_new(c, 0, &err);
	hoy_writer *w = hoy_writer_new(c, 0, &err);
	char *line;
	int bad = hoy_reader_line(r, &line, NULL, &err) != 1 || hoy_writer_printf(w, &err, "%d\n", 7) != 2 ||
		  hoy_writer_flush(w, &err) < 0;

	hoy_reader_free(r);
	hoy_writer_free(w);
	hoy_conn_free(c);
	return bad;
}
