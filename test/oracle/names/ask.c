/*
 * hoy's answers to the lines of standard input, as ask.go has Go's. Each line is asked by a
 * task of its own. With the argument `shared` by the system's resolver; else each by one of
 * its own, that reads the same files and has yet to learn which servers answer; `strict`: of
 * which one failure of two is one. What was
 * left out of a list is counted behind it: ~1.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

enum { ARGS = 3 };

struct question {
	char *text, *function, *arg[ARGS];
	char *answer;
	size_t len;
	hoy_resolver *resolver;
	hoy_err err;
	struct question *next;
};

static hoy_wait_group asked;
static int is_shared;
static hoy_resolver_opts options;

static void put(struct question *q, const char *text, size_t len)
{
	q->answer = realloc(q->answer, q->len + len + 1);
	if (!q->answer)
		abort();
	memcpy(q->answer + q->len, text, len);
	q->len += len;
	q->answer[q->len] = '\0';
}

/* keep: a byte that stands for itself though it is no visible one */
static void put_escaped(struct question *q, const char *text, size_t len, char keep)
{
	char hex[4];

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		snprintf(hex, sizeof hex, "%%%02x", c);
		if ((c <= ' ' || c > '~' || c == '%') && text[i] != keep)
			put(q, hex, 3);
		else
			put(q, &text[i], 1);
	}
}

static void add_bytes(struct question *q, const char *text, size_t len)
{
	put(q, " ", 1);
	put_escaped(q, text, len, '!');
}

static void add(struct question *q, const char *format, ...)
{
	char text[2048];
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(text, sizeof text, format, list);
	va_end(list);
	add_bytes(q, text, (size_t)n);
}

/* Begins the answer: is there a list? */
static int is_told(struct question *q, int n)
{
	char text[HOY_ERR_STRLEN];

	if (n >= 0) {
		put(q, "=", 1);
		return 1;
	}
	put(q, "! -", 3);
	if (q->err.kind == HOY_ERR_LOOKUP) {
		put(q, "n", hoy_is_not_found(q->err.code));
		put(q, "o", hoy_is_timeout(q->err.code));
		put(q, "t", hoy_is_temporary(q->err.code));
	}
	put(q, " ", 1);
	hoy_err_string(&q->err, text);
	put_escaped(q, text, strlen(text), ' ');
	return 0;
}

static void end_list(struct question *q, void *list)
{
	const hoy_answer *answer = hoy_answer_of(list);
	char text[16];

	if (answer && answer->dropped)
		put(q, text, (size_t)snprintf(text, sizeof text, " ~%u", answer->dropped));
	hoy_free(list);
}

static void lookup_ip(struct question *q)
{
	char text[HOY_IP_STRLEN];
	hoy_ip *list = NULL;
	int n = hoy_resolver_lookup_ip(q->resolver, q->arg[0], q->arg[1], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add(q, "%s", hoy_ip_string(list[i], text));
	end_list(q, list);
}

static void lookup_ip_addr(struct question *q)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr *list = NULL;
	int n = hoy_resolver_lookup_ip_addr(q->resolver, q->arg[0], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add(q, "%s", hoy_addr_string(&list[i], text));
	end_list(q, list);
}

static void lookup_texts(struct question *q)
{
	int (*lookup)(hoy_resolver *, const char *, char ***, hoy_err *) =
		strcmp(q->function, "LookupHost") == 0 ? hoy_resolver_lookup_host : hoy_resolver_lookup_addr;
	char **list = NULL;
	int n = lookup(q->resolver, q->arg[0], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add(q, "%s", list[i]);
	end_list(q, list);
}

static void lookup_cname(struct question *q)
{
	char cname[HOY_NAME_STRLEN];

	if (is_told(q, hoy_resolver_lookup_cname(q->resolver, q->arg[0], cname, &q->err)))
		add(q, "%s", cname);
}

static void lookup_mx(struct question *q)
{
	hoy_mx *list = NULL;
	int n = hoy_resolver_lookup_mx(q->resolver, q->arg[0], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add(q, "%u/%s", list[i].pref, list[i].host);
	end_list(q, list);
}

static void lookup_ns(struct question *q)
{
	hoy_ns *list = NULL;
	int n = hoy_resolver_lookup_ns(q->resolver, q->arg[0], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add(q, "%s", list[i].host);
	end_list(q, list);
}

static void lookup_txt(struct question *q)
{
	hoy_txt *list = NULL;
	int n = hoy_resolver_lookup_txt(q->resolver, q->arg[0], &list, &q->err);

	if (is_told(q, n))
		for (int i = 0; i < n; i++)
			add_bytes(q, list[i].text, list[i].len);
	end_list(q, list);
}

static void lookup_srv(struct question *q)
{
	char cname[HOY_NAME_STRLEN];
	hoy_srv *list = NULL;
	int n = hoy_resolver_lookup_srv(q->resolver, q->arg[0], q->arg[1], q->arg[2], cname, &list, &q->err);

	if (is_told(q, n)) {
		add(q, "%s", cname);
		for (int i = 0; i < n; i++)
			add(q, "%u/%u/%u/%s", list[i].priority, list[i].weight, list[i].port, list[i].target);
	}
	end_list(q, list);
}

static void lookup_port(struct question *q)
{
	int port = hoy_resolver_lookup_port(q->resolver, q->arg[0], q->arg[1], &q->err);

	if (is_told(q, port))
		add(q, "%d", port);
}

static void resolve(struct question *q)
{
	int (*how)(hoy_resolver *, const char *, const char *, hoy_addr *, hoy_err *) =
		strcmp(q->function, "ResolveTCPAddr") == 0 ? hoy_resolver_resolve_tcp_addr :
		strcmp(q->function, "ResolveUDPAddr") == 0 ? hoy_resolver_resolve_udp_addr :
		hoy_resolver_resolve_ip_addr;
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	if (is_told(q, how(q->resolver, q->arg[0], q->arg[1], &addr, &q->err)))
		add(q, "%s", hoy_addr_string(&addr, text));
}

static void resolve_unix(struct question *q)
{
	char text[HOY_ADDR_STRLEN];
	hoy_addr addr;

	if (is_told(q, hoy_resolve_unix_addr(q->arg[0], q->arg[1], &addr, &q->err)))
		add(q, "%s", hoy_addr_string(&addr, text));
}

static const struct { const char *name; void (*ask)(struct question *q); } functions[] = {
	{ "LookupIP", lookup_ip },
	{ "LookupIPAddr", lookup_ip_addr },
	{ "LookupHost", lookup_texts },
	{ "LookupAddr", lookup_texts },
	{ "LookupCNAME", lookup_cname },
	{ "LookupMX", lookup_mx },
	{ "LookupNS", lookup_ns },
	{ "LookupTXT", lookup_txt },
	{ "LookupSRV", lookup_srv },
	{ "LookupPort", lookup_port },
	{ "ResolveTCPAddr", resolve },
	{ "ResolveUDPAddr", resolve },
	{ "ResolveIPAddr", resolve },
	{ "ResolveUnixAddr", resolve_unix },
};

static int ask(void *arg)
{
	struct question *q = arg;

	if (!is_shared && !(q->resolver = hoy_resolver_new(&options, &q->err)))
		abort();
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (strcmp(functions[i].name, q->function) == 0)
			functions[i].ask(q);
	hoy_resolver_free(q->resolver);
	hoy_wait_group_done(&asked);
	return 0;
}

static void unescape(char *text)
{
	char *to = text;
	unsigned byte;

	for (; *text; text++) {
		if (*text != '%' || sscanf(text + 1, "%2x", &byte) != 1) {
			*to++ = *text;
			continue;
		}
		*to++ = (char)byte;
		text += 2;
	}
	*to = '\0';
}

static struct question *read_question(void)
{
	struct question *q = calloc(1, sizeof *q);
	size_t size = 0;
	ssize_t len = q ? getline(&q->text, &size, stdin) : -1;
	char *rest;

	if (len < 0) {
		if (q)
			free(q->text);
		free(q);
		return NULL;
	}
	q->text[strcspn(q->text, "\n")] = '\0';
	rest = q->text;
	q->function = strsep(&rest, " ");
	for (int i = 0; i < ARGS && rest; i++)
		unescape(q->arg[i] = strsep(&rest, " "));
	return q;
}

static int ask_all(void *arg)
{
	struct question *first = NULL, **end = &first;

	(void)arg;
	while ((*end = read_question()))
		end = &(*end)->next;
	for (struct question *q = first; q; q = q->next) {
		hoy_wait_group_add(&asked, 1);
		if (hoy_go(ask, q) < 0)
			abort();
	}
	hoy_wait_group_wait(&asked);
	while (first) {
		struct question *q = first;

		first = q->next;
		puts(q->answer ? q->answer : "?");
		free(q->answer);
		free(q->text);
		free(q);
	}
	return 0;
}

int main(int argc, char **argv)
{
	is_shared = argc > 1 && strcmp(argv[1], "shared") == 0;
	if (argc > 1 && strcmp(argv[1], "strict") == 0)
		options.flags = HOY_RESOLVER_STRICT_ERRORS;
	return hoy_run(ask_all, NULL) < 0;
}
