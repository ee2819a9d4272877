/*
 * LOC (RFC 1876): a place on Earth. Angles are thousandths of a second, with 2^31 for the equator and for Greenwich;
 * the altitude is centimetres above a point 100 km below sea level; sizes are a digit times a power of ten, in
 * centimetres.
 */
#include "dns/msg/field.h"

#include <stdio.h>

#include "base/base.h"

enum { DEGREE = 3600000, MINUTE = 60000, SECOND = 1000, DEEPEST = 10000000 };

static const uint32_t middle = UINT32_C(1) << 31;

/* ---- printing ---- */

static void print_angle(struct hoy__text *t, struct hoy__data *d, unsigned most, char positive, char negative)
{
	uint32_t angle = hoy__read_u32(&d->r), size = angle >= middle ? angle - middle : middle - angle;
	char text[48];

	d->r.bad |= size > most * DEGREE;
	snprintf(text, sizeof text, "%u %u %u.%03u %c ", size / DEGREE, size / MINUTE % 60, size / SECOND % 60,
		 size % SECOND, angle >= middle ? positive : negative);
	hoy__text_string(t, text);
}

static void print_altitude(struct hoy__text *t, uint32_t altitude)
{
	uint32_t size = altitude >= DEEPEST ? altitude - DEEPEST : DEEPEST - altitude;
	char text[32];

	snprintf(text, sizeof text, "%s%u.%02um", altitude < DEEPEST ? "-" : "", size / 100, size % 100);
	hoy__text_string(t, text);
}

static void print_size(struct hoy__text *t, struct hoy__data *d, uint8_t size)
{
	static const uint64_t powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };
	unsigned digit = size >> 4, power = size & 15;
	uint64_t centimetres;
	char text[32];

	if (digit > 9 || power > 9) {
		d->r.bad = true;
		return;
	}
	centimetres = digit * powers[power];
	if (power < 2)
		snprintf(text, sizeof text, " 0.%02um", (unsigned)centimetres);
	else
		snprintf(text, sizeof text, " %llum", (unsigned long long)centimetres / 100);
	hoy__text_string(t, text);
}

/* A version other than 0 is not understood, and printed as unknown data is (rdata.c). */
void hoy__print_loc(struct hoy__text *t, struct hoy__data *d)
{
	unsigned version = hoy__read_u8(&d->r);
	uint8_t size[3];

	for (size_t i = 0; i < LEN(size); i++)
		size[i] = hoy__read_u8(&d->r);
	d->r.bad |= version != 0;
	print_angle(t, d, 90, 'N', 'S');
	print_angle(t, d, 180, 'E', 'W');
	print_altitude(t, hoy__read_u32(&d->r));
	for (size_t i = 0; i < LEN(size); i++)
		print_size(t, d, size[i]);
}

/* ---- parsing ---- */

/*
 * 12 or 12.345 into thousandths (places 3), or 12.34 into hundredths; false for anything else, as for more
 * than `most`.
 */
static bool read_decimal(struct hoy__word word, unsigned places, uint64_t most, uint64_t *value)
{
	struct hoy__word whole = word, part;
	uint64_t fraction = 0;

	while (whole.at < word.end && *whole.at != '.')
		whole.at++;
	part = (struct hoy__word){ .at = whole.at + (whole.at < word.end), .end = word.end };
	whole = (struct hoy__word){ .at = word.at, .end = whole.at };
	if (!hoy__word_number(&whole, UINT32_MAX, value) || hoy__word_len(&part) > places)
		return false;
	if (hoy__word_len(&part) && !hoy__word_number(&part, 999, &fraction))
		return false;
	for (size_t i = 0; i < places; i++) {
		*value *= 10;
		fraction *= i < hoy__word_len(&part) ? 1 : 10;
	}
	*value += fraction;
	return *value <= most;
}

static const char bad_angle[] = "a place is DEGREES [MINUTES [SECONDS]] N|S, the same with E|W, and an altitude";

/* Degrees, minutes and seconds, of which the last may be missing, up to the letter. */
static void parse_angle(struct hoy__words *in, struct hoy__writer *w, unsigned most, const char *positive,
			const char *negative)
{
	static const struct { unsigned unit, places; uint64_t most; } parts[] = {
		{ DEGREE, 0, 180 }, { MINUTE, 0, 59 }, { 1, 3, 59999 }
	};
	struct hoy__word word = hoy__words_need(in);
	uint64_t angle = 0, part;
	size_t count = 0;

	while (!hoy__word_is(&word, positive) && !hoy__word_is(&word, negative)) {
		if (in->mistake || count == LEN(parts) || !read_decimal(word, parts[count].places, parts[count].most, &part)) {
			hoy__words_wrong(in, bad_angle);
			return;
		}
		angle += part * parts[count++].unit;
		word = hoy__words_need(in);
	}
	if (!count || angle > (uint64_t)most * DEGREE)
		hoy__words_wrong(in, bad_angle);
	hoy__write_u32(w, hoy__word_is(&word, positive) ? middle + (uint32_t)angle : middle - (uint32_t)angle);
}

/* The unit, which may be missing. */
static struct hoy__word without_metres(struct hoy__word word)
{
	if (word.at < word.end && (word.end[-1] | 0x20) == 'm')
		word.end--;
	return word;
}

static void parse_altitude(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = without_metres(hoy__words_need(in));
	bool is_negative = word.at < word.end && *word.at == '-';
	uint64_t altitude = 0, most = is_negative ? DEEPEST : UINT32_MAX - (uint64_t)DEEPEST;

	word.at += is_negative || (word.at < word.end && *word.at == '+');
	if (!read_decimal(word, 2, most, &altitude))
		hoy__words_wrong(in, "an altitude in metres belongs here, -100000.00m to 42849672.95m");
	hoy__write_u32(w, is_negative ? DEEPEST - (uint32_t)altitude : DEEPEST + (uint32_t)altitude);
}

/* The nearest power of ten below it, and the digit. */
static uint8_t parse_size(struct hoy__words *in, uint8_t usual)
{
	struct hoy__word word;
	uint64_t size = 0;
	unsigned power = 0;

	if (!hoy__words_next(in, &word))
		return usual;
	if (!read_decimal(without_metres(word), 2, UINT64_C(9999999999), &size))
		hoy__words_wrong(in, "a size in metres belongs here, 0.00m to 90000000.00m");
	for (; size > 9; size /= 10)
		power++;
	return (uint8_t)(size << 4 | power);
}

/* Size 1 m, horizontal precision 10 km, vertical precision 10 m unless they are given. */
void hoy__parse_loc(struct hoy__words *in, struct hoy__writer *w)
{
	uint8_t *head = hoy__write_room(w, 4);
	uint8_t size, horizontal, vertical;

	parse_angle(in, w, 90, "N", "S");
	parse_angle(in, w, 180, "E", "W");
	parse_altitude(in, w);
	size = parse_size(in, 0x12);
	horizontal = parse_size(in, 0x16);
	vertical = parse_size(in, 0x13);
	if (head)
		memcpy(head, (uint8_t[]){ 0, size, horizontal, vertical }, 4);
}
