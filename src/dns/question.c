/* One question, and every record of the reply as it came. */
#include <errno.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "base/cursor.h"
#include "dns/lookup.h"
#include "dns/transfer.h"
#include "dns/msg/rdata.h"

/* Uncompressed: room for two names in full, which is what a type has at most. */
static int keep_data(struct hoy__results *results, const struct hoy__message *m, const struct hoy__record *rr,
		     struct hoy__result *result)
{
	size_t room = rr->size + 2 * HOY__NAME_SIZE;
	uint8_t *bytes = hoy__alloc(room);
	struct hoy__writer w;
	int code;

	if (!bytes)
		return -ENOMEM;
	w = hoy__writer(bytes, room);
	hoy__rdata_expand(&w, rr->type, (struct hoy__bytes){ rr->data, rr->size }, m->data);
	result->size = hoy__writer_len(&w);
	code = w.bad ? HOY_EMESSAGE : hoy__results_keep(results, bytes, result->size, &result->data);
	hoy__release(bytes);
	return code;
}

static int keep_text(struct hoy__results *results, const struct hoy__message *m, const struct hoy__record *rr,
		     struct hoy__result *result)
{
	struct hoy__bytes data = { rr->data, rr->size };
	struct hoy__text t = { NULL, 0, 0 };
	int code = hoy__rdata_print(&t, rr->type, data, m->data);

	if (code < 0)
		return code;
	result->len = t.len;
	t = (struct hoy__text){ hoy__alloc(result->len + 1), result->len + 1, 0 };
	if (!t.at)
		return -ENOMEM;
	hoy__rdata_print(&t, rr->type, data, m->data);
	code = hoy__results_keep(results, t.at, result->len, &result->text);
	hoy__release(t.at);
	return code;
}

int hoy__record_keep(struct hoy__results *results, const struct hoy__message *m, const struct hoy__record *rr, uint32_t ttl)
{
	struct hoy__result result = { .number = { rr->type, rr->class, (uint16_t)rr->section }, .ttl = ttl };
	char name[HOY__NAME_STRLEN];
	int code;

	hoy__name_text(&rr->name, name);
	code = hoy__results_keep(results, name, strlen(name), &result.name);
	if (code == 0)
		code = keep_text(results, m, rr, &result);
	if (code == 0)
		code = keep_data(results, m, rr, &result);
	return code == 0 ? hoy__results_add(results, &result) : code;
}

static int read_all(struct hoy__lookup *l, const struct hoy__found *found)
{
	struct hoy__message m;
	struct hoy__record rr;
	int code = hoy__message_open(&m, found->message, found->len), more;

	while (code == 0 && (more = hoy__message_next(&m, &rr)) != 0)
		if (more < 0 || rr.type != HOY__OPT)
			code = more < 0 ? more : hoy__record_keep(&l->results, &m, &rr, hoy__found_ttl(found, rr.ttl));
	return code;
}

int hoy__lookup_question(struct hoy__lookup *l, uint16_t type)
{
	struct hoy__found found;
	struct hoy__name name;
	int code;

	if (hoy__name_parse(&name, l->name, strlen(l->name)) < 0)
		return HOY_ENOHOST;
	hoy__client_ask(l->resolver->client, &l->policy, &name, &type, 1, &found);
	hoy__lookup_answer(l, &found);
	code = found.message ? read_all(l, &found) : found.code;
	hoy__found_drop(&found);
	return code;
}
