/*
 * Go takes any address of the answer section, whatever its owner name, and c-ares came to do the
 * same. Here a record counts only if the chain of CNAMEs leads from the question to its
 * owner. One pass notes where the CNAMEs are and looks at everything else; the chain is
 * then followed among those few, so the order of the records does not matter and the
 * work stays linear.
 */
#include "dns/msg/reply.h"

#include <hoy/err.h>

#include "base/base.h"

struct links {
	struct hoy__reader at[2 * HOY__CHAIN_LINKS];	/* more than a chain needs: some may lie beside it */
	unsigned count;
};

struct seen {
	struct links cnames;
	bool has_additional, has_many_cnames;
	struct hoy__name zone;		/* the owner of the first SOA; no name: there was none */
	uint32_t negative_ttl;
	uint8_t rcode_high;
};

static void note_soa(struct seen *seen, const struct hoy__record *rr, const struct hoy__rdata *data)
{
	if (seen->zone.len)
		return;
	seen->zone = rr->name;
	seen->negative_ttl = rr->ttl < data->soa.minimum ? rr->ttl : data->soa.minimum;
	if (seen->negative_ttl > INT32_MAX)
		seen->negative_ttl = 0;
}

/* RFC 7828 section 3.1: an option of another length is ignored. */
static void note_keepalive(struct hoy__reply *reply, struct hoy__bytes options)
{
	struct hoy__bytes value;
	uint16_t code;

	while (hoy__next_option(&options, &code, &value))
		if (code == HOY__OPTION_KEEPALIVE && value.len == 2) {
			reply->has_keepalive = true;
			reply->keepalive = (uint16_t)(value.at[0] << 8 | value.at[1]);
		}
}

static void note_record(struct seen *seen, struct hoy__reply *reply, struct hoy__reader at,
			const struct hoy__record *rr, const struct hoy__rdata *data)
{
	if (rr->type == HOY__OPT) {
		reply->has_opt = true;
		seen->rcode_high = data->opt.rcode_high;
		hoy__extended_read(data->opt.options, &reply->extended);
		note_keepalive(reply, data->opt.options);
	} else if (rr->section == HOY__ADDITIONAL) {
		seen->has_additional = true;
	} else if (rr->section == HOY__AUTHORITY && rr->type == HOY__SOA && rr->class == HOY__CLASS_IN) {
		note_soa(seen, rr, data);
	} else if (rr->section == HOY__ANSWER && rr->type == HOY__CNAME && rr->class == HOY__CLASS_IN) {
		if (seen->cnames.count < LEN(seen->cnames.at))
			seen->cnames.at[seen->cnames.count++] = at;
		else
			seen->has_many_cnames = true;
	}
}

static int read_all(struct hoy__message *m, struct hoy__reply *reply, struct seen *seen)
{
	struct hoy__record rr;
	struct hoy__rdata data;
	int code;

	hoy__message_rewind(m);
	for (;;) {
		struct hoy__reader at = m->at;

		if ((code = hoy__message_next(m, &rr)) <= 0)
			return code;
		if ((code = hoy__record_read(m, &rr, &data)) < 0)
			return code;
		note_record(seen, reply, at, &rr, &data);
	}
}

static void lower_ttl(struct hoy__reply *reply, uint32_t ttl)
{
	if (!reply->has_ttl || ttl < reply->ttl)
		reply->ttl = ttl;
	reply->has_ttl = true;
}

/* Goes one CNAME on from reply->name: 1, or 0 when none leads on. */
static int follow(struct hoy__message *m, const struct links *cnames, struct hoy__reply *reply)
{
	struct hoy__record rr;
	struct hoy__rdata data;

	for (unsigned i = 0; i < cnames->count; i++) {
		m->at = cnames->at[i];
		m->section = HOY__ANSWER;
		m->taken = 0;
		if (hoy__message_next(m, &rr) <= 0 || hoy__record_read(m, &rr, &data) < 0)
			return HOY_EMESSAGE;
		if (!hoy__name_equal(&rr.name, &reply->name))
			continue;
		reply->name = data.name;
		lower_ttl(reply, rr.ttl);
		return 1;
	}
	return 0;
}

/* An endless one is left when it has a link more than it may have. */
static int follow_chain(struct hoy__message *m, const struct seen *seen, struct hoy__reply *reply)
{
	int code = 1;

	reply->name = m->question.name;
	if (m->question.type == HOY__CNAME || m->question.type == HOY__ANY)
		return 0;
	if (seen->has_many_cnames)
		reply->links = HOY__CHAIN_LINKS + 1;
	while (reply->links <= HOY__CHAIN_LINKS && (code = follow(m, &seen->cnames, reply)) > 0)
		reply->links++;
	return code < 0 ? code : 0;
}

static int count_data(struct hoy__message *m, struct hoy__reply *reply)
{
	struct hoy__record rr;
	int code;

	hoy__message_rewind(m);
	while ((code = hoy__reply_next(m, reply, &rr)) > 0) {
		if (!reply->records++)
			reply->name = rr.name;	/* as its server writes it: case may differ */
		lower_ttl(reply, rr.ttl);
	}
	return code;
}

static int code_of(const struct hoy__reply *reply)
{
	if (reply->links > HOY__CHAIN_LINKS)
		return HOY_EMESSAGE;
	switch (reply->rcode) {
	case HOY__NOERROR: return reply->records ? 0 : HOY_ENODATA;
	case HOY__NXDOMAIN: return HOY_ENOHOST;
	case HOY__SERVFAIL: return HOY_ESERVFAIL;
	default: return HOY_EREFUSED;	/* or does not know how: no better in a moment */
	}
}

/* RFC 2308: the TTL of a negative answer is the SOA's, if that is of the name's zone; at most the chain's. */
static void set_negative_ttl(struct hoy__reply *reply, const struct seen *seen)
{
	if (reply->code == 0)
		return;
	if (hoy__name_is_within(&reply->name, &seen->zone) && (reply->code == HOY_ENOHOST || reply->code == HOY_ENODATA))
		lower_ttl(reply, seen->negative_ttl);
	else
		reply->has_ttl = false;
}

int hoy__reply_read(struct hoy__message *m, struct hoy__reply *reply)
{
	struct seen seen = { 0 };
	int code;

	*reply = (struct hoy__reply){ 0 };
	if ((code = read_all(m, reply, &seen)) < 0)
		return code;
	if ((code = follow_chain(m, &seen, reply)) < 0)
		return code;
	if ((code = count_data(m, reply)) < 0)
		return code;
	reply->present = true;
	reply->rcode = (unsigned)seen.rcode_high << 4 | (m->flags & HOY__RCODE);
	reply->truncated = m->flags & HOY__TC;
	reply->authenticated = m->flags & HOY__AD;
	reply->code = code_of(reply);
	reply->lame = reply->code == HOY_ENODATA && !m->count[HOY__ANSWER] && !(m->flags & (HOY__AA | HOY__RA)) &&
		      !seen.has_additional;
	set_negative_ttl(reply, &seen);
	hoy__message_rewind(m);
	return 0;
}

unsigned hoy__reply_rcode(const struct hoy__reply *reply)
{
	return reply->present ? reply->rcode : HOY_RCODE_NONE;
}

static bool is_reply(const struct hoy__message *m)
{
	return (m->flags & (HOY__QR | HOY__OPCODE)) == HOY__QR;
}

bool hoy__reply_is_to(const struct hoy__message *m, const struct hoy__question *question)
{
	return is_reply(m) && m->question.type == question->type && m->question.class == question->class &&
	       hoy__name_equal(&m->question.name, &question->name);
}

bool hoy__reply_is_bare(const struct hoy__message *m)
{
	return m->len >= HOY__HEADER_SIZE && is_reply(m) && !m->count[HOY__QUESTION] && !m->count[HOY__ANSWER] &&
	       !m->count[HOY__AUTHORITY];
}

bool hoy__reply_rejects_edns(const struct hoy__message *m)
{
	unsigned rcode = m->flags & HOY__RCODE;

	return hoy__reply_is_bare(m) && (rcode == HOY__FORMERR || rcode == HOY__SERVFAIL || rcode == HOY__NOTIMP ||
					 rcode == HOY__REFUSED);
}

int hoy__reply_next(struct hoy__message *m, const struct hoy__reply *reply, struct hoy__record *rr)
{
	uint16_t type = m->question.type;
	int code;

	while (m->section == HOY__ANSWER && m->taken < m->count[HOY__ANSWER]) {
		if ((code = hoy__message_next(m, rr)) < 0)
			return code;
		if ((rr->type == type || type == HOY__ANY) && rr->class == m->question.class &&
		    hoy__name_equal(&rr->name, &reply->name))
			return 1;
	}
	return 0;
}
