/*
 * libFuzzer targets for the zone server: any text as a master file, and any message to the
 * zones that such a file made. A file that is taken is served: each of its names gets an
 * answer that is no longer than asked for.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../cmd/hoy/zone.h"

#define CONCAT_(a, b) a##b
#define CONCAT(a, b) CONCAT_(a, b)

static void expect(int holds)
{
	if (!holds)
		abort();
}

static size_t write_query(uint8_t *query, const struct key *name, uint16_t type)
{
	static const uint8_t header[12] = { 0, 1, 1, 0, 0, 1 };
	struct key rest = *name;
	size_t len = sizeof header;

	memcpy(query, header, sizeof header);
	while (rest.len) {
		rest.len = key_parent(&rest);
		memcpy(query + len, rest.at + rest.len, rest.at[rest.len] + 1u);
		len += rest.at[rest.len] + 1u;
	}
	memcpy(query + len, (uint8_t[]){ 0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1 }, 5);
	return len + 5;
}

static void must_answer(const struct zones *z, const uint8_t *query, size_t len)
{
	static uint8_t reply[65535];
	struct asked asked;
	size_t n = zones_answer(z, query, len, true, reply, sizeof reply, &asked);

	expect(n == 0 || (n >= 12 && n <= 1232));
	n = zones_answer(z, query, len, false, reply, sizeof reply, &asked);
	expect(n == 0 || n >= 12);
}

/* $GENERATE with a number of more than two digits: a million records take their time. */
static int has_long_range(const char *text, size_t size)
{
	unsigned digits = 0;
	char copy[4097];

	snprintf(copy, sizeof copy, "%.*s", (int)size, text);
	if (!strcasestr(copy, "$GENERATE"))
		return 0;
	for (size_t i = 0; i < size; i++) {
		digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
		if (digits > 2 && i + 1 < size && (text[i + 1] == '-' || text[i + 1] == '/' || (i >= digits && text[i - digits] == '-')))
			return 1;
	}
	return 0;
}

__attribute__((unused)) static void fuzz_zone_file(const uint8_t *data, size_t size)
{
	struct zones z;
	char mistake[MISTAKE_STRLEN];
	uint8_t query[300];

	if (memmem(data, size, "$INCLUDE", 8) || memmem(data, size, "$include", 8))
		return;		/* the file system is no input */
	if (has_long_range((const char *)data, size))
		return;
	if (zones_parse(&z, "zone", (const char *)data, size, "example.", mistake) < 0) {
		expect(mistake[0] && !z.count && !z.rr);
		return;
	}
	for (size_t i = 0; i < z.count; i++) {
		expect(zones_has(&z, &z.rr[i].key) && zones_soa(&z, &z.rr[i].key));
		must_answer(&z, query, write_query(query, &z.rr[i].key, z.rr[i].type));
	}
	zones_clear(&z);
}

static void count_mistake(void *count, const struct mistake *m)
{
	expect(m->what[0] && m->text[0]);
	++*(int *)count;
}

/* Reading on behind mistakes finds one exactly if reading up to the first does. */
__attribute__((unused)) static void fuzz_zone_check(const uint8_t *data, size_t size)
{
	int fd = memfd_create("zone", 0), told = 0, mistakes, warned;
	char path[40], mistake[MISTAKE_STRLEN];
	struct zones z, again;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	expect(write(fd, data, size) == (ssize_t)size);
	if (!memmem(data, size, "$INCLUDE", 8) && !memmem(data, size, "$include", 8) && !has_long_range((const char *)data, size)) {
		mistakes = zones_check(&z, path, "example.", count_mistake, &told, mistake);
		expect(mistakes == told);
		expect((zones_parse(&again, "zone", (const char *)data, size, "example.", mistake) < 0) == (mistakes > 0));
		warned = mistakes == 0 ? zones_warn(&z, count_mistake, &told) : told;
		expect(warned == told);
		zones_clear(&z);
		zones_clear(&again);
	}
	close(fd);
}

__attribute__((unused)) static void fuzz_zone_query(const uint8_t *data, size_t size)
{
	static const char text[] =
		"$TTL 60\n@ SOA ns h 1 2 3 4 5\n NS ns\nns A 192.0.2.1\n*.w A 192.0.2.2\nc CNAME d.w\n"
		"s NS ns.s\nns.s AAAA ::1\na.b.c TXT x\nl CNAME l\nd DNAME w\ne DNAME x.e\nk DS 1 8 2 00\n";
	static struct zones z;
	char mistake[MISTAKE_STRLEN];

	if (!z.count)
		expect(zones_parse(&z, "zone", text, sizeof text - 1, "e", mistake) == 0);
	must_answer(&z, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CONCAT(fuzz_, TARGET)(data, size);
	return 0;
}
