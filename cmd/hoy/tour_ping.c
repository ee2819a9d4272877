/* The guide's chapter on raw sockets: its Ping, of this machine. */
#include <errno.h>

#include "ping.h"
#include "tour.h"

/* One request and its reply. A negative code with err. */
static int exchange(struct step *s, hoy_pinger *p, hoy_err *err)
{
	char text[BYTES_STRLEN];
	const void *message;
	hoy_ping_reply r = { 0 };
	ssize_t len = hoy_pinger_send(p, 37, &message, err);
	int code;

	if (len < 0)
		return (int)len;
	step_line(s, "Message sent:     %s", bytes_string(message, (size_t)len, text));
	hoy_pinger_set_deadline(p, hoy_in(PATIENCE), NULL);
	code = hoy_pinger_receive(p, &r, err);
	if (code == 0)
		step_line(s, "Message received: %s", bytes_string(r.message, r.len, text));
	return code;
}

static enum verdict ping_this_machine(struct step *s)
{
	const hoy_addr addr = { .kind = HOY_ADDR_IP, .ip = hoy_ipv4(127, 0, 0, 1) };
	const hoy_ping_opts opts = { .id = 13 };
	char text[HOY_ERR_STRLEN];
	hoy_pinger *p;
	hoy_err err;
	int code;

	step_command(s, "hoy ping --bytes 127.0.0.1");
	p = hoy_pinger_new(&addr, &opts, &err);
	if (!p && err.code == -EPERM)
		return step_skipped(s, "%s", hoy_err_string(&err, text));
	code = p ? exchange(s, p, &err) : err.code;
	hoy_pinger_free(p);
	if (code < 0)
		return step_failed(s, &err);
	return step_expect(s, "Message sent:     8 0 247 205 0 13 0 37\nMessage received: 0 0 255 205 0 13 0 37\n");
}

const struct tour_step tour_ping[] = {
	{ "Raw sockets and the IPConn type", "examples/guide/Ping.c", ping_this_machine },
	{ NULL, NULL, NULL }
};
