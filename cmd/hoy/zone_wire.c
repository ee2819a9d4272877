/*
 * What a file gives as bare bytes (RFC 3597) must still be what its type says, for the
 * server goes by the types it knows: the letters of the table of types once more, each
 * now a step over bytes.
 */
#include "zone.h"

static unsigned number_at(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* The length of the name that begins here, without pointers; 0 for none. */
static size_t name_length(const uint8_t *at, size_t left)
{
	size_t len = 0;

	while (len < left && len < NAME_MOST && at[len] && at[len] <= LABEL_MOST)
		len += at[len] + 1u;
	return len < left && len < NAME_MOST && !at[len] ? len + 1 : 0;
}

/* Strings up to the end, one at least. */
static bool are_strings(const uint8_t *at, size_t left)
{
	size_t len = 0;

	while (len < left)
		len += at[len] + 1u;
	return len == left && left;
}

/* Keys with their values up to the end, in rising order (RFC 9460 section 2.2). */
static bool are_params(const uint8_t *at, size_t left)
{
	int last = -1;

	for (size_t len; left; at += len, left -= len) {
		if (left < 4 || (int)number_at(at) <= last)
			return false;
		last = (int)number_at(at);
		len = number_at(at + 2) + 4u;
		if (len > left)
			return false;
	}
	return true;
}

/* How long the field is that begins here; 0 when it is not there. */
static size_t field_length(const uint8_t *at, size_t left, char field)
{
	switch (field) {
	case 'b': return 1;
	case 'w': return 2;
	case 'd': case 't': case '4': return 4;
	case '6': return 16;
	case 'n': return name_length(at, left);
	case 's': return left ? at[0] + 1u : 0;
	case 'S': return are_strings(at, left) ? left : 0;
	default: return left;
	}
}

bool data_has_fields(const uint8_t *data, size_t size, const char *fields)
{
	for (; *fields; fields++) {
		size_t len;

		if (*fields == 'p')
			return are_params(data, size);
		if (*fields == 'v')
			return true;		/* of any length, also none: CAA's value */
		len = field_length(data, size, *fields);
		if (!len || len > size)
			return false;
		data += len;
		size -= len;
	}
	return size == 0;
}
