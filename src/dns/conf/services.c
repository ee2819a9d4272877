/*
 * Both files are lists of names with a number; services also have a transport, which is
 * just one more thing to sort by. The built-in tables answer what the files do not.
 */
#include "dns/conf/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/err.h>

#include "base/base.h"
#include "dns/msg/slice.h"
#include "ip/service.h"

enum { PORT_MOST = 65535, PROTOCOL_MOST = 255 };

/* What a line has beside its names. */
struct line {
	struct hoy__slice name, proto, aliases;
	unsigned number;
};

typedef bool read_number(struct line *line, struct hoy__slice word);

/* "80/tcp" */
static bool read_port(struct line *line, struct hoy__slice word)
{
	size_t digits;

	line->number = hoy__slice_number(word, PORT_MOST + 1, &digits);
	if (digits == word.len || word.at[digits] != '/' || !line->number || line->number > PORT_MOST)
		return false;
	line->proto = (struct hoy__slice){ word.at + digits + 1, word.len - digits - 1 };
	return !memchr(line->proto.at, 0, line->proto.len);
}

static bool read_protocol(struct line *line, struct hoy__slice word)
{
	size_t digits;

	line->number = hoy__slice_number(word, PROTOCOL_MOST + 1, &digits);
	line->proto = hoy__slice("");
	return digits == word.len && line->number <= PROTOCOL_MOST;
}

static bool read_line(struct hoy__slice *rest, struct line *line, read_number *read)
{
	struct hoy__slice text, word;

	while (hoy__next_line(rest, &text)) {
		text = hoy__before_comment(text);
		if (!hoy__next_word(&text, &line->name) || !hoy__next_word(&text, &word) || !read(line, word))
			continue;
		line->aliases = text;
		return true;
	}
	return false;
}

/* No line has more names, nor needs more room for words, than half its bytes and a few. */
static int allocate(struct hoy__services *services, struct hoy__slice text, read_number *read)
{
	size_t names = 0, bytes = 0;
	struct hoy__slice word;
	struct line line;

	while (read_line(&text, &line, read)) {
		names++;
		bytes += line.name.len + line.proto.len + 2;
		while (hoy__next_word(&line.aliases, &word)) {
			names++;
			bytes += word.len + 1;
		}
	}
	services->list = hoy__alloc((names + 1) * sizeof *services->list);
	services->words = hoy__alloc(bytes + 1);
	return services->list && services->words ? 0 : -ENOMEM;
}

static char *put(char **at, struct hoy__slice word)
{
	char *start = *at;

	for (size_t i = 0; i < word.len; i++)
		start[i] = hoy__lower(word.at[i]);
	start[word.len] = 0;
	*at += word.len + 1;
	return start;
}

static void add(struct hoy__services *services, const char *proto, const char *name, unsigned number)
{
	services->list[services->count] = (struct hoy__service){ proto, name, number, (uint32_t)services->count };
	services->count++;
}

static int compare_key(const struct hoy__service *a, const char *proto, const char *name)
{
	int order = strcmp(a->proto, proto);

	return order ? order : strcmp(a->name, name);
}

static int compare(const void *left, const void *right)
{
	const struct hoy__service *a = left, *b = right;
	int order = compare_key(a, b->proto, b->name);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int parse(struct hoy__services *services, struct hoy__slice text, read_number *read)
{
	struct hoy__slice word;
	struct line line;
	char *words;

	*services = (struct hoy__services){ 0 };
	if (allocate(services, text, read) < 0) {
		hoy__services_clear(services);
		return -ENOMEM;
	}
	words = services->words;
	while (read_line(&text, &line, read)) {
		const char *proto = put(&words, line.proto);

		add(services, proto, put(&words, line.name), line.number);
		while (hoy__next_word(&line.aliases, &word))
			add(services, proto, put(&words, word), line.number);
	}
	qsort(services->list, services->count, sizeof *services->list, compare);
	return 0;
}

int hoy__services_parse(struct hoy__services *services, const char *text, size_t len)
{
	return parse(services, (struct hoy__slice){ text, len }, read_port);
}

int hoy__protocols_parse(struct hoy__services *protocols, const char *text, size_t len)
{
	return parse(protocols, (struct hoy__slice){ text, len }, read_protocol);
}

void hoy__services_clear(struct hoy__services *services)
{
	hoy__release(services->list);
	hoy__release(services->words);
	*services = (struct hoy__services){ 0 };
}

/* The run of entries that have this key: the first of them, or NULL; *count of them. */
static const struct hoy__service *find(const struct hoy__services *services, const char *proto,
				       const char *name, size_t *count)
{
	size_t low = 0, high = services->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_key(&services->list[middle], proto, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < services->count; ++*count)
		if (compare_key(&services->list[low + *count], proto, name))
			break;
	return *count ? &services->list[low] : NULL;
}

static bool lower_name(char key[256], const char *name)
{
	size_t len = strlen(name);

	if (len > 255)
		return false;
	for (size_t i = 0; i <= len; i++)
		key[i] = hoy__lower(name[i]);
	return true;
}

/* The last line that names a service counts, as in Go. */
static int find_port(const struct hoy__services *services, const char *proto, const char *name)
{
	size_t count;
	const struct hoy__service *found = find(services, proto, name, &count);

	return found ? (int)found[count - 1].number : hoy__builtin_port(proto, name);
}

static int named_port(const struct hoy__services *services, const struct hoy__network *net, const char *service)
{
	bool any = net && net->kind == HOY_ADDR_IP && net->family == 0;
	bool tcp = any || (net && net->kind == HOY_ADDR_TCP), udp = any || (net && net->kind == HOY_ADDR_UDP);
	char key[256];
	int port = -1;

	if (!tcp && !udp)
		return HOY_ENETWORK;
	if (!lower_name(key, service))
		return HOY_ENOPORT;
	if (tcp)
		port = find_port(services, "tcp", key);
	if (port < 0 && udp)
		port = find_port(services, "udp", key);
	return port < 0 ? HOY_ENOPORT : port;
}

int hoy__services_port(const struct hoy__services *services, const struct hoy__network *net, const char *service)
{
	long port;

	if (!hoy__scan_port(service, &port))
		return named_port(services, net, service);
	return port < 0 || port > PORT_MOST ? HOY_EBADPORT : (int)port;
}

/* Here the built-in table and then the first line count, as in Go. */
int hoy__protocols_number(const struct hoy__services *protocols, const char *name)
{
	int number = hoy__builtin_protocol(name);
	const struct hoy__service *found;
	char key[256];
	size_t count;

	if (number >= 0 || !lower_name(key, name))
		return number;
	found = find(protocols, "", key, &count);
	return found ? (int)found->number : -1;
}
