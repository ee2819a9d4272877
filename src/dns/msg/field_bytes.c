/* Fields of octets: in hexadecimal, base64 and base32, and addresses of other networks. */
#include "dns/msg/field.h"

#include "base/base.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits of one or more words, which may part an octet. */
struct hex {
	int high;		/* half an octet; -1: none */
	size_t octets;
};

static void parse_hex_text(struct hoy__words *in, struct hoy__writer *w, struct hex *hex, const char *at,
			   const char *end)
{
	for (; at < end; at++) {
		int digit = hex_digit(*at);

		if (digit < 0) {
			hoy__words_wrong(in, "no hexadecimal digit");
			return;
		}
		if (hex->high < 0) {
			hex->high = digit;
			continue;
		}
		hoy__write_u8(w, (unsigned)(hex->high << 4 | digit));
		hex->high = -1;
		hex->octets++;
	}
}

void hoy__print_hex(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes rest = hoy__data_rest(d);

	d->r.bad |= !rest.len;
	hoy__text_hex(t, rest);
}

void hoy__parse_hex(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	struct hex hex = { .high = -1 };

	do
		parse_hex_text(in, w, &hex, word.at, word.end);
	while (hoy__words_next(in, &word));
	if (hex.high >= 0)
		hoy__words_wrong(in, "half a byte of hexadecimal digits");
	else if (!hex.octets)
		hoy__words_wrong(in, "the record is not complete");
}

/* ---- with a length before ---- */

void hoy__print_salt(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes salt = hoy__data_take(d, hoy__read_u8(&d->r));

	if (salt.len)
		hoy__text_hex(t, salt);
	else
		hoy__text_char(t, '-');
}

/* Puts the number of octets that were written behind it into the length; 1 to 255, or 0 if may_be_empty. */
static void end_counted(struct hoy__words *in, struct hoy__writer *w, uint8_t *length, bool may_be_empty)
{
	size_t len = length ? (size_t)(w->at - length) - 1 : 0;

	if (w->bad || in->mistake)
		return;
	if (len > 255 || (!len && !may_be_empty))
		hoy__words_wrong(in, "1 to 255 bytes belong here");
	else
		*length = (uint8_t)len;
}

void hoy__parse_salt(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	struct hex hex = { .high = -1 };
	uint8_t *length = hoy__write_room(w, 1);

	if (!hoy__word_is(&word, "-"))
		parse_hex_text(in, w, &hex, word.at, word.end);
	if (hex.high >= 0)
		hoy__words_wrong(in, "half a byte of hexadecimal digits");
	end_counted(in, w, length, true);
}

/* RFC 4648 section 7, without padding: five bits a digit. */
void hoy__print_base32(struct hoy__text *t, struct hoy__data *d)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
	struct hoy__bytes hash = hoy__data_take(d, hoy__read_u8(&d->r));
	uint32_t bits = 0;
	int count = 0;

	d->r.bad |= !hash.len;
	for (size_t i = 0; i < hash.len; i++) {
		bits = bits << 8 | hash.at[i];
		for (count += 8; count >= 5; count -= 5)
			hoy__text_char(t, digits[bits >> (count - 5) & 31]);
	}
	if (count)
		hoy__text_char(t, digits[bits << (5 - count) & 31]);
}

static int base32_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

void hoy__parse_base32(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	uint8_t *length = hoy__write_room(w, 1);
	uint32_t bits = 0;
	int count = 0;

	for (const char *at = word.at; at < word.end; at++) {
		int digit = base32_digit(*at);

		if (digit < 0) {
			hoy__words_wrong(in, "no base32 digit, which are 0 to 9 and A to V");
			return;
		}
		bits = bits << 5 | (uint32_t)digit;
		if ((count += 5) < 8)
			continue;
		count -= 8;
		hoy__write_u8(w, bits >> count & 255);
	}
	if (count >= 5 || (bits & ((1u << count) - 1)))
		hoy__words_wrong(in, "base32 that does not end with a byte");
	end_counted(in, w, length, false);
}

/* ---- base64 ---- */

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Digits of one or more words, in groups of four; the last group is filled up with =. */
struct base64 {
	uint32_t bits;
	unsigned digits, pads;
};

static void parse_base64_part(struct hoy__words *in, struct hoy__writer *w, struct base64 *b, const char *at,
			      const char *end)
{
	for (; at < end; at++) {
		int digit = base64_digit(*at);

		b->pads += *at == '=';
		if (*at == '=' && b->pads <= 2 && b->digits % 4 >= 2)
			continue;
		if (digit < 0 || b->pads) {
			hoy__words_wrong(in, "no base64");
			return;
		}
		b->bits = b->bits << 6 | (uint32_t)digit;
		if (b->digits++ % 4)
			hoy__write_u8(w, b->bits >> (6 - 2 * ((b->digits - 1) % 4)) & 255);
	}
}

/* The bits that are left over must be 0 and, as BIND demands, the padding complete. */
static void end_base64(struct hoy__words *in, const struct base64 *b)
{
	static const uint8_t spare[4] = { 0, 63, 15, 3 };
	unsigned last = b->digits % 4;

	if (!b->digits)
		hoy__words_wrong(in, "the record is not complete");
	if (last == 1 || (last && b->pads != 4 - last) || (b->bits & spare[last]))
		hoy__words_wrong(in, "no base64: it ends too early");
}

void hoy__parse_base64_text(struct hoy__words *in, struct hoy__writer *w, const char *at, const char *end)
{
	struct base64 b = { 0 };

	parse_base64_part(in, w, &b, at, end);
	end_base64(in, &b);
}

void hoy__print_base64(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes rest = hoy__data_rest(d);

	d->r.bad |= !rest.len;
	hoy__text_base64(t, rest);
}

void hoy__parse_base64(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	struct base64 b = { 0 };

	do
		parse_base64_part(in, w, &b, word.at, word.end);
	while (hoy__words_next(in, &word));
	end_base64(in, &b);
}

/* The flags, which are the first two octets, can mean that there is no key (RFC 2535 section 3.1.2). */
void hoy__parse_key(struct hoy__words *in, struct hoy__writer *w)
{
	if (hoy__words_left(in) || w->bad || (w->start[0] & 0xc0) != 0xc0)
		hoy__parse_base64(in, w);
}

void hoy__parse_optional_key(struct hoy__words *in, struct hoy__writer *w)
{
	if (hoy__words_left(in))
		hoy__parse_base64(in, w);
}

void hoy__print_base64_or_dash(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes rest = hoy__data_rest(d);

	if (rest.len)
		hoy__text_base64(t, rest);
	else
		hoy__text_char(t, '-');
}

void hoy__parse_base64_or_dash(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__words ahead = *in;
	struct hoy__word word = hoy__words_need(&ahead);

	if (hoy__word_is(&word, "-") && !hoy__words_left(&ahead))
		*in = ahead;
	else
		hoy__parse_base64(in, w);
}

/* ---- addresses of other networks ---- */

/* Groups of hexadecimal digits, each without leading zeros: 14:4fff:ff20:ee64 (RFC 6742). */
void hoy__print_locator(struct hoy__text *t, struct hoy__data *d)
{
	static const char digits[] = "0123456789abcdef";

	for (int group = 0; group < 4; group++) {
		unsigned number = hoy__read_u16(&d->r);
		int shift = number > 0xfff ? 12 : number > 0xff ? 8 : number > 0xf ? 4 : 0;

		if (group)
			hoy__text_char(t, ':');
		for (; shift >= 0; shift -= 4)
			hoy__text_char(t, digits[number >> shift & 15]);
	}
}

void hoy__parse_locator(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	const char *at = word.at;

	for (int group = 0; group < 4; group++) {
		unsigned number = 0, count = 0;

		for (; at < word.end && hex_digit(*at) >= 0 && count < 4; at++, count++)
			number = number << 4 | (unsigned)hex_digit(*at);
		if (!count || (group < 3 ? at == word.end || *at++ != ':' : at < word.end)) {
			hoy__words_wrong(in, "four groups of hexadecimal digits belong here: 2001:db8:0:1");
			return;
		}
		hoy__write_u16(w, number);
	}
}

static void print_eui(struct hoy__text *t, struct hoy__data *d, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		uint8_t octet = hoy__read_u8(&d->r);

		if (i)
			hoy__text_char(t, '-');
		hoy__text_char(t, digits[octet >> 4]);
		hoy__text_char(t, digits[octet & 15]);
	}
}

static void parse_eui(struct hoy__words *in, struct hoy__writer *w, size_t len)
{
	struct hoy__word word = hoy__words_need(in);
	const char *at = word.at;

	for (size_t i = 0; i < len; i++, at += 3) {
		bool ends = i + 1 == len;

		if (word.end - at < 3 - ends || hex_digit(at[0]) < 0 || hex_digit(at[1]) < 0 ||
		    (ends ? word.end - at > 2 : at[2] != '-')) {
			hoy__words_wrong(in, len == 6 ? "six bytes belong here: 00-00-5e-00-53-2a"
						      : "eight bytes belong here: 00-00-5e-ef-10-00-00-2a");
			return;
		}
		hoy__write_u8(w, (unsigned)(hex_digit(at[0]) << 4 | hex_digit(at[1])));
	}
}

void hoy__print_eui48(struct hoy__text *t, struct hoy__data *d)
{
	print_eui(t, d, 6);
}

void hoy__parse_eui48(struct hoy__words *in, struct hoy__writer *w)
{
	parse_eui(in, w, 6);
}

void hoy__print_eui64(struct hoy__text *t, struct hoy__data *d)
{
	print_eui(t, d, 8);
}

void hoy__parse_eui64(struct hoy__words *in, struct hoy__writer *w)
{
	parse_eui(in, w, 8);
}

/* Hexadecimal digits with dots between them wherever they please. */
static void parse_dotted_hex(struct hoy__words *in, struct hoy__writer *w, const char *at, const char *end)
{
	struct hex hex = { .high = -1 };

	for (; at < end; at++)
		if (*at != '.')
			parse_hex_text(in, w, &hex, at, at + 1);
	if (hex.high >= 0 || !hex.octets)
		hoy__words_wrong(in, "half a byte of hexadecimal digits");
}

/* RFC 1706 */
void hoy__print_nsap(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes rest = hoy__data_rest(d);

	d->r.bad |= !rest.len;
	hoy__text_string(t, "0x");
	hoy__text_lower_hex(t, rest);
}

void hoy__parse_nsap(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);

	if (hoy__word_len(&word) < 2 || word.at[0] != '0' || (word.at[1] | 0x20) != 'x')
		hoy__words_wrong(in, "an NSAP address begins with 0x");
	else
		parse_dotted_hex(in, w, word.at + 2, word.end);
}

/* ATM Name System, version 1: format 1 is a number of E.164, +61200000000; format 0 an address in hexadecimal. */
void hoy__print_atma(struct hoy__text *t, struct hoy__data *d)
{
	unsigned format = hoy__read_u8(&d->r);
	struct hoy__bytes rest = hoy__data_rest(d);

	d->r.bad |= format > 1 || !rest.len;
	if (format == 0) {
		hoy__text_lower_hex(t, rest);
		return;
	}
	hoy__text_char(t, '+');
	for (size_t i = 0; i < rest.len; i++) {
		d->r.bad |= rest.at[i] < '0' || rest.at[i] > '9';
		hoy__text_char(t, (char)rest.at[i]);
	}
}

void hoy__parse_atma(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	bool is_number = word.at < word.end && *word.at == '+';

	hoy__write_u8(w, is_number);
	if (!is_number) {
		parse_dotted_hex(in, w, word.at, word.end);
		return;
	}
	if (hoy__word_len(&word) < 2)
		hoy__words_wrong(in, "digits belong behind the +");
	for (const char *at = word.at + 1; at < word.end; at++) {
		if (*at < '0' || *at > '9')
			hoy__words_wrong(in, "only digits belong behind the +");
		hoy__write_u8(w, (uint8_t)*at);
	}
}
