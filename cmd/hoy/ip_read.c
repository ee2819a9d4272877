/* Addresses from the command line, and what is said about texts that are none. */
#include <string.h>

#include "ip.h"

/*
 * The text on a line of its own and a mark under the byte where it went wrong. A character
 * that would not take one column, or is not ASCII and so wrong anyhow, shows as ?.
 */
static void mark(const char *text, size_t offset, const char *reason)
{
	int column = 0;

	fputs("  ", stderr);
	for (size_t i = 0; text[i]; i++) {
		if ((text[i] & 0xc0) == 0x80)	/* inside a UTF-8 character */
			continue;
		putc(text[i] < ' ' || text[i] > '~' ? '?' : text[i], stderr);
		column += i < offset;
	}
	fprintf(stderr, "\n  %*s%s^%s %s\n", column, "", ink(stderr, INK_BAD), ink(stderr, INK_OFF), reason);
}

static int point_out(const char *text, const hoy_err *err)
{
	char sentence[HOY_ERR_STRLEN];
	struct url url;
	struct json j;

	say("%s", hoy_err_string(err, sentence));
	if (!common.json) {
		mark(text, err->offset, hoy_strerror(err->code));
		if (url_parse(text, &url) == 0)
			fprintf(stderr, "  did you mean %s?\n", url.host);
		return -1;
	}
	json_begin(&j, "error");
	json_text(&j, "text", text);
	json_text(&j, "error", sentence);
	json_text(&j, "reason", hoy_strerror(err->code));
	json_int(&j, "offset", err->offset);
	json_end(&j);
	return -1;
}

int read_prefix(const char *text, hoy_prefix *p)
{
	hoy_err err;
	hoy_ip ip;

	if (strchr(text, '/'))
		return hoy_parse_prefix(text, p, &err) < 0 ? point_out(text, &err) : 0;
	if (hoy_parse_ip(text, &ip, &err) < 0)
		return point_out(text, &err);
	*p = hoy_prefix_from(ip, ip.len * 8);
	return 0;
}

static int read_ip(const char *text, hoy_ip *ip)
{
	hoy_err err;

	return hoy_parse_ip(text, ip, &err) < 0 ? point_out(text, &err) : 0;
}

int read_range(const char *text, hoy_ip_range *range)
{
	const char *dash = strchr(text, '-');
	char first[64];
	hoy_prefix p;

	if (!dash || (size_t)(dash - text) >= sizeof first) {
		if (read_prefix(text, &p) < 0)
			return -1;
		*range = hoy_prefix_range(p);
		return 0;
	}
	snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
	if (read_ip(first, &range->first) < 0 || read_ip(dash + 1, &range->last) < 0)
		return -1;
	if (range->first.len == range->last.len && hoy_ip_compare(range->first, range->last) <= 0)
		return 0;
	say("'%s' is no range: the first address comes first, and both are of one family", text);
	return -1;
}
