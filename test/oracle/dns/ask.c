/*
 * Reads "NAME WHAT" lines and asks one name server: WHAT is a type, and every record of
 * the reply is printed as dig would, or a lookup ("ip", "mx", ...), and what it found is.
 * Each line of the output begins with the question's, so that sorting it loses nothing.
 *
 *   ask SERVER [tcp|mixed] [data] <questions	(mixed: letters in random case; data: the records' bytes, not their text)
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hoy.h>

static hoy_resolver *resolver;
static hoy_err err;
static bool as_data;
static const char *name, *what;

static void begin(void)
{
	printf("%s %s ", name, what);
}

static void print_data(const hoy_record *r)
{
	const unsigned char *data = r->data;

	printf("\\# %zu%s", r->len, r->len ? " " : "");
	for (size_t i = 0; i < r->len; i++)
		printf("%02X", data[i]);
}

static void print_record(const hoy_record *r)
{
	char type[HOY_TYPE_STRLEN], rrclass[HOY_TYPE_STRLEN] = "IN";

	if (as_data)
		snprintf(rrclass, sizeof rrclass, "CLASS%u", r->rrclass);
	if (as_data)
		snprintf(type, sizeof type, "TYPE%u", r->type);
	else
		hoy_type_string(r->type, type);
	begin();
	printf("%d %s %u %s %s ", r->section, r->name, (unsigned)r->ttl, rrclass, type);
	if (as_data)
		print_data(r);
	else
		fputs(r->text, stdout);
	putchar('\n');
}

/* The two ways of not being there are the DNS's business, not the lookup's caller's. */
static void tell_failure(int code)
{
	if (code == 0)
		return;
	begin();
	if (hoy_is_not_found(code))
		puts("not found");
	else
		printf("failed: %s\n", hoy_strerror(code));
}

static int ask_records(int type)
{
	hoy_record *list;
	int n = hoy_resolver_query(resolver, name, type, &list, &err);
	char rcode[HOY_TYPE_STRLEN];
	static char number[HOY_TYPE_STRLEN];

	if (as_data) {
		snprintf(number, sizeof number, "TYPE%d", type);
		what = number;
	}
	if (n < 0)
		return n;
	begin();
	printf("status %s\n", hoy_rcode_string(hoy_answer_of(list)->rcode, rcode));
	for (int i = 0; i < n; i++)
		print_record(&list[i]);
	hoy_free(list);
	return 0;
}

/* ---- lookups: each item on a line of its own ---- */

static void print_item(const char *text)
{
	begin();
	puts(text);
}

static int look_up_ip(void)
{
	hoy_ip *list;
	char text[HOY_IP_STRLEN];
	int n = hoy_resolver_lookup_ip(resolver, "ip", name, &list, &err);

	for (int i = 0; i < n; i++)
		print_item(hoy_ip_string(list[i], text));
	return n < 0 ? n : (hoy_free(list), 0);
}

static int print_texts(int n, char **list)
{
	for (int i = 0; i < n; i++)
		print_item(list[i]);
	return n < 0 ? n : (hoy_free(list), 0);
}

static int look_up_host(void)
{
	char **list;
	int n = hoy_resolver_lookup_host(resolver, name, &list, &err);

	return print_texts(n, list);
}

static int look_up_addr(void)
{
	char **list;
	int n = hoy_resolver_lookup_addr(resolver, name, &list, &err);

	return print_texts(n, list);
}

static int look_up_cname(void)
{
	char cname[HOY_NAME_STRLEN];
	int code = hoy_resolver_lookup_cname(resolver, name, cname, &err);

	if (code == 0)
		print_item(cname);
	return code;
}

static int look_up_mx(void)
{
	hoy_mx *list;
	int n = hoy_resolver_lookup_mx(resolver, name, &list, &err);

	for (int i = 0; i < n; i++) {
		begin();
		printf("%u %s\n", list[i].pref, list[i].host);
	}
	return n < 0 ? n : (hoy_free(list), 0);
}

static int look_up_ns(void)
{
	hoy_ns *list;
	int n = hoy_resolver_lookup_ns(resolver, name, &list, &err);

	for (int i = 0; i < n; i++)
		print_item(list[i].host);
	return n < 0 ? n : (hoy_free(list), 0);
}

static int look_up_txt(void)
{
	hoy_txt *list;
	int n = hoy_resolver_lookup_txt(resolver, name, &list, &err);

	for (int i = 0; i < n; i++) {
		begin();
		putchar('=');
		for (size_t k = 0; k < list[i].len; k++)
			printf(isalnum((unsigned char)list[i].text[k]) ? "%c" : "\\%03d",
			       (unsigned char)list[i].text[k]);
		putchar('\n');
	}
	return n < 0 ? n : (hoy_free(list), 0);
}

static int look_up_srv(void)
{
	hoy_srv *list;
	char cname[HOY_NAME_STRLEN];
	int n = hoy_resolver_lookup_srv(resolver, "", "", name, cname, &list, &err);

	for (int i = 0; i < n; i++) {
		begin();
		printf("%u %u %u %s of %s\n", list[i].priority, list[i].weight, list[i].port, list[i].target, cname);
	}
	return n < 0 ? n : (hoy_free(list), 0);
}

/* In words that lookups.py makes of dig's; what is not known here is not told. */
static void print_service(const hoy_svcb *s)
{
	char text[HOY_IP_STRLEN];

	begin();
	printf("%u %s", s->priority, s->target);
	for (size_t i = 0; i < s->alpns; i++)
		printf(" alpn=%s", s->alpn[i].text);
	if (s->no_default_alpn)
		printf(" no-default-alpn");
	if (s->port)
		printf(" port=%u", s->port);
	for (size_t i = 0; i < s->ipv4hints; i++)
		printf(" ipv4hint=%s", hoy_ip_string(s->ipv4hint[i], text));
	if (s->ech)
		printf(" ech of %zu", s->ech_len);
	for (size_t i = 0; i < s->ipv6hints; i++)
		printf(" ipv6hint=%s", hoy_ip_string_4in6(s->ipv6hint[i], text));
	printf("%s%s\n", s->dohpath ? " dohpath=" : "", s->dohpath ? s->dohpath : "");
}

static int look_up_https(void)
{
	hoy_svcb *list;
	int n = (strcmp(what, "https") == 0 ? hoy_resolver_lookup_https : hoy_resolver_lookup_svcb)(resolver, name, &list,
												    &err);

	for (int i = 0; i < n; i++)
		print_service(&list[i]);
	return n < 0 ? n : (hoy_free(list), 0);
}

static const struct {
	const char *what;
	int (*look_up)(void);
} lookups[] = {
	{ "ip", look_up_ip }, { "host", look_up_host }, { "addr", look_up_addr }, { "cname", look_up_cname },
	{ "mx", look_up_mx }, { "ns", look_up_ns }, { "txt", look_up_txt }, { "srv", look_up_srv },
	{ "https", look_up_https }, { "svcb", look_up_https },
};

static int ask(void)
{
	for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++)
		if (strcmp(lookups[i].what, what) == 0)
			return lookups[i].look_up();
	return ask_records(hoy_parse_type(what));
}

int main(int argc, char **argv)
{
	const char *servers[] = { argv[argc > 1], NULL };
	hoy_resolver_opts opts = { .servers = servers, .flags = HOY_RESOLVER_NO_HOSTS, .resolv_conf = "" };
	char line[2048], text[HOY_ERR_STRLEN], *gap;

	for (int i = 2; i < argc; i++) {
		as_data |= strcmp(argv[i], "data") == 0;
		opts.flags |= strcmp(argv[i], "tcp") == 0 ? HOY_RESOLVER_TCP : 0;
		opts.flags |= strcmp(argv[i], "mixed") == 0 ? HOY_RESOLVER_MIXED_CASE : 0;
	}
	if (argc < 2 || !(resolver = hoy_resolver_new(&opts, &err))) {
		fprintf(stderr, "ask: %s\n", argc < 2 ? "ask SERVER [tcp|mixed] [data]" : hoy_err_string(&err, text));
		return 2;
	}
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!(gap = strrchr(line, ' ')))
			return 2;
		*gap = 0;
		name = line;
		what = gap + 1;
		tell_failure(ask());
	}
	hoy_resolver_free(resolver);
	return 0;
}
