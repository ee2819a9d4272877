/*
 * hoy VERB [flags] ARGUMENTS. This file knows the list of verbs and nothing about
 * any of them; each says in its own file what it is called, takes and does.
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cmd.h"

extern const struct verb verb_ip, verb_lookup, verb_resolve, verb_port, verb_serve, verb_daytime, verb_head, verb_echo, verb_tour,
	verb_ping, verb_iface, verb_check, verb_connect, verb_listen, verb_relay, verb_bench, verb_top;

/* In the order of the overview. */
const struct verb *const verbs[] = {
	&verb_tour,
	&verb_ip, &verb_lookup, &verb_resolve, &verb_port, &verb_serve, &verb_daytime, &verb_head, &verb_echo,
	&verb_ping, &verb_iface, &verb_check, &verb_connect, &verb_listen, &verb_relay, &verb_bench,
	&verb_top,
	&verb_help,
	NULL
};

const struct verb *running;

struct call {
	const struct verb *verb;
	int argc;
	char **argv;
};

static int run_verb(void *arg)
{
	const struct call *c = arg;

	return c->verb->run(c->argc, c->argv);
}

/* Servers and tours hold a descriptor per connection; the soft limit is for old select() users. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static const struct verb *find_verb(const char *name)
{
	struct { const char *name; } names[LEN(verbs)] = { { NULL } };
	const char *meant;

	for (size_t i = 0; verbs[i]; i++) {
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
		names[i].name = verbs[i]->name;
	}
	meant = nearest(name, names, sizeof names[0]);
	if (meant)
		usage("there is no verb '%s'; did you mean '%s'?", name, meant);
	else
		usage("there is no verb '%s'", name);
	return NULL;
}

/* The first argument of a verb that has words for it. */
static int check_word(const struct verb *v, const char *given)
{
	struct { const char *name; } names[32] = { { NULL } };
	const char *meant;

	for (size_t i = 0; v->words[i] && i < LEN(names) - 1; i++) {
		if (!strcmp(v->words[i], given))
			return EXIT_YES;
		names[i].name = v->words[i];
	}
	meant = nearest(given, names, sizeof names[0]);
	return meant ? usage("there is no '%s %s'; did you mean '%s %s'?", v->name, given, v->name, meant)
		     : usage("there is no '%s %s': hoy %s %s", v->name, given, v->name, v->args);
}

static int check_arguments(const struct verb *v, int argc, char **argv)
{
	int code = argc && v->words ? check_word(v, argv[0]) : EXIT_YES;

	if (code != EXIT_YES)
		return code;
	if (argc < v->min_args)
		return usage("something is missing: hoy %s %s", v->name, v->args);
	if (v->max_args >= 0 && argc > v->max_args)
		return usage("'%s' is one argument too many: hoy %s %s", argv[v->max_args], v->name, v->args);
	return EXIT_YES;
}

/* The last line of every --json output, however it went. */
static void json_last(int code)
{
	struct json j;

	json_begin(&j, "end");
	json_bool(&j, "ok", code == EXIT_YES);
	json_int(&j, "exit", code);
	json_end(&j);
}

static int finish(int code)
{
	if (common.json && code != EXIT_USAGE)
		json_last(code);
	out_flush();
	return code;
}

_Noreturn void leave(int code)
{
	_exit(finish(code));
}

static int run(const struct verb *v, int argc, char **argv)
{
	const hoy_run_opts opts = { .sigpipe_ignored = 1 };	/* by streams_open */
	struct call call = { v, argc, argv };
	int code = check_arguments(v, argc, argv);

	if (code != EXIT_YES)
		return code;
	code = v->needs_tasks ? hoy_run_with(&opts, run_verb, &call) : run_verb(&call);
	if (code < 0)
		code = fail_code(code, "start");
	return finish(code);
}

int main(int argc, char **argv)
{
	const struct verb *v;

	streams_open();
	if (argc < 2) {
		help_overview(false);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help_overview(true);
		return EXIT_YES;
	}
	if (!strcmp(argv[1], "--version")) {
		out_print("hoy %s\n", hoy_version());
		return EXIT_YES;
	}
	if (argv[1][0] == '-')
		return usage("the verb comes first, not '%s'", argv[1]);
	v = find_verb(argv[1]);
	if (!v)
		return EXIT_USAGE;
	running = v;
	argc = flags_parse(v, argc - 2, argv + 2);
	if (argc < 0)
		return EXIT_USAGE;
	if (common.help) {
		help_of(v);
		return EXIT_YES;
	}
	raise_descriptor_limit();
	return run(v, argc, argv + 2);
}
