/*
 * libFuzzer target for the PROXY protocol's header. More bytes behind it change nothing, fewer ask for more; what was read is
 * written and read again, and must be the same.
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

static void check_again(const hoy_proxy_header *h)
{
	uint8_t room[HOY_PROXY_HEADER_LEN];
	hoy_proxy_header again;
	int n = hoy_proxy_header_format(h->version, &h->source, &h->destination, room);

	must(n > 0 && (size_t)n <= sizeof room && hoy_proxy_header_parse(room, (size_t)n, &again, NULL) == n);
	must(again.version == h->version && again.source.kind == h->source.kind);
	must(hoy_addr_equal(&again.source, &h->source) && hoy_addr_equal(&again.destination, &h->destination));
}

/* Once the header's length is known, it stays; before, more bytes are needed. */
static void check_cuts(const uint8_t *data, size_t size, int want)
{
	hoy_proxy_header h;

	for (size_t len = 0; len < size; len++) {
		int n = hoy_proxy_header_parse(data, len, &h, NULL);

		must(n == 0 || n == want);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = malloc(size + !size);	/* exactly its size, so that a sanitizer sees one byte more */
	hoy_proxy_header h;
	hoy_err err;
	int n;

	memcpy(packet, data, size);
	n = hoy_proxy_header_parse(packet, size, &h, &err);
	check_cuts(packet, size, n);
	if (n > 0)
		check_again(&h);
	else
		must(n == 0 || (err.code == n && err.offset <= size));
	free(packet);
	return 0;
}
