/* What the verbs that ask a server share: one deadline covers dialling and talking. */
#include <string.h>
#include <unistd.h>

#include "cmd.h"

hoy_conn *dial_within(const char *network, const char *address, hoy_duration timeout, hoy_duration *took, hoy_err *err)
{
	hoy_time start = hoy_now();
	hoy_addr own = { .kind = HOY_ADDR_UNIXGRAM };
	hoy_dialer d = { .deadline = timeout ? hoy_time_add(start, timeout) : (hoy_time){ 0 } };
	hoy_conn *c;

	if (!strcmp(network, "unixgram")) {	/* without a name it would get no answer */
		snprintf(own.path, sizeof own.path, "@hoy-%d-%lld", (int)getpid(), (long long)start.ns);
		d.local_addr = &own;
	}
	c = hoy_dialer_dial(&d, network, address, err);
	if (!c)
		return NULL;
	*took = hoy_time_sub(hoy_now(), start);
	if (hoy_conn_set_deadline(c, d.deadline, err) < 0) {
		hoy_conn_free(c);
		return NULL;
	}
	return c;
}

void response_cut(const hoy_conn *c, struct response *a, int code)
{
	a->err = (hoy_err){ .code = code, .kind = HOY_ERR_PLAIN, .op = "read" };
	hoy_conn_local_addr(c, &a->err.source);
	hoy_conn_remote_addr(c, &a->err.addr);
	snprintf(a->err.net, sizeof a->err.net, "%s", hoy_addr_network(&a->err.addr));
}

void response_read(hoy_conn *c, struct response *a, size_t limit, bool (*is_whole)(const struct response *a), hoy_time start)
{
	bool whole = false;
	ssize_t n = 1;
	char more;

	while (n > 0 && a->len < limit && !whole) {
		n = hoy_conn_read(c, a->text + a->len, limit - a->len, &a->err);
		if (n > 0 && !a->len)
			a->first_byte = hoy_time_sub(hoy_now(), start);
		if (n > 0)
			a->len += (size_t)n;
		whole = is_whole && is_whole(a);
	}
	/* an answer of just that length is followed by its end */
	if (n > 0 && !whole && hoy_conn_read(c, &more, 1, &a->err) > 0)
		response_cut(c, a, HOY_ETOOLONG);
	a->total = hoy_time_sub(hoy_now(), start);
}

void response_json(struct json *j, const struct response *a)
{
	char text[HOY_ERR_STRLEN];

	json_bool(j, "complete", a->err.code == 0);
	if (a->err.code)
		json_text(j, "error", hoy_err_string(&a->err, text));
}

char *remote_of(const hoy_conn *c, char buf[HOY_ADDR_STRLEN])
{
	hoy_addr addr;

	hoy_conn_remote_addr(c, &addr);
	return hoy_addr_string(&addr, buf);
}

int64_t in_us(hoy_duration d)
{
	return d / HOY_MICROSECOND;
}
