/*
 * The PROXY protocol's header as bytes: a line of text in version 1, a binary record in version 2. Section numbers are those
 * of HAProxy's doc/proxy-protocol.txt.
 */
#include <hoy/proxy_header.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/cursor.h"
#include "base/fail.h"
#include "ip/scan.h"

enum {
	LINE_MOST = 107,	/* section 2.1: with its CRLF */
	FIXED = 16,		/* section 2.2: what each header of version 2 begins with */
	PATH = 108,
	LOCAL = 0, PROXY = 1,	/* the commands */
	STREAM = 1, DATAGRAM = 2
};

static const char start_of_1[] = "PROXY ";
static const char start_of_2[] = "\r\n\r\n\0\r\nQUIT\n";

/* ---- version 1 ---- */

/* The field up to the next space, or to the end of the line for the last one. */
static bool next_field(const char **at, const char *end, bool last, const char **field, const char **field_end)
{
	const char *space = hoy__find(*at, end, ' ');

	*field = *at;
	*field_end = space;
	*at = space < end ? space + 1 : end;
	return (space == end) == last;
}

static bool scan_ip(const char *s, const char *end, size_t len, hoy_addr *addr)
{
	const char *wrong;
	int code = hoy__scan_ip(s, end, &addr->ip, NULL, &wrong);

	return code == 0 && (len == 16 ? addr->ip.len == 16 : addr->ip.len == 4);
}

/* A zero in front is not permitted: it might be meant as octal. */
static bool scan_port(const char *s, const char *end, hoy_addr *addr)
{
	uint64_t port;

	if (!hoy__scan_decimal(s, end, 65535, &port) || (*s == '0' && end - s > 1))
		return false;
	addr->port = (uint16_t)port;
	return true;
}

/* The four fields between "PROXY TCP4 " and the end of the line; NULL, or where the mistake is. */
static const char *scan_ends(const char *at, const char *end, size_t len, hoy_proxy_header *h)
{
	hoy_addr *const addr[] = { &h->source, &h->destination, &h->source, &h->destination };
	const char *field, *field_end;

	for (int i = 0; i < 4; i++) {
		if (!next_field(&at, end, i == 3, &field, &field_end))
			return field;
		if (!(i < 2 ? scan_ip(field, field_end, len, addr[i]) : scan_port(field, field_end, addr[i])))
			return field;
	}
	h->source.kind = h->destination.kind = HOY_ADDR_TCP;
	return NULL;
}

/* A line without its CRLF. NULL, or where the mistake is. */
static const char *scan_line(const char *line, const char *end, hoy_proxy_header *h)
{
	const char *at = line + sizeof start_of_1 - 1, *name, *name_end;
	bool alone = next_field(&at, end, true, &name, &name_end);
	size_t len = (size_t)(name_end - name);

	if (len == 7 && !memcmp(name, "UNKNOWN", len))
		return NULL;	/* whatever follows is to be ignored */
	if (!alone && len == 4 && !memcmp(name, "TCP4", len))
		return scan_ends(at, end, 4, h);
	if (!alone && len == 4 && !memcmp(name, "TCP6", len))
		return scan_ends(at, end, 16, h);
	return name;
}

static int malformed_at(const char *line, const char *at, hoy_err *err)
{
	hoy__plain_fail(HOY_EPROXY, err);
	if (err)
		err->offset = (unsigned)(at - line);
	return HOY_EPROXY;
}

static int parse_1(const char *data, size_t len, hoy_proxy_header *h, hoy_err *err)
{
	size_t most = len < LINE_MOST ? len : LINE_MOST;
	const char *feed = memchr(data, '\n', most), *wrong;
	char line[LINE_MOST + 1] = "";	/* hoy__scan_ip looks at the byte after the address */

	if (!feed && len < LINE_MOST)
		return 0;
	if (!feed || feed[-1] != '\r')
		return malformed_at(data, feed ? feed : data + most, err);
	memcpy(line, data, (size_t)(feed - 1 - data));
	wrong = scan_line(line, line + (feed - 1 - data), h);
	return wrong ? malformed_at(line, wrong, err) : (int)(feed + 1 - data);
}

/* ---- version 2 ---- */

static void read_inet(struct hoy__reader *r, size_t len, int kind, hoy_proxy_header *h)
{
	h->source = h->destination = (hoy_addr){ .kind = kind };
	h->source.ip = hoy_ip_from_bytes(hoy__read_bytes(r, len), len);
	h->destination.ip = hoy_ip_from_bytes(hoy__read_bytes(r, len), len);
	h->source.port = hoy__read_u16(r);
	h->destination.port = hoy__read_u16(r);
}

/*
 * An abstract name begins with a NUL, which is written as @; its NULs at the end are not part of it. A file whose name begins
 * with @ cannot be written, and has no path here.
 */
static void read_path(struct hoy__reader *r, int kind, hoy_addr *addr)
{
	const char *path = (const char *)hoy__read_bytes(r, PATH);
	bool abstract = path[0] == '\0' && path[1] != '\0';

	*addr = (hoy_addr){ .kind = kind };
	if (path[0] == '@')
		return;
	memcpy(addr->path + abstract, path + abstract, strnlen(path + abstract, PATH - (size_t)abstract));
	if (abstract)
		addr->path[0] = '@';
}

static const size_t size_of_family[] = { 0, 12, 36, 2 * PATH };

/* The addresses; LOCAL has none that count. They are all there. */
static void read_ends(struct hoy__reader *r, unsigned family, unsigned protocol, hoy_proxy_header *h)
{
	bool stream = protocol == STREAM;

	if (family == 0 || protocol == 0)
		return;
	if (family == 3) {
		read_path(r, stream ? HOY_ADDR_UNIX : HOY_ADDR_UNIXGRAM, &h->source);
		read_path(r, stream ? HOY_ADDR_UNIX : HOY_ADDR_UNIXGRAM, &h->destination);
	} else {
		read_inet(r, family == 1 ? 4 : 16, stream ? HOY_ADDR_TCP : HOY_ADDR_UDP, h);
	}
}

static int parse_2(const void *data, size_t len, hoy_proxy_header *h, hoy_err *err)
{
	struct hoy__reader r = hoy__reader(data, len);
	unsigned version, family, size;

	if (len < FIXED)
		return 0;
	hoy__read_skip(&r, sizeof start_of_2 - 1);
	version = hoy__read_u8(&r);
	family = hoy__read_u8(&r);
	size = hoy__read_u16(&r);
	if (version != (2 << 4 | LOCAL) && version != (2 << 4 | PROXY))
		return hoy__plain_fail(HOY_EPROXY, err);
	if (version == (2 << 4 | LOCAL))
		return (int)(FIXED + size);
	if (family >> 4 >= LEN(size_of_family) || (family & 15) > DATAGRAM || size < size_of_family[family >> 4])
		return hoy__plain_fail(HOY_EPROXY, err);
	if (hoy__reader_left(&r) < size_of_family[family >> 4])
		return 0;
	read_ends(&r, family >> 4, family & 15, h);
	return (int)(FIXED + size);
}

static bool starts(const void *data, size_t len, const char *start, size_t start_len)
{
	return memcmp(data, start, len < start_len ? len : start_len) == 0;
}

int hoy_proxy_header_parse(const void *data, size_t len, hoy_proxy_header *h, hoy_err *err)
{
	hoy_proxy_header got = { 0 };
	int n;

	if (len == 0)
		return 0;
	if (starts(data, len, start_of_1, sizeof start_of_1 - 1)) {
		got.version = 1;
		n = len < sizeof start_of_1 - 1 ? 0 : parse_1(data, len, &got, err);
	} else if (starts(data, len, start_of_2, sizeof start_of_2 - 1)) {
		got.version = 2;
		n = parse_2(data, len, &got, err);
	} else {
		return hoy__plain_fail(HOY_ENOPROXY, err);
	}
	if (n > 0)
		*h = got;
	return n;
}

/* ---- writing ---- */

/* The address in 16 bytes when the other end is IPv6. */
static hoy_ip as_wide(hoy_ip ip, bool wide)
{
	return wide ? hoy_ip_to16(ip) : hoy_ip_to4(ip);
}

static bool is_wide(const hoy_addr *addr)
{
	return hoy_ip_to4(addr->ip).len == 0;
}

static int format_1(const hoy_addr *source, const hoy_addr *destination, char *line)
{
	bool wide;
	char from[HOY_IP_STRLEN], to[HOY_IP_STRLEN];

	if (!source || source->kind != HOY_ADDR_TCP)
		return snprintf(line, LINE_MOST + 1, "PROXY UNKNOWN\r\n");
	wide = is_wide(source) || is_wide(destination);
	return snprintf(line, LINE_MOST + 1, "PROXY TCP%c %s %s %u %u\r\n", wide ? '6' : '4',
		       hoy_ip_string_4in6(as_wide(source->ip, wide), from), hoy_ip_string_4in6(as_wide(destination->ip, wide), to),
		       source->port, destination->port);
}

static void write_path(struct hoy__writer *w, const hoy_addr *addr)
{
	char path[PATH] = "";

	memcpy(path, addr->path, strnlen(addr->path, PATH));
	if (path[0] == '@')
		path[0] = '\0';
	hoy__write_bytes(w, path, PATH);
}

static unsigned write_inet(struct hoy__writer *w, const hoy_addr *source, const hoy_addr *destination)
{
	bool wide = is_wide(source) || is_wide(destination);
	hoy_ip from = as_wide(source->ip, wide), to = as_wide(destination->ip, wide);

	hoy__write_bytes(w, from.bytes, from.len);
	hoy__write_bytes(w, to.bytes, to.len);
	hoy__write_u16(w, source->port);
	hoy__write_u16(w, destination->port);
	return (wide ? 2u : 1u) << 4 | (source->kind == HOY_ADDR_TCP ? STREAM : DATAGRAM);
}

static int format_2(const hoy_addr *source, const hoy_addr *destination, void *buf)
{
	uint8_t *head = buf;
	struct hoy__writer w = hoy__writer(head + FIXED, HOY_PROXY_HEADER_LEN - FIXED);
	unsigned family = 0;

	if (source && (source->kind == HOY_ADDR_TCP || source->kind == HOY_ADDR_UDP)) {
		family = write_inet(&w, source, destination);
	} else if (source) {
		family = 3 << 4 | (source->kind == HOY_ADDR_UNIX ? STREAM : DATAGRAM);
		write_path(&w, source);
		write_path(&w, destination);
	}
	memcpy(head, start_of_2, sizeof start_of_2 - 1);
	head[12] = 2 << 4 | (source ? PROXY : LOCAL);
	head[13] = (uint8_t)family;
	head[14] = (uint8_t)(hoy__writer_len(&w) >> 8);
	head[15] = (uint8_t)hoy__writer_len(&w);
	return (int)(FIXED + hoy__writer_len(&w));
}

/* Two ends that a header can name. */
static bool are_ends(const hoy_addr *source, const hoy_addr *destination)
{
	if (!source || !destination || source->kind != destination->kind)
		return false;
	switch (source->kind) {
	case HOY_ADDR_TCP: case HOY_ADDR_UDP:
		return source->ip.len && destination->ip.len;
	default:
		return source->kind == HOY_ADDR_UNIX || source->kind == HOY_ADDR_UNIXGRAM;
	}
}

int hoy_proxy_header_format(int version, const hoy_addr *source, const hoy_addr *destination, void *buf)
{
	char line[LINE_MOST + 1];
	int len;

	if (!are_ends(source, destination))
		source = destination = NULL;
	if (version == 2)
		return format_2(source, destination, buf);
	if (version != 1)
		return -EINVAL;
	len = format_1(source, destination, line);
	memcpy(buf, line, (size_t)len);
	return len;
}
