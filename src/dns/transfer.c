/* The messages of a zone transfer, one after the other. */
#include "dns/transfer.h"

#include <string.h>

#include <hoy/dns.h>
#include <hoy/err.h>

#include "dns/msg/rdata.h"

enum { NOTAUTH = 9 };		/* RFC 2136 section 2.2: the server does not have that zone */

size_t hoy__transfer_begin(struct hoy__transfer *t, const struct hoy__name *zone, uint16_t id, uint8_t room[HOY__QUERY_SIZE])
{
	struct hoy__message_query query = { .id = id };

	*t = (struct hoy__transfer){ .id = id, .question = { *zone, HOY_TYPE_AXFR, HOY__CLASS_IN } };
	return (size_t)hoy__message_write_query(&query, &t->question, room, HOY__QUERY_SIZE);
}

static int verdict(unsigned rcode)
{
	switch (rcode) {
	case HOY__NOERROR:
		return 0;
	case HOY__NXDOMAIN:
		return HOY_ENOHOST;
	case HOY__REFUSED:
	case NOTAUTH:
		return HOY_EREFUSED;
	default:
		return HOY_ESERVFAIL;
	}
}

static bool is_ours(const struct hoy__transfer *t, const struct hoy__message *m)
{
	const struct hoy__question *asked = &t->question, *told = &m->question;

	if (m->id != t->id || (m->flags & (HOY__QR | HOY__OPCODE)) != HOY__QR)
		return false;
	return !m->count[HOY__QUESTION] || (told->type == asked->type && told->class == asked->class &&
					    hoy__name_equal(&told->name, &asked->name));
}

static size_t expand_soa(const struct hoy__message *m, const struct hoy__record *rr, uint8_t room[HOY__SOA_SIZE])
{
	struct hoy__writer w = hoy__writer(room, HOY__SOA_SIZE);

	hoy__rdata_expand(&w, rr->type, (struct hoy__bytes){ rr->data, rr->size }, m->data);
	return w.bad ? 0 : hoy__writer_len(&w);
}

/* The zone's own SOA begins the transfer and ends it; with another serial between, the zone has changed meanwhile. */
static int take_soa(struct hoy__transfer *t, const struct hoy__message *m, const struct hoy__record *rr)
{
	uint8_t soa[HOY__SOA_SIZE];
	struct hoy__rdata data;
	size_t len;

	if (hoy__record_read(m, rr, &data) < 0)
		return HOY_EMESSAGE;
	if (!t->begun) {
		t->soa_len = expand_soa(m, rr, t->soa);
		t->begun = true;
		return 0;
	}
	len = expand_soa(m, rr, soa);
	t->done = len == t->soa_len && memcmp(soa, t->soa, len) == 0;
	return t->done ? 0 : HOY_EMESSAGE;
}

static int take_record(struct hoy__transfer *t, const struct hoy__message *m, const struct hoy__record *rr)
{
	bool is_soa = rr->type == HOY__SOA && hoy__name_equal(&rr->name, &t->question.name);

	if (t->done || rr->class != t->question.class || (!t->begun && !is_soa))
		return HOY_EMESSAGE;
	return is_soa ? take_soa(t, m, rr) : 0;
}

/* The other sections have nothing of the zone. */
static int read_answer(struct hoy__transfer *t, struct hoy__message *m, struct hoy__results *results)
{
	struct hoy__record rr;
	int code = 0, more;

	while (code == 0 && (more = hoy__message_next(m, &rr)) != 0) {
		if (more > 0 && rr.section != HOY__ANSWER)
			continue;
		code = more < 0 ? more : take_record(t, m, &rr);
		if (code == 0)
			code = hoy__record_keep(results, m, &rr, rr.ttl);
	}
	return code;
}

int hoy__transfer_read(struct hoy__transfer *t, const void *message, size_t len, struct hoy__results *results)
{
	struct hoy__message m;
	int code = hoy__message_open_later(&m, message, len);

	if (code == 0 && !is_ours(t, &m))
		code = HOY_EMESSAGE;
	if (code == 0) {
		t->rcode = m.flags & HOY__RCODE;
		code = verdict(t->rcode);
	}
	if (code == 0)
		code = read_answer(t, &m, results);
	if (code == 0 && !t->begun)
		code = HOY_EMESSAGE;
	return code < 0 ? code : t->done;
}
