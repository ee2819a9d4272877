/* Record types and their data as a user has them: by <hoy.h> alone. */
#include <errno.h>
#include <string.h>

#include <hoy.h>

#include "t.h"

TEST(data_from_text_and_back)
{
	static const struct { const char *type, *in, *text; } cases[] = {
		{ "MX", "10 mail", "10 mail.example." },
		{ "dnskey", "257 3 ECDSAP256SHA256 AQ ID", "257 3 13 AQID" },
		{ "LOC", "1 N 2 E 0", "1 0 0.000 N 2 0 0.000 E 0.00m 1m 10000m 10m" },
		{ "TYPE65280", "\\# 2 00ff", "\\# 2 00FF" },
		{ "A", "\\# 4 c0000201", "192.0.2.1" },
	};
	char data[512], text[512];

	for (size_t i = 0; i < LEN(cases); i++) {
		int type = hoy_parse_type(cases[i].type);
		ssize_t n = hoy_parse_rdata(type, cases[i].in, "example.", data, sizeof data, NULL);

		CHECK(n > 0);
		CHECK_INT(hoy_rdata_string(type, data, (size_t)n, text, sizeof text), strlen(cases[i].text));
		CHECK_STR(text, cases[i].text, cases[i].in);
	}
}

TEST(what_is_wrong_with_data_is_said)
{
	char data[16], text[HOY_ERR_STRLEN];
	hoy_err err;

	CHECK_INT(hoy_parse_rdata(HOY_TYPE_MX, "mail", NULL, data, sizeof data, &err), -EINVAL);
	CHECK_STR(hoy_err_string(&err, text), "invalid MX record: a number from 0 to 65535 belongs here", "MX");
	CHECK_INT(hoy_parse_rdata(HOY_TYPE_TXT, "\"more than sixteen\"", NULL, data, sizeof data, &err), HOY_ETOOLONG);
	CHECK_INT(hoy_rdata_string(HOY_TYPE_A, "abc", 3, text, sizeof text), HOY_EMESSAGE);
}

TEST(types_and_times)
{
	int types = 0, last = 0;

	for (int type = hoy_type_next(0); type; type = hoy_type_next(type), types++) {
		CHECK(type > last);
		last = type;
	}
	CHECK(types > 90);
	CHECK_INT(hoy_parse_ttl("1h30m"), 5400);
	CHECK_INT(hoy_parse_ttl("soon"), -EINVAL);
}
