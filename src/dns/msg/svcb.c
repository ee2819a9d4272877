/*
 * Parameters are gone through twice: once to see whether they can be used and how long their
 * lists are, while an answer is read, and once to make the lists, when the caller's block is
 * there and its pointers stay what they are.
 */
#include "dns/msg/svcb.h"

#include <hoy/err.h>

/* Names of protocols, one at least, none of them empty. */
static bool is_alpn(struct hoy__bytes value)
{
	struct hoy__bytes name = { 0 };

	while (hoy__next_string(&value, &name) && name.len)
		;
	return !value.len && name.len;
}

bool hoy__svcb_is_of_form(unsigned key, struct hoy__bytes value)
{
	static const uint8_t step[HOY__SVCB_KEYS] = {
		[HOY__SVCB_MANDATORY] = 2, [HOY__SVCB_IPV4HINT] = 4, [HOY__SVCB_IPV6HINT] = 16
	};

	switch (key) {
	case HOY__SVCB_MANDATORY:
	case HOY__SVCB_IPV4HINT:
	case HOY__SVCB_IPV6HINT:
		return value.len && value.len % step[key] == 0;
	case HOY__SVCB_ALPN:
		return is_alpn(value);
	case HOY__SVCB_NO_DEFAULT_ALPN:
		return !value.len;
	case HOY__SVCB_PORT:
		return value.len == 2;
	default:
		return key < HOY__SVCB_KEYS;
	}
}

/* ---- may it be used? ---- */

static unsigned number_at(struct hoy__bytes bytes, size_t at)
{
	return (unsigned)(bytes.at[at] << 8 | bytes.at[at + 1]);
}

static bool has_key(struct hoy__bytes params, unsigned wanted)
{
	struct hoy__bytes value;
	uint16_t key;

	while (hoy__next_option(&params, &key, &value))
		if (key == wanted)
			return true;
	return false;
}

/* Section 8: other keys in order, none twice. 1 when each is known and there. */
static int check_mandatory(struct hoy__bytes params, struct hoy__bytes keys)
{
	unsigned last = HOY__SVCB_MANDATORY;
	int usable = 1;

	for (size_t i = 0; i < keys.len; i += 2) {
		unsigned key = number_at(keys, i);

		if (key <= last)
			return HOY_EMESSAGE;
		if (key >= HOY__SVCB_KEYS || !has_key(params, key))
			usable = 0;
		last = key;
	}
	return usable;
}

static size_t strings_in(struct hoy__bytes value)
{
	struct hoy__bytes string;
	size_t count = 0;

	while (hoy__next_string(&value, &string))
		count++;
	return count;
}

/* A name's length octet makes room for the NUL behind it. */
static size_t room_of(unsigned key, struct hoy__bytes value)
{
	switch (key) {
	case HOY__SVCB_ALPN: return strings_in(value) * sizeof(hoy_txt) + value.len;
	case HOY__SVCB_IPV4HINT: return value.len / 4 * sizeof(hoy_ip);
	case HOY__SVCB_IPV6HINT: return value.len / 16 * sizeof(hoy_ip);
	case HOY__SVCB_DOHPATH: return value.len + 1;
	default: return 0;
	}
}

int hoy__svcb_room(struct hoy__bytes params, size_t *room)
{
	struct hoy__bytes rest = params, value;
	bool usable = !has_key(params, HOY__SVCB_NO_DEFAULT_ALPN) || has_key(params, HOY__SVCB_ALPN);
	uint16_t key;

	*room = 0;
	while (hoy__next_option(&rest, &key, &value)) {
		if (key < HOY__SVCB_KEYS && !hoy__svcb_is_of_form(key, value))
			return HOY_EMESSAGE;
		int code = key == HOY__SVCB_MANDATORY ? check_mandatory(params, value) : 1;

		if (code < 0)
			return code;
		usable &= code > 0;
		*room += room_of(key, value);
	}
	return usable;
}

/* ---- the caller's lists ---- */

/* Where the next list goes. Only that of alpn wants to be aligned, and its key comes first. */
static void *take(uint8_t **room, size_t len)
{
	void *at = *room;

	*room += len;
	return at;
}

static const char *copy_text(uint8_t **room, struct hoy__bytes bytes)
{
	char *text = take(room, bytes.len + 1);

	if (bytes.len)
		memcpy(text, bytes.at, bytes.len);
	text[bytes.len] = '\0';
	return text;
}

static void fill_alpn(hoy_svcb *item, struct hoy__bytes value, uint8_t **room)
{
	struct hoy__bytes name;
	hoy_txt *list;

	item->alpns = strings_in(value);
	item->alpn = list = take(room, item->alpns * sizeof *list);
	for (; hoy__next_string(&value, &name); list++)
		*list = (hoy_txt){ copy_text(room, name), name.len };
}

static const hoy_ip *copy_hints(struct hoy__bytes value, size_t len, uint8_t **room, size_t *count)
{
	hoy_ip *list;

	*count = value.len / len;
	list = take(room, *count * sizeof *list);
	for (size_t i = 0; i < *count; i++) {
		list[i] = (hoy_ip){ .len = (uint8_t)len };
		memcpy(list[i].bytes, value.at + i * len, len);
	}
	return list;
}

void hoy__svcb_fill(hoy_svcb *item, struct hoy__bytes params, void *room)
{
	struct hoy__bytes value;
	uint8_t *at = room;
	uint16_t key;

	while (hoy__next_option(&params, &key, &value))
		switch (key) {
		case HOY__SVCB_ALPN: fill_alpn(item, value, &at); break;
		case HOY__SVCB_NO_DEFAULT_ALPN: item->no_default_alpn = 1; break;
		case HOY__SVCB_PORT: item->port = (uint16_t)number_at(value, 0); break;
		case HOY__SVCB_IPV4HINT: item->ipv4hint = copy_hints(value, 4, &at, &item->ipv4hints); break;
		case HOY__SVCB_ECH:
			item->ech = value.at;
			item->ech_len = value.len;
			break;
		case HOY__SVCB_IPV6HINT: item->ipv6hint = copy_hints(value, 16, &at, &item->ipv6hints); break;
		case HOY__SVCB_DOHPATH: item->dohpath = copy_text(&at, value); break;
		}
}
