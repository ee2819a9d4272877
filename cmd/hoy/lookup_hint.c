/* What people paste and mistype where a name belongs, and what they probably meant. */
#include <ctype.h>
#include <string.h>

#include "lookup.h"

/* The host in a URL, in host:port or in a mail address; of a name alone the name. */
static void find_host(const char *text, char host[HOY_NAME_STRLEN])
{
	const char *scheme = strstr(text, "://"), *at;

	if (scheme)
		text = scheme + 3;
	at = strchr(text, '@');
	if (at && strcspn(text, "/?#") > (size_t)(at - text))
		text = at + 1;
	snprintf(host, HOY_NAME_STRLEN, "%.*s", (int)strcspn(text, "/:?#"), text);
}

/* Do they differ in one letter, which is another, too many or missing, or in two that are swapped? */
static int is_near(const char *a, const char *b)
{
	size_t len_a = strlen(a), len_b = strlen(b), same = 0;

	while (same < len_a && same < len_b && a[same] == b[same])
		same++;
	while (len_a > same && len_b > same && a[len_a - 1] == b[len_b - 1]) {
		len_a--;
		len_b--;
	}
	a += same;
	b += same;
	len_a -= same;
	len_b -= same;
	return (len_a <= 1 && len_b <= 1) || (len_a == 2 && len_b == 2 && a[0] == b[1] && a[1] == b[0]);
}

/* Several words, none a type, and the name is one label and nearly a type. */
static const char *near_type(const struct question *q, const char *name, char type[HOY_TYPE_STRLEN])
{
	size_t len = strlen(name);
	char upper[HOY_TYPE_STRLEN];

	if (q->names < 2 || q->types || len < 2 || len >= sizeof upper || strchr(name, '.'))
		return NULL;
	for (size_t i = 0; i <= len; i++)
		upper[i] = (char)toupper((unsigned char)name[i]);
	for (int number = hoy_type_next(0); number; number = hoy_type_next(number))
		if (is_near(upper, hoy_type_string(number, type)) && strlen(type) > 1)
			return type;
	return NULL;
}

void hint(const struct question *q, const char *name)
{
	char host[HOY_NAME_STRLEN], text[HOY_TYPE_STRLEN];
	const char *type = near_type(q, name, text);
	hoy_addr addr;

	find_host(name, host);
	if (*host && strcmp(host, name) && hoy_parse_addr(name, &addr, NULL) < 0)
		fprintf(stderr, "  did you mean the host %s?\n", host);
	else if (type)
		fprintf(stderr, "  did you mean the type %s?\n", type);
}
