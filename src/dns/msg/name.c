/*
 * Names, with one rule that makes reading them safe: a pointer may only lead to bytes
 * that lie wholly before the part of the name read so far. So every jump goes strictly
 * down, there are no loops to detect, and no byte of a message is read twice for one name.
 */
#include "dns/msg/name.h"

#include <errno.h>

enum { POINTER = 0xc0, OFFSET_LIMIT = 0x4000, LABEL_LIMIT = 63 };

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/*
 * Labels lie in a message as they do in a name, so that all up to the root's or to a pointer
 * are one copy. What ended them: 0, or an octet that is no length.
 */
static unsigned copy_labels(struct hoy__name *name, struct hoy__reader *part)
{
	const uint8_t *from = part->at;
	unsigned head;
	size_t len;

	while ((head = hoy__read_u8(part)) && head <= LABEL_LIMIT && part->at - from < HOY__NAME_SIZE)
		hoy__read_skip(part, head);
	len = (size_t)(part->at - from) - (head > LABEL_LIMIT);
	if (part->bad || len > HOY__NAME_SIZE - (size_t)name->len) {
		part->bad = true;
		return 0;
	}
	memcpy(name->wire + name->len, from, len);
	name->len = (uint8_t)(name->len + len);
	return head;
}

/* Continues at the offset whose high bits are in head, up to where this part began. */
static void follow(struct hoy__reader *part, unsigned head, const uint8_t *message, const uint8_t *began)
{
	size_t target = (size_t)(head & 0x3f) << 8 | hoy__read_u8(part);

	if (part->bad || target >= (size_t)(began - message))
		part->bad = true;
	else
		*part = hoy__reader(message + target, (size_t)(began - message) - target);
}

void hoy__name_read(struct hoy__reader *r, const uint8_t *message, enum hoy__pointers pointers,
		    struct hoy__name *name)
{
	struct hoy__reader part = *r;
	const uint8_t *began = r->at, *after = NULL;
	int jumps = pointers == HOY__POINTERS_FOLLOWED ? HOY__NAME_POINTERS : 0;
	unsigned head;

	name->len = 0;
	while ((head = copy_labels(name, &part)) >= POINTER && jumps-- > 0) {
		if (!after)
			after = part.at + (hoy__reader_left(&part) > 0);
		follow(&part, head, message, began);
		began = part.at;
	}
	part.bad |= head != 0;
	r->bad = part.bad;
	r->at = part.bad ? r->end : after ? after : part.at;
	if (part.bad)
		name->len = 0;
}

/* Does the name written at offset end exactly as the len octets at tail do? */
static bool is_written_at(const struct hoy__writer *w, size_t offset, const uint8_t *tail, size_t len)
{
	const uint8_t *at = w->start + offset;

	while (len) {
		if (*at >= POINTER) {
			at = w->start + ((at[0] & 0x3f) << 8 | at[1]);
			continue;
		}
		size_t step = *at + 1u;

		if (step > len)
			return false;
		for (size_t i = 0; i < step; i++)
			if (lower(at[i]) != lower(tail[i]))
				return false;
		at += step;
		tail += step;
		len -= step;
	}
	return true;
}

static int find_written(const struct hoy__writer *w, const struct hoy__name_table *table,
			const uint8_t *tail, size_t len)
{
	for (unsigned i = 0; i < table->count; i++)
		if (is_written_at(w, table->offset[i], tail, len))
			return table->offset[i];
	return -1;
}

/* Only offsets of 14 bits can be pointed at; when the table is full, what is in it has to do. */
static void remember(struct hoy__name_table *table, size_t offset)
{
	if (offset < OFFSET_LIMIT && table->count < sizeof table->offset / sizeof *table->offset)
		table->offset[table->count++] = (uint16_t)offset;
}

void hoy__name_write(struct hoy__writer *w, const struct hoy__name *name, struct hoy__name_table *table)
{
	struct hoy__name_table fresh = { 0 };
	size_t i = 0;

	if (!table) {
		hoy__write_bytes(w, name->wire, name->len);
		return;
	}
	while (i < name->len && name->wire[i]) {
		int known = find_written(w, table, name->wire + i, name->len - i);

		if (known >= 0) {
			hoy__write_u16(w, POINTER << 8 | (unsigned)known);
			break;
		}
		remember(&fresh, hoy__writer_len(w));
		hoy__write_bytes(w, name->wire + i, name->wire[i] + 1u);
		i += name->wire[i] + 1u;
	}
	if (i < name->len && !name->wire[i])
		hoy__write_u8(w, 0);
	for (unsigned k = 0; k < fresh.count && !w->bad; k++)
		remember(table, fresh.offset[k]);
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

const char hoy__bad_escape[] = "a bad escape: \\DDD up to 255, or \\ and a character";

int hoy__octet_parse(const char **at, const char *end)
{
	const char *p = *at;
	int value;

	if (*p != '\\') {
		*at = p + 1;
		return (uint8_t)*p;
	}
	if (end - p < 2)
		return -EINVAL;
	if (!is_digit(p[1])) {
		*at = p + 2;
		return (uint8_t)p[1];
	}
	if (end - p < 4 || !is_digit(p[2]) || !is_digit(p[3]))
		return -EINVAL;
	value = (p[1] - '0') * 100 + (p[2] - '0') * 10 + (p[3] - '0');
	*at = p + 4;
	return value > 255 ? -EINVAL : value;
}

static const char *parse_label(struct hoy__name *name, const char **at, const char *end)
{
	unsigned head = name->len, len = 0;

	while (*at < end && **at != '.') {
		int octet = hoy__octet_parse(at, end);

		if (octet < 0)
			return hoy__bad_escape;
		if (++len > LABEL_LIMIT)
			return "a label is longer than 63 bytes";
		if (head + len + 1 >= HOY__NAME_SIZE)
			return "a name is longer than 255 bytes";
		name->wire[head + len] = (uint8_t)octet;
	}
	name->wire[head] = (uint8_t)len;
	name->len = (uint8_t)(head + 1 + len);
	return len ? NULL : "a name has an empty label";
}

const char *hoy__name_scan(struct hoy__name *name, const char *text, size_t len, bool *is_absolute)
{
	const char *at = text, *end = text + len;
	struct hoy__name got = { 0 };

	*is_absolute = len == 1 && *text == '.';
	if (!len)
		return "an empty name";
	if (*is_absolute)
		end = at;
	while (at < end) {
		const char *mistake = parse_label(&got, &at, end);

		if (mistake)
			return mistake;
		*is_absolute = at < end;
		at += at < end;		/* the dot */
	}
	got.wire[got.len++] = 0;
	*name = got;
	return NULL;
}

int hoy__name_parse(struct hoy__name *name, const char *text, size_t len)
{
	bool is_absolute;

	return hoy__name_scan(name, text, len, &is_absolute) ? -EINVAL : 0;
}

static bool is_special(uint8_t c)
{
	switch (c) {
	case '.': case '\\': case '"': case '(': case ')': case ';': case '@': case '$':
		return true;
	default:
		return false;
	}
}

static char *put_octet(char *out, uint8_t c)
{
	if (c <= ' ' || c >= 0x7f) {
		*out++ = '\\';
		*out++ = (char)('0' + c / 100);
		*out++ = (char)('0' + c / 10 % 10);
		*out++ = (char)('0' + c % 10);
		return out;
	}
	if (is_special(c))
		*out++ = '\\';
	*out++ = (char)c;
	return out;
}

char *hoy__name_text(const struct hoy__name *name, char text[HOY__NAME_STRLEN])
{
	char *out = text;

	for (size_t i = 0; i < name->len && name->wire[i]; i += name->wire[i] + 1u) {
		for (size_t k = 1; k <= name->wire[i]; k++)
			out = put_octet(out, name->wire[i + k]);
		*out++ = '.';
	}
	if (out == text && name->len)
		*out++ = '.';
	*out = 0;
	return text;
}

/* Label lengths are below 'A', so folding the whole wire form leaves them alone. */
static bool equal_octets(const uint8_t *a, const uint8_t *b, size_t len)
{
	if (memcmp(a, b, len) == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool hoy__name_equal(const struct hoy__name *a, const struct hoy__name *b)
{
	return a->len == b->len && equal_octets(a->wire, b->wire, a->len);
}

bool hoy__name_is_within(const struct hoy__name *name, const struct hoy__name *zone)
{
	size_t at = 0;

	if (!zone->len)
		return false;
	while (at + zone->len < name->len)
		at += 1 + name->wire[at];
	return at + zone->len == name->len && equal_octets(name->wire + at, zone->wire, zone->len);
}

/* A letter, digit, underscore, or a hyphen that does not begin the label. */
static bool is_label_char(int c, bool first)
{
	return is_digit(c) || c == '_' || (lower((uint8_t)c) >= 'a' && lower((uint8_t)c) <= 'z') ||
	       (c == '-' && !first);
}

bool hoy__is_domain_name(const char *text, size_t len)
{
	bool numeric = true;
	size_t label = 0;

	if (len == 1 && *text == '.')
		return true;
	if (len && text[len - 1] == '.')
		len--;
	if (!len || len > 253)
		return false;
	for (size_t i = 0; i <= len; i++) {
		int c = i < len ? text[i] : '.';

		if (c != '.') {
			if (!is_label_char(c, !label) || ++label > LABEL_LIMIT)
				return false;
			numeric &= is_digit(c);
			continue;
		}
		if (!label || text[i - 1] == '-')
			return false;
		label = 0;
	}
	return !numeric;
}

bool hoy__name_is_domain(const struct hoy__name *name)
{
	char text[HOY__NAME_STRLEN];

	hoy__name_text(name, text);
	return !strchr(text, '\\') && hoy__is_domain_name(text, strlen(text));
}
