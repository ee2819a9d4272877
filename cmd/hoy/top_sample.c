/* What a program says of itself at its control socket. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_read.h"
#include "top.h"

enum { ANSWER_MOST = 1 << 30 };

#define PATIENCE (10 * HOY_SECOND)

/* ---- where it listens ---- */

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_socket(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool is_in(const char *dir, pid_t pid, char path[HOY_ADDR_STRLEN])
{
	int n = dir && *dir ? snprintf(path, HOY_ADDR_STRLEN, "%s/hoy-%d.sock", dir, (int)pid) : 0;

	return n > 0 && n < HOY_ADDR_STRLEN && is_socket(path);
}

/* The program may be another user's, as of a service that root looks at. */
static int find_process(pid_t pid, char path[HOY_ADDR_STRLEN])
{
	char proc[32], run[32] = "";
	struct stat st;

	snprintf(proc, sizeof proc, "/proc/%d", (int)pid);
	if (stat(proc, &st) < 0) {
		say("there is no process %d", (int)pid);
		return EXIT_UNASKED;
	}
	snprintf(run, sizeof run, "/run/user/%u", (unsigned)st.st_uid);
	if (is_in(getenv("XDG_RUNTIME_DIR"), pid, path) || is_in(run, pid, path) || is_in("/tmp", pid, path))
		return EXIT_YES;
	say("process %d has no control socket in the usual place: start it with HOY_DEBUG=control, or name the socket's path",
	    (int)pid);
	return EXIT_UNASKED;
}

int top_find(const char *target, char path[HOY_ADDR_STRLEN], pid_t *pid)
{
	long number = is_number(target) ? strtol(target, NULL, 10) : 0;

	*pid = 0;
	if (!is_number(target)) {
		snprintf(path, HOY_ADDR_STRLEN, "%s", target);
		return strlen(target) < HOY_ADDR_STRLEN ? EXIT_YES : usage("that path is too long for a socket");
	}
	if (number <= 0 || number > 0x7fffffff)
		return usage("'%s' is no process", target);
	*pid = (pid_t)number;
	return find_process(*pid, path);
}

/* ---- what it says ---- */

#define NUMBER(record, member, key) { key, true, offsetof(struct record, member) }
#define TEXT(record, member, key) { key, false, offsetof(struct record, member) }

static const struct json_field task_fields[] = {
	NUMBER(top_task, id, "id"), NUMBER(top_task, worker, "worker"), NUMBER(top_task, waited_us, "waited_us"),
	NUMBER(top_task, runs, "runs"), NUMBER(top_task, stack_used, "stack_used_bytes"), TEXT(top_task, name, "name"),
	TEXT(top_task, state, "state"), TEXT(top_task, function, "function"), TEXT(top_task, waits_for, "waits_for"),
	TEXT(top_task, detail, "detail"), { NULL, false, 0 }
};
static const struct top_task new_task = { .id = 0, .worker = NAN, .waited_us = NAN, .runs = NAN, .runs_rate = NAN, .stack_used = NAN };

static const struct json_field connection_fields[] = {
	NUMBER(top_connection, descriptor, "descriptor"), NUMBER(top_connection, received, "received_bytes"),
	NUMBER(top_connection, sent, "sent_bytes"), TEXT(top_connection, network, "network"), TEXT(top_connection, local, "local"),
	TEXT(top_connection, remote, "remote"), { NULL, false, 0 }
};
static const struct top_connection new_connection = { .received = NAN, .sent = NAN, .in_rate = NAN, .out_rate = NAN };

static const struct json_field stats_fields[] = {
	NUMBER(top_stats, tasks, "tasks"), NUMBER(top_stats, started, "started"), NUMBER(top_stats, switches, "switches"),
	NUMBER(top_stats, stalls, "stalls"), { NULL, false, 0 }
};

static const struct json_field sample_fields[] = {
	NUMBER(top_sample, pid, "pid"), NUMBER(top_sample, now_us, "now_us"), NUMBER(top_sample, workers, "workers"),
	TEXT(top_sample, version, "version"), { NULL, false, 0 }
};

/* The elements of an array of objects: a block of records, *n of them, each of which begins like `new`. */
static void *read_records(struct json_reader *r, const struct json_field *fields, const void *new, size_t size, size_t *n)
{
	char *block = NULL;
	size_t room = 0;

	json_enter(r, '[');
	for (*n = 0; json_more(r); ++*n) {
		if (*n == room)
			block = must(realloc(block, (room = 2 * room + 64) * size));
		memcpy(block + *n * size, new, size);
		json_fields(r, fields, block + *n * size);
	}
	return block;
}

static void read_member(struct json_reader *r, const char *key, struct top_sample *s)
{
	if (!strcmp(key, "stats"))
		json_fields(r, stats_fields, &s->stats);
	else if (!strcmp(key, "tasks") && !s->tasks)
		s->tasks = read_records(r, task_fields, &new_task, sizeof new_task, &s->n_tasks);
	else if (!strcmp(key, "connections") && !s->connections)
		s->connections = read_records(r, connection_fields, &new_connection, sizeof new_connection, &s->n_connections);
	else if (!json_field(r, sample_fields, key, s))
		json_skip(r);
}

/* Names come from a program that need not be trusted with the terminal. */
static void hide_controls(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
}

static const char *harmless(const char *text)
{
	if (text)
		hide_controls((char *)text, strlen(text));
	return text;
}

static void make_harmless(struct top_sample *s)
{
	harmless(s->version);
	for (struct top_task *t = s->tasks; t < s->tasks + s->n_tasks; t++)
		harmless(t->name), harmless(t->state), harmless(t->function), harmless(t->waits_for), harmless(t->detail);
	for (struct top_connection *c = s->connections; c < s->connections + s->n_connections; c++)
		harmless(c->network), harmless(c->local), harmless(c->remote);
}

/* An array of no elements has a beginning, too. */
static void *not_null(void *array)
{
	return array ? array : must(malloc(1));
}

/* False: that is no answer of a control socket. */
static bool parse(struct top_sample *s)
{
	struct json_reader r = { .at = s->text };
	const char *key;

	json_enter(&r, '{');
	while ((key = json_key(&r)))
		read_member(&r, key, s);
	s->tasks = not_null(s->tasks);
	s->connections = not_null(s->connections);
	s->groups = not_null(NULL);
	make_harmless(s);
	return json_at_end(&r) && s->version && s->pid > 0;
}

/* ---- asking ---- */

/* The text of the answer; or NULL, told in err. */
static char *converse(hoy_conn *c, hoy_err *err)
{
	char *text = NULL;

	hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	if (hoy_conn_write(c, "snapshot\n", 9, err) >= 0 && hoy_conn_close_write(c, err) >= 0)
		hoy_read_all(c, &text, ANSWER_MOST, err);
	return text;
}

static bool is_of(hoy_conn *c, pid_t pid)
{
	hoy_unix_cred cred;

	return pid == 0 || (hoy_unix_peer_cred(c, &cred, NULL) == 0 && cred.pid == pid);
}

/* Why there is no sample. text: what came, or NULL, and then err says why nothing did. The exit code. */
static int explain(const char *path, bool before, const char *text, const hoy_err *err)
{
	if (before && (!text || !*text))
		say("the program has ended");
	else if (text)
		say("%s: what came from there is no answer of a control socket", path);
	else
		return fail(err, NULL);
	return EXIT_UNASKED;
}

int top_read(const char *path, pid_t pid, bool before, struct top_sample *s)
{
	const hoy_dialer d = { .timeout = PATIENCE };
	hoy_err err;
	hoy_conn *c = hoy_dialer_dial(&d, "unix", path, &err);
	int code;

	*s = (struct top_sample){ 0 };
	if (c && is_of(c, pid))
		s->text = converse(c, &err);
	else if (c)
		err = (hoy_err){ .code = -EPERM, .kind = HOY_ERR_PLAIN, .call = "another process listens at the control socket" };
	hoy_conn_free(c);
	if (s->text && parse(s))
		return EXIT_YES;
	top_screen_end();
	code = explain(path, before, s->text, &err);
	top_free(s);
	return code;
}

void top_free(struct top_sample *s)
{
	hoy_free(s->text);
	free(s->tasks);
	free(s->connections);
	free(s->groups);
	*s = (struct top_sample){ 0 };
}

/* ---- comparing ---- */

static int by_id(const void *a, const void *b)
{
	double x = ((const struct top_task *)a)->id, y = ((const struct top_task *)b)->id;

	return (x > y) - (x < y);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* The same connection has the same number and the same ends. */
static int by_ends(const void *a, const void *b)
{
	const struct top_connection *x = a, *y = b;
	int order = (x->descriptor > y->descriptor) - (x->descriptor < y->descriptor);

	order = order ? order : compare_text(x->remote, y->remote);
	return order ? order : compare_text(x->local, y->local);
}

static void compare_tasks(struct top_sample *s, const struct top_sample *before, double seconds)
{
	qsort(s->tasks, s->n_tasks, sizeof *s->tasks, by_id);
	for (struct top_task *t = s->tasks; before && t < s->tasks + s->n_tasks; t++) {
		const struct top_task *was = bsearch(t, before->tasks, before->n_tasks, sizeof *t, by_id);

		t->runs_rate = (t->runs - (was ? was->runs : 0)) / seconds;
	}
}

static void compare_connections(struct top_sample *s, const struct top_sample *before, double seconds)
{
	qsort(s->connections, s->n_connections, sizeof *s->connections, by_ends);
	for (struct top_connection *c = s->connections; before && c < s->connections + s->n_connections; c++) {
		const struct top_connection *was = bsearch(c, before->connections, before->n_connections, sizeof *c, by_ends);

		c->in_rate = (c->received - (was ? was->received : 0)) / seconds;
		c->out_rate = (c->sent - (was ? was->sent : 0)) / seconds;
		s->in_rate += isnan(c->in_rate) ? 0 : c->in_rate;
		s->out_rate += isnan(c->out_rate) ? 0 : c->out_rate;
	}
}

static bool is_like(const struct top_group *g, const struct top_task *t)
{
	return !compare_text(g->state, t->state) && !compare_text(g->function, t->function) &&
	       !compare_text(g->waits_for, t->waits_for) && !compare_text(g->name, t->name);
}

static struct top_group *group_of(struct top_sample *s, const struct top_task *t)
{
	for (struct top_group *g = s->groups; g < s->groups + s->n_groups; g++)
		if (is_like(g, t))
			return g;
	s->groups = must(realloc(s->groups, (s->n_groups + 1) * sizeof *s->groups));
	s->groups[s->n_groups] = (struct top_group){
		.name = t->name, .state = t->state, .function = t->function, .waits_for = t->waits_for, .waited_us = NAN, .runs_rate = NAN,
	};
	return &s->groups[s->n_groups++];
}

/* NAN is less than any number. */
static double longer(double a, double b)
{
	return isnan(a) || b > a ? b : a;
}

static void put_together(struct top_sample *s)
{
	for (const struct top_task *t = s->tasks; t < s->tasks + s->n_tasks; t++) {
		struct top_group *g = group_of(s, t);

		g->count++;
		g->waited_us = longer(g->waited_us, t->waited_us);
		if (!isnan(t->runs_rate))
			g->runs_rate = (isnan(g->runs_rate) ? 0 : g->runs_rate) + t->runs_rate;
	}
}

void top_digest(struct top_sample *s, const struct top_sample *before)
{
	double seconds = before ? (s->now_us - before->now_us) / 1e6 : 0;

	if (seconds <= 0)
		before = NULL;
	s->switch_rate = before ? (s->stats.switches - before->stats.switches) / seconds : NAN;
	s->start_rate = before ? (s->stats.started - before->stats.started) / seconds : NAN;
	s->in_rate = s->out_rate = before ? 0 : NAN;
	compare_tasks(s, before, seconds);
	compare_connections(s, before, seconds);
	put_together(s);
}
