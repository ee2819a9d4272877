/*
 * Completions for bash, zsh and fish, made of the verbs' tables like the help. What may stand in place of an argument is
 * known for some verbs; all others get the names of files.
 */
#include <string.h>

#include "cmd.h"

/* The words that an argument of the verb may be, each given to put. */
static void each_argument(const struct verb *v, void (*put)(const char *word))
{
	static const char *const ip[] = { "contains", "split", "merge", "range", "grep", NULL };
	static const char *const topics[] = { "exit", "json", "bash", "zsh", "fish", NULL };
	const char *const *words = v->words ? v->words : !strcmp(v->name, "ip") ? ip : v == &verb_help ? topics : NULL;
	char type[HOY_TYPE_STRLEN];

	for (; words && *words; words++)
		put(*words);
	for (size_t i = 0; v == &verb_help && verbs[i]; i++)
		put(verbs[i]->name);
	for (int i = hoy_type_next(0); i && !strcmp(v->name, "lookup"); i = hoy_type_next(i))
		put(hoy_type_string(i, type));
}

static bool has_arguments(const struct verb *v)
{
	return v->words || v == &verb_help || !strcmp(v->name, "ip") || !strcmp(v->name, "lookup");
}

static void put_word(const char *word)
{
	out_print("%s ", word);
}

/* "auto|always|never" as "auto always never" */
static void put_choices(const char *list)
{
	for (; *list; list++)
		out_print("%c", *list == '|' ? ' ' : *list);
}

/* With a backslash before each of these characters. */
static void put_escaped(const char *text, const char *characters)
{
	for (; *text; text++)
		out_print("%s%c", strchr(characters, *text) ? "\\" : "", *text);
}

/* ---- bash ---- */

static void bash_verb(const struct verb *v)
{
	const struct flag *f;

	out_print("\t%s)\n\t\tflags='", v->name);
	for (size_t i = 0; (f = flag_at(v, i)); i++)
		out_print("--%s ", f->name);
	out_print("'\n\t\twords='");
	each_argument(v, put_word);
	out_print("'\n\t\tcase $before in\n");
	for (size_t i = 0; (f = flag_at(v, i)); i++)
		if (f->kind == FLAG_CHOICE) {
			out_print("\t\t--%s) words='", f->name);
			put_choices(f->arg);
			out_print("' ;;\n");
		}
	out_print("\t\tesac ;;\n");
}

static void bash(void)
{
	out_print("# bash completion for hoy, made by: hoy help bash\n_hoy()\n{\n"
		  "\tlocal current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} flags='--help --version' words=\n"
		  "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords='");
	for (size_t i = 0; verbs[i]; i++)
		put_word(verbs[i]->name);
	out_print("'\n\telse\n\tflags=\n\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; verbs[i]; i++)
		bash_verb(verbs[i]);
	out_print("\tesac\n\tfi\n\t[ \"${current:0:1}\" != - ] || words=$flags\n"
		  "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\ncomplete -o default -F _hoy hoy\n");
}

/* ---- zsh ---- */

static void zsh_flag(const struct flag *f, const char *dashes, const char *name)
{
	out_print(" \\\n\t\t\t$'%s%s[", dashes, name);
	put_escaped(f->help, "'\\[]:");
	out_print("]");
	if (f->kind == FLAG_CHOICE) {
		out_print(":value:(");
		put_choices(f->arg);
		out_print(")");
	} else if (f->kind != FLAG_BOOL) {
		out_print(":%s:_files", flag_arg(f));
	}
	out_print("'");
}

static void zsh_verb(const struct verb *v)
{
	const struct flag *f;

	out_print("\t%s)\n\t\t_arguments -s", v->name);
	for (size_t i = 0; (f = flag_at(v, i)); i++) {
		char letter[2] = { f->letter, '\0' };

		zsh_flag(f, "--", f->name);
		if (f->letter)
			zsh_flag(f, "-", letter);
	}
	out_print(" \\\n\t\t\t");
	if (has_arguments(v)) {
		out_print("'1:word:(");
		each_argument(v, put_word);
		out_print(")' ");
	}
	out_print("'*:file:_files' ;;\n");
}

static void zsh(void)
{
	out_print("#compdef hoy\n# zsh completion for hoy, made by: hoy help zsh\n_hoy()\n{\n\tlocal -a verbs=(");
	for (size_t i = 0; verbs[i]; i++) {
		out_print("\n\t\t$'%s:", verbs[i]->name);
		put_escaped(verbs[i]->brief, "'\\");
		out_print("'");
	}
	out_print(")\n\tif (( CURRENT == 2 )); then\n\t\t_describe verb verbs\n\t\treturn\n\tfi\n\tshift words\n\t(( CURRENT-- ))\n"
		  "\tcase $words[1] in\n");
	for (size_t i = 0; verbs[i]; i++)
		zsh_verb(verbs[i]);
	out_print("\tesac\n}\n_hoy \"$@\"\n");
}

/* ---- fish ---- */

static void fish_verb(const struct verb *v)
{
	const struct flag *f;

	out_print("complete -c hoy -f -n __fish_use_subcommand -a %s -d '", v->name);
	put_escaped(v->brief, "'\\");
	out_print("'\n");
	for (size_t i = 0; (f = flag_at(v, i)); i++) {
		out_print("complete -c hoy -n '__fish_seen_subcommand_from %s' -l %s", v->name, f->name);
		if (f->letter)
			out_print(" -s %c", f->letter);
		if (f->kind != FLAG_BOOL)
			out_print(f->kind == FLAG_CHOICE ? " -x -a '" : " -r");
		if (f->kind == FLAG_CHOICE) {
			put_choices(f->arg);
			out_print("'");
		}
		out_print(" -d '");
		put_escaped(f->help, "'\\");
		out_print("'\n");
	}
	if (has_arguments(v)) {
		out_print("complete -c hoy -n '__fish_seen_subcommand_from %s' -a '", v->name);
		each_argument(v, put_word);
		out_print("'\n");
	}
}

static void fish(void)
{
	out_print("# fish completion for hoy, made by: hoy help fish\n");
	for (size_t i = 0; verbs[i]; i++)
		fish_verb(verbs[i]);
}

bool completion_print(const char *shell)
{
	static const struct { const char *name; void (*print)(void); } shells[] = {
		{ "bash", bash }, { "zsh", zsh }, { "fish", fish },
	};

	for (size_t i = 0; i < LEN(shells); i++)
		if (!strcmp(shells[i].name, shell)) {
			shells[i].print();
			return true;
		}
	return false;
}
