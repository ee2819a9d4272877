/* Record types, their data and times to live, to text and from text. */
#include <errno.h>
#include <string.h>

#include <hoy/dns.h>

#include "dns/msg/rdata.h"
#include "dns/msg/text.h"
#include "dns/msg/type.h"
#include "base/fail.h"

int hoy_parse_type(const char *text)
{
	return hoy__type_parse(text, strlen(text));
}

char *hoy_type_string(int type, char buf[HOY_TYPE_STRLEN])
{
	return hoy__type_text((uint16_t)type, buf);
}

int hoy_type_next(int type)
{
	size_t count;
	const struct hoy__type *types = hoy__types(&count);

	for (size_t i = 0; i < count; i++)
		if (types[i].number > type)
			return types[i].number;
	return 0;
}

char *hoy_rcode_string(unsigned rcode, char buf[HOY_TYPE_STRLEN])
{
	return hoy__rcode_text(rcode, buf);
}

int hoy_parse_ttl(const char *text)
{
	uint32_t ttl;

	return hoy__ttl_parse(text, strlen(text), &ttl) ? -EINVAL : (int)ttl;
}

ssize_t hoy_parse_rdata(int type, const char *text, const char *origin, void *data, size_t size, hoy_err *err)
{
	struct hoy__name name = { .len = 1 };
	struct hoy__words in = { .at = text, .end = text + strlen(text), .origin = &name };
	struct hoy__writer w = hoy__writer(data, size < 65535 ? size : 65535);
	char word[HOY_TYPE_STRLEN];
	const char *mistake;

	if (origin && hoy__name_parse(&name, origin, strlen(origin)) < 0)
		mistake = "its origin is no domain name";
	else
		mistake = hoy__rdata_parse(&w, (uint16_t)type, &in);
	if (mistake)
		return hoy__rdata_fail(w.bad ? HOY_ETOOLONG : -EINVAL, hoy_type_string(type, word), mistake, err);
	return (ssize_t)hoy__writer_len(&w);
}

ssize_t hoy_rdata_string(int type, const void *data, size_t len, char *buf, size_t size)
{
	struct hoy__text t = { buf, size, 0 };
	int code;

	if (size)
		*buf = 0;
	if (len > 65535)
		return HOY_EMESSAGE;
	code = hoy__rdata_print(&t, (uint16_t)type, (struct hoy__bytes){ data, len }, NULL);
	return code < 0 ? code : (ssize_t)t.len;
}
