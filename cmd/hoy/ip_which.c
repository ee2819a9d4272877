/*
 * Which of many ranges an address belongs to. They are sorted by their first address, the wider before the narrower;
 * each knows the nearest one before it that has all of it. So the search begins with the last range that starts at or
 * before the address and goes outwards: every range that has the address encloses those that are passed.
 */
#include <stdlib.h>
#include <string.h>

#include "ip.h"

/* IPv4 in its 16-byte form is IPv4 here, as in a hoy_ip_set. */
static hoy_ip_range unmapped(hoy_ip_range r)
{
	if (hoy_ip_is_4in6(r.first) && hoy_ip_is_4in6(r.last))
		r = (hoy_ip_range){ hoy_ip_unmap(r.first), hoy_ip_unmap(r.last) };
	return r;
}

void labels_add(struct labels *l, hoy_ip_range range, const char *text)
{
	if (l->n == l->room) {
		l->room = 2 * l->room + 16;
		l->list = must(realloc(l->list, l->room * sizeof *l->list));
	}
	l->list[l->n++] = (struct labelled){ .range = unmapped(range), .text = must(strdup(text)) };
}

static int by_place(const void *a, const void *b)
{
	const hoy_ip_range *x = &((const struct labelled *)a)->range, *y = &((const struct labelled *)b)->range;
	int order = hoy_ip_compare(x->first, y->first);

	return order ? order : hoy_ip_compare(y->last, x->last);
}

void labels_sort(struct labels *l)
{
	if (l->n)
		qsort(l->list, l->n, sizeof *l->list, by_place);
	for (size_t i = 0; i < l->n; i++) {
		size_t outer = i ? i - 1 : LABELS_NONE;

		while (outer != LABELS_NONE && hoy_ip_compare(l->list[outer].range.last, l->list[i].range.last) < 0)
			outer = l->list[outer].outer;
		l->list[i].outer = outer;
	}
}

const char *labels_find(const struct labels *l, hoy_ip ip)
{
	size_t low = 0, high = l->n, at;

	ip = hoy_ip_unmap(ip);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hoy_ip_compare(l->list[middle].range.first, ip) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	at = low ? low - 1 : LABELS_NONE;
	while (at != LABELS_NONE && hoy_ip_compare(l->list[at].range.last, ip) < 0)
		at = l->list[at].outer;
	return at == LABELS_NONE ? NULL : l->list[at].text;
}

void labels_clear(struct labels *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->list[i].text);
	free(l->list);
	*l = (struct labels){ .list = NULL };
}
