/* One question, and every record of the reply as it came. */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/cursor.h"
#include "dns/lookup.h"
#include "dns/text.h"

/* The data of those types whose names may be compressed, written out. */
static void write_data(struct hoy__writer *w, const struct hoy__record *rr, const struct hoy__rdata *data)
{
	switch (data->type) {
	case HOY__NS: case HOY__CNAME: case HOY__PTR:
		hoy__name_write(w, &data->name, NULL);
		break;
	case HOY__MX:
		hoy__write_u16(w, data->mx.preference);
		hoy__name_write(w, &data->mx.host, NULL);
		break;
	case HOY__SRV:
		hoy__write_u16(w, data->srv.priority);
		hoy__write_u16(w, data->srv.weight);
		hoy__write_u16(w, data->srv.port);
		hoy__name_write(w, &data->srv.target, NULL);
		break;
	case HOY__SOA:
		hoy__name_write(w, &data->soa.server, NULL);
		hoy__name_write(w, &data->soa.mailbox, NULL);
		hoy__write_u32(w, data->soa.serial);
		hoy__write_u32(w, data->soa.refresh);
		hoy__write_u32(w, data->soa.retry);
		hoy__write_u32(w, data->soa.expire);
		hoy__write_u32(w, data->soa.minimum);
		break;
	default:
		hoy__write_bytes(w, rr->data, rr->size);
	}
}

/* Room for two names in full, or for the data as it came. */
static int keep_data(struct hoy__hits *hits, const struct hoy__record *rr, const struct hoy__rdata *data,
		     struct hoy__hit *hit)
{
	size_t room = rr->size + 2 * HOY__NAME_SIZE + 20;
	uint8_t *bytes = hoy__alloc(room);
	struct hoy__writer w;
	int code;

	if (!bytes)
		return -ENOMEM;
	w = hoy__writer(bytes, room);
	write_data(&w, rr, data);
	hit->size = hoy__writer_len(&w);
	code = hoy__hits_keep(hits, bytes, hit->size, &hit->data);
	hoy__release(bytes);
	return code;
}

static int keep_text(struct hoy__hits *hits, const struct hoy__rdata *data, struct hoy__hit *hit)
{
	int len = hoy__rdata_text(data, NULL, 0), code;
	char *text;

	if (len < 0)
		return len;
	if (!(text = hoy__alloc((size_t)len + 1)))
		return -ENOMEM;
	hoy__rdata_text(data, text, (size_t)len + 1);
	hit->len = (size_t)len;
	code = hoy__hits_keep(hits, text, hit->len, &hit->text);
	hoy__release(text);
	return code;
}

static int add_any(struct hoy__hits *hits, const struct hoy__message *m, const struct hoy__record *rr, uint32_t ttl)
{
	struct hoy__hit hit = { .number = { rr->type, rr->class, (uint16_t)rr->section }, .ttl = ttl };
	char name[HOY__NAME_STRLEN];
	struct hoy__rdata data;
	int code = hoy__record_read(m, rr, &data);

	hoy__name_text(&rr->name, name);
	if (code == 0)
		code = hoy__hits_keep(hits, name, strlen(name), &hit.name);
	if (code == 0)
		code = keep_data(hits, rr, &data, &hit);
	if (code == 0)
		code = keep_text(hits, &data, &hit);
	return code == 0 ? hoy__hits_add(hits, &hit) : code;
}

static int read_all(struct hoy__lookup *l, const struct hoy__found *found)
{
	struct hoy__message m;
	struct hoy__record rr;
	int code = hoy__message_open(&m, found->message, found->len), more;

	while (code == 0 && (more = hoy__message_next(&m, &rr)) != 0)
		if (more < 0 || rr.type != HOY__OPT)
			code = more < 0 ? more : add_any(&l->hits, &m, &rr, hoy__found_ttl(found, rr.ttl));
	return code;
}

int hoy__lookup_question(struct hoy__lookup *l, uint16_t type)
{
	struct hoy__found found;
	struct hoy__name name;
	int code;

	if (hoy__name_parse(&name, l->name, strlen(l->name)) < 0)
		return HOY_ENOHOST;
	hoy__ask(l->resolver->asker, &l->policy, &name, &type, 1, &found);
	hoy__lookup_answer(l, &found);
	code = found.message ? read_all(l, &found) : found.code;
	hoy__found_drop(&found);
	return code;
}
