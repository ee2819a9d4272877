/*
 * TruSt's step: in how many ways an event can be added to the graph, and which reads before it a write may become the source
 * of. Names of the paper in quotes.
 */
#include <stdlib.h>
#include <string.h>

#include "execution.h"

/* Graphs to be executed later. */
static struct pending {
	struct pending *next;
	int n;
	struct event e[];
} *pending;

void follow_push(const struct graph *g)
{
	size_t size = (size_t)g->n * sizeof g->e[0];
	struct pending *p = malloc(sizeof *p + size);

	p->n = g->n;
	memcpy(p->e, g->e, size);
	p->next = pending;
	pending = p;
}

bool follow_pop(struct graph *g)
{
	struct pending *p = pending;

	if (!p)
		return false;
	g->n = p->n;
	memcpy(g->e, p->e, (size_t)p->n * sizeof p->e[0]);
	pending = p->next;
	free(p);
	return true;
}

void follow_set_source(int n, int from)
{
	const struct event *e = &x.g.e[n];

	graph_set_source(&x.g, n, from, from == INITIAL ? place_find(e->at, e->size)->initial : x.g.e[from].value);
}

/* A read goes on with the last write, and may have any other that is allowed. */
void follow_read(int n)
{
	int last = graph_last(&x.g, x.g.e[n].at);

	for (int from = INITIAL; from < n; from++) {
		if (from == last || (from != INITIAL && !is_write_to(&x.g.e[from], x.g.e[n].at)))
			continue;
		follow_set_source(n, from);
		if (graph_allows(&x.g, n) && !is_vain(&x.g.e[n]))
			follow_push(&x.g);
	}
	follow_set_source(n, last);
}

/* "IsMaximallyAdded": would a run without the write have added the event just so? */
static bool is_as_added(int n, const struct event *write)
{
	const struct event *e = &x.g.e[n], *source = e->kind == READ && e->from >= 0 ? &x.g.e[e->from] : e;

	if (e->kind == FENCE)
		return true;
	if (source - x.g.e > n && !covers(&write->before, source))
		return false;
	for (int i = 0; i < x.g.n; i++) {
		const struct event *other = &x.g.e[i];

		if (other == write || (i > n && !covers(&write->before, other)) || !is_at(other, e->at))
			continue;
		if (e->kind == WRITE && other->kind == READ && other->from == n)
			return false;
		if (other->kind == WRITE && other->place > place_of(&x.g, e))
			return false;
	}
	return true;
}

static bool is_deleted(int n, int read, const struct event *write)
{
	return n > read && &x.g.e[n] != write && !covers(&write->before, &x.g.e[n]);
}

static bool may_revisit(int read, int write)
{
	const struct event *w = &x.g.e[write], *r = &x.g.e[read];

	if (r->kind != READ || !is_at(r, w->at) || covers(&w->before, r))
		return false;
	for (int i = read; i < x.g.n; i++)
		if ((i == read || is_deleted(i, read, w)) && !is_as_added(i, w))
			return false;
	return true;
}

/* The places of each location, without gaps. */
static void number_places(struct graph *g)
{
	static int16_t place[EVENTS];

	for (int i = 0; i < g->n; i++) {
		place[i] = 1;
		for (int j = 0; g->e[i].kind == WRITE && j < g->n; j++)
			place[i] += is_write_to(&g->e[j], g->e[i].at) && g->e[j].place < g->e[i].place;
	}
	for (int i = 0; i < g->n; i++)
		g->e[i].place = place[i];
}

/* Without what is deleted; where the read and the write have come to. */
static void restrict_to(struct graph *to, int *read, int *write)
{
	static int16_t moved[EVENTS];
	int r = *read, w = *write;

	to->n = 0;
	for (int i = 0; i < x.g.n; i++) {
		moved[i] = (int16_t)to->n;
		if (!is_deleted(i, r, &x.g.e[w]))
			to->e[to->n++] = x.g.e[i];
	}
	for (int i = 0; i < to->n; i++)
		if (to->e[i].kind == READ && to->e[i].from >= 0)
			to->e[i].from = moved[to->e[i].from];
	*read = moved[r];
	*write = moved[w];
	number_places(to);
}

static int first_place(const struct graph *g, int write)
{
	return g->e[write].exclusive ? place_of(g, graph_previous(g, write)) + 1 : 1;
}

static int last_place(const struct graph *g, int write)
{
	int last = 0;

	if (g->e[write].exclusive)
		return first_place(g, write);
	for (int i = 0; i < g->n; i++)
		if (i != write && is_write_to(&g->e[i], g->e[write].at) && g->e[i].place > last)
			last = g->e[i].place;
	return last + 1;
}

/* The read has this write as its source, which may be anywhere in the order of modification. */
static void revisit(int read, int write)
{
	static struct graph cut, placed;	/* the stacks of fibres are small */

	restrict_to(&cut, &read, &write);
	for (int p = first_place(&cut, write); p <= last_place(&cut, write); p++) {
		placed = cut;
		graph_place(&placed, write, p);
		graph_set_source(&placed, read, write, placed.e[write].value);
		if (graph_allows(&placed, write) && graph_allows(&placed, read))
			follow_push(&placed);
	}
}

void follow_write(int n)
{
	static struct graph placed;
	int last = last_place(&x.g, n);

	x.g.e[n].place = EVENTS;
	graph_set_clocks(&x.g, n);
	for (int r = 0; r < n && !x.g.e[n].plain; r++)
		if (may_revisit(r, n))
			revisit(r, n);
	for (int p = x.g.e[n].plain ? last : first_place(&x.g, n); p < last; p++) {
		placed = x.g;
		graph_place(&placed, n, p);
		if (graph_allows(&placed, n))
			follow_push(&placed);
	}
	graph_place(&x.g, n, last);
	if (!graph_allows(&x.g, n))
		explore_drop();
}

