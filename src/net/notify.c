/* Messages to the service manager, sd_notify(3): one datagram each, to the Unix socket that $NOTIFY_SOCKET names. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/handover.h>

#include "net/net.h"

enum { MESSAGE_MOST = 4096 };

static bool has_line(const char *state, const char *start)
{
	const char *at = strstr(state, start);

	return at && (at == state || at[-1] == '\n');
}

/* The manager measures a reload by this time, systemd.service(5), Type=notify-reload. */
static int compose(const char *state, char message[MESSAGE_MOST])
{
	bool timed = has_line(state, "RELOADING=1") && !has_line(state, "MONOTONIC_USEC=");
	int len;

	if (timed)
		len = snprintf(message, MESSAGE_MOST, "%s\nMONOTONIC_USEC=%lld", state, (long long)(hoy__os_monotonic() / 1000));
	else
		len = snprintf(message, MESSAGE_MOST, "%s", state);
	return len < MESSAGE_MOST ? len : -EMSGSIZE;
}

int hoy_notify(const char *state, hoy_err *err)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	const hoy_dialer d = { .timeout = 5 * HOY_SECOND };
	char message[MESSAGE_MOST];
	int len = compose(state, message);
	hoy_conn *c;
	ssize_t n;

	if (!path || !*path)
		return 0;
	if (len < 0)
		return hoy__fail(err, "notify", "unixgram", NULL, len);
	c = hoy_dialer_dial(&d, "unixgram", path, err);
	if (!c)
		return err ? err->code : -ECONNREFUSED;
	hoy_conn_set_write_deadline(c, hoy_in(5 * HOY_SECOND), NULL);
	n = hoy_conn_write(c, message, (size_t)len, err);
	hoy_conn_free(c);
	return n < 0 ? (int)n : 1;
}
