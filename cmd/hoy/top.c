/* hoy top: what the tasks of a running program do, by its control socket. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "top.h"

static const char *view_name = "groups", *sort;
static hoy_duration interval = HOY_SECOND;
static int once, reverse;

static const struct flag flags[] = {
	{ "view", 0, FLAG_CHOICE, &view_name, "groups|tasks|connections", "tasks that do the same, each task, or connections", 0, 0 },
	{ "sort", 's', FLAG_TEXT, &sort, "COLUMN", "sort on this column; without it on the first, connections on in/s", 0, 0 },
	{ "reverse", 'r', FLAG_BOOL, &reverse, NULL, "the other way round", 0, 0 },
	{ "interval", 'i', FLAG_DURATION, &interval, NULL, "between two pictures, and what rates are measured over", 0, 0 },
	{ "once", '1', FLAG_BOOL, &once, NULL, "one picture; with --interval 0 at once, without rates", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* ---- JSON ---- */

static void put_text(struct json *j, const char *key, const char *text)
{
	if (text)
		json_text(j, key, text);
}

static void put_number(struct json *j, const char *key, double n)
{
	char digits[400];

	snprintf(digits, sizeof digits, "%.0f", n);
	if (isfinite(n))
		json_number(j, key, digits);
}

static void put_task(struct json *j, const struct top_task *t)
{
	json_open(j, NULL, '{');
	put_number(j, "id", t->id);
	put_text(j, "state", t->state);
	put_text(j, "name", t->name);
	put_text(j, "function", t->function);
	put_text(j, "waits_for", t->waits_for);
	put_text(j, "detail", t->detail);
	put_number(j, "worker", t->worker);
	put_number(j, "waited_us", t->waited_us);
	put_number(j, "runs", t->runs);
	put_number(j, "runs_per_s", t->runs_rate);
	put_number(j, "stack_used_bytes", t->stack_used);
	json_close(j, '}');
}

static void put_connection(struct json *j, const struct top_connection *c)
{
	json_open(j, NULL, '{');
	put_number(j, "descriptor", c->descriptor);
	put_text(j, "network", c->network);
	put_text(j, "local", c->local);
	put_text(j, "remote", c->remote);
	put_number(j, "received_bytes", c->received);
	put_number(j, "sent_bytes", c->sent);
	put_number(j, "received_bytes_per_s", c->in_rate);
	put_number(j, "sent_bytes_per_s", c->out_rate);
	json_close(j, '}');
}

static void put_json(const struct top_sample *s, const char *program)
{
	struct json j;

	json_begin(&j, "top");
	json_text(&j, "program", program);
	json_text(&j, "version", s->version);
	put_number(&j, "pid", s->pid);
	put_number(&j, "workers", s->workers);
	put_number(&j, "started", s->stats.started);
	put_number(&j, "switches", s->stats.switches);
	put_number(&j, "switches_per_s", s->switch_rate);
	put_number(&j, "stalls", s->stats.stalls);
	json_open(&j, "tasks", '[');
	for (const struct top_task *t = s->tasks; t < s->tasks + s->n_tasks; t++)
		put_task(&j, t);
	json_close(&j, ']');
	json_open(&j, "connections", '[');
	for (const struct top_connection *c = s->connections; c < s->connections + s->n_connections; c++)
		put_connection(&j, c);
	json_close(&j, ']');
	json_end(&j);
}

/* ---- the verb ---- */

/* EXIT_YES, or EXIT_USAGE. */
static int choose_order(struct top_order *order)
{
	char known[256];

	*order = (struct top_order){ .reverse = reverse };
	order->column[TOP_CONNECTIONS] = top_column(TOP_CONNECTIONS, "in/s");
	order->view = *view_name == 'g' ? TOP_GROUPS : *view_name == 't' ? TOP_TASKS : TOP_CONNECTIONS;
	if (!sort)
		return EXIT_YES;
	order->column[order->view] = top_column(order->view, sort);
	if (order->column[order->view] >= 0)
		return EXIT_YES;
	return usage("%s have no column '%s': %s", view_name, sort, top_columns(order->view, known, sizeof known));
}

/* The name that the system has for the process. */
static void find_program(double pid, char name[32])
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%.0f/comm", pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, 32, f))
		snprintf(name, 32, "process");
	if (f)
		fclose(f);
	name[strcspn(name, "\n")] = '\0';
	for (char *at = name; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static void show(struct top_sample *s, const struct top_order *order)
{
	static char program[32];

	if (!*program)
		find_program(s->pid, program);
	if (common.json)
		put_json(s, program);
	else
		top_draw(s, order, program);
}

/* False: it is no key of hoy top's. */
static bool obey(int key, struct top_order *order)
{
	static const char views[] = "gtc";
	const char *view = key ? strchr(views, key) : NULL;

	if (view)
		order->view = (enum top_view)(view - views);
	else if (key == 's')
		top_sort_on(order);
	else if (key == 'r')
		order->reverse = !order->reverse;
	else
		return false;
	return true;
}

/* Until it is time for the next picture: 0; or the exit code and one, when it is time to end. */
static int wait_and_obey(hoy_time until, struct top_sample *s, struct top_order *order, bool shown)
{
	int key;

	while (hoy_time_sub(until, hoy_now()) > 0) {
		key = top_wait(until);
		if (key < 0)
			return EXIT_INTERRUPTED + 1;
		if (key == 'q')
			return EXIT_YES + 1;
		if (shown && (obey(key, order) || hoy_time_sub(until, hoy_now()) > 0))
			show(s, order);
	}
	return 0;
}

static int watch(const char *path, pid_t pid, struct top_order *order)
{
	struct top_sample now, before = { 0 };
	int code, stop = 0;

	while ((code = top_read(path, pid, before.text, &now)) == EXIT_YES) {
		hoy_time until = hoy_in(interval);
		bool shown = !once || before.text || interval == 0;

		top_digest(&now, before.text ? &before : NULL);
		if (shown)
			show(&now, order);
		top_free(&before);
		before = now;
		if ((once && shown) || (stop = wait_and_obey(until, &before, order, shown && !once)))
			break;
	}
	top_free(&before);
	return stop ? stop - 1 : code;
}

static int top(int argc, char **argv)
{
	char path[HOY_ADDR_STRLEN];
	struct top_order order;
	pid_t pid;
	int code = choose_order(&order);

	(void)argc;
	if (code != EXIT_YES || (code = top_find(argv[0], path, &pid)) != EXIT_YES)
		return code;
	top_catch_signals();
	if (!once && !common.json)
		top_screen_begin();
	code = watch(path, pid, &order);
	top_screen_end();
	return code;
}

static const char *const examples[] = {
	"hoy top $(pidof server)", "hoy top /run/server.sock --view connections --sort out/s",
	"hoy top 4711 --once --json | jq '.tasks[]? | select(.waits_for == \"mutex\")'", NULL
};

const struct verb verb_top = {
	.name = "top", .args = "PATH|PID", .brief = "what the tasks of a running program do",
	.about = "Shows the tasks of a program that uses hoy while they run: how many do the same, what they wait\n"
		 "for and since when, how often they run; and its connections, with the bytes per second of\n"
		 "those that the system counts, which are TCP's. The program has to have a control socket:\n"
		 "start it with HOY_DEBUG=control in its environment, and name its process; or with\n"
		 "HOY_DEBUG=control=PATH, and name that path; or let it set hoy_run_opts.control. Only the\n"
		 "program's own user and root may ask it.\n\n"
		 "On a terminal: g, t and c choose what is shown, s sorts on the next column, r the other way\n"
		 "round, q quits. Elsewhere, or with --json, pictures follow one another.\n\n"
		 "The socket of a process is hoy-PID.sock in $XDG_RUNTIME_DIR, as the program had it, or\n"
		 "without that in /tmp. It understands lines, and answers each with one line of JSON; hoy/debug.h\n"
		 "describes them: echo tasks | socat - UNIX:PATH",
	.exits = "0 it was shown\n3 there is no control socket, it does not answer, or the program has ended\n4 not permitted",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 1, .run = top,
};
