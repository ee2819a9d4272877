/*
 * Reading a message: what it claims is compared with what is there before anything else
 * happens, and the first mistake is the last thing read. Records come one at a time and
 * nothing is allocated, so a message of 65,535 lies costs no more than its bytes.
 */
#include "dns/msg/message.h"

#include <hoy/err.h>

#include "dns/msg/rdata.h"

enum { RECORD_SIZE = 11, OPTION_SIZE = 4, DNSSEC_OK = 0x8000 };

static void read_header(struct hoy__message *m)
{
	m->id = hoy__read_u16(&m->at);
	m->flags = hoy__read_u16(&m->at);
	for (int i = 0; i < 4; i++)
		m->count[i] = hoy__read_u16(&m->at);
}

static void read_question(struct hoy__message *m)
{
	hoy__name_read(&m->at, m->data, HOY__POINTERS_REFUSED, &m->question.name);
	m->question.type = hoy__read_u16(&m->at);
	m->question.class = hoy__read_u16(&m->at);
}

static int peek(struct hoy__message *m, const void *data, size_t len, unsigned least)
{
	*m = (struct hoy__message){ .data = data, .len = len, .at = hoy__reader(data, len) };
	read_header(m);
	if (m->at.bad || m->count[HOY__QUESTION] < least || m->count[HOY__QUESTION] > 1)
		return HOY_EMESSAGE;
	if (m->count[HOY__QUESTION])
		read_question(m);
	m->records = m->at;
	m->section = HOY__ANSWER;
	return m->at.bad ? HOY_EMESSAGE : 0;
}

int hoy__message_peek(struct hoy__message *m, const void *data, size_t len)
{
	return peek(m, data, len, 1);
}

/* What is left after the question has to hold the records that are claimed. */
int hoy__message_check(const struct hoy__message *m)
{
	size_t records = (size_t)m->count[HOY__ANSWER] + m->count[HOY__AUTHORITY] + m->count[HOY__ADDITIONAL];

	return records * RECORD_SIZE <= hoy__reader_left(&m->records) ? 0 : HOY_EMESSAGE;
}

int hoy__message_open(struct hoy__message *m, const void *data, size_t len)
{
	int code = hoy__message_peek(m, data, len);

	return code < 0 ? code : hoy__message_check(m);
}

int hoy__message_open_later(struct hoy__message *m, const void *data, size_t len)
{
	int code = peek(m, data, len, 0);

	return code < 0 ? code : hoy__message_check(m);
}

void hoy__message_rewind(struct hoy__message *m)
{
	m->at = m->records;
	m->section = HOY__ANSWER;
	m->taken = 0;
	m->has_opt = false;
}

static void read_record(struct hoy__message *m, struct hoy__record *rr)
{
	hoy__name_read(&m->at, m->data, HOY__POINTERS_FOLLOWED, &rr->name);
	rr->type = hoy__read_u16(&m->at);
	rr->class = hoy__read_u16(&m->at);
	rr->ttl = hoy__read_u32(&m->at);
	rr->size = hoy__read_u16(&m->at);
	rr->data = hoy__read_bytes(&m->at, rr->size);
	rr->section = m->section;
}

/* RFC 6891 section 6.1.1: one, in the additional section, named by the root. */
static bool is_misplaced_opt(struct hoy__message *m, const struct hoy__record *rr)
{
	if (rr->type != HOY__OPT)
		return false;
	if (m->has_opt || rr->section != HOY__ADDITIONAL || rr->name.len != 1)
		return true;
	m->has_opt = true;
	return false;
}

int hoy__message_next(struct hoy__message *m, struct hoy__record *rr)
{
	if (m->at.bad)
		return HOY_EMESSAGE;
	while (m->section <= HOY__ADDITIONAL && m->taken == m->count[m->section]) {
		m->section++;
		m->taken = 0;
	}
	if (m->section > HOY__ADDITIONAL)
		return 0;
	read_record(m, rr);
	m->taken++;
	m->at.bad |= is_misplaced_opt(m, rr);
	if (m->at.bad)
		return HOY_EMESSAGE;
	if (rr->type != HOY__OPT && rr->ttl > INT32_MAX)
		rr->ttl = 0;
	return 1;
}

int hoy__record_read(const struct hoy__message *m, const struct hoy__record *rr, struct hoy__rdata *data)
{
	return hoy__rdata_read(rr, m->data, data);
}

bool hoy__next_string(struct hoy__bytes *rest, struct hoy__bytes *string)
{
	if (!rest->len || rest->at[0] >= rest->len)
		return false;
	*string = (struct hoy__bytes){ rest->at + 1, rest->at[0] };
	rest->at += 1 + string->len;
	rest->len -= 1 + string->len;
	return true;
}

bool hoy__next_option(struct hoy__bytes *rest, uint16_t *code, struct hoy__bytes *value)
{
	struct hoy__reader r = hoy__reader(rest->at, rest->len);
	struct hoy__bytes got;

	*code = hoy__read_u16(&r);
	got.len = hoy__read_u16(&r);
	got.at = hoy__read_bytes(&r, got.len);
	if (r.bad)
		return false;
	*value = got;
	*rest = (struct hoy__bytes){ r.at, hoy__reader_left(&r) };
	return true;
}

static void write_empty_option(struct hoy__writer *w, enum hoy__option code)
{
	hoy__write_u16(w, (uint16_t)code);
	hoy__write_u16(w, 0);
}

static void write_opt(struct hoy__writer *w, const struct hoy__message_query *q)
{
	hoy__write_u8(w, 0);
	hoy__write_u16(w, HOY__OPT);
	hoy__write_u16(w, q->udp_size);
	hoy__write_u32(w, q->dnssec ? DNSSEC_OK : 0);	/* extended rcode, version, flags */
	hoy__write_u16(w, (uint16_t)(OPTION_SIZE * (q->keepalive + q->nsid)));
	if (q->keepalive)
		write_empty_option(w, HOY__OPTION_KEEPALIVE);
	if (q->nsid)
		write_empty_option(w, HOY__OPTION_NSID);
}

int hoy__message_write_query(const struct hoy__message_query *q, const struct hoy__question *question, void *room, size_t len)
{
	struct hoy__writer w = hoy__writer(room, len);

	hoy__write_u16(&w, q->id);
	hoy__write_u16(&w, q->flags);
	hoy__write_u16(&w, 1);
	hoy__write_u16(&w, 0);
	hoy__write_u16(&w, 0);
	hoy__write_u16(&w, q->udp_size ? 1 : 0);
	hoy__name_write(&w, &question->name, NULL);
	hoy__write_u16(&w, question->type);
	hoy__write_u16(&w, question->class);
	if (q->udp_size)
		write_opt(&w, q);
	return w.bad ? HOY_EMESSAGE : (int)hoy__writer_len(&w);
}
