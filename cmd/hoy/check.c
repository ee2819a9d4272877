/* hoy check zone: a master file is read as hoy serve dns reads it, and every mistake is shown. */
#include <string.h>

#include "names.h"
#include "zone.h"

static const char *origin = ".";
static int strict;

static const struct flag flags[] = {
	{ "origin", 0, FLAG_TEXT, &origin, "NAME", "what relative names belong to before $ORIGIN", 0, 0 },
	{ "strict", 0, FLAG_BOOL, &strict, NULL, "warnings are mistakes", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static void tell_json(const char *type, const struct mistake *m)
{
	struct json j;

	json_begin(&j, type);
	json_text(&j, "file", m->file);
	if (m->line)
		json_int(&j, "line_number", m->line);
	json_text(&j, "what", m->what);
	json_end(&j);
}

static void tell_mistake(void *arg, const struct mistake *m)
{
	(void)arg;
	if (common.json) {
		tell_json("mistake", m);
		return;
	}
	put_foreign(m->text, strlen(m->text));
	out_print("\n");
}

static void tell_warning(void *arg, const struct mistake *m)
{
	(void)arg;
	if (common.json) {
		tell_json("warning", m);
		return;
	}
	out_print("%s:%u: %swarning%s: ", m->file, m->line, ink(stdout, INK_WARN), ink(stdout, INK_OFF));
	put_foreign(m->what, strlen(m->what));
	out_print("\n");
}

static void tell_zone(const char *path, const struct zones *z, const struct rr *soa)
{
	size_t records = zones_records(z, soa);
	char name[KEY_STRLEN];
	struct json j;

	key_string(&soa->key, name);
	if (!common.json) {
		out_print("%s: %s, %zu record%s\n", path, name, records, records == 1 ? "" : "s");
		return;
	}
	json_begin(&j, "zone");
	json_text(&j, "file", path);
	json_text(&j, "name", name);
	json_int(&j, "records", (int64_t)records);
	json_end(&j);
}

static int check_file(const char *path)
{
	char why[MISTAKE_STRLEN];
	struct zones zones;
	int mistakes = zones_check(&zones, path, origin, tell_mistake, NULL, why), warnings = 0;

	if (mistakes < 0) {
		say("%s", why);
		return EXIT_UNASKED;
	}
	if (mistakes == 0)
		warnings = zones_warn(&zones, tell_warning, NULL);
	for (const struct rr *soa = NULL; !mistakes && (soa = zones_next_soa(&zones, soa)); )
		tell_zone(path, &zones, soa);
	zones_clear(&zones);
	if (mistakes >= MISTAKES_MOST)
		say("%s: %d mistakes; the rest of it was not read", path, MISTAKES_MOST);
	else if (mistakes)
		say("%s: %d mistake%s", path, mistakes, mistakes == 1 ? "" : "s");
	return mistakes || (strict && warnings) ? EXIT_NO : EXIT_YES;
}

static bool is_name(const char *text)
{
	uint8_t wire[NAME_MOST];

	return hoy_parse_rdata(HOY_TYPE_NS, text, ".", wire, sizeof wire, NULL) > 0;
}

/* A mistake is the verdict, whatever the others are. */
static int check(int argc, char **argv)
{
	struct outcomes o = { 0 };

	if (!is_name(origin))
		return usage("--origin takes a domain name, not '%s'", origin);
	for (int i = 1; i < argc; i++)
		outcomes_add(&o, check_file(argv[i]));
	return o.no ? EXIT_NO : outcomes_exit(&o);
}

static const char *const words[] = { "zone", NULL };
static const char *const examples[] = {
	"hoy check zone example.com.zone", "hoy check zone --origin example.com --strict db.example", NULL
};

const struct verb verb_check = {
	.name = "check", .args = "zone FILE...", .brief = "find every mistake of a zone file",
	.about = "Reads master files (RFC 1035 section 5) as hoy serve dns does, and shows each mistake as\n"
		 "FILE:LINE: what is wrong; then, of a file without any, its zones. It goes on behind a\n"
		 "mistake, up to 1000 of them. Warnings are about zones that can be served and still are of no\n"
		 "use: without NS records, or with hosts of NS, MX and SRV that are aliases or have no address.",
	.exits = "0 there are no mistakes\n1 there are\n3 a file could not be read\n5 a file could not be read; the others are right",
	.flags = flags, .words = words, .examples = examples, .min_args = 2, .max_args = -1, .run = check,
};
