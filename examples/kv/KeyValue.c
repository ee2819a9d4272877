/*
 * KeyValue ADDRESS: keys and values in memory, by the protocol of Redis (RESP2), so that redis-cli, redis-benchmark and
 * the client libraries of Redis talk to it. PING ECHO SET GET DEL EXISTS INCR DBSIZE FLUSHALL QUIT.
 *
 * Each client has a task, which reads commands by a hoy_reader and answers by a hoy_writer. There is one worker, and a task
 * runs on until it waits: no other one is in the table meanwhile, so the table needs no lock.
 */
#include <ctype.h>
#include <err.h>
#include <hoy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_ARGUMENTS = 1024, LONGEST = 64 << 20, BUFFER = 16384 };

/* --- the table: chains of entries, twice as many chains whenever there are more entries --- */

struct entry {
	struct entry *next;
	uint64_t hash;
	size_t key_len, value_len;
	char bytes[];			/* the key, then the value */
};

static struct { struct entry **chains; size_t n_chains, n_entries; } table;

/* FNV-1a. Who lets strangers in needs a hash with a secret, since these may choose keys that all collide. */
static uint64_t hash_of(const char *key, size_t len)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
	return hash ^ hash >> 32;
}

static void *must(void *block)
{
	if (!block)
		errx(1, "out of memory");
	return block;
}

static void grow(void)
{
	size_t n = table.n_chains ? 2 * table.n_chains : 1024;
	struct entry **chains = must(calloc(n, sizeof *chains)), *e, *next;

	for (size_t i = 0; i < table.n_chains; i++)
		for (e = table.chains[i]; e; e = next) {
			next = e->next;
			e->next = chains[e->hash & (n - 1)];
			chains[e->hash & (n - 1)] = e;
		}
	free(table.chains);
	table.chains = chains;
	table.n_chains = n;
}

/* Where the pointer to the entry is, or would be. */
static struct entry **find(const char *key, size_t len, uint64_t hash)
{
	struct entry **at = &table.chains[hash & (table.n_chains - 1)];

	while (*at && !((*at)->hash == hash && (*at)->key_len == len && memcmp((*at)->bytes, key, len) == 0))
		at = &(*at)->next;
	return at;
}

static void take_out(struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	free(e);
	table.n_entries--;
}

static void put(const char *key, size_t key_len, const char *value, size_t value_len)
{
	uint64_t hash = hash_of(key, key_len);
	struct entry **at = find(key, key_len, hash), *e = *at;

	if (e && e->value_len != value_len) {
		take_out(at);
		e = NULL;
	}
	if (!e) {
		if (table.n_entries == table.n_chains)
			grow();
		at = find(key, key_len, hash);
		e = must(malloc(sizeof *e + key_len + value_len));
		*e = (struct entry){ *at, hash, key_len, value_len };
		memcpy(e->bytes, key, key_len);
		*at = e;
		table.n_entries++;
	}
	memcpy(e->bytes + key_len, value, value_len);
}

/* --- a client: its command, the bytes of all arguments one behind the other, and its two buffers --- */

struct argument { size_t at, len; };

struct client {
	hoy_reader *in;
	hoy_writer *out;
	char *bytes;
	size_t used, size;
	int argc;
	struct argument argv[MOST_ARGUMENTS];
};

static const char *text(const struct client *c, int i) { return c->bytes + c->argv[i].at; }
static size_t length(const struct client *c, int i) { return c->argv[i].len; }

static void reply(struct client *c, const char *line)
{
	hoy_writer_write(c->out, line, strlen(line), NULL);
}

/* "$5\r\n" and ":7\r\n"; printf would take longer than all the rest of a command. */
static void reply_number(struct client *c, char kind, int64_t n)
{
	char buf[32], *p = buf + sizeof buf;
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	*--p = '\n';
	*--p = '\r';
	do
		*--p = (char)('0' + rest % 10);
	while (rest /= 10);
	if (n < 0)
		*--p = '-';
	*--p = kind;
	hoy_writer_write(c->out, p, (size_t)(buf + sizeof buf - p), NULL);
}

static void reply_bytes(struct client *c, const char *bytes, size_t len)
{
	reply_number(c, '$', (int64_t)len);
	hoy_writer_write(c->out, bytes, len, NULL);
	reply(c, "\r\n");
}

/* --- the commands --- */

static struct entry **lookup(struct client *c, int i)
{
	return find(text(c, i), length(c, i), hash_of(text(c, i), length(c, i)));
}

static void do_get(struct client *c)
{
	struct entry *e = *lookup(c, 1);

	if (e)
		reply_bytes(c, e->bytes + e->key_len, e->value_len);
	else
		reply(c, "$-1\r\n");
}

static void do_set(struct client *c)
{
	put(text(c, 1), length(c, 1), text(c, 2), length(c, 2));
	reply(c, "+OK\r\n");
}

static void do_del(struct client *c)
{
	int n = 0;

	for (int i = 1; i < c->argc; i++) {
		struct entry **at = lookup(c, i);

		if (*at) {
			take_out(at);
			n++;
		}
	}
	reply_number(c, ':', n);
}

static void do_exists(struct client *c)
{
	int n = 0;

	for (int i = 1; i < c->argc; i++)
		n += *lookup(c, i) != NULL;
	reply_number(c, ':', n);
}

static void do_incr(struct client *c)
{
	struct entry *e = *lookup(c, 1);
	char value[24] = "0", *end;
	long long n;

	if (e && e->value_len < sizeof value) {
		memcpy(value, e->bytes + e->key_len, e->value_len);
		value[e->value_len] = '\0';
	}
	n = strtoll(value, &end, 10);
	if (*end || !isdigit((unsigned char)end[-1]) || n == INT64_MAX || (e && e->value_len >= sizeof value)) {
		reply(c, "-ERR value is not an integer or out of range\r\n");
		return;
	}
	put(text(c, 1), length(c, 1), value, (size_t)snprintf(value, sizeof value, "%lld", n + 1));
	reply_number(c, ':', n + 1);
}

static void do_ping(struct client *c)
{
	if (c->argc > 1)
		reply_bytes(c, text(c, 1), length(c, 1));
	else
		reply(c, "+PONG\r\n");
}

static void do_echo(struct client *c) { reply_bytes(c, text(c, 1), length(c, 1)); }
static void do_dbsize(struct client *c) { reply_number(c, ':', (int64_t)table.n_entries); }
static void do_command(struct client *c) { reply(c, "*0\r\n"); }	/* redis-cli asks for help texts */

static void do_flushall(struct client *c)
{
	for (size_t i = 0; i < table.n_chains; i++)
		while (table.chains[i])
			take_out(&table.chains[i]);
	reply(c, "+OK\r\n");
}

static const struct command {
	const char *name;
	int least, most;		/* arguments, the name among them */
	void (*run)(struct client *c);
} commands[] = {
	{ "GET", 2, 2, do_get }, { "SET", 3, 3, do_set }, { "DEL", 2, MOST_ARGUMENTS, do_del },
	{ "EXISTS", 2, MOST_ARGUMENTS, do_exists }, { "INCR", 2, 2, do_incr }, { "PING", 1, 2, do_ping },
	{ "ECHO", 2, 2, do_echo }, { "DBSIZE", 1, 1, do_dbsize }, { "FLUSHALL", 1, 2, do_flushall },
	{ "COMMAND", 1, MOST_ARGUMENTS, do_command },
};

static void run_command(struct client *c)
{
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *cmd = &commands[i];

		if (strlen(cmd->name) != length(c, 0) || strncasecmp(cmd->name, text(c, 0), length(c, 0)) != 0)
			continue;
		if (c->argc < cmd->least || c->argc > cmd->most)
			reply(c, "-ERR wrong number of arguments\r\n");
		else
			cmd->run(c);
		return;
	}
	reply(c, "-ERR unknown command\r\n");
}

/* --- reading a command. 1; 0 at the end or after a failure; -1 when it is none --- */

/* Room for so many bytes more. */
static char *make_room(struct client *c, size_t len)
{
	if (c->size - c->used < len) {
		c->size = c->used + len + 256;
		c->bytes = must(realloc(c->bytes, c->size));
	}
	return c->bytes + c->used;
}

static void add_argument(struct client *c, size_t len)
{
	c->argv[c->argc++] = (struct argument){ c->used, len };
	c->used += len;
}

/* The number behind the first character, up to most; or -1. */
static long number_in(const char *line, char kind, long most)
{
	char *end;
	long n = strtol(line + 1, &end, 10);

	return line[0] != kind || end == line + 1 || *end || n < 0 || n > most ? -1 : n;
}

/* "$3\r\nfoo\r\n" */
static int read_argument(struct client *c)
{
	char *line, *to;
	long len;

	if (hoy_reader_line(c->in, &line, NULL, NULL) <= 0)
		return 0;
	len = number_in(line, '$', LONGEST);
	if (len < 0 || c->used + (size_t)len > LONGEST)
		return -1;
	to = make_room(c, (size_t)len + 2);
	if (hoy_reader_full(c->in, to, (size_t)len + 2, NULL) < 0)
		return 0;
	if (to[len] != '\r' || to[len + 1] != '\n')
		return -1;
	add_argument(c, (size_t)len);
	return 1;
}

/* A command that was typed: words on a line. */
static void split(struct client *c, const char *line)
{
	while (c->argc < MOST_ARGUMENTS && *(line += strspn(line, " "))) {
		size_t len = strcspn(line, " ");

		memcpy(make_room(c, len), line, len);
		add_argument(c, len);
		line += len;
	}
}

static int read_command(struct client *c)
{
	char *line;
	int code = hoy_reader_line(c->in, &line, NULL, NULL);
	long n;

	c->argc = 0;
	c->used = 0;
	if (code <= 0)
		return code == HOY_ETOOLONG ? -1 : 0;
	if (line[0] != '*') {
		split(c, line);
		return 1;
	}
	n = number_in(line, '*', MOST_ARGUMENTS);
	if (n < 0)
		return -1;
	for (code = 1; n > 0 && code > 0; n--)
		code = read_argument(c);
	return code;
}

static int is_quit(const struct client *c)
{
	return length(c, 0) == 4 && strncasecmp(text(c, 0), "QUIT", 4) == 0;
}

/* Answers are sent when there is no further command to read at once: a pipeline of them is one write. */
static void talk(struct client *c)
{
	int code;

	while ((code = read_command(c)) > 0) {
		if (c->argc > 0 && is_quit(c)) {
			reply(c, "+OK\r\n");
			break;
		}
		if (c->argc > 0)
			run_command(c);
		if (hoy_reader_buffered(c->in) == 0 && hoy_writer_flush(c->out, NULL) < 0)
			return;
	}
	if (code < 0)
		reply(c, "-ERR Protocol error\r\n");
	hoy_writer_flush(c->out, NULL);
}

static void serve_client(hoy_conn *conn, void *arg)
{
	struct client *c = must(calloc(1, sizeof *c));

	(void)arg;
	c->in = must(hoy_reader_new(conn, BUFFER, NULL));
	c->out = must(hoy_writer_new(conn, BUFFER, NULL));
	talk(c);
	hoy_writer_free(c->out);
	hoy_reader_free(c->in);
	free(c->bytes);
	free(c);
}

static int serve(void *address)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", address, &err);

	grow();
	if (!l || hoy_serve(l, serve_client, NULL, NULL, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	return 0;
}

int main(int argc, char **argv)
{
	const hoy_run_opts one = { .workers = 1 };

	if (argc != 2)
		errx(2, "usage: KeyValue ADDRESS");
	return hoy_run_with(&one, serve, argv[1]);
}
