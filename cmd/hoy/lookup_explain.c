/*
 * The story of a lookup. The resolver tells each event where it happens; one line each
 * goes to standard error at once, or to standard output as JSON, and what the end of the
 * story needs is counted on the way, also when nobody wants to hear it.
 */
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "lookup.h"

struct story story;

static const char *const event_names[] = {
	[HOY_TRACE_SOURCE] = "source", [HOY_TRACE_NAME] = "name", [HOY_TRACE_SENT] = "sent",
	[HOY_TRACE_RECEIVED] = "received", [HOY_TRACE_IGNORED] = "ignored", [HOY_TRACE_TIMEOUT] = "timeout",
	[HOY_TRACE_FAILED] = "failed", [HOY_TRACE_TRUNCATED] = "truncated", [HOY_TRACE_PLAIN] = "plain",
	[HOY_TRACE_JOINED] = "joined", [HOY_TRACE_DONE] = "done",
};

static const char *const source_names[] = {
	[HOY_SOURCE_NONE] = "none", [HOY_SOURCE_LITERAL] = "literal", [HOY_SOURCE_LOCAL] = "local",
	[HOY_SOURCE_HOSTS] = "hosts", [HOY_SOURCE_DNS] = "dns", [HOY_SOURCE_CACHE] = "cache",
	[HOY_SOURCE_STALE] = "stale",
};

const char *source_word(enum hoy_source source)
{
	return (unsigned)source < LEN(source_names) ? source_names[source] : "unknown";
}

/* What a code means to a lookup, where Go has one sentence for several of them. */
static const char *meaning(int code)
{
	return code == HOY_ENODATA ? "no such data" : code ? hoy_strerror(code) : "found";
}

static void count(const hoy_trace *event)
{
	story.sent += event->kind == HOY_TRACE_SENT;
	story.received += event->kind == HOY_TRACE_RECEIVED;
	story.ignored += event->kind == HOY_TRACE_IGNORED;
	story.lost += event->kind == HOY_TRACE_TIMEOUT;
	if (event->kind == HOY_TRACE_NAME)
		snprintf(story.asked, sizeof story.asked, "%s", event->name);
	if (event->kind == HOY_TRACE_DONE)
		story.done = *event;
}

/* ---- as text ---- */

static void PRINTF(3, 4) line(hoy_duration at, enum ink i, const char *format, ...)
{
	char text[2 * HOY_NAME_STRLEN + 256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (len > 0)
		dprintf(STDERR_FILENO, "%s%9.3fms%s  %s%s%s\n", ink(stderr, INK_DIM), (double)at / HOY_MILLISECOND,
			ink(stderr, INK_OFF), ink(stderr, i), text, ink(stderr, INK_OFF));
}

static void tell_source(const hoy_trace *e, hoy_duration at)
{
	if (e->source == HOY_SOURCE_HOSTS)
		line(at, INK_OFF, "hosts file: %s", e->code == HOY_ENOHOST ? "not in it" : meaning(e->code));
	else if (e->source == HOY_SOURCE_LOCAL)
		line(at, INK_OFF, "nobody is asked (RFC 6761): %s", meaning(e->code));
	else if (e->code)	/* found: the end of the story says so */
		line(at, INK_OFF, "name servers: %s", meaning(e->code));
}

static void tell_reason(const hoy_trace *e, hoy_duration at)
{
	char name[HOY_EXTENDED_STRLEN];

	if (e->has_extended)
		line(at, INK_WARN, "   the server adds: %s%s%s", hoy_extended_string(e->extended, name),
		     e->extra ? ": " : "", e->extra ? e->extra : "");
}

static void tell_packet(const hoy_trace *e, hoy_duration at)
{
	char server[HOY_ADDR_STRLEN], type[HOY_TYPE_STRLEN], rcode[HOY_TYPE_STRLEN];
	const char *network = e->tcp ? "tcp" : "udp";

	hoy_addr_string(&e->server, server);
	hoy_type_string(e->type, type);
	switch (e->kind) {
	case HOY_TRACE_SENT:
		line(at, INK_OFF, "-> %s %s  %s %s  id %u, %zu bytes", network, server, type, e->name, e->id, e->size);
		break;
	case HOY_TRACE_RECEIVED:
		line(at, e->code ? INK_WARN : INK_GOOD, "<- %s %s  %s %s%s%s  id %u, %zu bytes", network, server, type,
		     hoy_rcode_string(e->rcode, rcode), e->code ? ", " : "", e->code ? meaning(e->code) : "", e->id, e->size);
		tell_reason(e, at);
		break;
	case HOY_TRACE_IGNORED:
		line(at, INK_BAD, "<- %s %s  id %u, %zu bytes: ignored, no reply to the question", network, server, e->id,
		     e->size);
		break;
	default:
		line(at, INK_BAD, "!  %s %s  %s: %s", network, server, type,
		     e->kind == HOY_TRACE_TIMEOUT ? "no answer in time" : hoy_strerror(e->code));
		break;
	}
}

static void tell_end(const hoy_trace *e, hoy_duration at)
{
	char ignored[48] = "";

	if (story.ignored)
		snprintf(ignored, sizeof ignored, ", %d ignored", story.ignored);
	line(at, e->code ? INK_BAD : INK_GOOD, "%s (%s); %d packet%s sent, %d received%s, %d unanswered",
	     meaning(e->code), source_word(e->source), story.sent, story.sent == 1 ? "" : "s", story.received, ignored,
	     story.lost);
}

static void tell_text(const hoy_trace *e, hoy_duration at)
{
	switch (e->kind) {
	case HOY_TRACE_SOURCE:
		tell_source(e, at);
		break;
	case HOY_TRACE_NAME:
		line(at, INK_OFF, "asks for %s", e->name);
		break;
	case HOY_TRACE_TRUNCATED:
		line(at, INK_WARN, "   the answer was cut off: asks again over TCP");
		break;
	case HOY_TRACE_PLAIN:
		line(at, INK_WARN, "   the server does not take EDNS: asks again without");
		break;
	case HOY_TRACE_JOINED:
		line(at, INK_OFF, "   another lookup asks the same: waits for its answer");
		break;
	case HOY_TRACE_DONE:
		tell_end(e, at);
		break;
	default:
		tell_packet(e, at);
		break;
	}
}

/* ---- as JSON ---- */

static int is_packet(enum hoy_trace_kind kind)
{
	return kind >= HOY_TRACE_SENT && kind <= HOY_TRACE_PLAIN;
}

static void tell_packet_json(struct json *j, const hoy_trace *e)
{
	char text[HOY_ADDR_STRLEN], type[HOY_TYPE_STRLEN];

	json_text(j, "server", hoy_addr_string(&e->server, text));
	json_text(j, "network", e->tcp ? "tcp" : "udp");
	if (e->kind != HOY_TRACE_IGNORED)
		json_text(j, "qtype", hoy_type_string(e->type, type));
	json_int(j, "id", e->id);
	json_int(j, "size_bytes", (int64_t)e->size);
}

static void tell_json(const hoy_trace *e, hoy_duration at)
{
	char rcode[HOY_TYPE_STRLEN];
	struct json j;

	json_begin(&j, "trace");
	json_text(&j, "event", event_names[e->kind]);
	json_int(&j, "at_us", in_us(at));
	json_text(&j, "name", e->name ? e->name : "");
	if (is_packet(e->kind))
		tell_packet_json(&j, e);
	if (e->kind == HOY_TRACE_SOURCE || e->kind == HOY_TRACE_DONE)
		json_text(&j, "source", source_word(e->source));
	if (e->kind == HOY_TRACE_RECEIVED)
		json_text(&j, "rcode", hoy_rcode_string(e->rcode, rcode));
	reason_json(&j, e->has_extended, e->extended, e->extra);
	if (e->kind != HOY_TRACE_NAME && e->kind != HOY_TRACE_SENT)
		json_text(&j, "result", result_word(e->code));
	json_end(&j);
}

void story_begin(void)
{
	story = (struct story){ .start = hoy_now() };
}

/* The event's own time is that of the worker's last look at the clock. */
void story_event(const hoy_trace *event, void *arg)
{
	hoy_duration at = hoy_time_sub(hoy_now(), story.start);

	(void)arg;
	count(event);
	if (lookup.explain)
		(common.json ? tell_json : tell_text)(event, at);
}

void story_server(const char *name, const char *address)
{
	struct json j;

	if (!lookup.explain)
		return;
	if (!common.json) {
		line(0, INK_OFF, "the server %s is %s, by the system's resolver", name, address);
		return;
	}
	json_begin(&j, "trace");
	json_text(&j, "event", "server");
	json_text(&j, "name", name);
	json_text(&j, "server", address);
	json_end(&j);
}
