#include "net/ping_window.h"

enum { SENT = 1 << 16, ANSWERED = 1 << 17 };	/* above the sequence number */

static struct hoy__ping_request *place_of(struct hoy__ping_window *w, uint16_t seq)
{
	return &w->requests[seq % HOY__PING_WINDOW];
}

void hoy__ping_window_send(struct hoy__ping_window *w, uint16_t seq, int64_t now)
{
	struct hoy__ping_request *r = place_of(w, seq);

	atomic_store(&r->state, 0);
	atomic_store(&r->sent, now);
	atomic_store(&r->state, seq | SENT);
}

/* The exchange fails when the place got another request after `sent` was read. */
int64_t hoy__ping_window_answer(struct hoy__ping_window *w, uint16_t seq, bool *duplicate)
{
	struct hoy__ping_request *r = place_of(w, seq);
	uint32_t state = atomic_load(&r->state);
	int64_t sent = atomic_load(&r->sent);

	*duplicate = state == (seq | SENT | ANSWERED);
	if ((state & ~(uint32_t)ANSWERED) != (seq | SENT) ||
	    !atomic_compare_exchange_strong(&r->state, &state, seq | SENT | ANSWERED))
		return -1;
	return sent;
}
