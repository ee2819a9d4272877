/*
 * The fields of which records' data is made. Each has a letter, in the formats of type.c, and two functions:
 * one prints it, one parses it.
 */
#ifndef HOY_DNS_FIELD_H
#define HOY_DNS_FIELD_H

#include <hoy/addr.h>

#include "dns/msg/message.h"
#include "dns/msg/text.h"
#include "dns/msg/words.h"

/* The data of one record that is being printed. The fields before r.at have been printed. */
struct hoy__data {
	struct hoy__reader r;
	const uint8_t *start;
	const uint8_t *message;	/* where pointers in names lead; NULL: there are none */
};

/* Reads its octets off d and prints them; makes d->r bad when they are not what the field consists of. */
typedef void hoy__print_fn(struct hoy__text *t, struct hoy__data *d);
/* Takes its words and appends its octets to the data in w; reports what is wrong by hoy__words_wrong. */
typedef void hoy__parse_fn(struct hoy__words *in, struct hoy__writer *w);

struct hoy__field {
	uint8_t size;		/* in octets; 0: varies */
	bool is_optional;	/* may be missing at the end of the data */
	hoy__print_fn *print;
	hoy__parse_fn *parse;
};

/* The field of a letter. */
const struct hoy__field *hoy__field(char letter);

/* What the functions of several fields share. */
struct hoy__bytes hoy__data_take(struct hoy__data *d, size_t len);
struct hoy__bytes hoy__data_rest(struct hoy__data *d);
void hoy__print_ip_of(struct hoy__text *t, struct hoy__data *d, size_t len);
void hoy__parse_ip_of(struct hoy__words *in, struct hoy__writer *w, size_t len);
/* A number, or a word of a table that ends with a row without a word. */
struct hoy__mnemonic { const char *word; uint16_t number; };
unsigned hoy__parse_mnemonic(struct hoy__words *in, const struct hoy__mnemonic *list, unsigned octets);
void hoy__print_mnemonic(struct hoy__text *t, const struct hoy__mnemonic *list, unsigned number);
/* Base64 from at to end; escapes resolved, as octets. */
void hoy__parse_base64_text(struct hoy__words *in, struct hoy__writer *w, const char *at, const char *end);
void hoy__parse_octets(struct hoy__words *in, struct hoy__writer *w, const char *at, const char *end);

/* field.c */
hoy__print_fn hoy__print_name;
hoy__parse_fn hoy__parse_name;
/* field_bytes.c */
hoy__print_fn hoy__print_hex, hoy__print_salt, hoy__print_base32, hoy__print_base64, hoy__print_base64_or_dash,
	hoy__print_locator, hoy__print_eui48, hoy__print_eui64, hoy__print_nsap, hoy__print_atma;
hoy__parse_fn hoy__parse_hex, hoy__parse_salt, hoy__parse_base32, hoy__parse_base64,
	hoy__parse_key, hoy__parse_optional_key,
	hoy__parse_base64_or_dash, hoy__parse_locator, hoy__parse_eui48, hoy__parse_eui64, hoy__parse_nsap,
	hoy__parse_atma;
/* field_types.c */
hoy__print_fn hoy__print_type, hoy__print_types, hoy__print_old_types, hoy__print_ports;
hoy__parse_fn hoy__parse_type_word, hoy__parse_types, hoy__parse_old_types, hoy__parse_ports;
/* field_key.c */
hoy__print_fn hoy__print_cert_type, hoy__print_cert_algorithm, hoy__print_scheme, hoy__print_gateway,
	hoy__print_relay, hoy__print_host_identity, hoy__print_names, hoy__print_a6;
hoy__parse_fn hoy__parse_cert_type, hoy__parse_algorithm, hoy__parse_digest_type, hoy__parse_key_flags,
	hoy__parse_scheme, hoy__parse_gateway, hoy__parse_relay, hoy__parse_host_identity, hoy__parse_names,
	hoy__parse_a6;
/* field_time.c, field_loc.c, field_apl.c, field_svcb.c */
hoy__print_fn hoy__print_time, hoy__print_loc, hoy__print_apl, hoy__print_svcb;
hoy__parse_fn hoy__parse_time, hoy__parse_loc, hoy__parse_apl, hoy__parse_svcb;

#endif
