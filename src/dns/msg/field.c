/* The table of letters, and the plain fields: numbers, addresses, names and strings. */
#include "dns/msg/field.h"

#include <stdio.h>

#include <hoy/addr.h>

#include "base/base.h"

struct hoy__bytes hoy__data_take(struct hoy__data *d, size_t len)
{
	const uint8_t *at = hoy__read_bytes(&d->r, len);

	return (struct hoy__bytes){ at, at ? len : 0 };
}

struct hoy__bytes hoy__data_rest(struct hoy__data *d)
{
	return hoy__data_take(d, hoy__reader_left(&d->r));
}

/* ---- numbers ---- */

static void print_u8(struct hoy__text *t, struct hoy__data *d)
{
	hoy__text_number(t, hoy__read_u8(&d->r));
}

static void parse_u8(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u8(w, (unsigned)hoy__words_number(in, 1));
}

static void print_u16(struct hoy__text *t, struct hoy__data *d)
{
	hoy__text_number(t, hoy__read_u16(&d->r));
}

static void parse_u16(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u16(w, (unsigned)hoy__words_number(in, 2));
}

static void print_u32(struct hoy__text *t, struct hoy__data *d)
{
	hoy__text_number(t, hoy__read_u32(&d->r));
}

static void parse_u32(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u32(w, (uint32_t)hoy__words_number(in, 4));
}

static void print_u64(struct hoy__text *t, struct hoy__data *d)
{
	uint64_t high = hoy__read_u32(&d->r);
	char text[21];

	snprintf(text, sizeof text, "%llu", (unsigned long long)(high << 32 | hoy__read_u32(&d->r)));
	hoy__text_string(t, text);
}

static void parse_u64(struct hoy__words *in, struct hoy__writer *w)
{
	uint64_t number = hoy__words_number(in, 8);

	hoy__write_u32(w, (uint32_t)(number >> 32));
	hoy__write_u32(w, (uint32_t)number);
}

/* Of SOA: seconds, also as 1h30m. */
static void parse_ttl(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	uint64_t number;
	uint32_t ttl = 0;
	const char *mistake = NULL;

	if (hoy__word_number(&word, UINT32_MAX, &number))
		ttl = (uint32_t)number;
	else
		mistake = hoy__ttl_parse(word.at, hoy__word_len(&word), &ttl);
	if (mistake)
		hoy__words_wrong(in, mistake);
	hoy__write_u32(w, ttl);
}

/* ---- addresses ---- */

void hoy__print_ip_of(struct hoy__text *t, struct hoy__data *d, size_t len)
{
	struct hoy__bytes bytes = hoy__data_take(d, len);
	hoy_ip ip = { .len = (uint8_t)len };
	char text[HOY_IP_STRLEN];

	if (!bytes.len)
		return;
	memcpy(ip.bytes, bytes.at, len);
	hoy__text_string(t, hoy_ip_string_4in6(ip, text));
}

void hoy__parse_ip_of(struct hoy__words *in, struct hoy__writer *w, size_t len)
{
	struct hoy__word word = hoy__words_need(in);
	char text[HOY_IP_STRLEN + 8];
	hoy_addr addr;

	if (!hoy__word_copy(&word, text, sizeof text) || hoy_parse_addr(text, &addr, NULL) < 0 || addr.zone[0] ||
	    addr.ip.len != len)
		hoy__words_wrong(in, len == 4 ? "no IPv4 address" : "no IPv6 address");
	else
		hoy__write_bytes(w, addr.ip.bytes, len);
}

static void print_ip4(struct hoy__text *t, struct hoy__data *d)
{
	hoy__print_ip_of(t, d, 4);
}

static void parse_ip4(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__parse_ip_of(in, w, 4);
}

static void print_ip6(struct hoy__text *t, struct hoy__data *d)
{
	hoy__print_ip_of(t, d, 16);
}

static void parse_ip6(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__parse_ip_of(in, w, 16);
}

/* ---- names ---- */

static void print_any_name(struct hoy__text *t, struct hoy__data *d, enum hoy__pointers pointers)
{
	struct hoy__name name;

	hoy__name_read(&d->r, d->message, d->message ? pointers : HOY__POINTERS_REFUSED, &name);
	hoy__text_name(t, &name);
}

/* Of the old types, in which servers may compress names (RFC 3597 section 4). */
static void print_old_name(struct hoy__text *t, struct hoy__data *d)
{
	print_any_name(t, d, HOY__POINTERS_FOLLOWED);
}

void hoy__print_name(struct hoy__text *t, struct hoy__data *d)
{
	print_any_name(t, d, HOY__POINTERS_REFUSED);
}

void hoy__parse_name(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__name name;

	hoy__words_name(in, &name);
	hoy__write_bytes(w, name.wire, name.len);
}

/* ---- strings ---- */

void hoy__parse_octets(struct hoy__words *in, struct hoy__writer *w, const char *at, const char *end)
{
	while (at < end) {
		int octet = hoy__octet_parse(&at, end);

		if (octet < 0) {
			hoy__words_wrong(in, hoy__bad_escape);
			return;
		}
		hoy__write_u8(w, (unsigned)octet);
	}
}

static void print_string(struct hoy__text *t, struct hoy__data *d)
{
	hoy__text_quoted(t, hoy__data_take(d, hoy__read_u8(&d->r)));
}

/* The octet before the string is its length. */
static void parse_string(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	uint8_t *length = hoy__write_room(w, 1);
	size_t before = hoy__writer_len(w), len;

	hoy__parse_octets(in, w, word.at, word.end);
	len = hoy__writer_len(w) - before;
	if (len > 255)
		hoy__words_wrong(in, "a string is longer than 255 bytes");
	else if (length)
		*length = (uint8_t)len;
}

static void parse_optional_string(struct hoy__words *in, struct hoy__writer *w)
{
	if (hoy__words_left(in))
		parse_string(in, w);
}

/* One at least (RFC 1035 section 3.3.14), and the last one ends where the data does. */
static void print_strings(struct hoy__text *t, struct hoy__data *d)
{
	print_string(t, d);
	while (hoy__reader_left(&d->r)) {
		hoy__text_char(t, ' ');
		print_string(t, d);
	}
}

static void parse_strings(struct hoy__words *in, struct hoy__writer *w)
{
	do
		parse_string(in, w);
	while (hoy__words_left(in) && !w->bad);
}

static void print_quoted(struct hoy__text *t, struct hoy__data *d)
{
	hoy__text_quoted(t, hoy__data_rest(d));
}

static void parse_quoted(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);

	hoy__parse_octets(in, w, word.at, word.end);
}

/* RFC 8659 section 4.1: one or more letters and digits. */
static bool is_tag(struct hoy__bytes tag)
{
	for (size_t i = 0; i < tag.len; i++) {
		int c = tag.at[i] | 0x20;

		if (!(c >= 'a' && c <= 'z') && !(tag.at[i] >= '0' && tag.at[i] <= '9'))
			return false;
	}
	return tag.len > 0;
}

static void print_tag(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes tag = hoy__data_take(d, hoy__read_u8(&d->r));

	d->r.bad |= !is_tag(tag);
	for (size_t i = 0; i < tag.len; i++)
		hoy__text_char(t, (char)tag.at[i]);
}

static void parse_tag(struct hoy__words *in, struct hoy__writer *w)
{
	size_t before = hoy__writer_len(w) + 1;

	parse_string(in, w);
	if (!in->mistake && !w->bad && !is_tag((struct hoy__bytes){ w->start + before, hoy__writer_len(w) - before }))
		hoy__words_wrong(in, "a tag is letters and digits");
}

/* ---- the table ---- */

static const struct hoy__field fields[128] = {
	['b'] = { 1, 0, print_u8, parse_u8 },
	['w'] = { 2, 0, print_u16, parse_u16 },
	['d'] = { 4, 0, print_u32, parse_u32 },
	['q'] = { 8, 0, print_u64, parse_u64 },
	['t'] = { 4, 0, print_u32, parse_ttl },
	['T'] = { 4, 0, hoy__print_time, hoy__parse_time },			/* 20300131235959 */
	['4'] = { 4, 0, print_ip4, parse_ip4 },
	['6'] = { 16, 0, print_ip6, parse_ip6 },
	['n'] = { 0, 0, print_old_name, hoy__parse_name },			/* may be compressed */
	['N'] = { 0, 0, hoy__print_name, hoy__parse_name },			/* never compressed */
	['Q'] = { 0, 1, hoy__print_names, hoy__parse_names },			/* names, up to the end */
	['s'] = { 0, 0, print_string, parse_string },
	['o'] = { 0, 1, print_string, parse_optional_string },
	['S'] = { 0, 0, print_strings, parse_strings },				/* strings, up to the end */
	['v'] = { 0, 0, print_quoted, parse_quoted },				/* "any text", up to the end */
	['g'] = { 0, 0, print_tag, parse_tag },
	['h'] = { 0, 0, hoy__print_hex, hoy__parse_hex },			/* up to the end, as all that follow */
	['B'] = { 0, 0, hoy__print_base64, hoy__parse_base64 },
	['J'] = { 0, 1, hoy__print_base64, hoy__parse_key },
	['k'] = { 0, 1, hoy__print_base64, hoy__parse_optional_key },
	['x'] = { 0, 0, hoy__print_base64_or_dash, hoy__parse_base64_or_dash },
	['H'] = { 0, 0, hoy__print_salt, hoy__parse_salt },			/* its length before it */
	['z'] = { 0, 0, hoy__print_base32, hoy__parse_base32 },			/* its length before it */
	['l'] = { 8, 0, hoy__print_locator, hoy__parse_locator },
	['e'] = { 6, 0, hoy__print_eui48, hoy__parse_eui48 },
	['f'] = { 8, 0, hoy__print_eui64, hoy__parse_eui64 },
	['X'] = { 0, 0, hoy__print_nsap, hoy__parse_nsap },
	['E'] = { 0, 0, hoy__print_atma, hoy__parse_atma },
	['Y'] = { 2, 0, hoy__print_type, hoy__parse_type_word },
	['m'] = { 0, 1, hoy__print_types, hoy__parse_types },
	['M'] = { 0, 1, hoy__print_old_types, hoy__parse_old_types },
	['W'] = { 0, 0, hoy__print_ports, hoy__parse_ports },
	['F'] = { 2, 0, print_u16, hoy__parse_key_flags },
	['K'] = { 1, 0, print_u8, hoy__parse_algorithm },
	['D'] = { 1, 0, print_u8, hoy__parse_digest_type },
	['C'] = { 2, 0, hoy__print_cert_type, hoy__parse_cert_type },
	['c'] = { 1, 0, hoy__print_cert_algorithm, hoy__parse_algorithm },
	['y'] = { 1, 0, hoy__print_scheme, hoy__parse_scheme },
	['G'] = { 0, 0, hoy__print_gateway, hoy__parse_gateway },
	['R'] = { 0, 0, hoy__print_relay, hoy__parse_relay },
	['I'] = { 0, 0, hoy__print_host_identity, hoy__parse_host_identity },
	['a'] = { 0, 0, hoy__print_a6, hoy__parse_a6 },
	['L'] = { 16, 0, hoy__print_loc, hoy__parse_loc },
	['A'] = { 0, 1, hoy__print_apl, hoy__parse_apl },
	['p'] = { 0, 1, hoy__print_svcb, hoy__parse_svcb },
};

const struct hoy__field *hoy__field(char letter)
{
	return &fields[letter & 127];
}
