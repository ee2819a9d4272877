/* Fields of record types, alone and as sets of bits, and the ports of WKS, which are a set of bits as well. */
#include "dns/msg/field.h"

#include <string.h>

#include "base/base.h"
#include "dns/msg/type.h"
#include "ip/service.h"

enum { TYPES = 65536, WINDOW = 256, OLD_TYPES = 128, PORTS = 65536 };

static void print_type(struct hoy__text *t, unsigned type)
{
	char text[HOY__TYPE_STRLEN];

	hoy__text_string(t, hoy__type_text((uint16_t)type, text));
}

void hoy__print_type(struct hoy__text *t, struct hoy__data *d)
{
	print_type(t, hoy__read_u16(&d->r));
}

static unsigned parse_type(struct hoy__words *in, const struct hoy__word *word)
{
	int type = word->quoted ? -1 : hoy__type_parse(word->at, hoy__word_len(word));

	if (type < 0)
		hoy__words_wrong(in, "a record type belongs here");
	return type < 0 ? 0 : (unsigned)type;
}

void hoy__parse_type_word(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);

	hoy__write_u16(w, parse_type(in, &word));
}

/* ---- sets of bits: bit 0 is the highest of the first octet ---- */

static void set_bit(uint8_t *bits, size_t bit)
{
	bits[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

/* How many octets there are up to the last one that is not 0. */
static size_t octets_of(const uint8_t *bits, size_t size)
{
	while (size && !bits[size - 1])
		size--;
	return size;
}

static void print_bits(struct hoy__text *t, struct hoy__bytes bits, unsigned base, const char **gap,
		       void (*print)(struct hoy__text *t, unsigned number))
{
	for (size_t i = 0; i < 8 * bits.len; i++) {
		if (!(bits.at[i / 8] & 0x80 >> i % 8))
			continue;
		hoy__text_string(t, *gap);
		print(t, base + (unsigned)i);
		*gap = " ";
	}
}

/* RFC 4034 section 4.1.2: windows of 256 types, ascending, each without zero octets at its end. */
void hoy__print_types(struct hoy__text *t, struct hoy__data *d)
{
	const char *gap = "";
	int last = -1;

	while (hoy__reader_left(&d->r)) {
		int window = hoy__read_u8(&d->r);
		size_t len = hoy__read_u8(&d->r);
		struct hoy__bytes bits = hoy__data_take(d, len);

		if (window <= last || !len || len > WINDOW / 8 || !bits.len || !bits.at[bits.len - 1]) {
			d->r.bad = true;
			return;
		}
		print_bits(t, bits, (unsigned)window * WINDOW, &gap, print_type);
		last = window;
	}
}

void hoy__parse_types(struct hoy__words *in, struct hoy__writer *w)
{
	uint8_t bits[TYPES / 8] = { 0 };
	struct hoy__word word;

	while (hoy__words_next(in, &word))
		set_bit(bits, parse_type(in, &word));
	for (unsigned window = 0; window < TYPES / WINDOW; window++) {
		const uint8_t *at = bits + window * WINDOW / 8;
		size_t len = octets_of(at, WINDOW / 8);

		if (!len)
			continue;
		hoy__write_u8(w, window);
		hoy__write_u8(w, (unsigned)len);
		hoy__write_bytes(w, at, len);
	}
}

/* Of NXT: types below 128, in one row of bits (RFC 2535 section 5.2). */
void hoy__print_old_types(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes bits = hoy__data_rest(d);
	const char *gap = "";

	d->r.bad |= bits.len > OLD_TYPES / 8 || (bits.len && (bits.at[0] & 0x80 || !bits.at[bits.len - 1]));
	print_bits(t, bits, 0, &gap, print_type);
}

void hoy__parse_old_types(struct hoy__words *in, struct hoy__writer *w)
{
	uint8_t bits[OLD_TYPES / 8] = { 0 };
	struct hoy__word word;

	while (hoy__words_next(in, &word)) {
		unsigned type = parse_type(in, &word);

		if (!type || type >= OLD_TYPES)
			hoy__words_wrong(in, "only types from 1 to 127 belong here");
		else
			set_bit(bits, type);
	}
	hoy__write_bytes(w, bits, octets_of(bits, sizeof bits));
}

/* ---- WKS (RFC 1035 section 3.4.2): a protocol, and the ports of its services ---- */

void hoy__print_ports(struct hoy__text *t, struct hoy__data *d)
{
	const char *gap = " ";
	struct hoy__bytes bits;

	hoy__text_number(t, hoy__read_u8(&d->r));
	bits = hoy__data_rest(d);
	d->r.bad |= bits.len > PORTS / 8;
	if (!d->r.bad)
		print_bits(t, bits, 0, &gap, hoy__text_number);
}

static unsigned parse_protocol(struct hoy__words *in)
{
	struct hoy__word word = hoy__words_need(in);
	char text[32];
	uint64_t number = 0;
	int known;

	if (in->mistake || hoy__word_number(&word, 255, &number))
		return (unsigned)number;
	known = hoy__word_copy(&word, text, sizeof text) ? hoy__builtin_protocol(text) : -1;
	if (known < 0)
		hoy__words_wrong(in, "a protocol belongs here: tcp, udp or a number up to 255");
	return known < 0 ? 0 : (unsigned)known;
}

static unsigned parse_port(struct hoy__words *in, const struct hoy__word *word, unsigned protocol)
{
	char text[64];
	uint64_t number = 0;
	int port = -1;

	if (hoy__word_number(word, PORTS - 1, &number))
		return (unsigned)number;
	if (hoy__word_copy(word, text, sizeof text))
		port = hoy__builtin_port(protocol == 17 ? "udp" : "tcp", text);
	if (port < 0)
		hoy__words_wrong(in, "ports belong here: numbers up to 65535, or names such as smtp");
	return port < 0 ? 0 : (unsigned)port;
}

void hoy__parse_ports(struct hoy__words *in, struct hoy__writer *w)
{
	unsigned protocol = parse_protocol(in);
	uint8_t bits[PORTS / 8] = { 0 };
	struct hoy__word word;

	hoy__write_u8(w, protocol);
	while (hoy__words_next(in, &word))
		set_bit(bits, parse_port(in, &word, protocol));
	hoy__write_bytes(w, bits, octets_of(bits, sizeof bits));
}
