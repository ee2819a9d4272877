/* hoy head: the guide's GetHeadInfo, with the times of each stage. */
#include <string.h>

#include "cmd.h"

static hoy_duration timeout = 5 * HOY_SECOND;
static const char *path = "/", *host;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for the whole question; 0: none", 0, 0 },
	{ "path", 'p', FLAG_TEXT, &path, "PATH", "what to ask for", 0, 0 },
	{ "host", 0, FLAG_TEXT, &host, "NAME", "sends a Host header too, for servers of several sites", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* An answer and when its parts came, counted from the start of the dial. */
struct answer {
	char text[65536];
	size_t len;
	hoy_duration connect, first_byte, total;
};

/* Anything that would end the request line early, or start another header. */
static int is_word(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return 0;
	return 1;
}

/* HTTP/1.0, as in the guide: the server closes after its answer, so nothing needs parsing. */
static int send_request(hoy_conn *c, hoy_err *err)
{
	char text[4096];
	int len = snprintf(text, sizeof text, "HEAD %s HTTP/1.0\r\n%s%s%s\r\n", path, host ? "Host: " : "",
			   host ? host : "", host ? "\r\n" : "");

	return hoy_conn_write(c, text, (size_t)len, err) < 0 ? -1 : 0;
}

/* An empty line ends the header, and nothing follows the header of a HEAD. */
static int is_whole(const struct answer *a)
{
	return memmem(a->text, a->len, "\r\n\r\n", 4) || memmem(a->text, a->len, "\n\n", 2);
}

static ssize_t read_answer(hoy_conn *c, struct answer *a, hoy_time start, hoy_err *err)
{
	ssize_t n = 1;

	while (n > 0 && a->len < sizeof a->text && !is_whole(a)) {
		n = hoy_conn_read(c, a->text + a->len, sizeof a->text - a->len, err);
		if (n > 0 && !a->len)
			a->first_byte = hoy_time_sub(hoy_now(), start);
		if (n > 0)
			a->len += (size_t)n;
	}
	a->total = hoy_time_sub(hoy_now(), start);
	return n;
}

static void tell_json(const char *addr, const struct answer *a, int is_http)
{
	struct json j;
	int status = 0;

	if (is_http)
		sscanf(a->text, "HTTP/%*15[0-9.] %3d", &status);
	json_begin(&j, "head");
	json_text(&j, "addr", addr);
	json_bool(&j, "http", is_http);
	json_int(&j, "status", status);
	json_bytes(&j, "text", a->text, a->len);
	json_int(&j, "size_bytes", (int64_t)a->len);
	json_int(&j, "connect_us", in_us(a->connect));
	json_int(&j, "first_byte_us", in_us(a->first_byte));
	json_int(&j, "total_us", in_us(a->total));
	json_end(&j);
}

static void tell_text(const struct answer *a)
{
	char connect[DURATION_STRLEN], first[DURATION_STRLEN], total[DURATION_STRLEN];

	put_foreign(a->text, a->len);
	if (a->len && a->text[a->len - 1] != '\n')
		out_print("\n");
	say("connected after %s, first byte after %s, all after %s", duration_string(a->connect, connect),
	    duration_string(a->first_byte, first), duration_string(a->total, total));
}

static int tell(const char *addr, const struct answer *a)
{
	int is_http = a->len > 5 && !memcmp(a->text, "HTTP/", 5);

	if (common.json)
		tell_json(addr, a, is_http);
	else if (a->len)
		tell_text(a);
	if (!is_http)
		say(a->len ? "%s answered, but not in HTTP" : "%s closed without a word", addr);
	return is_http ? EXIT_YES : EXIT_NO;
}

static int head(int argc, char **argv)
{
	static struct answer a;
	char addr[HOY_ADDR_STRLEN];
	hoy_time start = hoy_now();
	hoy_conn *c;
	hoy_err err;
	int failed;

	(void)argc;
	if (!is_word(path) || *path != '/' || strlen(path) > 2000)
		return usage("--path takes a path that starts with /, without spaces, not '%s'", path);
	if (host && (!is_word(host) || !*host || strlen(host) > 255))
		return usage("--host takes a host name, not '%s'", host);
	c = dial_within("tcp", argv[0], timeout, &a.connect, &err);
	if (!c)
		return fail(&err, NULL);
	remote_of(c, addr);
	failed = send_request(c, &err) < 0 || read_answer(c, &a, start, &err) < 0;
	hoy_conn_free(c);
	return failed ? fail(&err, NULL) : tell(addr, &a);
}

static const char *const examples[] = {
	"hoy head 127.0.0.1:80", "hoy head 127.0.0.1:8080 --path /index.html --host www.example.com", NULL
};

const struct verb verb_head = {
	.name = "head", .args = "ADDRESS", .brief = "ask a web server for its header, with timings",
	.about = "Sends HEAD / HTTP/1.0, prints the answer on standard output, and on standard error how\n"
		 "long connecting, the first byte and the whole took.",
	.exits = "0 it answered in HTTP, whatever the status\n1 it answered something else, or nothing\n"
		 "3 it could not be asked",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 1, .needs_tasks = 1, .run = head,
};
