/*
 * resolv.conf as Go reads it: comments only in the first column, the last `domain` or
 * `search` wins, numbers are clamped and never refused, and what is not understood is
 * noted and passed over.
 */
#include "dns/conf/resolv.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "dns/msg/slice.h"

enum { NDOTS_MOST = 15, NUMBER_MOST = 0xffffff };

static void add_server(struct hoy__resolv *conf, struct hoy__slice words)
{
	struct hoy__slice word;
	hoy_addr addr = { 0 };

	if (conf->servers == HOY__SERVERS || !hoy__next_word(&words, &word) || !hoy__slice_addr(word, &addr))
		return;
	addr.kind = HOY_ADDR_UDP;
	addr.port = 53;
	conf->server[conf->servers++] = addr;
}

static size_t count_words(struct hoy__slice words)
{
	struct hoy__slice word;
	size_t count = 0;

	while (hoy__next_word(&words, &word))
		count++;
	return count;
}

/* The first `most` words become the search list: pointers first, the rooted names after them. */
static int set_search(struct hoy__resolv *conf, struct hoy__slice words, size_t most)
{
	size_t count = count_words(words);
	char **list = hoy__alloc(count * (sizeof *list + 2) + words.len + 1);
	struct hoy__slice word;
	char *at;

	if (!list)
		return -ENOMEM;
	at = (char *)(list + count);
	hoy__release(conf->search);
	conf->search = list;
	conf->searches = 0;
	while (conf->searches < most && hoy__next_word(&words, &word)) {
		if (hoy__slice_is(word, ".") || memchr(word.at, 0, word.len))
			continue;
		list[conf->searches++] = at;
		memcpy(at, word.at, word.len);
		at += word.len;
		if (at[-1] != '.')
			*at++ = '.';
		*at++ = 0;
	}
	return 0;
}

static unsigned clamped(struct hoy__slice number, unsigned least, unsigned most)
{
	size_t digits;
	unsigned n = hoy__slice_number(number, most, &digits);

	return n < least ? least : n;
}

static void set_option(struct hoy__resolv *conf, struct hoy__slice word)
{
	const struct { const char *name; bool *flag; } flags[] = {
		{ "rotate", &conf->rotate },
		{ "single-request", &conf->single_request },
		{ "single-request-reopen", &conf->single_request },
		{ "use-vc", &conf->use_tcp }, { "usevc", &conf->use_tcp }, { "tcp", &conf->use_tcp },
		{ "trust-ad", &conf->trust_ad },
		{ "no-reload", &conf->no_reload },
		{ "no-aaaa", &conf->no_aaaa },
	};

	for (size_t i = 0; i < LEN(flags); i++)
		if (hoy__slice_is(word, flags[i].name)) {
			*flags[i].flag = true;
			return;
		}
	if (hoy__slice_after(&word, "ndots:"))
		conf->ndots = clamped(word, 0, NDOTS_MOST);
	else if (hoy__slice_after(&word, "timeout:"))
		conf->timeout = clamped(word, 1, NUMBER_MOST);
	else if (hoy__slice_after(&word, "attempts:"))
		conf->attempts = clamped(word, 1, NUMBER_MOST);
	else if (!hoy__slice_is(word, "edns0"))		/* which is always on */
		conf->unknown_option = true;
}

static void set_lookup(struct hoy__resolv *conf, struct hoy__slice words)
{
	struct hoy__slice word;
	size_t used = 0;

	while (hoy__next_word(&words, &word) && used + word.len + 2 <= sizeof conf->lookup) {
		if (used)
			conf->lookup[used++] = ',';
		memcpy(conf->lookup + used, word.at, word.len);
		used += word.len;
		conf->lookup[used] = 0;
	}
}

static int read_line(struct hoy__resolv *conf, struct hoy__slice line)
{
	struct hoy__slice key;

	if (!line.len || *line.at == '#' || *line.at == ';' || !hoy__next_word(&line, &key))
		return 0;
	if (hoy__slice_is(key, "nameserver")) {
		add_server(conf, line);
	} else if (hoy__slice_is(key, "domain")) {
		return count_words(line) ? set_search(conf, line, 1) : 0;
	} else if (hoy__slice_is(key, "search")) {
		return set_search(conf, line, SIZE_MAX);
	} else if (hoy__slice_is(key, "options")) {
		while (hoy__next_word(&line, &key))
			set_option(conf, key);
	} else if (hoy__slice_is(key, "lookup")) {
		set_lookup(conf, line);
	} else {
		conf->unknown_option = true;
	}
	return 0;
}

/* No RFC has it, but every resolver does it: without a nameserver line, the name server of this machine is used. */
static void set_default_servers(struct hoy__resolv *conf)
{
	conf->server[0] = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 53, .ip = { 4, { 127, 0, 0, 1 } } };
	conf->server[1] = (hoy_addr){ .kind = HOY_ADDR_UDP, .port = 53, .ip = { .len = 16 } };
	conf->server[1].ip.bytes[15] = 1;
	conf->servers = 2;
}

static int set_default_search(struct hoy__resolv *conf, const char *hostname)
{
	const char *dot = strchr(hostname, '.');

	return dot && dot[1] ? set_search(conf, hoy__slice(dot + 1), 1) : 0;
}

int hoy__resolv_parse(struct hoy__resolv *conf, const char *text, size_t len, const char *hostname)
{
	struct hoy__slice rest = { text, len }, line;
	int code = 0;

	*conf = (struct hoy__resolv){ .ndots = 1, .timeout = 5, .attempts = 2 };
	while (!code && hoy__next_line(&rest, &line))
		code = read_line(conf, line);
	if (!conf->servers)
		set_default_servers(conf);
	if (!code && !conf->searches)
		code = set_default_search(conf, hostname);
	if (code < 0)
		hoy__resolv_clear(conf);
	return code;
}

void hoy__resolv_clear(struct hoy__resolv *conf)
{
	hoy__release(conf->search);
	conf->search = NULL;
	conf->searches = 0;
}
