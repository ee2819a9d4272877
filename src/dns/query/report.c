/*
 * The exchange says itself what it has made of each event, so that a trace need not be inferred from the state before and
 * after.
 */
#include "dns/query/report.h"

static struct hoy__report *add(struct hoy__exchange *x, enum hoy_trace_kind kind,
			       const struct hoy__exchange_socket *socket)
{
	struct hoy__report *r = &x->report[x->reports];

	x->reports += x->reports < HOY__REPORTS - 1;
	*r = (struct hoy__report){ .kind = kind, .server = socket->server, .tcp = socket->tcp };
	return r;
}

void hoy__report_loss(struct hoy__exchange *x, enum hoy_trace_kind kind, const struct hoy__exchange_question *q,
		      const struct hoy__exchange_socket *socket, int code)
{
	struct hoy__report *r = add(x, kind, socket);

	r->type = q->asked.type;
	r->id = q->id;
	r->code = code;
}

static struct hoy__report *add_message(struct hoy__exchange *x, enum hoy_trace_kind kind,
				       const struct hoy__exchange_socket *socket, const struct hoy__event_in *event)
{
	struct hoy__report *r = add(x, kind, socket);

	r->size = event->len;
	if (event->len >= 4) {
		r->id = (uint16_t)(event->data[0] << 8 | event->data[1]);
		r->rcode = event->data[3] & HOY__RCODE;
	}
	return r;
}

void hoy__report_ignored(struct hoy__exchange *x, const struct hoy__exchange_socket *socket, const struct hoy__event_in *event)
{
	add_message(x, HOY_TRACE_IGNORED, socket, event);
}

void hoy__report_reply(struct hoy__exchange *x, const struct hoy__exchange_question *q,
		       const struct hoy__exchange_socket *socket, const struct hoy__event_in *event, int code,
		       const struct hoy__reply *reply)
{
	struct hoy__report *r = add_message(x, HOY_TRACE_RECEIVED, socket, event);

	r->type = q->asked.type;
	r->code = code;
	r->reply = reply;
	if (reply)
		r->rcode = reply->rcode;
}

void hoy__report_retry(struct hoy__exchange *x, const struct hoy__exchange_question *q, enum hoy_trace_kind kind)
{
	if (q->state != HOY__QUESTION_SENT)
		return;
	x->report[x->reports] = x->report[x->reports - 1];
	x->report[x->reports++].kind = kind;
}
