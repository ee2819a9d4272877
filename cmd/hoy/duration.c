/* Durations as text, in Go's syntax and in milliseconds. */
#include <ctype.h>
#include <string.h>

#include "cmd.h"

static const struct { const char *name; int64_t ns; } units[] = {
	{ "ns", 1 }, { "us", HOY_MICROSECOND }, { "µs", HOY_MICROSECOND }, { "μs", HOY_MICROSECOND },
	{ "ms", HOY_MILLISECOND }, { "s", HOY_SECOND }, { "m", HOY_MINUTE }, { "h", HOY_HOUR },
};

static int64_t unit_of(const char *name, size_t len)
{
	for (size_t i = 0; i < LEN(units); i++)
		if (strlen(units[i].name) == len && !memcmp(units[i].name, name, len))
			return units[i].ns;
	return 0;
}

/* One number and its unit, "1.5s"; moves past it. Negative when it is not that, or too long. */
static int64_t duration_term(const char **text)
{
	const char *p = *text, *name;
	int64_t whole = 0, part = 0, scale = 1, unit;
	int digits = 0;

	for (; isdigit((unsigned char)*p); p++, digits++)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, *p - '0', &whole))
			return -1;
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, digits++)
			if (scale < HOY_SECOND) {
				part = part * 10 + (*p - '0');
				scale *= 10;
			}
	for (name = p; *p && *p != '.' && !isdigit((unsigned char)*p); )
		p++;
	unit = unit_of(name, p - name);
	if (!digits || !unit || __builtin_mul_overflow(whole, unit, &whole))
		return -1;
	part = (int64_t)((double)part / (double)scale * (double)unit + 0.5);
	if (__builtin_add_overflow(whole, part, &whole))
		return -1;
	*text = p;
	return whole;
}

int parse_duration(const char *text, hoy_duration *d)
{
	int64_t sum = 0, term;

	if (*text == '+')
		text++;
	if (!*text)
		return -1;
	if (strcmp(text, "0"))
		while (*text)
			if ((term = duration_term(&text)) < 0 || __builtin_add_overflow(sum, term, &sum))
				return -1;
	*d = sum;
	return 0;
}

char *duration_string(hoy_duration d, char buf[DURATION_STRLEN])
{
	static const struct { const char *name; int64_t ns; } steps[] = {
		{ "ms", HOY_MILLISECOND }, { "us", HOY_MICROSECOND }, { "ns", 1 }
	};
	size_t at = 0, i = 0;

	if (d < HOY_SECOND && d > 0) {
		while (d < steps[i].ns)
			i++;
		snprintf(buf, DURATION_STRLEN, "%.6g%s", (double)d / (double)steps[i].ns, steps[i].name);
		return buf;
	}
	buf[0] = '\0';
	if (d >= HOY_HOUR)
		at += snprintf(buf + at, DURATION_STRLEN - at, "%lldh", (long long)(d / HOY_HOUR));
	if (d % HOY_HOUR >= HOY_MINUTE)
		at += snprintf(buf + at, DURATION_STRLEN - at, "%dm", (int)(d % HOY_HOUR / HOY_MINUTE));
	if (d % HOY_MINUTE || d == 0)
		snprintf(buf + at, DURATION_STRLEN - at, "%.11gs", (double)(d % HOY_MINUTE) / (double)HOY_SECOND);
	return buf;
}

char *ms_string(hoy_duration d, char buf[MS_STRLEN])
{
	double ms = (double)d / HOY_MILLISECOND;

	snprintf(buf, MS_STRLEN, "%.*f", ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0, ms);
	return buf;
}
