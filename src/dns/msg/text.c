/*
 * Text is put together by small functions that all write through one bounded place, so
 * that none of them needs to know how much room is left.
 */
#include "dns/msg/text.h"

#include <stdio.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/msg/rdata.h"

void hoy__text_char(struct hoy__text *t, char c)
{
	if (t->len + 1 < t->size) {
		t->at[t->len] = c;
		t->at[t->len + 1] = 0;
	}
	t->len++;
}

void hoy__text_string(struct hoy__text *t, const char *string)
{
	while (*string)
		hoy__text_char(t, *string++);
}

void hoy__text_number(struct hoy__text *t, uint32_t number)
{
	char text[11];

	snprintf(text, sizeof text, "%u", (unsigned)number);
	hoy__text_string(t, text);
}

void hoy__text_name(struct hoy__text *t, const struct hoy__name *name)
{
	char text[HOY__NAME_STRLEN];

	hoy__text_string(t, hoy__name_text(name, text));
}

static void put_hex(struct hoy__text *t, struct hoy__bytes bytes, const char digits[17])
{
	for (size_t i = 0; i < bytes.len; i++) {
		hoy__text_char(t, digits[bytes.at[i] >> 4]);
		hoy__text_char(t, digits[bytes.at[i] & 15]);
	}
}

void hoy__text_hex(struct hoy__text *t, struct hoy__bytes bytes)
{
	put_hex(t, bytes, "0123456789ABCDEF");
}

void hoy__text_lower_hex(struct hoy__text *t, struct hoy__bytes bytes)
{
	put_hex(t, bytes, "0123456789abcdef");
}

void hoy__text_base64(struct hoy__text *t, struct hoy__bytes bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t group = (uint32_t)bytes.at[i] << 16 | (left > 1 ? bytes.at[i + 1] << 8 : 0) |
				 (left > 2 ? bytes.at[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			hoy__text_char(t, k <= left ? digits[group >> (18 - 6 * k) & 63] : '=');
	}
}

/* As dig 9.18: inside the quotes only the quote and the backslash itself could be misread. */
void hoy__text_octet(struct hoy__text *t, uint8_t c)
{
	if (c < ' ' || c >= 0x7f) {
		hoy__text_char(t, '\\');
		hoy__text_char(t, (char)('0' + c / 100));
		hoy__text_char(t, (char)('0' + c / 10 % 10));
		hoy__text_char(t, (char)('0' + c % 10));
		return;
	}
	if (c == '"' || c == '\\')
		hoy__text_char(t, '\\');
	hoy__text_char(t, (char)c);
}

void hoy__text_quoted(struct hoy__text *t, struct hoy__bytes bytes)
{
	hoy__text_char(t, '"');
	for (size_t i = 0; i < bytes.len; i++)
		hoy__text_octet(t, bytes.at[i]);
	hoy__text_char(t, '"');
}

char *hoy__class_text(uint16_t class, char text[HOY__TYPE_STRLEN])
{
	if (class == HOY__CLASS_IN)
		snprintf(text, HOY__TYPE_STRLEN, "IN");
	else
		snprintf(text, HOY__TYPE_STRLEN, "CLASS%u", class);
	return text;
}

char *hoy__rcode_text(unsigned rcode, char text[HOY__TYPE_STRLEN])
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
		"YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE"
	};

	if (rcode == HOY_RCODE_NONE)
		snprintf(text, HOY__TYPE_STRLEN, "unknown");
	else if (rcode < LEN(names))
		snprintf(text, HOY__TYPE_STRLEN, "%s", names[rcode]);
	else if (rcode == HOY__BADVERS)
		snprintf(text, HOY__TYPE_STRLEN, "BADVERS");
	else
		snprintf(text, HOY__TYPE_STRLEN, "RCODE%u", rcode & 0xfff);
	return text;
}

int hoy__record_text(const struct hoy__message *m, const struct hoy__record *rr, char *text, size_t size)
{
	struct hoy__text t = { text, size, 0 };
	struct hoy__bytes data = { rr->data, rr->size };
	char word[HOY__TYPE_STRLEN];
	int code;

	if (size)
		*text = 0;
	hoy__text_name(&t, &rr->name);
	hoy__text_char(&t, ' ');
	hoy__text_number(&t, rr->ttl);
	hoy__text_char(&t, ' ');
	hoy__text_string(&t, hoy__class_text(rr->class, word));
	hoy__text_char(&t, ' ');
	hoy__text_string(&t, hoy__type_text(rr->type, word));
	hoy__text_char(&t, ' ');
	code = hoy__rdata_print(&t, rr->type, data, m->data);
	return code < 0 ? code : (int)t.len;
}
