/*
 * hoy tour: every chapter of the guide, run for real over loopback. A step is a
 * function that does what its chapter describes and checks what came of it; this file
 * runs them in order, shows them, and counts.
 */
#include <stdarg.h>
#include <string.h>

#include "tour.h"

static int only, print_zone;
static const char *server;

static const struct flag flags[] = {
	{ "step", 's', FLAG_INT, &only, NULL, "that step alone; 0: all of them", 0, 0 },
	{ "server", 0, FLAG_TEXT, &server, "ADDRESS", "the name server to ask, in place of the tour's own", 0, 0 },
	{ "zone", 0, FLAG_BOOL, &print_zone, NULL, "prints what its own name server serves, and nothing else", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static const struct tour_step *const parts[] = { tour_ip, tour_dns, tour_tcp, tour_udp, tour_unix, tour_ping };

void step_command(struct step *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->command, sizeof s->command, format, args);
	va_end(args);
	if (!common.json)
		out_print("   %s$ %s%s\n", ink(stdout, INK_DIM), s->command, ink(stdout, INK_OFF));
}

void step_line(struct step *s, const char *format, ...)
{
	char *start = s->output + s->len;
	size_t room = sizeof s->output - s->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(start, room - 1, format, args);
	va_end(args);
	if (n < 0)
		return;
	s->len += (size_t)n < room - 1 ? (size_t)n : room - 2;
	s->output[s->len++] = '\n';
	s->output[s->len] = '\0';
	if (!common.json)
		out_print("   %s", start);
}

enum verdict step_wrong(struct step *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->reason, sizeof s->reason, format, args);
	va_end(args);
	return STEP_WRONG;
}

enum verdict step_skipped(struct step *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->reason, sizeof s->reason, format, args);
	va_end(args);
	return STEP_SKIPPED;
}

enum verdict step_failed(struct step *s, const hoy_err *err)
{
	char text[HOY_ERR_STRLEN];

	return step_wrong(s, "%s", hoy_err_string(err, text));
}

enum verdict step_expect(struct step *s, const char *want)
{
	const char *got = s->output;
	int same, len;

	do {
		len = (int)strcspn(want, "\n");
		same = !strncmp(got, want, (size_t)len + 1);
		got += len + 1;
		want += same ? len + 1 : 0;
	} while (same && *want);
	if (!same)
		return step_wrong(s, "the guide says: %.*s", len, want);
	return *got ? step_wrong(s, "the guide says nothing of: %.*s", (int)strcspn(got, "\n"), got) : STEP_OK;
}

static void tell_json(const struct tour_step *t, const struct step *s, enum verdict verdict, hoy_duration took)
{
	const char *line = s->output;
	struct json j;

	json_begin(&j, "step");
	json_int(&j, "step", s->number);
	json_text(&j, "heading", t->heading);
	json_text(&j, "command", s->command);
	json_text(&j, "example", t->example);
	json_open(&j, "output", '[');
	for (; *line; line += strcspn(line, "\n") + 1)
		json_bytes(&j, NULL, line, strcspn(line, "\n"));
	json_close(&j, ']');
	json_bool(&j, "ok", verdict == STEP_OK);
	json_bool(&j, "skipped", verdict == STEP_SKIPPED);
	if (verdict != STEP_OK)
		json_text(&j, "reason", s->reason);
	json_int(&j, "elapsed_us", in_us(took));
	json_end(&j);
}

static void tell_text(const struct tour_step *t, const struct step *s, enum verdict verdict, hoy_duration took)
{
	static const struct { enum ink ink; const char *word; } words[] = {
		[STEP_OK] = { INK_GOOD, "ok" }, [STEP_WRONG] = { INK_BAD, "WRONG" },
		[STEP_SKIPPED] = { INK_WARN, "skipped" },
	};

	out_print("   %s%s%s", ink(stdout, words[verdict].ink), words[verdict].word, ink(stdout, INK_OFF));
	if (verdict == STEP_OK)
		out_print(" in %.1f ms", (double)took / HOY_MILLISECOND);
	else
		out_print(": %s", s->reason);
	out_print("%s; in C: %s%s\n\n", ink(stdout, INK_DIM), t->example, ink(stdout, INK_OFF));
}

static enum verdict run_step(const struct tour_step *t, int number)
{
	struct step s = { .number = number };
	hoy_time start = hoy_now();
	enum verdict verdict;
	hoy_duration took;

	if (!common.json)
		out_print("%s%d. %s%s\n", ink(stdout, INK_BOLD), number, t->heading, ink(stdout, INK_OFF));
	verdict = t->run(&s);
	took = hoy_time_sub(hoy_now(), start);
	if (common.json)
		tell_json(t, &s, verdict, took);
	else
		tell_text(t, &s, verdict, took);
	return verdict;
}

static void tell_sum(const int count[3], hoy_duration took)
{
	int all = count[STEP_OK] + count[STEP_WRONG] + count[STEP_SKIPPED];
	struct json j;

	if (common.json) {
		json_begin(&j, "tour");
		json_int(&j, "steps", all);
		json_int(&j, "ok_steps", count[STEP_OK]);
		json_int(&j, "wrong_steps", count[STEP_WRONG]);
		json_int(&j, "skipped_steps", count[STEP_SKIPPED]);
		json_int(&j, "elapsed_us", in_us(took));
		json_end(&j);
		return;
	}
	out_print("%d step%s, %d ok, %d wrong, %d skipped in %.1f s\n", all, all == 1 ? "" : "s", count[STEP_OK],
	       count[STEP_WRONG], count[STEP_SKIPPED], (double)took / HOY_SECOND);
	out_print("Now try:  hoy serve echo 127.0.0.1:1201   and, beside it,   hoy echo 127.0.0.1:1201 hello\n"
	       "          hoy tour --zone >guide.zone; hoy serve dns guide.zone   and   "
	       "hoy lookup mx google.com @127.0.0.1:1053\n"
	       "          hoy head 127.0.0.1:80           hoy help\n");
}

static int tour(int argc, char **argv)
{
	int number = 0, count[3] = { 0 };
	hoy_time start = hoy_now();
	hoy_err err;

	(void)argc;
	(void)argv;
	if (print_zone) {
		out_write(names_zone, strlen(names_zone));
		return EXIT_YES;
	}
	if (names_start(server, &err) < 0)
		return fail(&err, server ? "a name server is an address, such as 127.0.0.1 or 127.0.0.1:1053" : NULL);
	for (size_t p = 0; p < LEN(parts); p++)
		for (const struct tour_step *t = parts[p]; t->heading; t++)
			if (++number == only || !only)
				count[run_step(t, number)]++;
	names_stop();
	if (only > number)
		return usage("the tour has %d steps; there is no step %d", number, only);
	tell_sum(count, hoy_time_sub(hoy_now(), start));
	return count[STEP_WRONG] ? EXIT_NO : EXIT_YES;
}

static const char *const examples[] = {
	"hoy tour", "hoy tour --step 3", "hoy tour --json", "hoy tour --zone >guide.zone",
	"hoy tour --server 127.0.0.1:1053", NULL
};

const struct verb verb_tour = {
	.name = "tour", .args = "", .brief = "the guide, chapter by chapter, run for real on this machine",
	.about = "Runs every chapter of the guide with its own servers and clients over 127.0.0.1, on\n"
		 "ports that the system picks, and checks what came of it. Needs no network, takes\n"
		 "less than five seconds; no wait in it is longer than two.\n"
		 "\n"
		 "Names are asked of a name server of its own, which knows those of the guide. --server\n"
		 "asks another one: which of them are still what the guide says?",
	.exits = "0 every step did what its chapter says\n1 a step went wrong",
	.flags = flags, .examples = examples, .max_args = 0, .needs_tasks = 1, .run = tour,
};
