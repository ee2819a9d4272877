/*
 * The record types hoy knows, each with its two functions side by side: one takes the
 * data apart, one tells it. The table at the end is all the rest of the library knows
 * about types; one that is not in it is raw bytes and reads \# (RFC 3597).
 */
#include "dns/rdata.h"

#include <stdlib.h>

#include "base/base.h"
#include "dns/svcb.h"

static void read_name(struct hoy__reader *r, const uint8_t *message, struct hoy__name *name)
{
	hoy__name_read(r, message, HOY__POINTERS_FOLLOWED, name);
}

static struct hoy__bytes read_rest(struct hoy__reader *r)
{
	size_t len = hoy__reader_left(r);

	return (struct hoy__bytes){ hoy__read_bytes(r, len), len };
}

static struct hoy__bytes read_string(struct hoy__reader *r)
{
	size_t len = hoy__read_u8(r);

	return (struct hoy__bytes){ hoy__read_bytes(r, len), len };
}

static void put_number(struct hoy__text *t, uint32_t number)
{
	hoy__text_number(t, number);
	hoy__text_char(t, ' ');
}

#define READER(type) \
	static void read_##type(struct hoy__reader *r, const uint8_t *message, \
				const struct hoy__record *rr, struct hoy__rdata *d)
#define TELLER(type) static void tell_##type(struct hoy__text *t, const struct hoy__rdata *d)

static void read_ip(struct hoy__reader *r, size_t len, hoy_ip *ip)
{
	const uint8_t *p = hoy__read_bytes(r, len);

	*ip = (hoy_ip){ .len = (uint8_t)len };
	if (p)
		memcpy(ip->bytes, p, len);
}

static void tell_ip(struct hoy__text *t, const struct hoy__rdata *d)
{
	char text[HOY_IP_STRLEN];

	hoy__text_string(t, hoy_ip_string_4in6(d->ip, text));
}

READER(a)
{
	(void)message;
	(void)rr;
	read_ip(r, 4, &d->ip);
}

READER(aaaa)
{
	(void)message;
	(void)rr;
	read_ip(r, 16, &d->ip);
}

READER(name_only)
{
	(void)rr;
	read_name(r, message, &d->name);
}

TELLER(name_only)
{
	hoy__text_name(t, &d->name);
}

READER(mx)
{
	(void)rr;
	d->mx.preference = hoy__read_u16(r);
	read_name(r, message, &d->mx.host);
}

TELLER(mx)
{
	put_number(t, d->mx.preference);
	hoy__text_name(t, &d->mx.host);
}

/* RFC 2782 forbids compression here, RFC 3597 section 4 asks receivers to bear it. */
READER(srv)
{
	(void)rr;
	d->srv.priority = hoy__read_u16(r);
	d->srv.weight = hoy__read_u16(r);
	d->srv.port = hoy__read_u16(r);
	read_name(r, message, &d->srv.target);
}

TELLER(srv)
{
	put_number(t, d->srv.priority);
	put_number(t, d->srv.weight);
	put_number(t, d->srv.port);
	hoy__text_name(t, &d->srv.target);
}

READER(soa)
{
	(void)rr;
	read_name(r, message, &d->soa.server);
	read_name(r, message, &d->soa.mailbox);
	d->soa.serial = hoy__read_u32(r);
	d->soa.refresh = hoy__read_u32(r);
	d->soa.retry = hoy__read_u32(r);
	d->soa.expire = hoy__read_u32(r);
	d->soa.minimum = hoy__read_u32(r);
}

TELLER(soa)
{
	hoy__text_name(t, &d->soa.server);
	hoy__text_char(t, ' ');
	hoy__text_name(t, &d->soa.mailbox);
	hoy__text_char(t, ' ');
	put_number(t, d->soa.serial);
	put_number(t, d->soa.refresh);
	put_number(t, d->soa.retry);
	put_number(t, d->soa.expire);
	hoy__text_number(t, d->soa.minimum);
}

/* At least one string (RFC 1035 section 3.3.14), and the last one ends where the data does. */
READER(txt)
{
	struct hoy__reader strings = *r;

	(void)message;
	(void)rr;
	do
		read_string(&strings);
	while (hoy__reader_left(&strings));
	d->txt = read_rest(r);
	r->bad |= strings.bad;
}

TELLER(txt)
{
	struct hoy__bytes rest = d->txt, string;
	const char *gap = "";

	while (hoy__next_string(&rest, &string)) {
		hoy__text_string(t, gap);
		hoy__text_quoted(t, string);
		gap = " ";
	}
}

READER(caa)
{
	(void)message;
	(void)rr;
	d->caa.flags = hoy__read_u8(r);
	d->caa.tag = read_string(r);
	d->caa.value = read_rest(r);
	for (size_t i = 0; i < d->caa.tag.len && !r->bad; i++) {
		int c = d->caa.tag.at[i] | 0x20;

		r->bad |= !(c >= 'a' && c <= 'z') && !(d->caa.tag.at[i] >= '0' && d->caa.tag.at[i] <= '9');
	}
	r->bad |= !d->caa.tag.len;	/* RFC 8659 section 4.1: one or more letters and digits */
}

TELLER(caa)
{
	put_number(t, d->caa.flags);
	for (size_t i = 0; i < d->caa.tag.len; i++)
		hoy__text_char(t, (char)d->caa.tag.at[i]);
	hoy__text_char(t, ' ');
	hoy__text_quoted(t, d->caa.value);
}

READER(naptr)
{
	(void)rr;
	d->naptr.order = hoy__read_u16(r);
	d->naptr.preference = hoy__read_u16(r);
	d->naptr.flags = read_string(r);
	d->naptr.services = read_string(r);
	d->naptr.regexp = read_string(r);
	read_name(r, message, &d->naptr.replacement);
}

TELLER(naptr)
{
	const struct hoy__bytes *strings[] = { &d->naptr.flags, &d->naptr.services, &d->naptr.regexp };

	put_number(t, d->naptr.order);
	put_number(t, d->naptr.preference);
	for (size_t i = 0; i < LEN(strings); i++) {
		hoy__text_quoted(t, *strings[i]);
		hoy__text_char(t, ' ');
	}
	hoy__text_name(t, &d->naptr.replacement);
}

READER(tlsa)
{
	(void)message;
	(void)rr;
	d->tlsa.usage = hoy__read_u8(r);
	d->tlsa.selector = hoy__read_u8(r);
	d->tlsa.matching = hoy__read_u8(r);
	d->tlsa.data = read_rest(r);
}

TELLER(tlsa)
{
	put_number(t, d->tlsa.usage);
	put_number(t, d->tlsa.selector);
	put_number(t, d->tlsa.matching);
	hoy__text_hex(t, d->tlsa.data);
}

/* Options one after the other to the end; with ascending, each code above the last. */
static bool are_options(struct hoy__bytes rest, bool ascending)
{
	struct hoy__bytes value;
	uint16_t code;
	int last = -1;

	while (rest.len) {
		if (!hoy__next_option(&rest, &code, &value) || (ascending && code <= last))
			return false;
		last = code;
	}
	return true;
}

/* RFC 9460 section 2.2: the target is never compressed, the keys ascend strictly. */
READER(svcb)
{
	(void)rr;
	d->svcb.priority = hoy__read_u16(r);
	hoy__name_read(r, message, HOY__POINTERS_REFUSED, &d->svcb.target);
	d->svcb.params = read_rest(r);
	r->bad |= !are_options(d->svcb.params, true);
}

static const char *const svcb_keys[HOY__SVCB_KEYS] = {
	"mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath"
};

static void put_svcb_key(struct hoy__text *t, unsigned key)
{
	if (key < LEN(svcb_keys)) {
		hoy__text_string(t, svcb_keys[key]);
		return;
	}
	hoy__text_string(t, "key");
	hoy__text_number(t, key);
}

static void put_keys(struct hoy__text *t, struct hoy__bytes v)
{
	for (size_t i = 0; i + 1 < v.len; i += 2) {
		if (i)
			hoy__text_char(t, ',');
		put_svcb_key(t, (unsigned)(v.at[i] << 8 | v.at[i + 1]));
	}
}

static void put_hints(struct hoy__text *t, struct hoy__bytes v, size_t len)
{
	char text[HOY_IP_STRLEN];

	for (size_t i = 0; i < v.len; i += len) {
		hoy_ip ip = { .len = (uint8_t)len };

		memcpy(ip.bytes, v.at + i, len);
		if (i)
			hoy__text_char(t, ',');
		hoy__text_string(t, hoy_ip_string_4in6(ip, text));
	}
}

/*
 * The protocol names, joined by commas in one pair of quotes. The list is taken apart when the
 * quotes and escapes are gone already, so a comma or backslash in a name has an escape of the
 * list's own, whose backslash is escaped again (RFC 9460 appendix A.1).
 */
static void put_alpn(struct hoy__text *t, struct hoy__bytes v)
{
	struct hoy__bytes name;

	hoy__text_char(t, '"');
	while (hoy__next_string(&v, &name)) {
		for (size_t i = 0; i < name.len; i++) {
			if (name.at[i] == ',' || name.at[i] == '\\')
				hoy__text_string(t, "\\\\");
			hoy__text_octet(t, name.at[i]);
		}
		hoy__text_char(t, v.len ? ',' : '"');
	}
}

/* In the form RFC 9460 gives the key; false when the value is not of that form. */
static bool put_known_param(struct hoy__text *t, unsigned key, struct hoy__bytes v)
{
	if (!hoy__svcb_is_of_form(key, v))
		return false;
	hoy__text_string(t, svcb_keys[key]);
	if (key != HOY__SVCB_NO_DEFAULT_ALPN)
		hoy__text_char(t, '=');
	switch (key) {
	case HOY__SVCB_MANDATORY: put_keys(t, v); break;
	case HOY__SVCB_ALPN: put_alpn(t, v); break;
	case HOY__SVCB_PORT: hoy__text_number(t, (uint32_t)(v.at[0] << 8 | v.at[1])); break;
	case HOY__SVCB_IPV4HINT: put_hints(t, v, 4); break;
	case HOY__SVCB_ECH: hoy__text_base64(t, v); break;
	case HOY__SVCB_IPV6HINT: put_hints(t, v, 16); break;
	case HOY__SVCB_DOHPATH: hoy__text_quoted(t, v); break;
	}
	return true;
}

TELLER(svcb)
{
	struct hoy__bytes rest = d->svcb.params, value;
	uint16_t key;

	put_number(t, d->svcb.priority);
	hoy__text_name(t, &d->svcb.target);
	while (hoy__next_option(&rest, &key, &value)) {
		hoy__text_char(t, ' ');
		if (put_known_param(t, key, value))
			continue;
		hoy__text_string(t, "key");
		hoy__text_number(t, key);
		if (!value.len)
			continue;
		hoy__text_char(t, '=');
		hoy__text_quoted(t, value);
	}
}

/* RFC 6891 section 6.1.3: class and TTL are not what they are elsewhere. */
READER(opt)
{
	(void)message;
	d->opt.udp_size = rr->class;
	d->opt.rcode_high = (uint8_t)(rr->ttl >> 24);
	d->opt.version = (uint8_t)(rr->ttl >> 16);
	d->opt.flags = (uint16_t)rr->ttl;
	d->opt.options = read_rest(r);
	r->bad |= !are_options(d->opt.options, false);
}

TELLER(opt)
{
	struct hoy__bytes rest = d->opt.options, value;
	uint16_t code;

	hoy__text_string(t, "version ");
	put_number(t, d->opt.version);
	hoy__text_string(t, "udp ");
	hoy__text_number(t, d->opt.udp_size);
	if (d->opt.flags & 0x8000)
		hoy__text_string(t, " do");
	while (hoy__next_option(&rest, &code, &value)) {
		hoy__text_string(t, " option ");
		put_number(t, code);
		hoy__text_quoted(t, value);
	}
}

READER(raw)
{
	(void)message;
	(void)rr;
	d->raw = read_rest(r);
}

TELLER(raw)
{
	hoy__text_string(t, "\\# ");
	hoy__text_number(t, (uint32_t)d->raw.len);
	if (!d->raw.len)
		return;
	hoy__text_char(t, ' ');
	hoy__text_hex(t, d->raw);
}

/* By type, for the search. */
static const struct hoy__rrtype_info types[] = {
	{ HOY__A,     "A",     read_a,         tell_ip },
	{ HOY__NS,    "NS",    read_name_only, tell_name_only },
	{ HOY__CNAME, "CNAME", read_name_only, tell_name_only },
	{ HOY__SOA,   "SOA",   read_soa,       tell_soa },
	{ HOY__PTR,   "PTR",   read_name_only, tell_name_only },
	{ HOY__MX,    "MX",    read_mx,        tell_mx },
	{ HOY__TXT,   "TXT",   read_txt,       tell_txt },
	{ HOY__AAAA,  "AAAA",  read_aaaa,      tell_ip },
	{ HOY__SRV,   "SRV",   read_srv,       tell_srv },
	{ HOY__NAPTR, "NAPTR", read_naptr,     tell_naptr },
	{ HOY__OPT,   "OPT",   read_opt,       tell_opt },
	{ HOY__TLSA,  "TLSA",  read_tlsa,      tell_tlsa },
	{ HOY__SVCB,  "SVCB",  read_svcb,      tell_svcb },
	{ HOY__HTTPS, "HTTPS", read_svcb,      tell_svcb },
	{ HOY__CAA,   "CAA",   read_caa,       tell_caa },
};

static const struct hoy__rrtype_info raw = { 0, NULL, read_raw, tell_raw };

static int compare_type(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct hoy__rrtype_info *)row)->type;
}

const struct hoy__rrtype_info *hoy__rrtype_info(uint16_t type)
{
	const struct hoy__rrtype_info *found = bsearch(&type, types, LEN(types), sizeof *types, compare_type);

	return found ? found : &raw;
}

const struct hoy__rrtype_info *hoy__rrtypes(size_t *count)
{
	*count = LEN(types);
	return types;
}
