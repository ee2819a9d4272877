/*
 * A message is a type, a code, a checksum, 32 bits whose meaning depends on the kind, and
 * data. One table says which type is which kind in each family.
 */
#include <errno.h>

#include <hoy/icmp.h>

#include "base/cursor.h"
#include "ip/checksum.h"
#include "base/fail.h"
#include "ip/packet.h"

enum {
	CHECKSUM = 2,			/* its offset */
	CODE4_TOO_BIG = 4,		/* RFC 1191: a code of "unreachable" */
	IP4_FRAGMENT = 0x1fff,		/* RFC 791: offset of a fragment, in 8 bytes */
	IP6_FRAGMENT = 0xfff8		/* RFC 8200 section 4.5: the same, in bytes */
};

/* IP protocol numbers, and IPv6 extension headers among them. */
enum {
	HOP_BY_HOP = 0, ICMP4 = 1, TCP = 6, UDP = 17, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51,
	ICMP6 = 58, DESTINATION = 60, DCCP = 33, SCTP = 132, UDP_LITE = 136
};

static const struct type {
	uint8_t kind, type4, type6;
} types[] = {
	{ HOY_ICMP_ECHO, 8, 128 },
	{ HOY_ICMP_ECHO_REPLY, 0, 129 },
	{ HOY_ICMP_UNREACHABLE, 3, 1 },
	{ HOY_ICMP_TOO_BIG, 3, 2 },
	{ HOY_ICMP_TIME_EXCEEDED, 11, 3 },
	{ HOY_ICMP_PARAMETER, 12, 4 },
};

static uint8_t number(const struct type *t, int family)
{
	return family == 4 ? t->type4 : t->type6;
}

int hoy__icmp_kind(int family, uint8_t type, uint8_t code)
{
	if (family == 4 && type == 3 && code == CODE4_TOO_BIG)
		return HOY_ICMP_TOO_BIG;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (number(&types[i], family) == type)
			return types[i].kind;
	return HOY_ICMP_OTHER;
}

/* The type and code to send, or -EINVAL. */
static int type_of(const hoy_icmp *m, uint8_t *type, uint8_t *code)
{
	*type = m->type;
	*code = m->family == 4 && m->kind == HOY_ICMP_TOO_BIG ? CODE4_TOO_BIG : m->code;
	if (m->family != 4 && m->family != 6)
		return -EINVAL;
	if (m->kind == HOY_ICMP_OTHER)
		return 0;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (types[i].kind == m->kind) {
			*type = number(&types[i], m->family);
			return 0;
		}
	}
	return -EINVAL;
}

/* The 32 bits after the checksum, or -EINVAL when a field has no room in them. */
static int64_t rest_of(const hoy_icmp *m)
{
	switch (m->kind) {
	case HOY_ICMP_ECHO:
	case HOY_ICMP_ECHO_REPLY:
		return (int64_t)m->id << 16 | m->seq;
	case HOY_ICMP_TOO_BIG:
		return m->family == 4 && m->mtu > UINT16_MAX ? -EINVAL : (int64_t)m->mtu;
	case HOY_ICMP_PARAMETER:
		if (m->family == 6)
			return m->pointer;
		return m->pointer > UINT8_MAX ? -EINVAL : (int64_t)m->pointer << 24;
	default:
		return 0;
	}
}

/* RFC 8200 section 8.1. */
static uint64_t pseudo_header(hoy_ip source, hoy_ip destination, size_t len)
{
	uint64_t sum = hoy__checksum_add(0, source.bytes, 16);

	return hoy__checksum_add(sum, destination.bytes, 16) + (len >> 16) + (len & 0xffff) + ICMP6;
}

static int put_checksum(int family, hoy_ip source, hoy_ip destination, uint8_t *message, size_t len)
{
	uint64_t sum = 0;
	uint16_t check;

	if (family == 6) {
		if (source.len == 0 && destination.len == 0)
			return 0;	/* the kernel's to fill in */
		if (source.len != 16 || destination.len != 16)
			return -EINVAL;
		sum = pseudo_header(source, destination, len);
	}
	check = hoy__checksum_end(hoy__checksum_add(sum, message, len));
	message[CHECKSUM] = (uint8_t)(check >> 8);
	message[CHECKSUM + 1] = (uint8_t)check;
	return 0;
}

ssize_t hoy_icmp_marshal(const hoy_icmp *m, hoy_ip source, hoy_ip destination, void *buf, size_t size, hoy_err *err)
{
	struct hoy__writer w = hoy__writer(buf, size);
	int64_t rest = rest_of(m);
	uint8_t type, code;
	int failed = type_of(m, &type, &code);

	if (failed < 0 || rest < 0)
		return hoy__plain_fail(-EINVAL, err);
	hoy__write_u8(&w, type);
	hoy__write_u8(&w, code);
	hoy__write_u16(&w, 0);
	if (m->kind != HOY_ICMP_OTHER)
		hoy__write_u32(&w, (uint32_t)rest);
	hoy__write_bytes(&w, m->data, m->len);
	if (w.bad)
		return hoy__plain_fail(-EMSGSIZE, err);
	failed = put_checksum(m->family, source, destination, buf, hoy__writer_len(&w));
	return failed < 0 ? hoy__plain_fail(failed, err) : (ssize_t)hoy__writer_len(&w);
}

static int is_error(const hoy_icmp *m)
{
	return m->kind >= HOY_ICMP_UNREACHABLE;
}

/*
 * RFC 4884: where extensions may follow the quoted packet, a byte of `rest` is the length of
 * the packet, in 4-byte words (IPv4) or 8-byte words (IPv6); 0 from a router that knows none.
 */
static size_t quoted_len(const hoy_icmp *m, uint32_t rest, size_t left)
{
	size_t len = 0;

	if (m->family == 4)
		len = (rest >> 16 & 0xff) * 4;
	else if (m->kind == HOY_ICMP_UNREACHABLE || m->kind == HOY_ICMP_TIME_EXCEEDED)
		len = (rest >> 24) * 8;
	return len > 0 && len < left ? len : left;
}

static void read_rest(hoy_icmp *m, uint32_t rest, size_t left)
{
	switch (m->kind) {
	case HOY_ICMP_ECHO:
	case HOY_ICMP_ECHO_REPLY:
		m->id = (uint16_t)(rest >> 16);
		m->seq = (uint16_t)rest;
		break;
	case HOY_ICMP_TOO_BIG:
		m->mtu = m->family == 4 ? (uint16_t)rest : rest;
		break;
	case HOY_ICMP_PARAMETER:
		m->pointer = m->family == 4 ? rest >> 24 : rest;
		break;
	}
	m->len = is_error(m) ? quoted_len(m, rest, left) : left;
}

int hoy_icmp_parse(int family, const void *packet, size_t len, hoy_icmp *m, hoy_err *err)
{
	struct hoy__reader r = hoy__reader(packet, len);
	hoy_icmp got = { .family = family };

	if (family != 4 && family != 6)
		return hoy__plain_fail(-EINVAL, err);
	got.type = hoy__read_u8(&r);
	got.code = hoy__read_u8(&r);
	got.kind = hoy__icmp_kind(family, got.type, got.code);
	hoy__read_skip(&r, 2);
	if (got.kind == HOY_ICMP_OTHER) {
		got.len = hoy__reader_left(&r);
	} else {
		uint32_t rest = hoy__read_u32(&r);

		read_rest(&got, rest, hoy__reader_left(&r));
	}
	if (r.bad)
		return hoy__plain_fail(HOY_ESHORT, err);
	got.data = r.at;
	*m = got;
	return 0;
}

static hoy_ip read_ip(struct hoy__reader *r, size_t len)
{
	const uint8_t *bytes = hoy__read_bytes(r, len);

	return bytes ? hoy_ip_from_bytes(bytes, len) : (hoy_ip){ 0 };
}

/* The reader stands behind the header afterwards. False: this fragment does not hold the payload's start. */
static bool read_ip4(struct hoy__reader *r, hoy_icmp_quote *q)
{
	size_t header_len = (hoy__read_u8(r) & 0x0f) * 4u;
	uint16_t fragment;

	hoy__read_skip(r, 5);
	fragment = hoy__read_u16(r) & IP4_FRAGMENT;
	hoy__read_skip(r, 1);
	q->protocol = hoy__read_u8(r);
	hoy__read_skip(r, 2);
	q->source = read_ip(r, 4);
	q->destination = read_ip(r, 4);
	hoy__read_skip(r, header_len < 20 ? SIZE_MAX : header_len - 20);
	return fragment == 0;
}

/* Skips one extension header; false when q->protocol is no extension header. */
static bool skip_extension(struct hoy__reader *r, hoy_icmp_quote *q, bool *is_first)
{
	int extension = q->protocol;
	size_t len;

	if (extension != HOP_BY_HOP && extension != ROUTING && extension != FRAGMENT && extension != AUTHENTICATION &&
	    extension != DESTINATION)
		return false;
	q->protocol = hoy__read_u8(r);
	len = hoy__read_u8(r);
	if (extension == FRAGMENT) {
		*is_first = *is_first && (hoy__read_u16(r) & IP6_FRAGMENT) == 0;
		hoy__read_skip(r, 4);
	} else {	/* its own length does not count the first 8 bytes; RFC 4302 counts in 4 bytes */
		hoy__read_skip(r, extension == AUTHENTICATION ? len * 4 + 6 : len * 8 + 6);
	}
	return true;
}

static bool read_ip6(struct hoy__reader *r, hoy_icmp_quote *q)
{
	bool is_first = true;

	hoy__read_skip(r, 6);
	q->protocol = hoy__read_u8(r);
	hoy__read_skip(r, 1);
	q->source = read_ip(r, 16);
	q->destination = read_ip(r, 16);
	while (is_first && !r->bad && skip_extension(r, q, &is_first))
		continue;
	return is_first;
}

/* RFC 792 promises 8 bytes of the payload, enough for these; what is not quoted stays 0. */
static void read_payload(struct hoy__reader r, hoy_icmp_quote *q)
{
	uint16_t first, second;

	switch (q->protocol) {
	case TCP: case UDP: case DCCP: case SCTP: case UDP_LITE:
		first = hoy__read_u16(&r);
		second = hoy__read_u16(&r);
		if (!r.bad) {
			q->source_port = first;
			q->destination_port = second;
		}
		break;
	case ICMP4: case ICMP6: {
		hoy_icmp m;

		if (hoy_icmp_parse(q->protocol == ICMP4 ? 4 : 6, r.at, hoy__reader_left(&r), &m, NULL) == 0) {
			q->id = m.id;
			q->seq = m.seq;
		}
	}
	}
}

int hoy_icmp_quoted(const hoy_icmp *m, hoy_icmp_quote *quote, hoy_err *err)
{
	struct hoy__reader r = hoy__reader(m->data, m->len);
	hoy_icmp_quote got = { 0 };
	bool is_first;

	if (!is_error(m))
		return hoy__plain_fail(HOY_EWRONGKIND, err);
	if (m->len > 0 && *r.at >> 4 != m->family)
		return hoy__plain_fail(-EBADMSG, err);
	is_first = m->family == 4 ? read_ip4(&r, &got) : read_ip6(&r, &got);
	if (r.bad)
		return hoy__plain_fail(HOY_ESHORT, err);
	got.data = r.at;
	got.len = hoy__reader_left(&r);
	if (is_first)
		read_payload(r, &got);
	*quote = got;
	return 0;
}
