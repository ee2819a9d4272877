/*
 * The parameters of SVCB and HTTPS (RFC 9460 section 2.1): key=value in any order in the text, by ascending key in
 * the data. Parsing appends each as it comes and then sorts them.
 */
#include "dns/msg/field.h"

#include <stdlib.h>

#include "base/base.h"
#include "dns/msg/svcb.h"

enum { PARAMS_MOST = 64, HEAD = 4 };

static const char *const key_names[HOY__SVCB_KEYS] = {
	"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath"
};

/* ---- printing ---- */

static void print_key(struct hoy__text *t, unsigned key)
{
	if (key < LEN(key_names)) {
		hoy__text_string(t, key_names[key]);
		return;
	}
	hoy__text_string(t, "key");
	hoy__text_number(t, key);
}

static void print_keys(struct hoy__text *t, struct hoy__bytes v)
{
	for (size_t i = 0; i + 1 < v.len; i += 2) {
		if (i)
			hoy__text_char(t, ',');
		print_key(t, (unsigned)(v.at[i] << 8 | v.at[i + 1]));
	}
}

static void print_hints(struct hoy__text *t, struct hoy__bytes v, size_t len)
{
	struct hoy__data d = { .r = hoy__reader(v.at, v.len) };

	while (hoy__reader_left(&d.r)) {
		if (d.r.at != v.at)
			hoy__text_char(t, ',');
		hoy__print_ip_of(t, &d, len);
	}
}

/*
 * The protocol names, joined by commas in one pair of quotes. Readers split the list after they have removed quotes
 * and escapes, so a comma or backslash in a name has an escape of the list's own, whose backslash is escaped again
 * (RFC 9460 appendix A.1).
 */
static void print_alpn(struct hoy__text *t, struct hoy__bytes v)
{
	struct hoy__bytes name;

	hoy__text_char(t, '"');
	while (hoy__next_string(&v, &name)) {
		for (size_t i = 0; i < name.len; i++) {
			if (name.at[i] == ',' || name.at[i] == '\\')
				hoy__text_string(t, "\\\\");
			hoy__text_octet(t, name.at[i]);
		}
		hoy__text_char(t, v.len ? ',' : '"');
	}
}

/* Can the keys of mandatory= be parsed again: not its own, none twice, in order, and not too many? */
static bool are_mandatory(struct hoy__bytes v)
{
	unsigned last = HOY__SVCB_MANDATORY;

	for (size_t i = 0; i < v.len; i += 2) {
		unsigned key = (unsigned)(v.at[i] << 8 | v.at[i + 1]);

		if (key <= last || key == 65535)
			return false;
		last = key;
	}
	return v.len <= 2 * PARAMS_MOST;
}

/* In the form RFC 9460 gives the key; false when the value is not of that form, or has no text: an ech without octets. */
static bool print_known(struct hoy__text *t, unsigned key, struct hoy__bytes v)
{
	if (!hoy__svcb_is_of_form(key, v) || (key == HOY__SVCB_ECH && !v.len) ||
	    (key == HOY__SVCB_MANDATORY && !are_mandatory(v)))
		return false;
	hoy__text_string(t, key_names[key]);
	if (key != HOY__SVCB_NO_DEFAULT_ALPN)
		hoy__text_char(t, '=');
	switch (key) {
	case HOY__SVCB_MANDATORY: print_keys(t, v); break;
	case HOY__SVCB_ALPN: print_alpn(t, v); break;
	case HOY__SVCB_PORT: hoy__text_number(t, (uint32_t)(v.at[0] << 8 | v.at[1])); break;
	case HOY__SVCB_IPV4HINT: print_hints(t, v, 4); break;
	case HOY__SVCB_ECH: hoy__text_base64(t, v); break;
	case HOY__SVCB_IPV6HINT: print_hints(t, v, 16); break;
	case HOY__SVCB_DOHPATH: hoy__text_quoted(t, v); break;
	}
	return true;
}

static void print_param(struct hoy__text *t, unsigned key, struct hoy__bytes value)
{
	if (print_known(t, key, value))
		return;
	hoy__text_string(t, "key");
	hoy__text_number(t, key);
	if (!value.len)
		return;
	hoy__text_char(t, '=');
	hoy__text_quoted(t, value);
}

void hoy__print_svcb(struct hoy__text *t, struct hoy__data *d)
{
	struct hoy__bytes rest = hoy__data_rest(d), value;
	const char *gap = "";
	uint16_t key;
	int last = -1;

	while (rest.len) {
		if (!hoy__next_option(&rest, &key, &value) || key <= last) {
			d->r.bad = true;
			return;
		}
		hoy__text_string(t, gap);
		print_param(t, key, value);
		gap = " ";
		last = key;
	}
}

/* ---- parsing ---- */

/* keyNNNNN has its value's octets as they are, also when the key has a name (RFC 9460 section 2.1); *as_octets. */
static int find_key(struct hoy__word word, bool *as_octets)
{
	uint64_t number;

	*as_octets = false;
	for (size_t i = 0; i < LEN(key_names); i++)
		if (hoy__word_is(&word, key_names[i]))
			return (int)i;
	*as_octets = true;
	if (hoy__word_len(&word) < 4 || hoy__word_len(&word) > 8 || memcmp(word.at, "key", 3) != 0)
		return -1;
	word.at += 3;
	return hoy__word_number(&word, 65534, &number) ? (int)number : -1;
}

/* The next item of a list with commas; false at its end. */
static bool next_item(struct hoy__word *list, struct hoy__word *item)
{
	if (list->at == list->end)
		return false;
	*item = *list;
	while (list->at < list->end && *list->at != ',')
		list->at++;
	item->end = list->at;
	list->at += list->at < list->end;
	return true;
}

static int by_number(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

static void parse_keys(struct hoy__words *in, struct hoy__writer *w, struct hoy__word list)
{
	uint16_t keys[PARAMS_MOST];
	size_t count = 0;
	struct hoy__word item;

	while (next_item(&list, &item)) {
		bool as_octets;
		int key = find_key(item, &as_octets);

		if (key <= 0 || count == LEN(keys)) {
			hoy__words_wrong(in, "mandatory is a list of other keys");
			return;
		}
		keys[count++] = (uint16_t)key;
	}
	qsort(keys, count, sizeof *keys, by_number);
	for (size_t i = 0; i < count; i++)
		hoy__write_u16(w, keys[i]);
}

static void parse_hints(struct hoy__words *in, struct hoy__writer *w, struct hoy__word list, size_t len)
{
	struct hoy__word item;

	while (next_item(&list, &item)) {
		char text[HOY_IP_STRLEN + 8];
		hoy_ip ip;

		if (!hoy__word_copy(&item, text, sizeof text) || hoy_parse_ip(text, &ip, NULL) < 0) {
			hoy__words_wrong(in, "a hint is no IP address");
			return;
		}
		ip = len == 4 ? hoy_ip_to4(ip) : ip;
		if (ip.len != len)
			hoy__words_wrong(in, "a hint is of the other family");
		else
			hoy__write_bytes(w, ip.bytes, len);
	}
}

/* Names of protocols, each with its length before it; \\, is a comma inside one. */
static void parse_alpn(struct hoy__words *in, struct hoy__writer *w, struct hoy__word list)
{
	const char *at = list.at, *end = list.end;
	uint8_t *length = hoy__write_room(w, 1);
	unsigned len = 0;

	while (at < end && !w->bad && !in->mistake) {
		bool is_comma = *at == ',';
		int octet;

		if (end - at > 2 && at[0] == '\\' && at[1] == '\\' && (at[2] == ',' || at[2] == '\\'))
			at += 2;
		octet = hoy__octet_parse(&at, end);
		*length = (uint8_t)len;
		if (octet < 0) {
			hoy__words_wrong(in, hoy__bad_escape);
		} else if (is_comma) {
			length = hoy__write_room(w, 1);
			len = 0;
		} else {
			hoy__write_u8(w, (unsigned)octet);
			len++;
		}
		if (len > 255)
			hoy__words_wrong(in, "a string is longer than 255 bytes");
	}
	if (length)
		*length = (uint8_t)len;
}

static void parse_port(struct hoy__words *in, struct hoy__writer *w, struct hoy__word word)
{
	uint64_t port = 0;

	if (!hoy__word_number(&word, UINT32_MAX, &port))
		hoy__words_wrong(in, "port needs a number");
	else if (port > 65535)
		hoy__words_wrong(in, "port needs a number up to 65535");
	hoy__write_u16(w, (unsigned)port);
}

static void parse_value(struct hoy__words *in, struct hoy__writer *w, int key, struct hoy__word v)
{
	if (key == HOY__SVCB_NO_DEFAULT_ALPN) {
		if (v.at < v.end)
			hoy__words_wrong(in, "this parameter takes no value");
		return;
	}
	if (v.at == v.end && key != HOY__SVCB_DOHPATH) {
		hoy__words_wrong(in, "this parameter needs a value");
		return;
	}
	switch (key) {
	case HOY__SVCB_MANDATORY: parse_keys(in, w, v); break;
	case HOY__SVCB_ALPN: parse_alpn(in, w, v); break;
	case HOY__SVCB_PORT: parse_port(in, w, v); break;
	case HOY__SVCB_IPV4HINT: parse_hints(in, w, v, 4); break;
	case HOY__SVCB_IPV6HINT: parse_hints(in, w, v, 16); break;
	case HOY__SVCB_ECH: hoy__parse_base64_text(in, w, v.at, v.end); break;
	default: hoy__parse_octets(in, w, v.at, v.end);
	}
}

/* What stands behind the =, without its quotes; cuts it off the word. */
static struct hoy__word take_value(struct hoy__word *word)
{
	const char *equals = memchr(word->at, '=', hoy__word_len(word));
	struct hoy__word value = { .at = word->end, .end = word->end };

	if (!equals)
		return value;
	word->end = equals;
	value.at = equals + 1;
	if (hoy__word_len(&value) >= 2 && *value.at == '"' && value.end[-1] == '"') {
		value.at++;
		value.end--;
	}
	return value;
}

struct param {
	uint16_t key;
	size_t at, len;		/* of its octets in the data: key, length, value */
};

static void parse_param(struct hoy__words *in, struct hoy__writer *w, struct hoy__word word, struct param *p)
{
	struct hoy__word value = take_value(&word);
	bool as_octets;
	int key = find_key(word, &as_octets);
	uint8_t *head = hoy__write_room(w, HEAD);

	if (key < 0)
		hoy__words_wrong(in, "no key of a service parameter");
	if (!head || key < 0)
		return;
	if (as_octets)
		hoy__parse_octets(in, w, value.at, value.end);
	else
		parse_value(in, w, key, value);
	*p = (struct param){ (uint16_t)key, (size_t)(head - w->start), (size_t)(w->at - head) };
	head[0] = (uint8_t)(key >> 8);
	head[1] = (uint8_t)key;
	head[2] = (uint8_t)((p->len - HEAD) >> 8);
	head[3] = (uint8_t)(p->len - HEAD);
}

static int by_key(const void *a, const void *b)
{
	return ((const struct param *)a)->key - ((const struct param *)b)->key;
}

/* Moves the parameters, which begin at `start`, into the order of their keys. */
static void sort_params(struct hoy__words *in, struct hoy__writer *w, size_t start, struct param *list, size_t count)
{
	size_t size = hoy__writer_len(w) - start, len = 0;
	uint8_t *copy = hoy__alloc(size);

	if (!copy) {
		hoy__words_wrong(in, "out of memory");
		return;
	}
	memcpy(copy, w->start + start, size);
	qsort(list, count, sizeof *list, by_key);
	for (size_t i = 0; i < count; i++) {
		if (i && list[i].key == list[i - 1].key)
			hoy__words_wrong(in, "a parameter stands there twice");
		memcpy(w->start + start + len, copy + (list[i].at - start), list[i].len);
		len += list[i].len;
	}
	hoy__release(copy);
}

void hoy__parse_svcb(struct hoy__words *in, struct hoy__writer *w)
{
	struct param list[PARAMS_MOST];
	size_t start = hoy__writer_len(w), count = 0;
	struct hoy__word word;

	while (hoy__words_next(in, &word) && !w->bad)
		if (word.quoted)
			hoy__words_wrong(in, "no key of a service parameter");
		else if (count == LEN(list))
			hoy__words_wrong(in, "more parameters than 64");
		else
			parse_param(in, w, word, &list[count++]);
	if (count > 1 && !in->mistake && !w->bad)
		sort_params(in, w, start, list, count);
}
