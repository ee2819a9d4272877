/*
 * net/netip's sentences. They quote the text they were given the way Go writes a string
 * literal, and nest: a prefix with a bad address shows that address's own sentence, so
 * which part is quoted follows from the code and the whole text.
 */
#include <string.h>

#include "ip/scan.h"
#include "err/sentence.h"

static void say_bytes(struct hoy__sentence *s, const char *text, size_t len)
{
	while (len-- > 0 && s->p < s->end)
		*s->p++ = *text++;
}

/* One byte of a quoted text. Bytes beyond ASCII pass: they are UTF-8 as far as anyone knows. */
static void say_quoted_byte(struct hoy__sentence *s, unsigned char c)
{
	static const char hex[] = "0123456789abcdef", plain[] = "abtnvfr";
	const char *named = c ? strchr("\a\b\t\n\v\f\r", c) : NULL;

	if (c == '"' || c == '\\')
		say_bytes(s, (char[]){ '\\', (char)c }, 2);
	else if (named)
		say_bytes(s, (char[]){ '\\', plain[named - strchr("\a\b\t\n\v\f\r", '\a')] }, 2);
	else if (c < ' ' || c == 0x7f)
		say_bytes(s, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
	else
		say_bytes(s, (const char *)&c, 1);
}

static void say_quoted(struct hoy__sentence *s, const char *text, const char *end)
{
	hoy__say(s, "\"");
	while (text < end)
		say_quoted_byte(s, (unsigned char)*text++);
	hoy__say(s, "\"");
}

/* Go shows the rest of the text for mistakes of one character only. */
static int shows_rest(int code)
{
	switch (code) {
	case HOY_EIP_CHAR:
	case HOY_EIP4_EMPTY:
	case HOY_EIP6_END:
	case HOY_EIP6_DIGITS:
	case HOY_EIP6_EMPTY:
	case HOY_EIP6_EARLY4:
	case HOY_EIP6_LATE4:
	case HOY_EIP6_COLON:
	case HOY_EIP6_GAPS:
	case HOY_EIP6_TRAILING:
		return 1;
	}
	return 0;
}

static int is_about_address(int code)
{
	return (code <= HOY_EIP_UNABLE && code >= HOY_EIP6_NOGAP) || code == HOY_EZONELONG;
}

/* Where parsing stopped, in a subject that may have been cut off before that place. */
static const char *place(const hoy_err *err, const char *end)
{
	return err->offset < (size_t)(end - err->subject) ? err->subject + err->offset : end;
}

/* Where the address itself ends: a zone is only cut off what is IPv6 by its first separator. */
static const char *address_end(const char *text, const char *end)
{
	const char *percent = hoy__find(text, end, '%'), *colon = hoy__find(text, percent, ':');

	return colon < hoy__find(text, percent, '.') ? percent : end;
}

/* ParseAddr("1.2.3.x"): unexpected character (at "x") */
static void say_bad_address(struct hoy__sentence *s, const char *text, const char *end, const char *at, int code)
{
	const char *stop = address_end(text, end);

	hoy__say(s, "ParseAddr(");
	say_quoted(s, text, end);
	hoy__say(s, "): ");
	hoy__say(s, hoy_strerror(code));
	if (shows_rest(code) && at >= text && at < stop) {
		hoy__say(s, " (at ");
		say_quoted(s, at, stop);
		hoy__say(s, ")");
	}
}

static void say_prefix(struct hoy__sentence *s, const hoy_err *err, const char *text, const char *end)
{
	const char *slash = strrchr(text, '/');

	hoy__say(s, "netip.ParsePrefix(");
	say_quoted(s, text, end);
	hoy__say(s, "): ");
	if (slash && is_about_address(err->code)) {
		say_bad_address(s, text, slash, place(err, end), err->code);
		return;
	}
	hoy__say(s, hoy_strerror(err->code));
	if (slash && err->code == HOY_EPREFIXBITS) {
		hoy__say(s, ": ");
		say_quoted(s, slash + 1, end);
	}
}

/* `invalid port "x" parsing "1.2.3.4:x"` */
static void say_bad_port(struct hoy__sentence *s, const char *port, const char *text, const char *end)
{
	hoy__say(s, "invalid port ");
	say_quoted(s, port, end);
	hoy__say(s, " parsing ");
	say_quoted(s, text, end);
}

static void say_addr_port(struct hoy__sentence *s, const hoy_err *err, const char *text, const char *end)
{
	const char *colon = strrchr(text, ':');
	int bracketed = text[0] == '[';

	if (colon && is_about_address(err->code)) {
		say_bad_address(s, text + bracketed, colon - bracketed, place(err, end), err->code);
		return;
	}
	if (colon && err->code == HOY_EBADPORT) {
		say_bad_port(s, colon + 1, text, end);
		return;
	}
	if (err->code == HOY_EBRACKETED4 || err->code == HOY_EUNBRACKETED6) {
		hoy__say(s, "invalid ip:port ");
		say_quoted(s, text, end);
		hoy__say(s, ", ");
	}
	hoy__say(s, hoy_strerror(err->code));
}

void hoy__say_netip(struct hoy__sentence *s, const hoy_err *err)
{
	const char *text = err->subject, *end = text + strnlen(text, sizeof err->subject);
	const char *call = err->call ? err->call : "ParseAddr";

	if (strcmp(call, "ParsePrefix") == 0)
		say_prefix(s, err, text, end);
	else if (strcmp(call, "ParseAddrPort") == 0)
		say_addr_port(s, err, text, end);
	else
		say_bad_address(s, text, end, place(err, end), err->code);
}
