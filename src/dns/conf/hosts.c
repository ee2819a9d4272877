/*
 * Every (address, name) pair of the file is an entry of its own, and two sorted lists
 * find them. Nothing is merged while reading, so a line cannot disturb another one, and
 * a file of a hundred thousand lines is searched by halving.
 */
#include "dns/conf/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "dns/msg/slice.h"

struct sizes {
	size_t lines, names, bytes;
};

/* Only lines that begin with a literal address count. */
static bool read_line(struct hoy__slice *line, hoy_addr *addr)
{
	struct hoy__slice word;

	*line = hoy__before_comment(*line);
	return hoy__next_word(line, &word) && hoy__slice_addr(word, addr);
}

static struct sizes measure(struct hoy__slice text)
{
	struct hoy__slice line, word;
	struct sizes sizes = { 0 };

	while (hoy__next_line(&text, &line)) {
		sizes.lines++;
		line = hoy__before_comment(line);
		while (hoy__next_word(&line, &word)) {
			sizes.names++;
			sizes.bytes += 2 * (word.len + 2);	/* in both cases, each with a dot and a NUL */
		}
	}
	return sizes;
}

/* Puts the word at *at, rooted if there is a dot in it; where it stands, and *at past it. */
static char *put_name(char **at, const char *word, size_t len, bool lower)
{
	char *name = *at;

	for (size_t i = 0; i < len; i++)
		name[i] = lower ? hoy__lower(word[i]) : word[i];
	if (memchr(word, '.', len) && word[len - 1] != '.')
		name[len++] = '.';
	name[len] = 0;
	*at += len + 1;
	return name;
}

static void add_line(struct hoy__hosts *hosts, struct hoy__slice names, struct hoy__host_addr *addr, char **words)
{
	const char *canonical = NULL;
	struct hoy__slice word;

	while (hoy__next_word(&names, &word)) {
		struct hoy__host *host = &hosts->by_name[hosts->count];

		if (memchr(word.at, 0, word.len))
			continue;
		host->key = put_name(words, word.at, word.len, true);
		host->name = put_name(words, word.at, word.len, false);
		if (!canonical)
			canonical = host->key;
		host->canonical = canonical;
		host->addr = addr;
		host->order = (uint32_t)hosts->count++;
	}
}

static void add_lines(struct hoy__hosts *hosts, struct hoy__slice text)
{
	struct hoy__host_addr *at = hosts->addrs;
	char *words = hosts->words;
	struct hoy__slice line;

	while (hoy__next_line(&text, &line)) {
		hoy_addr addr = { 0 };

		if (!read_line(&line, &addr))
			continue;
		at->ip = addr.ip;
		memcpy(at->zone, addr.zone, sizeof at->zone);
		add_line(hosts, line, at++, &words);
	}
}

static int compare_order(const struct hoy__host *a, const struct hoy__host *b)
{
	return (a->order > b->order) - (a->order < b->order);
}

static int compare_names(const void *left, const void *right)
{
	const struct hoy__host *a = left, *b = right;
	int order = strcmp(a->key, b->key);

	return order ? order : compare_order(a, b);
}

static int compare_addr(const struct hoy__host_addr *a, const struct hoy__host_addr *b)
{
	int order = a->ip.len - b->ip.len;

	if (!order)
		order = memcmp(a->ip.bytes, b->ip.bytes, sizeof a->ip.bytes);
	return order ? order : strcmp(a->zone, b->zone);
}

static int compare_addrs(const void *left, const void *right)
{
	const struct hoy__host *a = *(struct hoy__host *const *)left, *b = *(struct hoy__host *const *)right;
	int order = compare_addr(a->addr, b->addr);

	return order ? order : compare_order(a, b);
}

static int allocate(struct hoy__hosts *hosts, struct sizes sizes)
{
	hosts->by_name = hoy__alloc((sizes.names + 1) * sizeof *hosts->by_name);
	hosts->by_addr = hoy__alloc((sizes.names + 1) * sizeof *hosts->by_addr);
	hosts->addrs = hoy__alloc((sizes.lines + 1) * sizeof *hosts->addrs);
	hosts->words = hoy__alloc(sizes.bytes + 1);
	return hosts->by_name && hosts->by_addr && hosts->addrs && hosts->words ? 0 : -ENOMEM;
}

int hoy__hosts_parse(struct hoy__hosts *hosts, const char *text, size_t len)
{
	struct hoy__slice all = { text, len };

	*hosts = (struct hoy__hosts){ 0 };
	if (allocate(hosts, measure(all)) < 0) {
		hoy__hosts_clear(hosts);
		return -ENOMEM;
	}
	add_lines(hosts, all);
	qsort(hosts->by_name, hosts->count, sizeof *hosts->by_name, compare_names);
	for (size_t i = 0; i < hosts->count; i++)
		hosts->by_addr[i] = &hosts->by_name[i];
	qsort(hosts->by_addr, hosts->count, sizeof *hosts->by_addr, compare_addrs);
	return 0;
}

void hoy__hosts_clear(struct hoy__hosts *hosts)
{
	hoy__release(hosts->by_name);
	hoy__release(hosts->by_addr);
	hoy__release(hosts->addrs);
	hoy__release(hosts->words);
	*hosts = (struct hoy__hosts){ 0 };
}

size_t hoy__hosts_by_name(const struct hoy__hosts *hosts, const char *name, const struct hoy__host **first)
{
	char key[512], *end = key;
	size_t low = 0, high = hosts->count, count = 0;

	if (!*name || strlen(name) + 2 > sizeof key)
		return 0;
	put_name(&end, name, strlen(name), true);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(hosts->by_name[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = hosts->by_name + low;
	while (low + count < hosts->count && !strcmp(hosts->by_name[low + count].key, key))
		count++;
	return count;
}

size_t hoy__hosts_by_addr(const struct hoy__hosts *hosts, const hoy_addr *addr, struct hoy__host *const **first)
{
	struct hoy__host_addr key = { .ip = addr->ip };
	size_t low = 0, high = hosts->count, count = 0;

	memcpy(key.zone, addr->zone, sizeof key.zone);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_addr(hosts->by_addr[middle]->addr, &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*first = hosts->by_addr + low;
	while (low + count < hosts->count && !compare_addr(hosts->by_addr[low + count]->addr, &key))
		count++;
	return count;
}
