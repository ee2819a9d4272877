/*
 * Standard input and files, as lines and as words. They are read through a connection, because that waits where
 * the descriptor is in non-blocking mode and keeps the other tasks going. The connection of standard input is never
 * freed: the descriptor would be closed with it, and its number given to the next socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

enum { CHUNK = 65536 };

static struct {
	hoy_conn *standard, *file;	/* file NULL: standard input is read */
	char *text;			/* what was read and not yet given: len bytes from at */
	size_t at, len, size;
	long line;			/* the number of the last one that was given */
	int code;			/* 1: there may be more; 0: it has ended; or why it failed */
} in = { .code = 1 };

int input_open(const char *path)
{
	int fd = -1;
	hoy_err err;

	if (strcmp(path, "-") && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -errno;
	if (in.file)
		hoy_conn_free(in.file);
	in.file = NULL;
	in.at = in.len = 0;
	in.line = 0;
	in.code = 1;
	if (fd >= 0 && !(in.file = hoy_conn_from_fd(fd, HOY_FD_SHARED, &err)))
		return close(fd), err.code;
	return 0;
}

long input_line_number(void)
{
	return in.line;
}

static int open_standard_input(void)
{
	hoy_err err;

	if (!in.standard && !(in.standard = hoy_conn_from_fd(STDIN_FILENO, HOY_FD_SHARED, &err)))
		return err.code;
	return 1;
}

/* Reads behind what there is, and leaves room for a NUL. */
static void read_more(void)
{
	ssize_t n;

	if (in.at)
		memmove(in.text, in.text + in.at, in.len);
	in.at = 0;
	if (in.size - in.len <= CHUNK) {
		in.size = 2 * in.size + CHUNK + 1;
		in.text = must(realloc(in.text, in.size));
	}
	n = in.file ? 1 : open_standard_input();
	if (n > 0)
		n = hoy_conn_read(in.file ? in.file : in.standard, in.text + in.len, CHUNK, NULL);
	if (n > 0)
		in.len += (size_t)n;
	in.code = n > 0 ? 1 : (int)n;
}

ssize_t input_line(char **line)
{
	const char *end = NULL;
	size_t searched = 0, len;

	for (;;) {
		if (in.len > searched)
			end = memchr(in.text + in.at + searched, '\n', in.len - searched);
		if (end || in.code <= 0)
			break;
		searched = in.len;
		read_more();
	}
	if (!in.len)
		return in.code;
	*line = in.text + in.at;
	len = end ? (size_t)(end + 1 - *line) : in.len;
	in.at += len;
	in.len -= len;
	in.line++;
	return (ssize_t)len;
}

/* ---- words ---- */

static const char blanks[] = " \t\r\n\v\f";

/* A NUL becomes a character that is in no name and no address either: the word is refused as a whole. */
static void replace_nuls(char *line, size_t len)
{
	for (char *nul; (nul = memchr(line, '\0', len)); )
		*nul = '\001';
}

/* The line's last byte is its end, or there is room for a NUL behind it. */
static int take_words(char *line, size_t len, word_fn *take, void *arg, long *words)
{
	char *rest = NULL;
	int code = EXIT_YES;

	replace_nuls(line, len);
	line[line[len - 1] == '\n' ? len - 1 : len] = '\0';
	for (char *word = strtok_r(line, blanks, &rest); word && !strchr("#;", *word) && code == EXIT_YES;
	     word = strtok_r(NULL, blanks, &rest)) {
		++*words;
		code = take(arg, word, 1);
	}
	return code;
}

/* EXIT_YES, what take returned in its place, or the exit code of a failed read. */
static int each_input_word(const char *path, word_fn *take, void *arg)
{
	static const char mark[] = "\xef\xbb\xbf";
	long words = 0;
	bool first = true;
	char *line;
	ssize_t len;

	while ((len = input_line(&line)) > 0) {
		size_t skip = first && len >= 3 && !memcmp(line, mark, 3) ? 3 : 0;
		int code = (size_t)len > skip ? take_words(line + skip, (size_t)len - skip, take, arg, &words) : EXIT_YES;

		first = false;
		if (code != EXIT_YES)
			return code;
	}
	if (len < 0)
		return fail_code((int)len, in.file ? path : "read standard input");
	if (!words)
		say("there is nothing %s%s", in.file ? "in " : "on standard input", in.file ? path : "");
	return EXIT_YES;
}

int each_word(char **words, word_fn *take, void *arg)
{
	int code = EXIT_YES;

	for (; *words && code == EXIT_YES; words++)
		code = strcmp(*words, "-") ? take(arg, *words, 0) : each_input_word("-", take, arg);
	return code;
}

int each_word_of(const char *path, word_fn *take, void *arg)
{
	int code = input_open(path);

	if (code == 0)
		return each_input_word(path, take, arg);
	fail_code(code, path);
	return EXIT_UNASKED;
}
