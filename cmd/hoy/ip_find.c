/*
 * Addresses in a line of text. An address is a run of the characters that addresses have. Letters and digits that
 * touch the run belong to another word, and so does the run up to its first colon: src:10.0.0.1 has an address,
 * 10.0.0.1:http has one, 10.0.0.1.example has none.
 */
#include <ctype.h>
#include <string.h>

#include "ip.h"

static bool is_of_address(char c)
{
	return isxdigit((unsigned char)c) || c == '.' || c == ':';
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* All of it, without dots at its ends. */
static bool reads(const char *from, const char *to, struct found *found)
{
	char text[64];

	while (from < to && *from == '.')
		from++;
	while (to > from && to[-1] == '.')
		to--;
	if ((size_t)(to - from) >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)(to - from), from);
	found->at = from;
	found->end = to;
	return hoy_parse_ip(text, &found->ip, NULL) == 0;
}

/* A run as one address, without a colon at its ends, or else as IPv4 between its colons. */
static bool run_has(const hoy_ip_set *set, const char *from, const char *to, struct found *found)
{
	if (to > from && to[-1] == ':' && !(to - from > 1 && to[-2] == ':'))
		to--;
	if (to > from && from[0] == ':' && !(to - from > 1 && from[1] == ':'))
		from++;
	if (reads(from, to, found))
		return hoy_ip_set_contains(set, found->ip);
	for (const char *stop; from < to; from = stop + (stop < to)) {
		stop = memchr(from, ':', (size_t)(to - from));
		stop = stop ? stop : to;
		if (reads(from, stop, found) && hoy_ip_set_contains(set, found->ip))
			return true;
	}
	return false;
}

bool find_address(const hoy_ip_set *set, const char *line, const char *at, const char *end, struct found *found)
{
	for (; at < end; at++) {
		const char *from = at, *to;

		while (at < end && is_of_address(*at))
			at++;
		to = at;
		if (from < to && from > line && is_of_word(from[-1])) {
			while (from < to && *from != ':')
				from++;
			from += from < to;
		}
		if (from < to && at < end && is_of_word(*at)) {
			while (to > from && to[-1] != ':')
				to--;
			to -= to > from;
		}
		if (from < to && run_has(set, from, to, found))
			return true;
	}
	return false;
}
