/* Every errno's text is Go's, and each of hoy's own codes has one. */
#include <hoy/err.h>

#include "../t.h"

TEST(errno_texts_are_gos)
{
	FILE *f = fopen(HOY_VECTORS "/errno_text.tsv", "r");
	char line[200];
	int count = 0;

	if (!CHECK(f != NULL))
		return;
	while (fgets(line, sizeof line, f)) {
		char *text = strchr(line, '\t');

		if (!CHECK(text != NULL))
			return;
		text[strcspn(text, "\n")] = 0;
		CHECK_STR(hoy_strerror(-atoi(line)), text + 1, line);
		count++;
	}
	fclose(f);
	CHECK_INT(count, 600);
}

TEST(own_codes)
{
	static const struct { int code; const char *want; } cases[] = {
#define ROW(name, number, text) { name, text },
		HOY_CODES(ROW)
#undef ROW
		{ HOY_ETIMEOUT,   "i/o timeout" },
		{ HOY_ECLOSED,    "use of closed network connection" },
		{ HOY_ECANCELED,  "operation was canceled" },
		{ HOY_ENOHOST,    "no such host" },
		{ HOY_ESERVFAIL,  "server misbehaving" },
		{ -600,           "unknown error" },
		{ -4095,          "unknown error" },
		{ -8000,          "unknown error" },
		{ -2147483647 - 1, "unknown error" },
		{ 1,              "unknown error" },
		{ 2147483647,     "unknown error" },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_STR(hoy_strerror(cases[i].code), cases[i].want, "code");
}

TEST(numbers_are_distinct_and_below_errno)
{
	static const int codes[] = {
#define NUMBER(name, number, text) number,
		HOY_CODES(NUMBER)
#undef NUMBER
	};

	for (size_t i = 0; i < LEN(codes); i++)
		CHECK_INT(codes[i], -4096 - (int)i);
}

TEST(questions)
{
	static const struct { int code, timeout, closed, canceled, not_found; } cases[] = {
		{ HOY_ETIMEOUT,  1, 0, 0, 0 },
		{ -ETIMEDOUT,    1, 0, 0, 0 },
		{ HOY_ECLOSED,   0, 1, 0, 0 },
		{ HOY_EPIPE,     0, 0, 0, 0 },
		{ -EBADF,        0, 0, 0, 0 },
		{ HOY_ECANCELED, 0, 0, 1, 0 },
		{ -ECANCELED,    0, 0, 0, 0 },
		{ HOY_ENOHOST,   0, 0, 0, 1 },
		{ HOY_ENODATA,   0, 0, 0, 1 },
		{ HOY_ESERVFAIL, 0, 0, 0, 0 },
		{ -EAGAIN,       0, 0, 0, 0 },
		{ 0,             0, 0, 0, 0 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		CHECK_INT(hoy_is_timeout(cases[i].code), cases[i].timeout);
		CHECK_INT(hoy_is_closed(cases[i].code), cases[i].closed);
		CHECK_INT(hoy_is_canceled(cases[i].code), cases[i].canceled);
		CHECK_INT(hoy_is_not_found(cases[i].code), cases[i].not_found);
	}
}
