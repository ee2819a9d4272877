/*
 * The smallest name server that tests can ask: a table of records, one datagram for each
 * question. It sees nothing but <hoy.h>.
 */
#ifndef NAMESERVER_H
#define NAMESERVER_H

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <hoy.h>

/* data: an address, or for MX a preference and a host; NULL: a question for it gets no reply. */
struct known {
	const char *name;	/* with its final dot */
	int type;
	const char *data;
};

struct nameserver {
	hoy_conn *conn;
	const struct known *known;
	size_t count;
	char address[HOY_ADDR_STRLEN];	/* for hoy_resolver_opts.servers */
};

static inline int nameserver_open(struct nameserver *ns, const struct known *known, size_t count)
{
	hoy_addr addr;

	ns->known = known;
	ns->count = count;
	if (!(ns->conn = hoy_listen_packet("udp4", "127.0.0.1:0", NULL)))
		return -1;
	hoy_conn_local_addr(ns->conn, &addr);
	hoy_addr_string(&addr, ns->address);
	return 0;
}

/* "www.example." to its labels; where they end. */
static inline size_t nameserver_name(unsigned char *to, const char *name)
{
	unsigned char *at = to;

	while (*name) {
		size_t len = strcspn(name, ".");

		*at++ = (unsigned char)len;
		memcpy(at, name, len);
		at += len;
		name += len + (name[len] == '.');
	}
	*at++ = 0;
	return (size_t)(at - to);
}

/* The data of a record behind its length. */
static inline size_t nameserver_data(unsigned char *to, const struct known *k)
{
	char host[256];
	unsigned preference;
	hoy_ip ip;

	if (hoy_parse_ip(k->data, &ip, NULL) == 0) {
		memcpy(to, ip.bytes, ip.len);
		return ip.len;
	}
	if (sscanf(k->data, "%u %255s", &preference, host) != 2)
		return 0;
	to[0] = (unsigned char)(preference >> 8);
	to[1] = (unsigned char)preference;
	return 2 + nameserver_name(to + 2, host);
}

/* The question's name as text; where its type stands, or 0. */
static inline size_t nameserver_question(const unsigned char *query, size_t len, char name[256])
{
	size_t at = 12, out = 0;

	while (at < len && query[at] && at + query[at] + 1 < len && out + query[at] < 250) {
		memcpy(name + out, query + at + 1, query[at]);
		out += query[at];
		name[out++] = '.';
		at += query[at] + 1u;
	}
	name[out] = '\0';
	return at + 5 <= len ? at + 1 : 0;
}

/* Makes the reply in place; its length, or 0 for none. */
static inline size_t nameserver_reply(const struct nameserver *ns, unsigned char *message, size_t len)
{
	char name[256];
	size_t type_at = nameserver_question(message, len, name), end = type_at + 4;
	int type, exists = 0, answers = 0;

	if (!type_at)
		return 0;
	type = message[type_at] << 8 | message[type_at + 1];
	for (size_t i = 0; i < ns->count; i++) {
		const struct known *k = &ns->known[i];
		size_t data;

		if (strcasecmp(k->name, name) != 0)
			continue;
		exists = 1;
		if (k->type != type)
			continue;
		if (!k->data)
			return 0;
		memcpy(message + end, "\xc0\x0c\0\0\0\1\0\0\0\x3c\0\0", 12);
		message[end + 3] = (unsigned char)type;
		data = nameserver_data(message + end + 12, k);
		message[end + 11] = (unsigned char)data;
		end += 12 + data;
		answers++;
	}
	message[2] = 0x81;	/* a reply, recursion desired */
	message[3] = (unsigned char)(0x80 | (exists ? 0 : 3));
	memset(message + 4, 0, 8);
	message[5] = 1;
	message[7] = (unsigned char)answers;
	return end;
}

/* Answers until the conn is closed; a task or a thread. */
static inline int nameserver_run(void *at)
{
	struct nameserver *ns = (struct nameserver *)at;
	unsigned char message[2048];
	hoy_addr from;
	ssize_t n;

	while ((n = hoy_conn_read_from(ns->conn, message, 512, &from, NULL)) >= 0) {
		size_t len = nameserver_reply(ns, message, (size_t)n);

		if (len)
			hoy_conn_write_to(ns->conn, message, len, &from, NULL);
	}
	return 0;
}

#endif
