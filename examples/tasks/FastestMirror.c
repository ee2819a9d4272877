/*
 * The same file from several mirrors at once: the first whole answer wins.
 *
 *	FastestMirror PATH HOST:PORT...
 *
 * The winner is printed, and the group cancelled: the others stop where they are, be it in a lookup, a handshake or the
 * middle of an answer, and none of them has a line of code for that. The scope around it all gives the whole 10 s.
 */
#include <err.h>
#include <hoy.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE (10 * HOY_SECOND)

static const char *path;
static hoy_chan *answers;		/* of struct answer; each mirror has room to send its one */

struct answer {
	const char *mirror;
	char *text;
	ssize_t len;			/* a negative code: err says why there is no text */
	hoy_err err;
};

static ssize_t get(const char *mirror, char **text, hoy_err *err)
{
	char request[1024];
	int len = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, mirror);
	hoy_conn *c = hoy_dial("tcp", mirror, err);
	ssize_t n = c ? hoy_conn_write(c, request, (size_t)len, err) : err->code;

	if (n >= 0)
		n = hoy_read_all(c, text, 1 << 20, err);
	hoy_conn_free(c);
	return n;
}

static int ask(void *mirror)
{
	struct answer a = { .mirror = mirror };

	a.len = get(a.mirror, &a.text, &a.err);
	hoy_chan_send(answers, &a);
	return 0;
}

/* The body of an answer that is whole: its status is 200, and it has the length that it says. NULL if not. */
static const char *body_of(const struct answer *a)
{
	const char *end = a->len < 0 ? NULL : strstr(a->text, "\r\n\r\n");
	const char *length = a->len < 0 ? NULL : strcasestr(a->text, "\r\nContent-Length:");
	long promised;

	if (!end || strncmp(a->text, "HTTP/1.", 7) || strncmp(a->text + 8, " 200 ", 5))
		return NULL;
	if (length && length < end && sscanf(length + 17, "%ld", &promised) == 1 && promised != a->text + a->len - end - 4)
		return NULL;
	return end + 4;
}

static int print_first(int mirrors)
{
	struct answer a;
	char text[HOY_ERR_STRLEN];

	while (mirrors-- && hoy_chan_recv(answers, &a) == 0) {
		const char *body = body_of(&a);

		if (body) {
			fprintf(stderr, "from %s\n", a.mirror);
			fwrite(body, 1, (size_t)(a.text + a.len - body), stdout);
		} else {
			fprintf(stderr, "%s: %s\n", a.mirror, a.len < 0 ? hoy_err_string(&a.err, text) : "not a whole answer");
		}
		hoy_free(a.text);
		if (body)
			return 0;
	}
	return 1;
}

static int run(void *arg)
{
	char **mirrors = arg;
	struct answer late;
	hoy_scope whole;
	hoy_group *g;
	int code, n = 0;

	while (mirrors[n])
		n++;
	answers = hoy_chan_new(sizeof(struct answer), (size_t)n);
	hoy_scope_enter(&whole, hoy_in(PATIENCE));
	g = hoy_group_new();
	for (int i = 0; i < n; i++)
		if (hoy_group_go(g, ask, mirrors[i]) < 0)
			errx(1, "out of memory");
	code = print_first(n);
	hoy_group_free(g);		/* cancels the others, and waits for them */
	if (hoy_scope_leave(&whole) == HOY_ETIMEOUT)
		warnx("no mirror has answered in time");
	while (hoy_chan_try_recv(answers, &late) == 0)
		hoy_free(late.text);
	hoy_chan_free(answers);
	return code;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(1, "Usage: %s PATH HOST:PORT...", argv[0]);
	path = argv[1];
	return hoy_run(run, argv + 2);
}
