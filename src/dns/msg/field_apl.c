/* APL (RFC 3123): prefixes, each of which may be excluded: 1:192.168.32.0/21 !2:2001:db8::/32 */
#include "dns/msg/field.h"

#include "base/base.h"

enum { FAMILY_IP4 = 1, FAMILY_IP6 = 2, NEGATED = 0x80, LENGTH = 0x7f };

/* The octets of an address that are 0 at its end are left out. */
static void print_prefix(struct hoy__text *t, struct hoy__data *d)
{
	unsigned family = hoy__read_u16(&d->r), bits = hoy__read_u8(&d->r), flags = hoy__read_u8(&d->r);
	struct hoy__bytes part = hoy__data_take(d, flags & LENGTH);
	hoy_ip ip = { .len = family == FAMILY_IP4 ? 4 : 16 };
	char text[HOY_IP_STRLEN];

	if ((family != FAMILY_IP4 && family != FAMILY_IP6) || bits > 8u * ip.len || part.len > ip.len ||
	    (part.len && !part.at[part.len - 1])) {
		d->r.bad = true;
		return;
	}
	if (part.len)
		memcpy(ip.bytes, part.at, part.len);
	hoy__text_string(t, flags & NEGATED ? "!" : "");
	hoy__text_number(t, family);
	hoy__text_char(t, ':');
	hoy__text_string(t, hoy_ip_string_4in6(ip, text));
	hoy__text_char(t, '/');
	hoy__text_number(t, bits);
}

void hoy__print_apl(struct hoy__text *t, struct hoy__data *d)
{
	const char *gap = "";

	while (hoy__reader_left(&d->r)) {
		hoy__text_string(t, gap);
		print_prefix(t, d);
		gap = " ";
	}
}

static const char bad_prefix[] = "prefixes belong here: 1:192.168.32.0/21, !2:2001:db8::/32";

/* The text between the colon and the slash, as the address of that family. */
static bool read_address(struct hoy__word word, unsigned family, hoy_ip *ip)
{
	char text[HOY_IP_STRLEN + 8];
	hoy_addr addr;

	if (!hoy__word_copy(&word, text, sizeof text) || hoy_parse_addr(text, &addr, NULL) < 0 || addr.zone[0])
		return false;
	*ip = addr.ip;
	return ip->len == (family == FAMILY_IP4 ? 4 : 16);
}

static void parse_prefix(struct hoy__words *in, struct hoy__writer *w, struct hoy__word word)
{
	bool is_negated = *word.at == '!';
	const char *at = word.at + is_negated;
	unsigned family = word.end - at > 2 && at[1] == ':' ? (unsigned)(at[0] - '0') : 0;
	const char *slash = memchr(at, '/', (size_t)(word.end - at));
	struct hoy__word bits = { .at = slash ? slash + 1 : word.end, .end = word.end };
	uint64_t number;
	hoy_ip ip;
	size_t len;

	if ((family != FAMILY_IP4 && family != FAMILY_IP6) || !slash || slash < at + 2 ||
	    !read_address((struct hoy__word){ .at = at + 2, .end = slash }, family, &ip) ||
	    !hoy__word_number(&bits, 8u * ip.len, &number)) {
		hoy__words_wrong(in, bad_prefix);
		return;
	}
	for (len = ip.len; len && !ip.bytes[len - 1]; len--)
		;
	hoy__write_u16(w, family);
	hoy__write_u8(w, (unsigned)number);
	hoy__write_u8(w, (is_negated ? NEGATED : 0) | (unsigned)len);
	hoy__write_bytes(w, ip.bytes, len);
}

void hoy__parse_apl(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word;

	while (hoy__words_next(in, &word))
		if (word.quoted || word.at == word.end)
			hoy__words_wrong(in, bad_prefix);
		else
			parse_prefix(in, w, word);
}
