/*
 * The frame every verb plugs into. A verb is one file with one `const struct verb`:
 * its name, its words for a reader and the table of its flags, from which parsing,
 * --help, the man page and the completions all come. main.c lists the verbs.
 */
#ifndef CMD_H
#define CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <hoy.h>

#define LEN(array) (sizeof (array) / sizeof *(array))
#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Every verb's exit codes; `hoy help exit` explains them. */
enum exit_code {
	EXIT_YES,
	EXIT_NO,		/* asked, and the answer is no */
	EXIT_USAGE,
	EXIT_UNASKED,		/* could not ask: refused, timed out, unreachable */
	EXIT_FORBIDDEN,
	EXIT_PARTIAL,		/* some of several targets failed, or a part of an answer came */
	EXIT_INTERRUPTED = 130,
	EXIT_PIPE = 141
};

enum flag_kind {
	FLAG_BOOL,		/* int: 1 when given */
	FLAG_INT,		/* int, from low to high */
	FLAG_DURATION,		/* hoy_duration, never negative: 5s, 200ms, 1m30s */
	FLAG_TEXT,		/* const char * */
	FLAG_CHOICE		/* const char *: one of the words in arg, "auto|always|never" */
};

/* A flag. What value points at before parsing is the default, and --help prints it. */
struct flag {
	const char *name;	/* long form, without its dashes */
	char letter;		/* short form, or 0 */
	enum flag_kind kind;
	void *value;
	const char *arg;	/* what --help calls the argument; NULL: by its kind */
	const char *help;
	int low, high;		/* FLAG_INT; both 0: any number that is not negative */
};

struct verb {
	const char *name;
	const char *args;	/* "ADDRESS [TEXT...|-]" */
	const char *brief;	/* one line, for the list of verbs */
	const char *about;	/* paragraphs, for --help */
	const char *exits;	/* what 0, 1 and 3 mean here */
	const struct flag *flags;	/* ends with a NULL name; may be NULL */
	const char *const *words;	/* what the first argument may be, NULL-ended, or NULL for anything */
	const char *const *examples;	/* command lines, NULL-ended */
	int min_args, max_args;		/* max_args -1: any number */
	int needs_tasks;		/* run inside hoy_run */
	int is_server;			/* runs until a signal ends it */
	/* Gets the arguments that are not flags; returns the exit code. */
	int (*run)(int argc, char **argv);
};

/* main.c */
extern const struct verb *const verbs[];	/* NULL-ended */
extern const struct verb *running;		/* NULL before a verb was recognised */
/*
 * Ends the process from any task: the last JSON line, a flush, and out. For a verb
 * that is done while a task of its own is still stuck in a read of standard input.
 */
_Noreturn void leave(int code);

/* The flags that every verb has. */
struct common {
	int json, help;
	const char *color;
};
extern struct common common;

/* flags.c */

/*
 * Sorts argv into flags, whose values are set, and arguments, which move to the front.
 * Returns how many arguments there are, or -1 after having said what is wrong.
 */
int flags_parse(const struct verb *v, int argc, char **argv);
/* The i-th flag of a verb, its own first, then the common ones; NULL after the last. */
const struct flag *flag_at(const struct verb *v, size_t i);
/* "--timeout DURATION", for help and man pages. */
const char *flag_arg(const struct flag *f);
/* The default as text, "" when there is none worth telling. */
char *flag_default(const struct flag *f, char *buf, size_t size);
/*
 * The name in the table that was probably meant, or NULL. Each entry is stride bytes
 * and starts with its name; a NULL name ends the table.
 */
const char *nearest(const char *word, const void *table, size_t stride);

/* duration.c */

/* 0, or -1 when the text is no duration in Go's syntax or a negative one. */
int parse_duration(const char *text, hoy_duration *d);
#define DURATION_STRLEN 48
/* "1m30s", "1.5ms": the shortest form that parse_duration reads back. */
char *duration_string(hoy_duration d, char buf[DURATION_STRLEN]);
#define MS_STRLEN 24
/* In milliseconds, with three digits as far as that goes: 0.041, 1.23, 12.3, 123, 12345. */
char *ms_string(hoy_duration d, char buf[MS_STRLEN]);

/* idn.c: a name with letters that ASCII lacks, converted to its xn-- form. NULL after an error message. */

/* The name itself when it is ASCII, else put into ascii. */
const char *ascii_host(const char *host, char ascii[HOY_HOST_STRLEN]);
/* The same for what an address of the network is, HOST or HOST:PORT, and for @SERVER; paths stay as they are. For good. */
const char *ascii_address(const char *network, const char *address);

/* url.c */

struct url {
	char scheme[16], host[HOY_HOST_STRLEN];	/* the host without brackets */
	char port[16];		/* as given, or the usual one of the scheme, or "" */
	const char *path;	/* what follows, in the text that was parsed: "/a?b#c", or "" */
};

/* "http://user@[::1]:8080/path"; -1 when the text is no URL with a host. */
int url_parse(const char *text, struct url *u);
/* Neither blanks nor control characters, which would end a request line early or begin another header. */
bool is_request_word(const char *text, size_t len);
#define URL_ADDRESS_STRLEN (HOY_HOST_STRLEN + 20)
/* "host:port", or the host alone when its port is not known. */
char *url_address(const struct url *u, char buf[URL_ADDRESS_STRLEN]);
/* For arguments that are HOST:PORT: EXIT_YES, or EXIT_USAGE after having named the address in a URL. */
int refuse_url(const char *text);

/* One end of a stream or of datagrams, as arguments name it: [NETWORK] ADDRESS. */
struct endpoint {
	const char *network;		/* "tcp" when none is given */
	const char *address;
};

/* endpoint.c. The text as hoy_dial takes it, for good; NULL after having said what is wrong: a URL, or letters. */
const char *address_to_dial(const char *network, const char *text);
/* Takes one or two of the arguments, which end with NULL; how many, or 0 after having said what is missing. */
int endpoint_take(struct endpoint *p, char **argv);
/* Are bytes sent there as datagrams? */
bool endpoint_has_datagrams(const struct endpoint *p);

struct json;

/* client.c: what the verbs that ask a server share. */

/*
 * Dials with one deadline for the whole conversation, which the connection keeps.
 * A timeout of 0 is none. Tells how long connecting took.
 */
hoy_conn *dial_within(const char *network, const char *address, hoy_duration timeout, hoy_duration *took,
		      hoy_err *err);
/* A response, when its parts came, counted from the start of the dial, and why no more of it came. */
struct response {
	char text[65536];
	size_t len;
	hoy_duration connect, first_byte, total;
	hoy_err err;		/* code 0: it is all there */
};

/*
 * Reads what the server says until it closes, or until is_whole, if that is not NULL, finds that nothing more
 * belongs to it. What came before an error, or before the limit (HOY_ETOOLONG), is kept.
 */
void response_read(hoy_conn *c, struct response *a, size_t limit, bool (*is_whole)(const struct response *a), hoy_time start);
/* Notes that it is not all there: code says why. */
void response_cut(const hoy_conn *c, struct response *a, int code);
/* "complete", and "error" with the reason if it is not. */
void response_json(struct json *j, const struct response *a);
/* The remote end as text. */
char *remote_of(const hoy_conn *c, char buf[HOY_ADDR_STRLEN]);
int64_t in_us(hoy_duration d);

/* completion.c. Prints the completions for bash, zsh or fish; false: there are none for that shell. */
bool completion_print(const char *shell);

/* help.c */
/* The list of verbs: on standard output if it was asked for, else on standard error. */
void help_overview(bool asked);
void help_of(const struct verb *v);
extern const struct verb verb_help;

/* json.c: one object per line on standard output, written whole and at once. */
struct json {
	char *text;
	size_t len, size;
};
/* Starts {"v":1,"type":TYPE,"t":NOW. */
void json_begin(struct json *j, const char *type);
/* Key NULL inside a list. Bytes that are not UTF-8 come out as U+FFFD. */
void json_text(struct json *j, const char *key, const char *text);
void json_bytes(struct json *j, const char *key, const void *bytes, size_t len);
void json_int(struct json *j, const char *key, int64_t n);
/* For what no type is wide enough for. */
void json_number(struct json *j, const char *key, const char *digits);
void json_bool(struct json *j, const char *key, int yes);
/* Opens '{' or '['; json_close takes the matching '}' or ']'. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
/* Ends the object, writes the line and gives the memory back. */
void json_end(struct json *j);

/* term.c */
enum ink { INK_OFF, INK_BOLD, INK_DIM, INK_GOOD, INK_BAD, INK_WARN };
/* The escape for it, or "" where there is no colour on that stream. */
const char *ink(FILE *to, enum ink i);
/* Does the locale use UTF-8? */
bool term_is_unicode(void);
/*
 * To be called before printing after a signal by a key, such as Ctrl-C: the terminal sends the signal, and then discards what
 * it has not yet put out.
 */
void settle_after_key(void);
struct term_size {
	int columns, rows;
};
/* Of the terminal at standard output; 80 by 24 where there is none. At most 1024 columns. */
struct term_size term_size(void);
/*
 * Prints what a stranger sent: as it is into a pipe, with control characters made
 * visible on a terminal.
 */
void put_foreign(const char *bytes, size_t len);

/* out.c: standard output. A failed write is reported and ends the program. */

/* First of all: descriptors 0 to 2 that are closed never become sockets. */
void streams_open(void);
/* Written when the line is whole. For one task at a time. */
void out_print(const char *format, ...) PRINTF(1, 2);
void out_bytes(const char *bytes, size_t len);
void out_flush(void);
/* Written at once, from any task. */
void out_write(const char *bytes, size_t len);
/* Says why standard output cannot be written, once, and ends the process. */
_Noreturn void out_failed(int code);

/* input.c: standard input, or one file after the other in its place. */

/* "-" is standard input, which is also what is read before the first call. 0 or a code. */
int input_open(const char *path);
/* The next line with its \n, which the last may lack, until the next call: its length, 0 at the end, or a code. */
ssize_t input_line(char **line);
/* The number of the line that was given last, from 1. */
long input_line_number(void);
typedef int word_fn(void *arg, char *word, int is_input);
/*
 * Gives each word to take, and for "-" each word of standard input (is_input 1), until take returns
 * another code than EXIT_YES. Words of standard input have blanks and line ends between them; # and ; begin
 * comments, a byte order mark is skipped, and \001 stands in for a NUL, which no word may have. EXIT_YES, take's
 * code, or EXIT_UNASKED after having said why standard input cannot be read.
 */
int each_word(char **words, word_fn *take, void *arg);
/* The same for the words of a file, which are input words all. */
int each_word_of(const char *path, word_fn *take, void *arg);

/* advice.c */
struct advice {
	int exit;
	const char *text;	/* NULL: none */
};
/* The exit code that fits an error, and what to do about it. */
struct advice advice_for(const hoy_err *err);

/* say.c: talk goes to standard error, each call in one write. */

/* "hoy daytime: " and the text. */
void say(const char *format, ...) PRINTF(1, 2);
/* What is wrong with the command line, and where the help is. Returns EXIT_USAGE. */
int usage(const char *format, ...) PRINTF(1, 2);
/*
 * What failed, in Go's words, and what to do next; as JSON too when that is wanted.
 * Returns the exit code that fits. Advice NULL: the usual one for this error.
 */
int fail(const hoy_err *err, const char *advice);
/* The same for a code without a record; what names the call that failed. */
int fail_code(int code, const char *what);
/* Memory, or the end of the program. */
void *must(void *room);

#endif
