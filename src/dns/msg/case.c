/*
 * Nearly every server sends the question back as it came, so the case of its letters is so
 * many bits more that a forger has to guess (draft-vixie-dnsext-dns0x20). The mixed letters
 * end here: the question goes back to what it was, and all names that point into it with it.
 * What a server wrote out instead of pointing is found label by label, also where a DNAME
 * has put the labels into another name.
 */
#include "dns/msg/case.h"

#include "dns/msg/message.h"

enum { QUESTION_AT = 12, DNAME = 39 };

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A label's length is below any letter. */
void hoy__case_mix(struct hoy__name *name, uint64_t bits)
{
	unsigned letters = 0;

	for (size_t i = 0; i < name->len; i++)
		if (is_letter(name->wire[i]))
			name->wire[i] = (uint8_t)((name->wire[i] & ~0x20) | (bits >> letters++ % 64 & 1) << 5);
}

/* The labels written out at `at`, as long as they are as long as those sent: each of them that is as it was sent. */
static void restore_labels(uint8_t *at, size_t left, const uint8_t *sent, const uint8_t *name)
{
	while (left && *at && *at < 64 && *at == *sent && *at < left) {
		size_t len = 1u + *at;

		if (!memcmp(at, sent, len))
			memcpy(at, name, len);
		at += len;
		sent += len;
		name += len;
		left -= len;
	}
}

void hoy__case_restore(uint8_t *message, size_t len, const struct hoy__name *name)
{
	struct hoy__name sent = *name;
	struct hoy__message m;
	struct hoy__record rr;
	bool made = false;	/* names of the question's labels, by a DNAME that comes first (RFC 6672) */
	uint8_t *at;

	if (hoy__message_open(&m, message, len) < 0)
		return;
	memcpy(sent.wire, message + QUESTION_AT, sent.len);
	while (at = message + (m.at.at - message), hoy__message_next(&m, &rr) > 0) {
		size_t left = len - (size_t)(at - message);
		bool within = hoy__name_is_within(name, &rr.name);
		size_t skip = within ? (size_t)(name->len - rr.name.len) : 0;

		if (within || made)
			restore_labels(at, left, sent.wire + skip, name->wire + skip);
		made |= rr.type == DNAME;
		if (made && rr.type == HOY__CNAME)
			restore_labels(message + (rr.data - message), rr.size, sent.wire, name->wire);
	}
	memcpy(message + QUESTION_AT, name->wire, name->len);
}
