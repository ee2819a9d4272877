/* Fields of keys and of what is found by them: numbers that have names, gateways, and host identities. */
#include "dns/msg/field.h"

#include "base/base.h"

/* ---- numbers that have names ---- */

unsigned hoy__parse_mnemonic(struct hoy__words *in, const struct hoy__mnemonic *list, unsigned octets)
{
	struct hoy__words ahead = *in;
	struct hoy__word word = hoy__words_need(&ahead);

	for (; list->word; list++)
		if (hoy__word_is(&word, list->word)) {
			*in = ahead;
			return list->number;
		}
	return (unsigned)hoy__words_number(in, octets);
}

/* The first of several names of a number counts. */
void hoy__print_mnemonic(struct hoy__text *t, const struct hoy__mnemonic *list, unsigned number)
{
	while (list->word && list->number != number)
		list++;
	if (list->word)
		hoy__text_string(t, list->word);
	else
		hoy__text_number(t, number);
}

/* IANA's DNS Security Algorithm Numbers, by the names that BIND has for them and by the registry's. */
static const struct hoy__mnemonic algorithms[] = {
	{ "RSAMD5", 1 }, { "DH", 2 }, { "DSA", 3 }, { "RSASHA1", 5 }, { "NSEC3DSA", 6 }, { "NSEC3RSASHA1", 7 },
	{ "RSASHA256", 8 }, { "RSASHA512", 10 }, { "ECCGOST", 12 }, { "ECDSAP256SHA256", 13 },
	{ "ECDSAP384SHA384", 14 }, { "ED25519", 15 }, { "ED448", 16 }, { "INDIRECT", 252 }, { "PRIVATEDNS", 253 },
	{ "PRIVATEOID", 254 }, { "DSA-NSEC3-SHA1", 6 }, { "RSASHA1-NSEC3-SHA1", 7 }, { "ECC-GOST", 12 }, { NULL, 0 }
};

void hoy__parse_algorithm(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u8(w, hoy__parse_mnemonic(in, algorithms, 1));
}

void hoy__print_cert_algorithm(struct hoy__text *t, struct hoy__data *d)
{
	hoy__print_mnemonic(t, algorithms, hoy__read_u8(&d->r));
}

void hoy__parse_digest_type(struct hoy__words *in, struct hoy__writer *w)
{
	static const struct hoy__mnemonic digests[] = {
		{ "SHA-1", 1 }, { "SHA1", 1 }, { "SHA-256", 2 }, { "SHA256", 2 }, { "GOST", 3 }, { "SHA-384", 4 },
		{ "SHA384", 4 }, { NULL, 0 }
	};

	hoy__write_u8(w, hoy__parse_mnemonic(in, digests, 1));
}

/* RFC 2535 section 7.1 has names for combinations of flags; zone files use this one. */
void hoy__parse_key_flags(struct hoy__words *in, struct hoy__writer *w)
{
	static const struct hoy__mnemonic flags[] = { { "NOKEY", 0xc000 }, { NULL, 0 } };

	hoy__write_u16(w, hoy__parse_mnemonic(in, flags, 2));
}

/* RFC 4398 section 2.1 */
static const struct hoy__mnemonic cert_types[] = {
	{ "PKIX", 1 }, { "SPKI", 2 }, { "PGP", 3 }, { "IPKIX", 4 }, { "ISPKI", 5 }, { "IPGP", 6 }, { "ACPKIX", 7 },
	{ "IACPKIX", 8 }, { "URI", 253 }, { "OID", 254 }, { NULL, 0 }
};

void hoy__print_cert_type(struct hoy__text *t, struct hoy__data *d)
{
	hoy__print_mnemonic(t, cert_types, hoy__read_u16(&d->r));
}

void hoy__parse_cert_type(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u16(w, hoy__parse_mnemonic(in, cert_types, 2));
}

/* RFC 9859 section 2.3 */
static const struct hoy__mnemonic schemes[] = { { "NOTIFY", 1 }, { NULL, 0 } };

void hoy__print_scheme(struct hoy__text *t, struct hoy__data *d)
{
	hoy__print_mnemonic(t, schemes, hoy__read_u8(&d->r));
}

void hoy__parse_scheme(struct hoy__words *in, struct hoy__writer *w)
{
	hoy__write_u8(w, hoy__parse_mnemonic(in, schemes, 1));
}

/* ---- gateways: nothing, an address or a name ---- */

enum gateway { GATEWAY_NONE, GATEWAY_IP4, GATEWAY_IP6, GATEWAY_NAME };

static void print_gateway(struct hoy__text *t, struct hoy__data *d, unsigned kind)
{
	switch (kind) {
	case GATEWAY_NONE: hoy__text_char(t, '.'); break;
	case GATEWAY_IP4: hoy__print_ip_of(t, d, 4); break;
	case GATEWAY_IP6: hoy__print_ip_of(t, d, 16); break;
	case GATEWAY_NAME: hoy__print_name(t, d); break;
	default: d->r.bad = true;
	}
}

static void parse_gateway(struct hoy__words *in, struct hoy__writer *w, unsigned kind)
{
	struct hoy__word word;

	switch (kind) {
	case GATEWAY_NONE:
		word = hoy__words_need(in);
		if (!hoy__word_is(&word, "."))
			hoy__words_wrong(in, "without a gateway . belongs here");
		break;
	case GATEWAY_IP4: hoy__parse_ip_of(in, w, 4); break;
	case GATEWAY_IP6: hoy__parse_ip_of(in, w, 16); break;
	case GATEWAY_NAME: hoy__parse_name(in, w); break;
	default: hoy__words_wrong(in, "the type of a gateway is 0 to 3");
	}
}

/* Of IPSECKEY (RFC 4025): the second octet of the data has the kind. */
void hoy__print_gateway(struct hoy__text *t, struct hoy__data *d)
{
	print_gateway(t, d, d->r.bad ? GATEWAY_NONE : d->start[1]);
}

void hoy__parse_gateway(struct hoy__words *in, struct hoy__writer *w)
{
	parse_gateway(in, w, w->bad ? GATEWAY_NONE : w->start[1]);
}

/* Of AMTRELAY (RFC 8777 section 4): the discovery bit, the kind, and the relay. */
void hoy__print_relay(struct hoy__text *t, struct hoy__data *d)
{
	unsigned both = hoy__read_u8(&d->r);

	hoy__text_number(t, both >> 7);
	hoy__text_char(t, ' ');
	hoy__text_number(t, both & 127);
	hoy__text_char(t, ' ');
	print_gateway(t, d, both & 127);
}

void hoy__parse_relay(struct hoy__words *in, struct hoy__writer *w)
{
	unsigned discovery = (unsigned)hoy__words_number(in, 1), kind = (unsigned)hoy__words_number(in, 1);

	if (discovery > 1)
		hoy__words_wrong(in, "the discovery bit is 0 or 1");
	hoy__write_u8(w, discovery << 7 | (kind & 127));
	parse_gateway(in, w, kind);
}

/* ---- HIP (RFC 8005): algorithm, tag and key in text; their lengths before them in the data ---- */

void hoy__print_host_identity(struct hoy__text *t, struct hoy__data *d)
{
	size_t tag = hoy__read_u8(&d->r), key;

	hoy__text_number(t, hoy__read_u8(&d->r));
	key = hoy__read_u16(&d->r);
	hoy__text_char(t, ' ');
	d->r.bad |= !tag || !key;
	hoy__text_hex(t, hoy__data_take(d, tag));
	hoy__text_char(t, ' ');
	hoy__text_base64(t, hoy__data_take(d, key));
}

void hoy__parse_host_identity(struct hoy__words *in, struct hoy__writer *w)
{
	unsigned algorithm = (unsigned)hoy__words_number(in, 1);
	struct hoy__word tag = hoy__words_need(in), key = hoy__words_need(in);
	struct hoy__words digits = { .at = tag.at, .end = tag.end };
	uint8_t *head = hoy__write_room(w, 4), *at = w->at;
	size_t tag_len, key_len;

	hoy__parse_hex(&digits, w);
	if (digits.mistake)
		hoy__words_wrong(in, digits.mistake);
	tag_len = (size_t)(w->at - at);
	hoy__parse_base64_text(in, w, key.at, key.end);
	key_len = (size_t)(w->at - at) - tag_len;
	if (tag_len > 255 || key_len > 65535 || !key_len)
		hoy__words_wrong(in, "the tag has 1 to 255 bytes, the key 1 to 65535");
	if (!head)
		return;
	head[0] = (uint8_t)tag_len;
	head[1] = (uint8_t)algorithm;
	head[2] = (uint8_t)(key_len >> 8);
	head[3] = (uint8_t)key_len;
}

void hoy__print_names(struct hoy__text *t, struct hoy__data *d)
{
	const char *gap = "";

	while (hoy__reader_left(&d->r)) {
		hoy__text_string(t, gap);
		hoy__print_name(t, d);
		gap = " ";
	}
}

void hoy__parse_names(struct hoy__words *in, struct hoy__writer *w)
{
	while (hoy__words_left(in) && !w->bad)
		hoy__parse_name(in, w);
}

/* ---- A6 (RFC 2874): the bits of an address behind a prefix, and the name that has the prefix ---- */

enum { ADDRESS_BITS = 128 };

void hoy__print_a6(struct hoy__text *t, struct hoy__data *d)
{
	unsigned prefix = hoy__read_u8(&d->r);
	struct hoy__bytes suffix;
	hoy_ip ip = { .len = 16 };
	char text[HOY_IP_STRLEN];

	d->r.bad |= prefix > ADDRESS_BITS;
	suffix = hoy__data_take(d, d->r.bad ? 0 : 16 - prefix / 8);
	hoy__text_number(t, prefix);
	hoy__text_char(t, ' ');
	if (suffix.len && prefix < ADDRESS_BITS) {
		memcpy(ip.bytes + 16 - suffix.len, suffix.at, suffix.len);
		ip.bytes[prefix / 8] &= (uint8_t)(0xff >> prefix % 8);
		hoy__text_string(t, hoy_ip_string_4in6(ip, text));
	}
	if (!prefix)
		return;
	hoy__text_char(t, ' ');
	hoy__print_name(t, d);
}

void hoy__parse_a6(struct hoy__words *in, struct hoy__writer *w)
{
	unsigned prefix = (unsigned)hoy__words_number(in, 1);
	uint8_t address[16] = { 0 };
	struct hoy__writer whole = hoy__writer(address, sizeof address);

	if (prefix > ADDRESS_BITS)
		hoy__words_wrong(in, "a prefix has 0 to 128 bits");
	hoy__write_u8(w, prefix);
	if (prefix < ADDRESS_BITS) {
		hoy__parse_ip_of(in, &whole, 16);
		address[prefix / 8] &= (uint8_t)(0xff >> prefix % 8);
		hoy__write_bytes(w, address + prefix / 8, 16 - prefix / 8);
	}
	if (prefix)
		hoy__parse_name(in, w);
}
