/* hoy ping --bytes: the guide's Ping, a request without data whose bytes are shown, and those of the reply. */
#include <stdint.h>

#include "ping.h"

enum { ID = 13, SEQ = 37 };	/* the guide's */

char *bytes_string(const void *message, size_t len, char buf[BYTES_STRLEN])
{
	const uint8_t *bytes = message;
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < len && at < BYTES_STRLEN - 4; i++)
		at += (size_t)snprintf(buf + at, BYTES_STRLEN - at, "%s%d", i ? " " : "", bytes[i]);
	return buf;
}

static void tell_json(const struct target *t, const char *type, const uint8_t *message, size_t len)
{
	char addr[HOY_ADDR_STRLEN];
	struct json j;

	json_begin(&j, type);
	json_text(&j, "addr", hoy_addr_string(&t->addr, addr));
	json_open(&j, "message", '[');
	for (size_t i = 0; i < len; i++)
		json_int(&j, NULL, message[i]);
	json_close(&j, ']');
	json_end(&j);
}

static void tell(const struct target *t, bool sent, const void *message, size_t len)
{
	char text[BYTES_STRLEN];

	if (common.json)
		tell_json(t, sent ? "sent" : "received", message, len);
	else
		out_print("%-17s %s\n", sent ? "Message sent:" : "Message received:", bytes_string(message, len, text));
}

/* An error in place of the reply has no message, but a code. */
static int exchange(const struct target *t, hoy_pinger *p, hoy_err *err)
{
	const void *message;
	hoy_ping_reply r;
	ssize_t len = hoy_pinger_send(p, SEQ, &message, err);
	int code;

	if (len < 0)
		return (int)len;
	tell(t, true, message, (size_t)len);
	hoy_pinger_set_deadline(p, reply_deadline(), NULL);
	code = hoy_pinger_receive(p, &r, err);
	if (code == 0 && r.code < 0)
		*err = (hoy_err){ .code = code = r.code, .op = "ping", .net = "ip", .addr = t->addr };
	if (code == 0)
		tell(t, false, r.message, r.len);
	return code;
}

int exchange_bytes(struct target *t)
{
	const hoy_ping_opts opts = { .id = ID, .ttl = (uint8_t)ping.ttl };
	hoy_pinger *p;
	hoy_err err;
	int code = t->probe->find(t, &t->addr, &err);

	if (code < 0)
		return fail_lookup(&err);
	p = hoy_pinger_new(&t->addr, &opts, &err);
	code = p ? exchange(t, p, &err) : err.code;
	hoy_pinger_free(p);
	if (hoy_is_timeout(code)) {
		fail(&err, NULL);
		return EXIT_NO;
	}
	return code < 0 ? fail(&err, NULL) : EXIT_YES;
}
