/*
 * Standard input and output as one connection, a user-made one, for hoy_proxy to move bytes between it and the peer.
 * Neither descriptor is closed, since the program still has something to print: a deadline in the past ends their calls.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "talk.h"

struct talking talking = { .linger = HOY_SECOND };

enum { DATAGRAM = 8192 };	/* the most of standard input that one datagram takes */

static struct stdio {
	hoy_conn *in, *out, *peer;
	bool has_datagrams;
	atomic_bool in_ended, peer_ended;
	int in_code;			/* why standard input could not be read to its end, or 0 */
} stdio;

static hoy_time linger_end(void)
{
	return talking.linger ? hoy_in(talking.linger) : (hoy_time){ 0 };
}

/* Datagrams have no end: the answers to the last ones are waited for. */
static void await_last_answers(struct stdio *s)
{
	if (s->has_datagrams && atomic_load(&s->in_ended))
		hoy_conn_set_read_deadline(s->peer, linger_end(), NULL);
}

/* Bytes for the peer. An error of standard input ends the stream too; its message is printed after the connection has ended. */
static ssize_t read_input(void *self, void *buf, size_t len)
{
	struct stdio *s = self;
	ssize_t n;

	if (s->has_datagrams && len > DATAGRAM)
		len = DATAGRAM;
	if (atomic_load(&s->peer_ended) && !isatty(STDIN_FILENO))
		hoy_conn_set_read_deadline(s->in, linger_end(), NULL);
	n = hoy_conn_read(s->in, buf, len, NULL);
	if (n > 0 || hoy_is_canceled((int)n))
		return n;
	if (n < 0 && !hoy_is_timeout((int)n))
		s->in_code = (int)n;
	atomic_store(&s->in_ended, true);
	await_last_answers(s);
	return 0;
}

static void print_as_json(const void *data, size_t len)
{
	struct json j;

	json_begin(&j, "data");
	json_bytes(&j, "text", data, len);
	json_end(&j);
}

static ssize_t write_output(void *self, const void *data, size_t len)
{
	struct stdio *s = self;
	ssize_t n = (ssize_t)len;

	await_last_answers(s);
	if (common.json)
		print_as_json(data, len);
	else
		n = hoy_conn_write(s->out, data, len, NULL);
	if (n < 0 && !hoy_is_timeout((int)n) && !hoy_is_canceled((int)n))
		out_failed((int)n);
	return n;
}

/*
 * The peer has ended. It may still read what is piped in, so that gets time to come; a person at a terminal would only
 * wonder why nothing happens.
 */
static int peer_ended(void *self)
{
	struct stdio *s = self;

	atomic_store(&s->peer_ended, true);
	return hoy_conn_set_read_deadline(s->in, isatty(STDIN_FILENO) ? hoy_in(-1) : linger_end(), NULL);
}

static int end_calls(void *self)
{
	struct stdio *s = self;

	hoy_conn_set_deadline(s->in, hoy_in(-1), NULL);
	return hoy_conn_set_deadline(s->out, hoy_in(-1), NULL);
}

static const hoy_conn_ops ops = {
	.network = "stdio", .read = read_input, .write = write_output, .close_write = peer_ended, .close = end_calls,
};

static void tell(int64_t sent, int64_t received, hoy_duration took)
{
	char text[DURATION_STRLEN];
	struct json j;

	if (common.json) {
		json_begin(&j, "done");
		json_int(&j, "sent_bytes", sent);
		json_int(&j, "received_bytes", received);
		json_int(&j, "elapsed_us", in_us(took));
		json_end(&j);
	}
	if (talking.verbose)
		say("%lld bytes sent, %lld received in %s", (long long)sent, (long long)received, duration_string(took, text));
}

/* That nothing more was heard after the last datagram is how datagrams end. */
static bool is_end_of_datagrams(const hoy_err *err)
{
	return stdio.has_datagrams && atomic_load(&stdio.in_ended) && hoy_is_timeout(err->code) && !strcmp(err->op, "read");
}

_Noreturn void talk_with(hoy_conn *peer, bool has_datagrams, hoy_time start)
{
	int64_t sent, received;
	const hoy_proxy_opts opts = { .idle = talking.idle, .a_to_b = &sent, .b_to_a = &received };
	hoy_conn *here;
	hoy_err err;
	int code = EXIT_YES;

	stdio.peer = peer;
	stdio.has_datagrams = has_datagrams;
	stdio.in = hoy_conn_from_fd(STDIN_FILENO, HOY_FD_SHARED, &err);
	if (!stdio.in)
		leave(fail_code(err.code, "read standard input"));
	stdio.out = hoy_conn_from_fd(STDOUT_FILENO, HOY_FD_SHARED, &err);
	if (!stdio.out)
		out_failed(err.code);
	here = must(hoy_conn_new(&ops, &stdio, NULL));
	if (hoy_proxy(here, peer, &opts, &err) < 0 && !is_end_of_datagrams(&err))
		code = fail(&err, NULL);
	tell(sent, received, hoy_time_sub(hoy_now(), start));
	if (code == EXIT_YES && stdio.in_code < 0)
		code = fail_code(stdio.in_code, "read standard input");
	leave(code != EXIT_YES && received ? EXIT_PARTIAL : code);
}
