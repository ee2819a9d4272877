/*
 * libFuzzer target for ICMP messages. The first byte chooses the family. What was read is
 * written and read again, and must be the same; a quote lies inside the message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

/* Ends the run unless it holds; unlike assert, in every build. */
static void must(int holds)
{
	if (!holds)
		abort();
}

static void check_again(const hoy_icmp *m)
{
	uint8_t room[512];
	hoy_icmp again;
	ssize_t n = hoy_icmp_marshal(m, (hoy_ip){ 0 }, (hoy_ip){ 0 }, room, sizeof room, NULL);

	must(n > 0 && hoy_icmp_parse(m->family, room, (size_t)n, &again, NULL) == 0);
	must(m->family == 6 || hoy_checksum(room, (size_t)n) == 0);
	must(again.kind == m->kind && again.type == m->type && again.code == m->code);
	must(again.id == m->id && again.seq == m->seq && again.mtu == m->mtu && again.pointer == m->pointer);
	must(again.len == m->len && (m->len == 0 || memcmp(again.data, m->data, m->len) == 0));
}

static void check_quote(const hoy_icmp *m)
{
	const uint8_t *start = m->data;
	hoy_icmp_quote quote;

	if (hoy_icmp_quoted(m, &quote, NULL) < 0)
		return;
	must(m->kind >= HOY_ICMP_UNREACHABLE);
	must((const uint8_t *)quote.data + quote.len == start + m->len && quote.len < m->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = malloc(size ? size - 1 : 0);	/* exactly its size, so that a sanitizer sees one byte more */
	hoy_icmp m;

	if (size > 0) {
		memcpy(packet, data + 1, size - 1);
		if (hoy_icmp_parse(data[0] & 1 ? 6 : 4, packet, size - 1, &m, NULL) == 0) {
			check_again(&m);
			check_quote(&m);
		}
	}
	free(packet);
	return 0;
}
