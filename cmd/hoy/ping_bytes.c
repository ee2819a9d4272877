/* hoy ping --bytes: the guide's Ping, a request without data whose bytes are shown, and those of the reply. */
#include <stdint.h>

#include "ping.h"

enum { ID = 13, SEQ = 37 };	/* the guide's */

static void put_bytes(const char *what, const uint8_t *message, size_t len)
{
	out_print("%-17s", what);
	for (size_t i = 0; i < len; i++)
		out_print(" %d", message[i]);
	out_print("\n");
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
	if (common.json)
		tell_json(t, sent ? "sent" : "received", message, len);
	else
		put_bytes(sent ? "Message sent:" : "Message received:", message, len);
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
	int code = t->probe->find(t, &err);

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
