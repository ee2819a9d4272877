/*
 * The search list is numbered: place 0 and place count + 1 are the name itself, and which
 * of the two is used depends on its dots; the places between are the suffixes.
 */
#include "dns/conf/search.h"

#include <string.h>

#include "dns/msg/slice.h"

enum { LONGEST = 254 };		/* with the final dot */

/* Is the last label this one, or the whole name, if that counts too? */
static bool ends_in(struct hoy__slice name, const char *label, bool whole)
{
	size_t len = strlen(label);

	if (name.len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (hoy__lower(name.at[name.len - len + i]) != label[i])
			return false;
	return name.len == len ? whole : name.at[name.len - len - 1] == '.';
}

enum hoy__fate hoy__fate_of(const char *text)
{
	struct hoy__slice name = hoy__slice(text);

	if (!name.len)
		return HOY__NO_SUCH_NAME;
	if (name.at[name.len - 1] == '.')
		name.len--;
	if (ends_in(name, "onion", false) || ends_in(name, "invalid", true))
		return HOY__NO_SUCH_NAME;
	return ends_in(name, "localhost", true) ? HOY__LOOPBACK : HOY__ASK_DNS;
}

static unsigned dots_in(const char *name)
{
	unsigned dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return dots;
}

/* The name at this place of the list: name, a dot where one is missing, suffix. False: too long. */
static bool compose(const char *name, const char *suffix, char fqdn[HOY__FQDN_STRLEN])
{
	size_t len = strlen(name), tail = strlen(suffix);
	bool dot = !len || name[len - 1] != '.';

	if (len > LONGEST || len + dot + tail > LONGEST)
		return false;
	memcpy(fqdn, name, len);
	if (dot)
		fqdn[len++] = '.';
	memcpy(fqdn + len, suffix, tail + 1);
	return true;
}

/* Is this place of the list in use for this name? */
static bool is_asked(const struct hoy__search *s, size_t place)
{
	size_t len = strlen(s->name);

	if (len && s->name[len - 1] == '.')
		return place == 0;
	if (place == 0 || place > s->count)
		return (dots_in(s->name) >= s->ndots) == (place == 0);
	return true;
}

bool hoy__search_next(struct hoy__search *s, char fqdn[HOY__FQDN_STRLEN], bool *typed)
{
	while (s->next < s->count + 2) {
		size_t place = s->next++;
		bool whole = place == 0 || place > s->count;

		if (!is_asked(s, place) || !compose(s->name, whole ? "" : s->suffixes[place - 1], fqdn))
			continue;
		if (hoy__fate_of(fqdn) == HOY__NO_SUCH_NAME)
			continue;
		if (typed)
			*typed = whole;
		return true;
	}
	return false;
}
