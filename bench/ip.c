/*
 * What an address costs to read and to write, beside inet_pton and inet_ntop, and what a
 * question to a set of a million ranges costs. One line of "WHAT NANOSECONDS" for each;
 * bench/ip runs it in turn with Go and prints medians.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <hoy.h>

#define COUNT 1000
#define ROUNDS 1000
#define RANGES 1000000
#define QUESTIONS 1000000

static char texts[COUNT][64];
static hoy_ip ips[COUNT];
static int family[COUNT];
static volatile unsigned sink;

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* Half IPv4, half IPv6, and half of those with a run of zeros: the list Go gets too. */
static void make_list(void)
{
	for (int i = 0; i < COUNT; i++) {
		ips[i].len = i & 1 ? 16 : 4;
		for (int j = 0; j < 16; j++) {
			uint8_t byte = (uint8_t)draw();

			if (j < ips[i].len)
				ips[i].bytes[j] = byte;
		}
		if (i % 4 == 3)
			memset(ips[i].bytes + 4 + draw() % 4, 0, 6);
		family[i] = i & 1 ? AF_INET6 : AF_INET;
		inet_ntop(family[i], ips[i].bytes, texts[i], sizeof texts[i]);
	}
}

static void hoy_parse(int i)
{
	hoy_ip ip;

	sink += (unsigned)hoy_parse_ip(texts[i], &ip, NULL) + ip.bytes[3];
}

static void libc_parse(int i)
{
	uint8_t bytes[16];

	sink += (unsigned)inet_pton(family[i], texts[i], bytes) + bytes[3];
}

static void hoy_format(int i)
{
	char buf[HOY_IP_STRLEN];

	sink += (unsigned char)hoy_ip_string(ips[i], buf)[1];
}

static void libc_format(int i)
{
	char buf[64];

	sink += (unsigned char)inet_ntop(family[i], ips[i].bytes, buf, sizeof buf)[1];
}

static const struct part { const char *name; int first, step; } parts[] = {
	{ "v4", 0, 2 }, { "v6", 1, 2 }, { "mixed", 0, 1 },
};

static void measure(const char *what, void (*step)(int), const struct part *part)
{
	double start = now();

	for (int round = 0; round < ROUNDS; round++)
		for (int i = part->first; i < COUNT; i += part->step)
			step(i);
	printf("%s-%s %.1f\n", what, part->name, (now() - start) / (ROUNDS * (COUNT / part->step)));
}

static hoy_ip random_ip(int len)
{
	hoy_ip ip = { .len = (uint8_t)len };

	for (int i = 0; i < len; i++)
		ip.bytes[i] = (uint8_t)(draw() >> 24);
	return ip;
}

static int by_address(const void *a, const void *b)
{
	return hoy_ip_compare(*(const hoy_ip *)a, *(const hoy_ip *)b);
}

/* An address against a range: what bsearch asks at every half. */
static int by_range(const void *ip, const void *range)
{
	const hoy_ip_range *r = range;

	return hoy_ip_compare(*(const hoy_ip *)ip, r->first) < 0 ? -1 : hoy_ip_compare(*(const hoy_ip *)ip, r->last) > 0;
}

/* Random addresses in order, taken in pairs: as much lies inside of a range as between two. */
static void measure_set(int len)
{
	static hoy_ip_range ranges[RANGES];
	static hoy_ip asked[QUESTIONS];
	long inside = 0, found = 0;
	double start, middle;
	hoy_ip_set *set;

	for (int i = 0; i < RANGES; i++)
		ranges[i] = (hoy_ip_range){ random_ip(len), random_ip(len) };
	qsort(ranges, 2 * RANGES, sizeof(hoy_ip), by_address);
	for (int i = 0; i < QUESTIONS; i++)
		asked[i] = random_ip(len);
	set = hoy_ip_set_new(ranges, RANGES, NULL);
	if (!set)
		exit(1);
	start = now();
	for (int i = 0; i < QUESTIONS; i++)
		inside += hoy_ip_set_contains(set, asked[i]);
	middle = now();
	for (int i = 0; i < QUESTIONS; i++)
		found += bsearch(&asked[i], ranges, RANGES, sizeof *ranges, by_range) != NULL;
	printf("set-v%d %.1f\n", len == 4 ? 4 : 6, (middle - start) / QUESTIONS);
	printf("bsearch-v%d %.1f\n", len == 4 ? 4 : 6, (now() - middle) / QUESTIONS);
	if (inside != found || inside < QUESTIONS / 3 || inside > QUESTIONS / 3 * 2)
		errx(1, "%ld of %d inside, bsearch says %ld", inside, QUESTIONS, found);
	hoy_ip_set_free(set);
}

int main(void)
{
	make_list();
	for (int i = 0; i < 3; i++) {
		measure("hoy-parse", hoy_parse, &parts[i]);
		measure("libc-parse", libc_parse, &parts[i]);
		measure("hoy-format", hoy_format, &parts[i]);
		measure("libc-format", libc_format, &parts[i]);
	}
	measure_set(4);
	measure_set(16);
	return 0;
}
