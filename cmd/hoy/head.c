/* hoy head: the guide's GetHeadInfo, with the times of each stage. */
#include <string.h>

#include "cmd.h"

static hoy_duration timeout = 5 * HOY_SECOND;
static const char root[] = "/", *path = root, *host;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for the whole question; 0: none", 0, 0 },
	{ "path", 'p', FLAG_TEXT, &path, "PATH", "what to ask for", 0, 0 },
	{ "host", 0, FLAG_TEXT, &host, "NAME", "sends a Host header too, for servers of several sites", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* HTTP/1.0, as in the guide: the server closes after its answer, so nothing needs parsing. */
static int send_request(hoy_conn *c, hoy_err *err)
{
	char text[4096];
	int len = snprintf(text, sizeof text, "HEAD %s HTTP/1.0\r\n%s%s%s\r\n", path, host ? "Host: " : "",
			   host ? host : "", host ? "\r\n" : "");

	return hoy_conn_write(c, text, (size_t)len, err) < 0 ? -1 : 0;
}

static bool has_text(const struct response *a, const char *text)
{
	return memmem(a->text, a->len, text, strlen(text)) != NULL;
}

/* An empty line ends the header, and nothing follows the header of a HEAD. */
static bool is_whole(const struct response *a)
{
	return has_text(a, "\r\n\r\n") || has_text(a, "\n\n");
}

static bool is_http(const struct response *a)
{
	return a->len > 5 && !memcmp(a->text, "HTTP/", 5);
}

static int status_of(const struct response *a)
{
	int status = 0;

	if (is_http(a))
		sscanf(a->text, "HTTP/%*15[0-9.] %3d", &status);
	return status;
}

/* An alert record (RFC 8446 section 5.1): what most servers of TLS say to a plain request. */
static bool is_tls_alert(const struct response *a)
{
	return a->len >= 5 && a->text[0] == 0x15 && a->text[1] == 3;
}

/* Web servers that have TLS on that port say so in text: nginx and Go speak of HTTPS, Apache of SSL. */
static bool wants_tls(const struct response *a)
{
	return is_tls_alert(a) || (status_of(a) == 400 && (has_text(a, "HTTPS") || has_text(a, "SSL")));
}

static void tell_json(const char *addr, const struct response *a)
{
	struct json j;

	json_begin(&j, "head");
	json_text(&j, "addr", addr);
	json_bool(&j, "http", is_http(a));
	json_bool(&j, "tls", wants_tls(a));
	json_int(&j, "status", status_of(a));
	json_bytes(&j, "text", a->text, a->len);
	json_int(&j, "size_bytes", (int64_t)a->len);
	json_int(&j, "connect_us", in_us(a->connect));
	json_int(&j, "first_byte_us", in_us(a->first_byte));
	json_int(&j, "total_us", in_us(a->total));
	response_json(&j, a);
	json_end(&j);
}

static void tell_text(const struct response *a)
{
	char connect[DURATION_STRLEN], first[DURATION_STRLEN], total[DURATION_STRLEN];

	put_foreign(a->text, a->len);
	if (a->text[a->len - 1] != '\n')
		out_print("\n");
	say("connected after %s, first byte after %s, %s after %s", duration_string(a->connect, connect),
	    duration_string(a->first_byte, first), a->err.code ? "cut off" : "all", duration_string(a->total, total));
}

/* On port 443 a connection that just ends, or a 400 without its body (nginx, of a HEAD), is about TLS as well. */
static void tell_doubts(const char *addr, const struct response *a)
{
	size_t len = strlen(addr);
	bool is_443 = len > 4 && !strcmp(addr + len - 4, ":443");

	if (wants_tls(a) || (is_443 && (a->len ? status_of(a) == 400 : !hoy_is_timeout(a->err.code))))
		say("%s speaks TLS, which hoy head does not; try: curl -I https://%s%s", addr, addr, path);
	else if (!a->len && !a->err.code)
		say("%s closed without a word; does that port speak TLS?", addr);
	else if (a->len && !is_http(a))
		say("%s answered, but not in HTTP", addr);
}

static int tell(const char *addr, const struct response *a)
{
	int code = EXIT_YES;

	if (common.json)
		tell_json(addr, a);
	else if (a->len)
		tell_text(a);
	tell_doubts(addr, a);
	if (a->err.code)
		code = fail(&a->err, NULL);
	if (a->err.code)
		return a->len ? EXIT_PARTIAL : code;
	return is_http(a) ? EXIT_YES : EXIT_NO;
}

/* A server that has already hung up may have said why before it did. */
static void ask(hoy_conn *c, struct response *a, hoy_time start)
{
	hoy_err err = { 0 };

	send_request(c, &err);
	response_read(c, a, sizeof a->text, is_whole, start);
	if (err.code)
		a->err = err;
	else if (!a->err.code && is_http(a) && !is_whole(a))
		response_cut(c, a, HOY_EEOF);
}

/* http://host:port/path in place of HOST:PORT: the path and the host are asked for, unless flags say otherwise. */
static int read_url(const char *text, char address[URL_ADDRESS_STRLEN])
{
	static char asked[2048], named[URL_ADDRESS_STRLEN];	/* these outlive the flags that point at them */
	char ascii[HOY_HOST_STRLEN];
	const char *known;
	struct url u;

	if (!strstr(text, "://")) {
		if (!(text = ascii_address("tcp", text)))
			return EXIT_USAGE;
		return snprintf(address, URL_ADDRESS_STRLEN, "%s", text) < URL_ADDRESS_STRLEN
			? EXIT_YES : usage("'%s' is too long for an address", text);
	}
	if (url_parse(text, &u) < 0 || strcmp(u.scheme, "http"))
		return refuse_url(text);
	if (!(known = ascii_host(u.host, ascii)))
		return EXIT_USAGE;
	if (known != u.host)
		strcpy(u.host, known);
	url_address(&u, address);
	snprintf(asked, sizeof asked, "%s%.*s", *u.path == '/' ? "" : "/", (int)strcspn(u.path, "#"), u.path);
	if (path == root)
		path = asked;
	if (!host)
		host = strcpy(named, address);
	return EXIT_YES;
}

static int head(int argc, char **argv)
{
	static struct response a;
	char addr[HOY_ADDR_STRLEN], address[URL_ADDRESS_STRLEN];
	hoy_time start = hoy_now();
	hoy_conn *c;
	int code = read_url(argv[0], address);

	(void)argc;
	if (code != EXIT_YES)
		return code;
	if (!is_request_word(path, strlen(path)) || *path != '/' || strlen(path) > 2000)
		return usage("--path takes a path that starts with /, without spaces, not '%s'", path);
	if (host && (!is_request_word(host, strlen(host)) || !*host || strlen(host) > 255))
		return usage("--host takes a host name, not '%s'", host);
	c = dial_within("tcp", address, timeout, &a.connect, &a.err);
	if (!c)
		return fail(&a.err, NULL);
	remote_of(c, addr);
	ask(c, &a, start);
	hoy_conn_free(c);
	return tell(addr, &a);
}

static const char *const examples[] = {
	"hoy head 127.0.0.1:80", "hoy head http://127.0.0.1:8080/index.html",
	 "hoy head 127.0.0.1:8080 --path /index.html --host www.example.com", NULL
};

const struct verb verb_head = {
	.name = "head", .args = "ADDRESS|URL", .brief = "ask a web server for its header, with timings",
	.about = "Sends HEAD / HTTP/1.0, prints the answer on standard output, and on standard error how\n"
		 "long connecting, the first byte and the whole took. Of http://HOST:PORT/PATH it takes the\n"
		 "address, the path and the Host header. What came before a time-out, a reset or the limit\n"
		 "of 64 KiB is shown as well.",
	.exits = "0 it answered in HTTP, whatever the status\n1 it answered something else, or nothing\n"
		 "3 it could not be asked\n5 a part of the answer came, and is shown",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 1, .needs_tasks = 1, .run = head,
};
