/*
 * One engine prints, parses, checks and copies the data of every type: it goes through the letters of the type's
 * format, and each letter has its functions (field.c). Beside it are the readers of those types that the resolver
 * itself looks into, which lookups call for every record.
 */
#include "dns/msg/rdata.h"

#include <hoy/dns.h>
#include <hoy/err.h>

#include "base/base.h"
#include "dns/msg/field.h"
#include "dns/msg/type.h"

/* ---- by format ---- */

static void print_raw(struct hoy__text *t, struct hoy__bytes data)
{
	hoy__text_string(t, "\\# ");
	hoy__text_number(t, (uint32_t)data.len);
	if (!data.len)
		return;
	hoy__text_char(t, ' ');
	hoy__text_hex(t, data);
}

/* NULL for data that is printed raw: of a type without a format, or a LOC of a later version. */
static const char *format_of(uint16_t type, struct hoy__bytes data)
{
	if (type == HOY_TYPE_LOC && data.len && data.at[0])
		return NULL;
	return hoy__type_find(type)->format;
}

int hoy__rdata_print(struct hoy__text *t, uint16_t type, struct hoy__bytes data, const uint8_t *message)
{
	struct hoy__data d = { .r = hoy__reader(data.at, data.len), .start = data.at, .message = message };
	const char *format = format_of(type, data);

	if (!format) {
		print_raw(t, data);
		return 0;
	}
	for (const char *letter = format; *letter && !d.r.bad; letter++) {
		const struct hoy__field *field = hoy__field(*letter);

		if (field->is_optional && !hoy__reader_left(&d.r))
			continue;
		if (letter > format)
			hoy__text_char(t, ' ');
		field->print(t, &d);
	}
	return d.r.bad || hoy__reader_left(&d.r) ? HOY_EMESSAGE : 0;
}

/* Only old types have names that may be compressed, and before those names fields of fixed size and strings. */
void hoy__rdata_expand(struct hoy__writer *w, uint16_t type, struct hoy__bytes data, const uint8_t *message)
{
	struct hoy__reader r = hoy__reader(data.at, data.len);
	const char *letter = hoy__type_find(type)->format;

	for (; letter && *letter; letter++) {
		size_t len = hoy__field(*letter)->size;
		struct hoy__name name;

		if (*letter == 'n') {
			hoy__name_read(&r, message, HOY__POINTERS_FOLLOWED, &name);
			hoy__name_write(w, &name, NULL);
			continue;
		}
		if (*letter == 's' && hoy__reader_left(&r))
			len = 1u + *r.at;
		if (!len)
			break;
		hoy__write_bytes(w, hoy__read_bytes(&r, len), r.bad ? 0 : len);
	}
	hoy__write_bytes(w, r.at, hoy__reader_left(&r));
}

/* \# LENGTH HEX, the \# read already. */
static const char *parse_raw(struct hoy__writer *w, uint16_t type, struct hoy__words *in)
{
	struct hoy__word word;
	struct hoy__text none = { NULL, 0, 0 };
	uint64_t length;

	if (!hoy__words_next(in, &word) || !hoy__word_number(&word, 65535, &length))
		return "\\# needs a length";
	if (hoy__words_left(in))
		hoy__parse_hex(in, w);
	if (in->mistake)
		return in->mistake;
	if (hoy__writer_len(w) != length)
		return "\\# has another length than it says";
	if (hoy__rdata_print(&none, type, (struct hoy__bytes){ w->start, (size_t)length }, NULL) < 0)
		return "these bytes are no data of this type";
	return NULL;
}

const char *hoy__rdata_parse(struct hoy__writer *w, uint16_t type, struct hoy__words *in)
{
	const char *format = hoy__type_find(type)->format;
	struct hoy__words ahead = *in;
	struct hoy__word word;

	if (hoy__type_is_meta(type))
		return "this is no type of a record";
	if (hoy__words_next(&ahead, &word) && hoy__word_is(&word, "\\#"))
		return parse_raw(w, type, &ahead);
	if (!format)
		return "data of this type is written as \\# LENGTH HEX";
	for (; *format && !in->mistake; format++)
		hoy__field(*format)->parse(in, w);
	if (hoy__words_left(in))
		hoy__words_wrong(in, "there is more than the record takes");
	if (w->bad)
		hoy__words_wrong(in, "the data is longer than 65535 bytes");
	return in->mistake;
}

/* ---- what the resolver looks into ---- */

static struct hoy__bytes read_rest(struct hoy__reader *r)
{
	size_t len = hoy__reader_left(r);

	return (struct hoy__bytes){ hoy__read_bytes(r, len), len };
}

static void read_name(struct hoy__reader *r, const uint8_t *message, struct hoy__name *name)
{
	hoy__name_read(r, message, HOY__POINTERS_FOLLOWED, name);
}

static void read_ip(struct hoy__reader *r, size_t len, hoy_ip *ip)
{
	const uint8_t *p = hoy__read_bytes(r, len);

	*ip = (hoy_ip){ .len = (uint8_t)len };
	if (p)
		memcpy(ip->bytes, p, len);
}

/* RFC 2782 forbids compression here, RFC 3597 section 4 has receivers accept it. */
static void read_srv(struct hoy__reader *r, const uint8_t *message, struct hoy__rdata *d)
{
	d->srv.priority = hoy__read_u16(r);
	d->srv.weight = hoy__read_u16(r);
	d->srv.port = hoy__read_u16(r);
	read_name(r, message, &d->srv.target);
}

static void read_soa(struct hoy__reader *r, const uint8_t *message, struct hoy__rdata *d)
{
	read_name(r, message, &d->soa.server);
	read_name(r, message, &d->soa.mailbox);
	d->soa.serial = hoy__read_u32(r);
	d->soa.refresh = hoy__read_u32(r);
	d->soa.retry = hoy__read_u32(r);
	d->soa.expire = hoy__read_u32(r);
	d->soa.minimum = hoy__read_u32(r);
}

/* At least one string (RFC 1035 section 3.3.14), and the last one ends where the data does. */
static void read_txt(struct hoy__reader *r, struct hoy__rdata *d)
{
	struct hoy__reader strings = *r;

	do
		hoy__read_skip(&strings, hoy__read_u8(&strings));
	while (hoy__reader_left(&strings));
	d->txt = read_rest(r);
	r->bad |= strings.bad;
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
static void read_svcb(struct hoy__reader *r, const uint8_t *message, struct hoy__rdata *d)
{
	d->svcb.priority = hoy__read_u16(r);
	hoy__name_read(r, message, HOY__POINTERS_REFUSED, &d->svcb.target);
	d->svcb.params = read_rest(r);
	r->bad |= !are_options(d->svcb.params, true);
}

/* RFC 6891 section 6.1.3: class and TTL are not what they are elsewhere. */
static void read_opt(struct hoy__reader *r, const struct hoy__record *rr, struct hoy__rdata *d)
{
	d->opt.udp_size = rr->class;
	d->opt.rcode_high = (uint8_t)(rr->ttl >> 24);
	d->opt.version = (uint8_t)(rr->ttl >> 16);
	d->opt.flags = (uint16_t)rr->ttl;
	d->opt.options = read_rest(r);
	r->bad |= !are_options(d->opt.options, false);
}

int hoy__rdata_read(const struct hoy__record *rr, const uint8_t *message, struct hoy__rdata *d)
{
	struct hoy__reader r = hoy__reader(rr->data, rr->size);

	d->type = rr->type;
	switch (rr->type) {
	case HOY__A: read_ip(&r, 4, &d->ip); break;
	case HOY__AAAA: read_ip(&r, 16, &d->ip); break;
	case HOY__NS: case HOY__CNAME: case HOY__PTR: read_name(&r, message, &d->name); break;
	case HOY__MX:
		d->mx.preference = hoy__read_u16(&r);
		read_name(&r, message, &d->mx.host);
		break;
	case HOY__SRV: read_srv(&r, message, d); break;
	case HOY__SOA: read_soa(&r, message, d); break;
	case HOY__TXT: read_txt(&r, d); break;
	case HOY__SVCB: case HOY__HTTPS: read_svcb(&r, message, d); break;
	case HOY__OPT: read_opt(&r, rr, d); break;
	default: d->raw = read_rest(&r);
	}
	return r.bad || hoy__reader_left(&r) ? HOY_EMESSAGE : 0;
}
