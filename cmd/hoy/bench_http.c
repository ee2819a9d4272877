/* HTTP/1.1 (RFC 9112): GET, one request after the other on a connection that is kept while the server keeps it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bench.h"

enum { BUFFER = 16384, REQUEST_STRLEN = 4096 };

static struct {
	char text[REQUEST_STRLEN];
	size_t len;
} request;

/* ---- the request ---- */

/* "www.example.com", "www.example.com:8080", "[::1]": without the port that http has anyway (RFC 9110 section 7.2) */
static char *host_header(const struct url *u, char buf[URL_ADDRESS_STRLEN])
{
	url_address(u, buf);
	if (!strcmp(u->port, "80"))
		*strrchr(buf, ':') = '\0';
	return buf;
}

int http_read_url(const char *text, char address[URL_ADDRESS_STRLEN])
{
	char ascii[HOY_HOST_STRLEN], host[URL_ADDRESS_STRLEN];
	const char *known;
	struct url u;
	int path_len;

	if (url_parse(text, &u) < 0)
		return refuse_url(text);
	if (strcmp(u.scheme, "http"))
		return usage("hoy bench speaks http, not %s", u.scheme);
	path_len = (int)strcspn(u.path, "#");
	if (!is_request_word(u.path, (size_t)path_len))
		return usage("a path has no spaces; write %%20 for one: '%s'", u.path);
	if (!(known = ascii_host(u.host, ascii)))
		return EXIT_USAGE;
	if (known != u.host)
		strcpy(u.host, known);
	url_address(&u, address);
	request.len = (size_t)snprintf(request.text, REQUEST_STRLEN,
				       "GET %s%.*s HTTP/1.1\r\nHost: %s\r\nUser-Agent: hoy/%s\r\nAccept: */*\r\n\r\n",
				       *u.path == '/' ? "" : "/", path_len, u.path, host_header(&u, host), hoy_version());
	return request.len < REQUEST_STRLEN ? EXIT_YES : usage("the URL is too long");
}

/* ---- parts of an answer: 0, ANSWER_WRONG or a negative code ---- */

struct head {
	int status;
	int64_t length;			/* -1: unknown */
	bool is_chunked, has_coding;	/* has_coding: some Transfer-Encoding */
	bool is_kept;			/* the connection, after this answer */
};

static int wrong(const struct client *c, const char *what)
{
	tally_wrong("connection %lld, answer %lld: %s", c->conn_number, (long long)c->answers, what);
	return ANSWER_WRONG;
}

static int read_line(struct client *c, char **line, hoy_err *err)
{
	size_t len;
	int code = hoy_reader_line(c->reader, line, &len, err);

	if (code == HOY_ETOOLONG)
		return wrong(c, "a line is longer than 16 KiB");
	if (code <= 0)
		return code ? code : client_cut(c, err);
	tally_count(c, &tally.received_bytes, (long long)len + 2);
	return strlen(*line) == len ? 0 : wrong(c, "a NUL in a line");
}

/* A number that ends the text, or ends before ; or a blank. -1: it is none. */
static int64_t number_of(const char *text, int base)
{
	char *end;
	long long n;

	if (!strchr("0123456789abcdefABCDEF", *text))	/* strtoll would take blanks and a sign */
		return -1;
	errno = 0;
	n = strtoll(text, &end, base);
	return errno || end == text || !strchr("; \t", *end) ? -1 : n;
}

static bool has_token(const char *list, const char *token)
{
	size_t len = strlen(token);

	while (*(list += strspn(list, ", \t"))) {
		size_t word = strcspn(list, ", \t");

		if (word == len && !strncasecmp(list, token, len))
			return true;
		list += word;
	}
	return false;
}

static bool is_last_token(const char *list, const char *token)
{
	const char *comma = strrchr(list, ',');

	return has_token(comma ? comma : list, token);
}

static int take_header(struct client *c, struct head *h, const char *line)
{
	size_t len = strcspn(line, ":");
	const char *value = line + len + (line[len] == ':');
	int64_t n;

	value += strspn(value, " \t");
	if (len == 14 && !strncasecmp(line, "Content-Length", len)) {
		n = number_of(value, 10);
		if (n < 0 || (h->length >= 0 && h->length != n))
			return wrong(c, "a Content-Length that is no number, or two that differ");
		h->length = n;
	} else if (len == 17 && !strncasecmp(line, "Transfer-Encoding", len)) {
		h->has_coding = true;
		h->is_chunked = is_last_token(value, "chunked");
	} else if (len == 10 && !strncasecmp(line, "Connection", len)) {
		h->is_kept = !has_token(value, "close") && (h->is_kept || has_token(value, "keep-alive"));
	}
	return 0;
}

static int read_head(struct client *c, struct head *h, hoy_err *err)
{
	char *line;
	int minor, code = read_line(c, &line, err);

	*h = (struct head){ .length = -1 };
	if (code != 0)
		return code;
	if (sscanf(line, "HTTP/1.%1d %3d", &minor, &h->status) != 2 || h->status < 100 || h->status >= STATUS_END)
		return wrong(c, "not HTTP/1.1");
	h->is_kept = minor > 0;
	while ((code = read_line(c, &line, err)) == 0 && *line)
		if ((code = take_header(c, h, line)) != 0)
			break;
	return code;
}

static int read_bytes(struct client *c, int64_t len, hoy_err *err)
{
	int code = hoy_reader_discard(c->reader, (size_t)len, err);

	tally_count(c, &tally.received_bytes, code < 0 ? 0 : len);
	return code < 0 ? code : 0;
}

/* RFC 9112 section 7.1: the chunks, the last one with length 0, and a trailer that ends like a header. */
static int read_chunks(struct client *c, hoy_err *err)
{
	int64_t len;
	char *line;
	int code;

	do {
		if ((code = read_line(c, &line, err)) != 0)
			return code;
		if ((len = number_of(line, 16)) < 0)
			return wrong(c, "a chunk without a length");
		if (len && ((code = read_bytes(c, len, err)) != 0 || (code = read_line(c, &line, err)) != 0))
			return code;
		if (len && *line)
			return wrong(c, "a chunk that is longer than it says");
	} while (len);
	while ((code = read_line(c, &line, err)) == 0 && *line)
		continue;
	return code;
}

static int read_to_end(struct client *c, hoy_err *err)
{
	char buf[4096];
	ssize_t n;

	while ((n = hoy_reader_read(c->reader, buf, sizeof buf, err)) > 0)
		tally_count(c, &tally.received_bytes, n);
	return (int)n;
}

/* RFC 9112 section 6.3 */
static int read_body(struct client *c, struct head *h, hoy_err *err)
{
	if (h->status == 204 || h->status == 304)
		return 0;
	if (h->is_chunked)
		return read_chunks(c, err);
	if (!h->has_coding && h->length >= 0)
		return read_bytes(c, h->length, err);
	h->is_kept = false;
	return read_to_end(c, err);
}

/* ---- an answer ---- */

static int read_answer(struct client *c, hoy_err *err)
{
	struct head h;
	int code;

	do
		code = read_head(c, &h, err);
	while (code == 0 && h.status < 200);	/* 100 and 103 announce the answer */
	if (code == 0)
		code = read_body(c, &h, err);
	if (code != 0)
		return code;
	if (hoy_reader_buffered(c->reader))
		return wrong(c, "bytes follow it that belong to no answer");
	tally_status(c, h.status);
	c->is_last = !h.is_kept;
	return ANSWER_RIGHT;
}

/*
 * A server may end an idle connection at any time, also when the next request is already on its way: a GET is then sent
 * again on another one (RFC 9112 section 9.3.1).
 */
static bool is_stale(const struct client *c, int code)
{
	return c->answers && (code == HOY_EEOF || code == -ECONNRESET || code == -EPIPE);
}

static int await_answer(struct client *c, hoy_err *err)
{
	const void *first;
	ssize_t n = hoy_reader_peek(c->reader, 1, &first, err);

	return n > 0 ? 0 : n < 0 ? (int)n : client_cut(c, err);
}

static int ask_http(struct client *c, hoy_err *err)
{
	int code = 0;

	if (!c->reader && !(c->reader = hoy_reader_new(c->conn, BUFFER, err)))
		return err->code;
	if (hoy_conn_write(c->conn, request.text, request.len, err) < 0)
		code = err->code;
	if (code == 0)
		code = await_answer(c, err);
	if (code < 0)
		return is_stale(c, code) ? ANSWER_STALE : code;
	tally_count(c, &tally.sent_bytes, (long long)request.len);
	return read_answer(c, err);
}

const struct protocol protocol_http = { .name = "http", .ask = ask_http };
