/* Addresses, masks and networks from text, and what is said about text that is none. */
#include <ctype.h>
#include <string.h>

#include "ip.h"

/* What is wrong with a text, and at which of its bytes. */
struct mistake {
	char sentence[HOY_ERR_STRLEN];
	const char *reason;	/* for the mark; NULL: the sentence says it all */
	size_t offset;
};

static int wrong(struct mistake *m, const hoy_err *err, size_t offset)
{
	hoy_err_string(err, m->sentence);
	m->reason = hoy_strerror(err->code);
	m->offset = err->offset + offset;
	return -1;
}

static int parse_ip(const char *text, hoy_ip *ip, struct mistake *m)
{
	hoy_err err;

	return hoy_parse_ip(text, ip, &err) < 0 ? wrong(m, &err, 0) : 0;
}

/* ---- masks ---- */

/* The hexadecimal digits of a mask, or NULL: Go and old routers print no 0x before them. */
static const char *hex_of(const char *text)
{
	bool marked = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = text + 2 * marked;
	size_t len = strspn(digits, "0123456789abcdefABCDEF");

	return !digits[len] && (len == 8 || len == 32) ? digits : NULL;
}

static bool is_mask(const char *text)
{
	return strchr(text, '.') || hex_of(text);
}

static hoy_ipmask parse_hex(const char *digits)
{
	hoy_ipmask mask = { .len = (uint8_t)(strlen(digits) / 2) };

	for (size_t i = 0; i < mask.len; i++)
		sscanf(digits + 2 * i, "%2hhx", &mask.bytes[i]);
	return mask;
}

int mask_bits(const char *text, uint8_t len)
{
	const char *digits = hex_of(text);
	hoy_ipmask mask = { .len = 0 };
	hoy_ip ip;
	int ones, bits;

	if (digits)
		mask = parse_hex(digits);
	else if (hoy_parse_ip(text, &ip, NULL) == 0)
		memcpy(mask.bytes, ip.bytes, mask.len = ip.len);
	if (mask.len != len)
		return -1;
	ones = hoy_ipmask_size(mask, &bits);
	if (!bits) {	/* a wildcard has its ones behind */
		for (size_t i = 0; i < len; i++)
			mask.bytes[i] = (uint8_t)~mask.bytes[i];
		ones = hoy_ipmask_size(mask, &bits);
	}
	return bits ? ones : -1;
}

/* ---- networks ---- */

static int parse_masked(const char *text, const char *slash, hoy_prefix *p, struct mistake *m)
{
	char address[64];
	hoy_ip ip;
	int bits;

	snprintf(address, sizeof address, "%.*s", (int)(slash - text), text);
	if (parse_ip(address, &ip, m) < 0)
		return -1;
	bits = mask_bits(slash + 1, ip.len);
	if (bits >= 0) {
		*p = hoy_prefix_from(ip, bits);
		return 0;
	}
	snprintf(m->sentence, sizeof m->sentence, "invalid mask: %s", text);
	m->reason = ip.len == 4 ? "a mask is 24, 255.255.255.0, ffffff00 or 0.0.0.255" : "a mask of IPv6 is its number of bits";
	m->offset = (size_t)(slash + 1 - text);
	return -1;
}

static int parse_prefix(const char *text, hoy_prefix *p, struct mistake *m)
{
	const char *slash = strchr(text, '/');
	hoy_err err;
	hoy_ip ip;

	if (slash && slash - text < 64 && is_mask(slash + 1))
		return parse_masked(text, slash, p, m);
	if (slash)
		return hoy_parse_prefix(text, p, &err) < 0 ? wrong(m, &err, 0) : 0;
	if (parse_ip(text, &ip, m) < 0)
		return -1;
	*p = hoy_prefix_from(ip, ip.len * 8);
	return 0;
}

static int parse_range(const char *text, hoy_ip_range *range, struct mistake *m)
{
	const char *dash = strchr(text, '-');
	char first[64];
	hoy_prefix p;

	if (!dash || (size_t)(dash - text) >= sizeof first) {
		if (parse_prefix(text, &p, m) < 0)
			return -1;
		*range = hoy_prefix_range(p);
		return 0;
	}
	snprintf(first, sizeof first, "%.*s", (int)(dash - text), text);
	if (parse_ip(first, &range->first, m) < 0)
		return -1;
	if (parse_ip(dash + 1, &range->last, m) < 0) {
		m->offset += (size_t)(dash + 1 - text);
		return -1;
	}
	if (range->first.len == range->last.len && hoy_ip_compare(range->first, range->last) <= 0)
		return 0;
	snprintf(m->sentence, sizeof m->sentence, "'%.200s' is no range: the first address comes first, and both are of one family", text);
	m->reason = NULL;
	return -1;
}

/* ---- what is said ---- */

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

static int point_out(const char *text, const struct mistake *m)
{
	struct url url;
	struct json j;

	say("%s", m->sentence);
	if (!common.json) {
		if (m->reason)
			mark(text, m->offset, m->reason);
		if (url_parse(text, &url) == 0)
			fprintf(stderr, "  did you mean %s?\n", url.host);
		return -1;
	}
	json_begin(&j, "error");
	json_text(&j, "text", text);
	json_text(&j, "error", m->sentence);
	if (m->reason) {
		json_text(&j, "reason", m->reason);
		json_int(&j, "offset", (int64_t)m->offset);
	}
	json_end(&j);
	return -1;
}

int read_prefix(const char *text, hoy_prefix *p)
{
	struct mistake m;

	return parse_prefix(text, p, &m) < 0 ? point_out(text, &m) : 0;
}

int read_range(const char *text, hoy_ip_range *range)
{
	struct mistake m;

	return parse_range(text, range, &m) < 0 ? point_out(text, &m) : 0;
}

bool is_range(const char *text)
{
	struct mistake m;
	hoy_ip_range range;

	return parse_range(text, &range, &m) == 0;
}
