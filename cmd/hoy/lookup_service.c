/* Ways to reach a service, as HTTPS and SVCB records have them, in words: one line each. */
#include <stdlib.h>

#include "lookup.h"

static void tell_protocols(FILE *out, const hoy_svcb *s)
{
	for (size_t i = 0; i < s->alpns; i++)
		fprintf(out, "%s%s", i ? ", " : "; ", s->alpn[i].text);
	if (s->no_default_alpn)
		fputs(" only", out);
}

static void tell_hints(FILE *out, const hoy_svcb *s)
{
	char text[HOY_IP_STRLEN];

	for (size_t i = 0; i < s->ipv4hints + s->ipv6hints; i++) {
		hoy_ip ip = i < s->ipv4hints ? s->ipv4hint[i] : s->ipv6hint[i - s->ipv4hints];

		fprintf(out, "%s%s", i ? ", " : "; try ", hoy_ip_string_4in6(ip, text));
	}
}

char *service_string(const hoy_svcb *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = must(open_memstream(&text, &size));

	fprintf(out, "%d %s", s->priority, s->target);
	if (!s->priority)
		fputs("; where the alias leads", out);
	if (s->port)
		fprintf(out, "; port %d", s->port);
	tell_protocols(out, s);
	tell_hints(out, s);
	if (s->ech)
		fprintf(out, "; ECH, %zu bytes", s->ech_len);
	if (s->dohpath)
		fprintf(out, "; DNS at %s", s->dohpath);
	fclose(out);
	return must(text);
}
