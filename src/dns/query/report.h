/* Adding to the reports of an exchange's step. */
#ifndef HOY_DNS_REPORT_H
#define HOY_DNS_REPORT_H

#include "dns/query/exchange.h"

/* Nothing has come for the question: in time (HOY_TRACE_TIMEOUT), or because the socket failed (HOY_TRACE_FAILED). */
void hoy__report_loss(struct hoy__exchange *x, enum hoy_trace_kind kind, const struct hoy__exchange_question *q,
		      const struct hoy__exchange_socket *socket, int code);
/* A message that is no reply to an open question. */
void hoy__report_ignored(struct hoy__exchange *x, const struct hoy__exchange_socket *socket, const struct hoy__event_in *event);
/* A reply to the question, and what it means. NULL reply: it was cut short, or could not be read. */
void hoy__report_reply(struct hoy__exchange *x, const struct hoy__exchange_question *q,
		       const struct hoy__exchange_socket *socket, const struct hoy__event_in *event, int code,
		       const struct hoy__reply *reply);
/* After that reply the same server was asked once more, unless that was one packet too many. */
void hoy__report_retry(struct hoy__exchange *x, const struct hoy__exchange_question *q, enum hoy_trace_kind kind);

#endif
