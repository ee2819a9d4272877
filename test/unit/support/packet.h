/* DNS messages made by hand, right or wrong, for the tests of those who read them. */
#ifndef HOY_TEST_PACKET_H
#define HOY_TEST_PACKET_H

#include "dns/msg/message.h"

struct packet {
	uint8_t data[70000];
	size_t len;
	struct hoy__name_table names;
};

static inline struct hoy__writer packet_end(struct packet *p)
{
	struct hoy__writer w = hoy__writer(p->data, sizeof p->data);

	w.at += p->len;
	return w;
}

static inline void packet_number(struct packet *p, unsigned number, int octets)
{
	for (int i = octets - 1; i >= 0; i--)
		p->data[p->len++] = (uint8_t)(number >> 8 * i);
}

static inline void packet_name(struct packet *p, const char *text)
{
	struct hoy__writer w = packet_end(p);
	struct hoy__name name = { 0 };

	hoy__name_parse(&name, text, strlen(text));
	hoy__name_write(&w, &name, &p->names);
	p->len = hoy__writer_len(&w);
}

/* A header with no records yet and one question; name NULL leaves the question out. */
static inline void packet_start(struct packet *p, unsigned id, unsigned flags, const char *name, unsigned type)
{
	p->len = 0;
	p->names.count = 0;
	packet_number(p, id, 2);
	packet_number(p, flags, 2);
	packet_number(p, name != NULL, 2);
	for (int i = 0; i < 3; i++)
		packet_number(p, 0, 2);
	if (!name)
		return;
	packet_name(p, name);
	packet_number(p, type, 2);
	packet_number(p, HOY__CLASS_IN, 2);
}

static inline void packet_count(struct packet *p, enum hoy__section section)
{
	uint8_t *at = p->data + 4 + 2 * section;
	unsigned count = (unsigned)(at[0] << 8 | at[1]) + 1;

	at[0] = (uint8_t)(count >> 8);
	at[1] = (uint8_t)count;
}

/* A record up to its data; what it returns is where the length stands, for packet_close. */
static inline size_t packet_record(struct packet *p, enum hoy__section section, const char *name, unsigned type,
				   unsigned ttl)
{
	packet_count(p, section);
	packet_name(p, name);
	packet_number(p, type, 2);
	packet_number(p, HOY__CLASS_IN, 2);
	packet_number(p, ttl, 4);
	packet_number(p, 0, 2);
	return p->len;
}

static inline void packet_close(struct packet *p, size_t data)
{
	p->data[data - 2] = (uint8_t)((p->len - data) >> 8);
	p->data[data - 1] = (uint8_t)(p->len - data);
}

static inline void packet_raw(struct packet *p, enum hoy__section section, const char *name, unsigned type,
			      unsigned ttl, const void *data, size_t len)
{
	size_t at = packet_record(p, section, name, type, ttl);

	memcpy(p->data + p->len, data, len);
	p->len += len;
	packet_close(p, at);
}

static inline void packet_a(struct packet *p, const char *name, unsigned last)
{
	packet_raw(p, HOY__ANSWER, name, HOY__A, 300, (uint8_t[]){ 192, 0, 2, (uint8_t)last }, 4);
}

static inline void packet_target(struct packet *p, const char *name, unsigned type, const char *target)
{
	size_t at = packet_record(p, HOY__ANSWER, name, type, 60);

	packet_name(p, target);
	packet_close(p, at);
}

static inline void packet_opt(struct packet *p, unsigned udp_size, unsigned rcode_high)
{
	packet_count(p, HOY__ADDITIONAL);
	packet_number(p, 0, 1);
	packet_number(p, HOY__OPT, 2);
	packet_number(p, udp_size, 2);
	packet_number(p, rcode_high << 24, 4);
	packet_number(p, 0, 2);
}

/* Options of the OPT record that was put last. */
static inline void packet_option(struct packet *p, unsigned code, const void *data, size_t len)
{
	struct hoy__message m;
	struct hoy__record rr = { 0 };

	hoy__message_peek(&m, p->data, p->len);
	while (rr.type != HOY__OPT && hoy__message_next(&m, &rr) > 0)
		;
	packet_number(p, code, 2);
	packet_number(p, (unsigned)len, 2);
	if (len)
		memcpy(p->data + p->len, data, len);
	p->len += len;
	packet_close(p, (size_t)(rr.data - p->data));
}

/* An OPT record with an extended error. */
static inline void packet_extended(struct packet *p, unsigned code, const char *words)
{
	uint8_t data[2000] = { (uint8_t)(code >> 8), (uint8_t)code };
	size_t len = strlen(words);

	memcpy(data + 2, words, len);
	packet_opt(p, 1232, 0);
	packet_option(p, 15, data, 2 + len);
}

#endif
