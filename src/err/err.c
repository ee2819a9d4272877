/*
 * The sentence of an error: what was being done, on which network, between which ends,
 * then why it failed. Go makes it of errors that wrap each other; here one record has
 * all of it, and each kind of inner sentence is one function.
 */
#include <hoy/err.h>

#include <string.h>

#include "err/sentence.h"

void hoy__say(struct hoy__sentence *s, const char *text)
{
	while (*text && s->p < s->end)
		*s->p++ = *text++;
}

static void say_addr(struct hoy__sentence *s, const hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];

	hoy__say(s, hoy_addr_string(addr, text));
}

static void say_extended(struct hoy__sentence *s, const hoy_err *err)
{
	char name[HOY_EXTENDED_STRLEN];

	hoy__say(s, " (");
	hoy__say(s, hoy_extended_string(err->extended, name));
	if (err->extra && err->extra < sizeof err->subject) {
		hoy__say(s, ": ");
		hoy__say(s, err->subject + err->extra);
	}
	hoy__say(s, ")");
}

static void say_lookup(struct hoy__sentence *s, const hoy_err *err)
{
	hoy__say(s, "lookup ");
	hoy__say(s, err->subject);
	if (err->addr.kind != HOY_ADDR_NONE) {
		hoy__say(s, " on ");
		say_addr(s, &err->addr);
	}
	hoy__say(s, ": ");
	hoy__say(s, hoy_strerror(err->code));
	if (err->has_extended)
		say_extended(s, err);
}

static void say_address(struct hoy__sentence *s, const hoy_err *err)
{
	if (err->subject[0]) {
		hoy__say(s, "address ");
		hoy__say(s, err->subject);
		hoy__say(s, ": ");
	}
	hoy__say(s, hoy_strerror(err->code));
}

static void say_parse(struct hoy__sentence *s, const hoy_err *err)
{
	hoy__say(s, "invalid ");
	hoy__say(s, err->call ? err->call : "text");
	hoy__say(s, ": ");
	hoy__say(s, err->subject);
}

static void say_rdata(struct hoy__sentence *s, const hoy_err *err)
{
	hoy__say(s, "invalid ");
	hoy__say(s, err->net);
	hoy__say(s, " record: ");
	hoy__say(s, err->call ? err->call : hoy_strerror(err->code));
}

static void say_network(struct hoy__sentence *s, const hoy_err *err)
{
	hoy__say(s, "unknown network ");
	hoy__say(s, err->subject);
}

static void say_plain(struct hoy__sentence *s, const hoy_err *err)
{
	if (err->call) {
		hoy__say(s, err->call);
		hoy__say(s, ": ");
	}
	hoy__say(s, hoy_strerror(err->code));
}

static void say_hint(struct hoy__sentence *s, const hoy_err *err)
{
	say_plain(s, err);
	hoy__say(s, " (");
	hoy__say(s, err->subject);
	hoy__say(s, ")");
}

/* `dial tcp 192.0.2.1:1->192.0.2.2:80: `; a lookup's addr is the name server, told later. */
static void say_operation(struct hoy__sentence *s, const hoy_err *err)
{
	int has_source = err->source.kind != HOY_ADDR_NONE;
	int has_addr = err->addr.kind != HOY_ADDR_NONE && err->kind != HOY_ERR_LOOKUP;

	hoy__say(s, err->op);
	if (err->net[0]) {
		hoy__say(s, " ");
		hoy__say(s, err->net);
	}
	if (has_source) {
		hoy__say(s, " ");
		say_addr(s, &err->source);
	}
	if (has_addr) {
		hoy__say(s, has_source ? "->" : " ");
		say_addr(s, &err->addr);
	} else if (err->kind == HOY_ERR_PLAIN && err->subject[0]) {
		hoy__say(s, has_source ? "->" : " ");
		hoy__say(s, err->subject);
	}
	hoy__say(s, ": ");
}

char *hoy_err_string(const hoy_err *err, char buf[HOY_ERR_STRLEN])
{
	static void (*const say[])(struct hoy__sentence *, const hoy_err *) = {
		[HOY_ERR_PLAIN] = say_plain,
		[HOY_ERR_LOOKUP] = say_lookup,
		[HOY_ERR_ADDR] = say_address,
		[HOY_ERR_PARSE] = say_parse,
		[HOY_ERR_NETWORK] = say_network,
		[HOY_ERR_NETIP] = hoy__say_netip,
		[HOY_ERR_RDATA] = say_rdata,
		[HOY_ERR_HINT] = say_hint,
	};
	struct hoy__sentence s = { buf, buf + HOY_ERR_STRLEN - 1 };
	unsigned kind = (unsigned)err->kind;

	if (err->op)
		say_operation(&s, err);
	(kind < sizeof say / sizeof *say ? say[kind] : say_plain)(&s, err);
	*s.p = '\0';
	return buf;
}
