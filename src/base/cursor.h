/*
 * Bytes from and for the network, in network order, inside their bounds whatever the
 * message says. A cursor turns bad once, yields zeros from then on (or swallows what is
 * put), and is asked once, at the end.
 */
#ifndef HOY_BASE_CURSOR_H
#define HOY_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hoy__reader {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct hoy__reader hoy__reader(const void *data, size_t len)
{
	const uint8_t *at = (const uint8_t *)data;

	return (struct hoy__reader){ at, len ? at + len : at, false };
}

static inline size_t hoy__reader_left(const struct hoy__reader *r)
{
	return (size_t)(r->end - r->at);
}

/* The next len bytes where they lie, or NULL: then the reader is bad and empty. */
static inline const uint8_t *hoy__read_bytes(struct hoy__reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (r->bad || len > hoy__reader_left(r)) {
		r->bad = true;
		r->at = r->end;
		return NULL;
	}
	if (len)
		r->at += len;
	return at;
}

static inline void hoy__read_skip(struct hoy__reader *r, size_t len)
{
	hoy__read_bytes(r, len);
}

static inline uint8_t hoy__read_u8(struct hoy__reader *r)
{
	const uint8_t *p = hoy__read_bytes(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t hoy__read_u16(struct hoy__reader *r)
{
	const uint8_t *p = hoy__read_bytes(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t hoy__read_u32(struct hoy__reader *r)
{
	const uint8_t *p = hoy__read_bytes(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

struct hoy__writer {
	uint8_t *start, *at, *end;
	bool bad;
};

static inline struct hoy__writer hoy__writer(void *room, size_t len)
{
	uint8_t *at = (uint8_t *)room;

	return (struct hoy__writer){ at, at, len ? at + len : at, false };
}

static inline size_t hoy__writer_len(const struct hoy__writer *w)
{
	return (size_t)(w->at - w->start);
}

/* Room for len bytes, the caller's to fill; NULL when it does not fit, and the writer is bad. */
static inline uint8_t *hoy__write_room(struct hoy__writer *w, size_t len)
{
	uint8_t *at = w->at;

	if (w->bad || len > (size_t)(w->end - w->at)) {
		w->bad = true;
		return NULL;
	}
	if (len)
		w->at += len;
	return at;
}

static inline void hoy__write_bytes(struct hoy__writer *w, const void *data, size_t len)
{
	uint8_t *p = hoy__write_room(w, len);

	if (p && len)
		memcpy(p, data, len);
}

static inline void hoy__write_u8(struct hoy__writer *w, unsigned value)
{
	uint8_t *p = hoy__write_room(w, 1);

	if (p)
		p[0] = (uint8_t)value;
}

static inline void hoy__write_u16(struct hoy__writer *w, unsigned value)
{
	uint8_t *p = hoy__write_room(w, 2);

	if (!p)
		return;
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static inline void hoy__write_u32(struct hoy__writer *w, uint32_t value)
{
	uint8_t *p = hoy__write_room(w, 4);

	if (!p)
		return;
	p[0] = (uint8_t)(value >> 24);
	p[1] = (uint8_t)(value >> 16);
	p[2] = (uint8_t)(value >> 8);
	p[3] = (uint8_t)value;
}

#endif
