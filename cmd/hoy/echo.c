/*
 * hoy echo: sends, and checks that the same comes back. Two tasks share the
 * connection, one for each direction, so neither waits for the other: sending first
 * and reading afterwards would hang as soon as the data outgrows the kernel's buffers.
 */
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static hoy_duration timeout = 5 * HOY_SECOND;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL,
	  "for connecting, and for each answer that is due; 0: none", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* What went one way: how much, and a fingerprint to compare with the other way. */
struct flow {
	int64_t bytes;
	uint64_t print;
};

static struct talk {
	hoy_conn *conn, *in, *out;
	int in_code;			/* why standard input could not be read to its end, or 0 */
	char **words;			/* to send; NULL: standard input */
	hoy_mutex lock;			/* for what follows */
	struct flow sent, received;
	int all_sent;
} talk = { .sent.print = 14695981039346656037u, .received.print = 14695981039346656037u };

/* FNV-1a: enough to see a byte that is wrong, missing or moved. */
static void account(struct flow *f, const char *bytes, size_t len)
{
	f->bytes += (int64_t)len;
	for (size_t i = 0; i < len; i++)
		f->print = (f->print ^ (unsigned char)bytes[i]) * 1099511628211u;
}

/* The clock runs only while the server owes something: a person may type as slowly as they like. */
static void arm(struct talk *t)
{
	int owed = t->all_sent || t->received.bytes < t->sent.bytes;

	hoy_conn_set_read_deadline(t->conn, owed && timeout ? hoy_in(timeout) : (hoy_time){ 0 }, NULL);
}

static int send_block(struct talk *t, const char *bytes, size_t len)
{
	hoy_mutex_lock(&t->lock);
	account(&t->sent, bytes, len);
	arm(t);
	hoy_mutex_unlock(&t->lock);
	if (timeout)
		hoy_conn_set_write_deadline(t->conn, hoy_in(timeout), NULL);
	return hoy_conn_write(t->conn, bytes, len, NULL) < 0 ? -1 : 0;
}

static int send_words(struct talk *t)
{
	for (char **word = t->words; *word; word++) {
		if (send_block(t, *word, strlen(*word)) < 0)
			return -1;
		if (send_block(t, word[1] ? " " : "\n", 1) < 0)
			return -1;
	}
	return 0;
}

/* What was read before an error is sent, and its echo waited for. */
static int send_input(struct talk *t)
{
	char buf[16384];
	ssize_t n;

	while ((n = hoy_conn_read(t->in, buf, sizeof buf, NULL)) > 0)
		if (send_block(t, buf, (size_t)n) < 0)
			return -1;
	t->in_code = (int)n;
	return 0;
}

/* Then half-closes: the server sees the end, and can still answer all of it. */
static int send_all(void *arg)
{
	struct talk *t = arg;

	/* a failed write shows in the other direction too, and is told there */
	if ((t->words ? send_words(t) : send_input(t)) < 0)
		return 0;
	hoy_mutex_lock(&t->lock);
	t->all_sent = 1;
	arm(t);
	hoy_mutex_unlock(&t->lock);
	hoy_conn_close_write(t->conn, NULL);
	return 0;
}

static ssize_t receive_all(struct talk *t, hoy_err *err)
{
	char buf[16384];
	ssize_t n;

	while ((n = hoy_conn_read(t->conn, buf, sizeof buf, err)) > 0) {
		hoy_mutex_lock(&t->lock);
		account(&t->received, buf, (size_t)n);
		arm(t);
		hoy_mutex_unlock(&t->lock);
		if (!common.json && hoy_conn_write(t->out, buf, (size_t)n, err) < 0)
			out_failed(err->code);
	}
	return n;
}

/* err: why no more came back, or NULL. */
static int tell(struct talk *t, const char *addr, hoy_duration connect, hoy_duration total, const hoy_err *err)
{
	char why[HOY_ERR_STRLEN];
	int same = !err && t->sent.bytes == t->received.bytes && t->sent.print == t->received.print;
	struct json j;

	if (common.json) {
		json_begin(&j, "echo");
		json_text(&j, "addr", addr);
		json_bool(&j, "same", same);
		json_int(&j, "sent_bytes", t->sent.bytes);
		json_int(&j, "received_bytes", t->received.bytes);
		json_int(&j, "connect_us", in_us(connect));
		json_int(&j, "total_us", in_us(total));
		json_bool(&j, "complete", !err);
		if (err)
			json_text(&j, "error", hoy_err_string(err, why));
		json_end(&j);
	}
	if (err) {
		int code = fail(err, NULL);

		return t->received.bytes ? EXIT_PARTIAL : code;
	}
	if (!same)
		say("%s sent back something else: %lld bytes for our %lld", addr, (long long)t->received.bytes,
		    (long long)t->sent.bytes);
	if (t->in_code < 0)
		return fail_code(t->in_code, "read standard input");
	return same ? EXIT_YES : EXIT_NO;
}

/* EXIT_YES, or the exit code after having said which of the standard streams fails. */
static int open_ends(struct talk *t, char **argv)
{
	hoy_err err;

	if (argv[1] && !(strcmp(argv[1], "-") == 0 && !argv[2]))
		t->words = argv + 1;
	else if (!(t->in = hoy_conn_from_fd(STDIN_FILENO, HOY_FD_SHARED, &err)))
		return fail_code(err.code, "read standard input");
	t->out = hoy_conn_from_fd(STDOUT_FILENO, HOY_FD_SHARED, &err);
	if (!t->out)
		out_failed(err.code);
	return EXIT_YES;
}

/*
 * Leaves by leave(): a task of this verb may be stuck in a read of a terminal, which
 * no cancellation reaches.
 */
static int echo(int argc, char **argv)
{
	char addr[HOY_ADDR_STRLEN];
	hoy_time start = hoy_now();
	hoy_duration connect;
	const char *address = address_to_dial("tcp", argv[0]);
	hoy_err err;
	int code;

	(void)argc;
	if (!address)
		return EXIT_USAGE;
	talk.conn = dial_within("tcp", address, timeout, &connect, &err);
	if (!talk.conn)
		return fail(&err, NULL);
	hoy_conn_set_deadline(talk.conn, (hoy_time){ 0 }, NULL);
	remote_of(talk.conn, addr);
	if ((code = open_ends(&talk, argv)) != EXIT_YES)
		return code;
	code = hoy_go(send_all, &talk);
	if (code < 0)
		return fail_code(code, "go");
	code = (int)receive_all(&talk, &err);
	leave(tell(&talk, addr, connect, hoy_time_sub(hoy_now(), start), code < 0 ? &err : NULL));
}

static const char *const examples[] = {
	"hoy echo 127.0.0.1:1201 hello world", "hoy echo 127.0.0.1:1201 < FILE > COPY", "hoy echo 127.0.0.1:1201", NULL
};

const struct verb verb_echo = {
	.name = "echo", .args = "ADDRESS [TEXT...|-]", .brief = "send something, and check that it comes back",
	.about = "Sends TEXT and a newline, or standard input when there is none, prints what comes back,\n"
		 "and compares the two. After the last byte it half-closes the connection, and reads on\n"
		 "to the server's end.",
	.exits = "0 the same came back\n1 something else came back, or not all of it\n3 it could not be asked\n"
		 "5 a part came back, and is shown",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = -1, .needs_tasks = 1, .run = echo,
};
