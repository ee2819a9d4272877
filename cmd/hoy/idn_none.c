/*
 * Without libidn2 no name is converted: which letters are the same, and which are none, takes its tables. The form that
 * was probably meant is shown all the same, by Punycode (RFC 3492) of the letters as they were given.
 */
#include <locale.h>
#include <string.h>
#include <wctype.h>

#include "idn.h"

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 0x80, LABEL = 63 };

/* The character at *at, which moves behind it; 0 at the end, -1 for what is no UTF-8. */
static int32_t next_character(const char **at)
{
	const unsigned char *p = (const unsigned char *)*at;
	int more = *p < 0x80 ? 0 : (*p & 0xe0) == 0xc0 ? 1 : (*p & 0xf0) == 0xe0 ? 2 : (*p & 0xf8) == 0xf0 ? 3 : -1;
	int32_t c = more > 0 ? *p & (0x3f >> more) : *p;

	if (more < 0)
		return -1;
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	*at += 1 + more;
	return c;
}

/* Section 6.1 */
static int32_t adapt(int32_t delta, int32_t points, bool first)
{
	int32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static char digit(int32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

/* Section 6.3, the variable-length number; at most 7 digits for what a label can have. */
static size_t put_number(char *out, int32_t number, int32_t bias)
{
	size_t len = 0;

	for (int32_t k = BASE; ; k += BASE) {
		int32_t t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;

		if (number < t)
			break;
		out[len++] = digit(t + (number - t) % (BASE - t));
		number = (number - t) / (BASE - t);
	}
	out[len++] = digit(number);
	return len;
}

static int32_t next_point(const int32_t *c, size_t n, int32_t least)
{
	int32_t next = INT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (c[i] >= least && c[i] < next)
			next = c[i];
	return next;
}

/* Section 6.3. The label's letters as Punycode, or 0 when that is longer than a label may be. */
static size_t encode(const int32_t *c, size_t n, char out[LABEL + 8])
{
	int32_t delta = 0, bias = BIAS, point = FIRST;
	size_t len = 0, done, basic;

	for (size_t i = 0; i < n; i++)
		if (c[i] < FIRST)
			out[len++] = (char)(c[i] >= 'A' && c[i] <= 'Z' ? c[i] | 0x20 : c[i]);
	done = basic = len;
	if (basic)
		out[len++] = '-';
	while (done < n) {
		int32_t next = next_point(c, n, point);

		delta += (next - point) * (int32_t)(done + 1);
		for (size_t i = 0; i < n; i++) {
			delta += c[i] < next;
			if (c[i] != next)
				continue;
			if (len >= LABEL)
				return 0;
			len += put_number(out + len, delta, bias);
			bias = adapt(delta, (int32_t)(done + 1), done == basic);
			done++;
			delta = 0;
		}
		delta++;
		point = next + 1;
	}
	return len;
}

/* In lower case, as names have it; -1 for the other full stops, which part labels. */
static int32_t fold(int32_t c)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (c == 0x3002 || c == 0xff0e || c == 0xff61)
		c = -1;
	else if (c >= FIRST && utf8)
		c = (int32_t)towlower_l((wint_t)c, utf8);
	if (utf8)
		freelocale(utf8);
	return c;
}

/* One label into the name that is put together; false when it is none, or there is no room. */
static bool add_label(const char *at, size_t len, char *ascii, size_t *used)
{
	const char *end = at + len;
	char code[LABEL + 8];
	int32_t c[LABEL];
	bool plain = true;
	size_t n = 0;

	while (at < end) {
		int32_t point = fold(next_character(&at));

		if (point <= 0 || n == LABEL || at > end)
			return false;
		plain &= point < FIRST;
		c[n++] = point;
	}
	len = plain ? n : encode(c, n, code);
	if ((!plain && (!len || len + 4 > LABEL)) || *used + len + 6 > HOY_HOST_STRLEN)
		return false;
	for (size_t i = 0; plain && i < n; i++)
		code[i] = (char)c[i];
	*used += (size_t)sprintf(ascii + *used, "%s%.*s", plain ? "" : "xn--", (int)len, code);
	return true;
}

static bool encode_name(const char *name, char ascii[HOY_HOST_STRLEN])
{
	size_t used = 0;

	ascii[0] = '\0';
	for (;; name++) {
		size_t len = strcspn(name, ".");

		if (!add_label(name, len, ascii, &used))
			return false;
		name += len;
		if (!*name)
			return true;
		strcpy(ascii + used++, ".");
	}
}

bool idn_convert(const char *name, char ascii[HOY_HOST_STRLEN], char why[IDN_WHY_STRLEN])
{
	if (encode_name(name, ascii))
		snprintf(why, IDN_WHY_STRLEN, "names in other letters are asked for in their xn-- form, here %s "
			 "(this hoy was built without libidn2)", ascii);
	else
		snprintf(why, IDN_WHY_STRLEN, "names in other letters are asked for in their xn-- form, and this has none");
	return false;
}
