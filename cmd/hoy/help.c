/*
 * Help is the verb's table, printed: for --help, and as the source of the manual
 * page, so that neither can tell of a flag that is not there.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

static const char exit_topic[] =
	"Every verb ends with one of these:\n"
	"\n"
	"    0  yes, or done\n"
	"    1  a clean no: asked, and the answer is no\n"
	"    2  the command line is wrong\n"
	"    3  could not ask: refused, timed out, unreachable\n"
	"    4  not permitted\n"
	"    5  some of several targets failed, or only a part of an answer came\n"
	"  130  interrupted (Ctrl-C)\n"
	"  141  nobody reads the output any more\n"
	"\n"
	"hoy help VERB says what 0, 1 and 3 mean for that verb.\n";

static const char json_topic[] =
	"With --json every verb prints one JSON object per line on standard output, each\n"
	"written when its event happens:\n"
	"\n"
	"  {\"v\":1,\"type\":\"daytime\",\"t\":\"2026-01-31T12:00:00.000000000Z\", …}\n"
	"\n"
	"  v     the version of this contract; inside one version, keys are only added\n"
	"  type  what the line tells of\n"
	"  t     when, RFC 3339 with nanoseconds, UTC\n"
	"\n"
	"Numbers carry their unit in the key: _us microseconds, _s seconds, _bytes bytes.\n"
	"Addresses are text. Bytes that are not UTF-8 appear as U+FFFD.\n"
	"An error is a line of type error with its code and text; the last line is of type\n"
	"end, with ok and the exit code. A wrong command line (exit 2) prints no JSON.\n";

static void print_flag(const struct flag *f)
{
	char left[64], value[64];
	const char *arg = flag_arg(f);
	int len;

	len = snprintf(left, sizeof left, "%c%c%s --%s%s%s", f->letter ? '-' : ' ', f->letter ? f->letter : ' ',
		       f->letter ? "," : " ", f->name, *arg ? " " : "", arg);
	out_print("  %-28s%s%s", left, len >= 28 ? "\n                              " : "", f->help);
	flag_default(f, value, sizeof value);
	out_print(*value ? " (default %s)\n" : "\n", value);
}

/* Each line of text, indented. */
static void print_lines(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		out_print("  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void help_of(const struct verb *v)
{
	const struct flag *f;

	out_print("Usage: hoy %s [flags]%s%s\n\n%s\n\nFlags:\n", v->name, *v->args ? " " : "", v->args, v->about);
	for (size_t i = 0; (f = flag_at(v, i)); i++)
		print_flag(f);
	out_print("\nExamples:\n");
	for (size_t i = 0; v->examples[i]; i++)
		out_print("  %s\n", v->examples[i]);
	out_print("\nExit (all: hoy help exit):\n");
	print_lines(v->exits);
}

void help_overview(bool asked)
{
	char *text = NULL;
	size_t size;
	FILE *to = must(open_memstream(&text, &size));

	fprintf(to, "Usage: hoy VERB [flags] ARGUMENTS\n\n");
	for (size_t i = 0; verbs[i]; i++)
		fprintf(to, "  %-10s %s\n", verbs[i]->name, verbs[i]->brief);
	fprintf(to, "\nhoy help VERB tells more; so do hoy help exit and hoy help json.\n"
		    "New here? hoy tour shows it all at work, without touching the network.\n");
	fclose(to);
	must(text);
	if (asked)
		out_print("%s", text);
	else
		dprintf(STDERR_FILENO, "%s", text);
	free(text);
}

/* Text for scdoc, which gives meaning to these characters. */
static void man_bytes(const char *text, size_t len)
{
	for (; len > 0; text++, len--) {
		if (strchr("_*\\#`", *text))
			out_print("\\");
		out_bytes(text, 1);
	}
}

static void man_text(const char *text)
{
	man_bytes(text, strlen(text));
}

/* Paragraphs; lines that are indented are shown as they stand, which scdoc wants said. */
static void man_about(const char *text)
{
	int as_is = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (as_is != (*text == ' ')) {
			as_is = !as_is;
			out_print("```\n");
		}
		if (as_is)
			out_bytes(text, len);
		else
			man_bytes(text, len);
		out_print("\n");
		text += len + (text[len] == '\n');
	}
	out_print(as_is ? "```\n\n" : "\n");
}

static void man_flag(const struct flag *f)
{
	const char *arg = flag_arg(f);
	char value[64];

	if (f->letter)
		out_print("*-%c*, ", f->letter);
	out_print("*--%s*", f->name);
	if (*arg) {
		out_print(" _");
		man_text(arg);
		out_print("_");
	}
	out_print("\n\t");
	man_text(f->help);
	if (*flag_default(f, value, sizeof value))
		out_print(" (default %s)", value);
	out_print("\n\n");
}

static void man_verb(const struct verb *v)
{
	const struct flag *f;

	out_print("## hoy %s [flags] ", v->name);
	man_text(v->args);
	out_print("\n\n");
	man_about(v->about);
	for (size_t i = 0; v->flags && (f = &v->flags[i])->name; i++)
		man_flag(f);
	out_print("```\n");
	for (size_t i = 0; v->examples[i]; i++)
		out_print("%s\n", v->examples[i]);
	out_print("```\n\nExit status:\n\n```\n%s\n```\n\n", v->exits);
}

/* The source of hoy(1), for scdoc. */
static void man_page(void)
{
	const struct flag *f;

	out_print("hoy(1) \"hoy %s\"\n\n# NAME\n\nhoy - network tools on Go's net package in C\n\n"
	       "# SYNOPSIS\n\n*hoy* _VERB_ [flags] _ARGUMENTS_\n\n# VERBS\n\n", hoy_version());
	for (size_t i = 0; verbs[i]; i++)
		man_verb(verbs[i]);
	out_print("# FLAGS OF EVERY VERB\n\n");
	for (size_t i = 0; (f = flag_at(&verb_help, i)); i++)	/* it has none of its own */
		man_flag(f);
	out_print("# EXIT STATUS\n\n```\n%s```\n\n# JSON\n\n```\n%s```\n\n"
	       "# ENVIRONMENT\n\n*NO_COLOR*\n\tNot empty: no colour.\n\n"
	       "*HOY_WORKERS*\n\tThreads to run tasks on; one per CPU without it.\n", exit_topic, json_topic);
}

static int show_help(int argc, char **argv)
{
	struct { const char *name; } names[32] = { { "exit" }, { "json" }, { "bash" }, { "zsh" }, { "fish" } };
	const char *meant;
	size_t n = 5;

	if (common.json)
		return usage("help is text for people; the other verbs have --json");
	if (argc == 0)
		help_overview(true);
	else if (!strcmp(argv[0], "exit"))
		out_print("%s", exit_topic);
	else if (!strcmp(argv[0], "json"))
		out_print("%s", json_topic);
	else if (!strcmp(argv[0], "man"))
		man_page();
	else if (!completion_print(argv[0])) {
		for (size_t i = 0; verbs[i] && n < LEN(names) - 1; i++) {
			if (!strcmp(verbs[i]->name, argv[0])) {
				help_of(verbs[i]);
				return EXIT_YES;
			}
			names[n++].name = verbs[i]->name;
		}
		meant = nearest(argv[0], names, sizeof names[0]);
		return meant ? usage("there is no help on '%s'; did you mean '%s'?", argv[0], meant)
			     : usage("there is no help on '%s'", argv[0]);
	}
	return EXIT_YES;
}

static const char *const examples[] = { "hoy help echo", "hoy help exit", "hoy help bash >/etc/bash_completion.d/hoy", NULL };

const struct verb verb_help = {
	.name = "help", .args = "[VERB|exit|json|bash|zsh|fish]", .brief = "what a verb takes and does",
	.about = "Shows the verbs, one verb with its flags, the exit codes or the JSON contract; or prints\n"
		 "completions for a shell.",
	.exits = "0 it was shown",
	.examples = examples, .max_args = 1, .run = show_help,
};
