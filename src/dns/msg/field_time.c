/* The moments of RRSIG and SIG: seconds since 1970 in 32 bits, and YYYYMMDDHHMMSS in text (RFC 4034 section 3.2). */
#include "dns/msg/field.h"

#include <stdio.h>

#include "base/base.h"

enum { DAY = 86400 };

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

void hoy__print_time(struct hoy__text *t, struct hoy__data *d)
{
	uint32_t seconds = hoy__read_u32(&d->r), day = seconds / DAY;
	unsigned year = 1970, month = 1;
	char text[64];

	seconds %= DAY;
	for (; day >= 365u + is_leap(year); year++)
		day -= 365u + is_leap(year);
	for (; day >= days_of_month(year, month); month++)
		day -= days_of_month(year, month);
	snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02u", year, month, (unsigned)day + 1,
		 (unsigned)seconds / 3600, (unsigned)seconds / 60 % 60, (unsigned)seconds % 60);
	hoy__text_string(t, text);
}

static unsigned two_digits(const char *at)
{
	return (unsigned)((at[0] - '0') * 10 + (at[1] - '0'));
}

/* Fourteen digits; false for a day that does not exist. Years beyond 2106 wrap around, as the field does. */
static bool read_date(const char *at, uint32_t *seconds)
{
	unsigned year = two_digits(at) * 100 + two_digits(at + 2), month = two_digits(at + 4), day = two_digits(at + 6);
	unsigned hour = two_digits(at + 8), minute = two_digits(at + 10), second = two_digits(at + 12);
	uint64_t days = 0;

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month) || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	for (unsigned y = 1970; y < year; y++)
		days += 365u + is_leap(y);
	for (unsigned m = 1; m < month; m++)
		days += days_of_month(year, m);
	*seconds = (uint32_t)((days + day - 1) * DAY + hour * 3600 + minute * 60 + second);
	return true;
}

void hoy__parse_time(struct hoy__words *in, struct hoy__writer *w)
{
	struct hoy__word word = hoy__words_need(in);
	size_t len = hoy__word_len(&word);
	uint64_t number = 0;
	uint32_t seconds = 0;

	if (!hoy__word_number(&word, len == 14 ? UINT64_MAX : UINT32_MAX, &number) ||
	    (len == 14 && !read_date(word.at, &seconds)))
		hoy__words_wrong(in, "a time belongs here: YYYYMMDDHHMMSS, or seconds since 1970");
	hoy__write_u32(w, len == 14 ? seconds : (uint32_t)number);
}
