/*
 * The PROXY protocol on connections: whose header is believed, when it is read, and what becomes of connections whose
 * header is missing, malformed, slow or cut.
 */
#include <sys/socket.h>

#include "pair.h"

#define LINE "PROXY TCP4 192.0.2.1 192.0.2.2 1111 2222\r\n"
#define RECORD "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xc0\0\2\1\xc0\0\2\2\x04\x57\x08\xae\4\0\1x"	/* with a TLV */
#define LOCAL "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"
#define BYTES(text) text, sizeof text - 1

static const hoy_prefix loopback = { .ip = { 4, { 127 } }, .bits = 8 }, elsewhere = { .ip = { 4, { 192, 0, 2 } }, .bits = 24 };

static hoy_listener *listen_with(const hoy_proxy_policy *policy)
{
	const hoy_listen_config lc = { .proxy = policy };
	hoy_err err;
	hoy_listener *l = hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err);

	must(l, "listen", &err);
	return l;
}

static hoy_conn *accept_from(hoy_listener *l)
{
	hoy_err err;
	hoy_conn *c = hoy_listener_accept(l, &err);

	must(c, "accept", &err);
	return c;
}

static void check_remote(const hoy_conn *c, const char *want)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_conn_remote_addr(c, &addr);
	CHECK_STR(hoy_addr_string(&addr, text), want, "remote");
}

static void check_remote_is_client(const hoy_conn *c, const hoy_conn *client)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	hoy_conn_local_addr(client, &addr);
	check_remote(c, hoy_addr_string(&addr, text));
}

/* ---- what is read, and from whom ---- */

static const hoy_proxy_policy required = { 0 }, believed = { .trusted = &loopback, .n_trusted = 1 };
static const hoy_proxy_policy foreign = { .trusted = &elsewhere, .n_trusted = 1, .timeout = -1 };
static const hoy_proxy_policy optional = { .mode = HOY_PROXY_OPTIONAL, .trusted = &loopback, .n_trusted = 1 };
static const hoy_proxy_policy foreign_optional = { .mode = HOY_PROXY_OPTIONAL, .trusted = &elsewhere, .n_trusted = 1 };

static const struct {
	const hoy_proxy_policy *policy;
	const char *bytes;
	size_t len;
	int code;
	const char *remote, *data;	/* remote NULL: the client's own address */
} cases[] = {
	{ &required, BYTES(LINE "data"), 0, "192.0.2.1:1111", "data" },
	{ &required, BYTES(RECORD "data"), 0, "192.0.2.1:1111", "data" },
	{ &required, BYTES(LOCAL "data"), 0, NULL, "data" },
	{ &required, BYTES("PROXY UNKNOWN\r\ndata"), 0, NULL, "data" },
	{ &required, BYTES(LINE), 0, "192.0.2.1:1111", "" },
	{ &required, BYTES("data"), HOY_ENOPROXY, NULL, NULL },
	{ &required, BYTES("PROXY TCP4 192.0.2.1\r\ndata"), HOY_EPROXY, NULL, NULL },
	{ &required, BYTES("PROXY TCP4 192.0.2.1"), HOY_EEOF, NULL, NULL },
	{ &required, BYTES("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x10\xc0\0\2\1\xc0\0\2\2\x04\x57\x08\xae\4\0"), HOY_EEOF, NULL, NULL },
	{ &required, "", 0, HOY_EEOF, NULL, NULL },
	{ &believed, BYTES(LINE "data"), 0, "192.0.2.1:1111", "data" },
	{ &foreign, BYTES(LINE "data"), HOY_ENOPROXY, NULL, NULL },
	{ &optional, BYTES(LINE "data"), 0, "192.0.2.1:1111", "data" },
	{ &optional, BYTES("data"), 0, NULL, "data" },
	{ &optional, BYTES("PRO"), 0, NULL, "PRO" },
	{ &optional, "", 0, 0, NULL, "" },
	{ &optional, BYTES("PROXY TCP9 x\r\n"), HOY_EPROXY, NULL, NULL },
	{ &foreign_optional, BYTES(LINE), 0, NULL, LINE },
};

BOTH(whose_header_is_believed)
{
	for (size_t i = 0; i < LEN(cases); i++) {
		hoy_listener *l = listen_with(cases[i].policy);
		hoy_conn *client = dial_to(l), *c = accept_from(l);
		char buf[100], byte;
		int n;

		hoy_conn_write(client, cases[i].bytes, cases[i].len, NULL);
		hoy_conn_close_write(client, NULL);
		if (!CHECK_INT(hoy_proxy_header_await(c, NULL), cases[i].code))
			fprintf(stderr, "case %zu\n", i);
		if (cases[i].code == 0) {
			n = hoy_conn_read(c, buf, sizeof buf - 1, NULL);
			buf[n > 0 ? n : 0] = '\0';
			CHECK_STR(buf, cases[i].data, "data");
			if (cases[i].remote)
				check_remote(c, cases[i].remote);
			else
				check_remote_is_client(c, client);
		} else {
			CHECK(hoy_conn_read(c, &byte, 1, NULL) < 0);
			check_remote_is_client(c, client);
		}
		hoy_conn_free(client);
		hoy_conn_free(c);
		hoy_listener_free(l);
	}
	return 0;
}

/* Both ends of the header count, and the lazy ways of reading all begin behind it. */
BOTH(the_first_read_reads_it)
{
	hoy_listener *l = listen_with(&required);

	for (int way = 0; way < 4; way++) {
		hoy_conn *client = dial_to(l), *c = accept_from(l);
		char text[HOY_ADDR_STRLEN], buf[8] = "";
		const void *lent = NULL;
		struct iovec iov = { buf, 4 };
		hoy_addr addr;

		hoy_conn_write(client, BYTES(RECORD "data"), NULL);
		check_remote_is_client(c, client);
		if (way == 0)
			CHECK_INT(hoy_conn_read(c, buf, 4, NULL), 4);
		else if (way == 1)
			CHECK_INT(hoy_conn_readv(c, &iov, 1, NULL), 4);
		else if (way == 2 && CHECK_INT(hoy_conn_read_lent(c, &lent, NULL), 4))
			memcpy(buf, lent, 4);
		else if (way == 3)
			CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
		CHECK_STR(buf, "data", "data");
		check_remote(c, "192.0.2.1:1111");
		hoy_conn_local_addr(c, &addr);
		CHECK_STR(hoy_addr_string(&addr, text), "192.0.2.2:2222", "local");
		hoy_conn_free(client);
		CHECK_INT(hoy_conn_read(c, buf, 4, NULL), 0);
		hoy_conn_close(c, NULL);
		check_remote(c, "192.0.2.1:1111");
		hoy_conn_free(c);
	}
	hoy_listener_free(l);
	return 0;
}

/* A Unix socket behind a proxy. Its own clients have no address. */
BOTH(over_a_unix_socket)
{
	char path[] = "/tmp/hoy-proxy-XXXXXX", socket[64], buf[8] = "";
	const hoy_listen_config lc = { .proxy = &required };
	hoy_conn *client, *c;
	hoy_listener *l;

	must(mkdtemp(path), "mkdtemp", NULL);
	snprintf(socket, sizeof socket, "%s/s", path);
	CHECK(!hoy_listen_config_listen(&lc, "unixpacket", socket, NULL));
	l = hoy_listen_config_listen(&lc, "unix", socket, NULL);
	must(l, "listen", NULL);
	client = hoy_dial("unix", socket, NULL);
	must(client, "dial", NULL);
	c = accept_from(l);
	hoy_conn_write(client, BYTES(RECORD "data"), NULL);
	check_remote(c, "@");	/* unnamed, as Go prints it */
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	CHECK_STR(buf, "data", "data");
	check_remote(c, "192.0.2.1:1111");
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	rmdir(path);
	return 0;
}

/* A connection that is written first does not wait for the header. */
BOTH(a_server_may_speak_first)
{
	hoy_listener *l = listen_with(&required);
	hoy_conn *client = dial_to(l), *c = accept_from(l);
	char buf[8] = "";

	CHECK_INT(hoy_conn_write(c, "hello", 5, NULL), 5);
	CHECK_INT(hoy_read_full(client, buf, 5, NULL), 5);
	CHECK_INT(hoy_proxy_header_write(client, 2, NULL, NULL, NULL), 0);
	hoy_conn_write(client, "data", 4, NULL);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	CHECK_INT(hoy_proxy_header_write(client, 3, NULL, NULL, NULL), -EINVAL);
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

/* ---- slow ones ---- */

static int read_one(void *c)
{
	char byte = 0;
	ssize_t n = hoy_conn_read(c, &byte, 1, NULL);

	return n < 0 ? (int)n : byte;
}

/* Byte by byte, while several readers wait: each byte of the data is read once, and none of the header. */
BOTH(a_header_in_crumbs)
{
	static const char bytes[] = RECORD "abc";
	hoy_listener *l = listen_with(&required);
	hoy_conn *client = dial_to(l), *c = accept_from(l);
	struct started s[3];
	int sum = 0;

	for (size_t i = 0; i < LEN(s); i++)
		start(&s[i], read_one, c);
	for (size_t i = 0; i < sizeof bytes - 1; i++) {
		hoy_conn_write(client, &bytes[i], 1, NULL);
		hoy_sleep(HOY_MILLISECOND);
	}
	for (size_t i = 0; i < LEN(s); i++)
		sum += finish(&s[i]);
	CHECK_INT(sum, 'a' + 'b' + 'c');
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

BOTH(the_limit_of_the_header)
{
	const hoy_proxy_policy soon = { .timeout = 30 * HOY_MILLISECOND };
	hoy_listener *l = listen_with(&soon);
	hoy_conn *client = dial_to(l), *c = accept_from(l);
	char buf[8];
	hoy_err err;

	hoy_conn_write(client, "PROXY", 5, NULL);
	CHECK_INT(hoy_proxy_header_await(c, &err), HOY_ETIMEOUT);
	CHECK_INT(hoy_conn_read(c, buf, 1, NULL), HOY_ETIMEOUT);
	hoy_conn_set_read_deadline(c, hoy_in(HOY_MINUTE), NULL);	/* takes the limit's place */
	hoy_conn_write(client, BYTES(" UNKNOWN\r\ndata"), NULL);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	hoy_conn_free(client);
	hoy_conn_free(c);

	client = dial_to(l);
	c = accept_from(l);
	hoy_conn_write(client, BYTES(LINE), NULL);
	CHECK_INT(hoy_proxy_header_await(c, NULL), 0);
	hoy_sleep(60 * HOY_MILLISECOND);	/* the limit ended with the header */
	hoy_conn_write(client, "data", 4, NULL);
	CHECK_INT(hoy_read_full(c, buf, 4, NULL), 4);
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

/* Where the header is optional, a silent client may be one that waits for the server's first words. */
BOTH(silence_is_no_header)
{
	hoy_proxy_policy soon = optional;
	hoy_conn *client, *c;
	hoy_listener *l;

	soon.timeout = 30 * HOY_MILLISECOND;
	l = listen_with(&soon);
	client = dial_to(l);
	c = accept_from(l);
	CHECK_INT(hoy_proxy_header_await(c, NULL), 0);
	check_remote_is_client(c, client);
	hoy_conn_write(client, LINE, 1, NULL);
	CHECK_INT(read_one(c), 'P');
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	return 0;
}

static int await(void *c)
{
	return hoy_proxy_header_await(c, NULL);
}

BOTH(close_ends_the_wait)
{
	hoy_listener *l = listen_with(&foreign_optional), *l2 = listen_with(&required);
	hoy_conn *client = dial_to(l2), *c = accept_from(l2);
	struct started s;

	start(&s, await, c);
	hoy_sleep(10 * HOY_MILLISECOND);
	CHECK_INT(hoy_conn_close(c, NULL), 0);
	CHECK_INT(finish(&s), HOY_ECLOSED);
	CHECK_INT(hoy_proxy_header_await(c, NULL), HOY_ECLOSED);
	hoy_conn_free(client);
	hoy_conn_free(c);
	hoy_listener_free(l);
	hoy_listener_free(l2);
	return 0;
}

BOTH(a_policy_that_is_none)
{
	const hoy_proxy_policy bad[] = { { .mode = 7 }, { .mode = HOY_PROXY_OPTIONAL }, { .mode = -1 } };

	for (size_t i = 0; i < LEN(bad); i++) {
		const hoy_listen_config lc = { .proxy = &bad[i] };
		char text[HOY_ERR_STRLEN];
		hoy_err err;

		CHECK(!hoy_listen_config_listen(&lc, "tcp", "127.0.0.1:0", &err));
		CHECK_STR(hoy_err_string(&err, text), "listen tcp 127.0.0.1:0: invalid argument", "text");
	}
	return 0;
}

/* ---- a server ---- */

enum { SILENT = 50 };

static struct {
	atomic_int served, refused, codes[3];
} seen;

static void say_remote(hoy_conn *c, void *arg)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	(void)arg;
	hoy_conn_remote_addr(c, &addr);
	hoy_addr_string(&addr, text);
	hoy_conn_write(c, text, strlen(text), NULL);
	seen.served++;
}

static void note_refused(const hoy_err *err, void *arg)
{
	static const int codes[] = { HOY_ENOPROXY, HOY_EPROXY, HOY_ETIMEOUT };
	char text[HOY_ERR_STRLEN];

	(void)arg;
	seen.refused++;
	for (size_t i = 0; i < LEN(codes); i++)
		seen.codes[i] += err->code == codes[i];
	CHECK(strncmp(hoy_err_string(err, text), "read tcp 127.0.0.1:", 19) == 0);
}

static int keep(void *l)
{
	const hoy_serve_opts opts = { .refused = note_refused, .idle = HOY_MINUTE };

	return hoy_serve(l, say_remote, NULL, &opts, NULL);
}

/* What the server answers to these bytes, or "refused". */
static void ask(hoy_listener *l, const char *bytes, size_t len, const char *want)
{
	hoy_conn *c = dial_to(l);
	char buf[100];
	ssize_t n;

	hoy_conn_write(c, bytes, len, NULL);
	hoy_conn_set_read_deadline(c, hoy_in(HOY_MINUTE), NULL);
	n = hoy_conn_read(c, buf, sizeof buf - 1, NULL);
	buf[n > 0 ? n : 0] = '\0';
	CHECK_STR(n > 0 ? buf : "refused", want, want);
	hoy_conn_free(c);
}

/* Silent and broken senders hold up nobody; the server goes on, and tells of each that it refused. */
static int be_asked(void *arg)
{
	const hoy_proxy_policy policy = { .timeout = 400 * HOY_MILLISECOND * t_scale() };
	hoy_listener *l = listen_with(&policy);
	hoy_conn *silent[SILENT];
	struct started s;
	hoy_time began;

	(void)arg;
	in_tasks = true;
	start(&s, keep, l);
	began = hoy_now();
	for (int i = 0; i < SILENT; i++) {
		silent[i] = dial_to(l);
		hoy_conn_write(silent[i], "PROXY", 5, NULL);
	}
	ask(l, BYTES(LINE), "192.0.2.1:1111");
	CHECK(since(began) < policy.timeout);
	ask(l, BYTES("GET / HTTP/1.0\r\n\r\n"), "refused");
	ask(l, BYTES("PROXY TCP4\r\n"), "refused");
	ask(l, BYTES(RECORD), "192.0.2.1:1111");
	while (seen.refused < SILENT + 2 && since(began) < HOY_MINUTE)
		hoy_sleep(5 * HOY_MILLISECOND);
	CHECK_INT(seen.served, 2);
	CHECK_INT(seen.codes[0], 1);
	CHECK_INT(seen.codes[1], 1);
	CHECK_INT(seen.codes[2], SILENT);
	for (int i = 0; i < SILENT; i++)
		hoy_conn_free(silent[i]);
	hoy_listener_close(l, NULL);
	CHECK_INT(finish(&s), 0);
	hoy_listener_free(l);
	return 0;
}

TEST(a_server_goes_on)
{
	CHECK_INT(hoy_run(be_asked, NULL), 0);
}
