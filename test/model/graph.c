/* Clocks, coherence and atomicity of an execution graph. */
#include "graph.h"

#include <stdatomic.h>

const struct event *graph_previous(const struct graph *g, int n)
{
	for (const struct event *e = g->e; e < g->e + g->n; e++)
		if (e->thread == g->e[n].thread && e->index + 1 == g->e[n].index)
			return e;
	return NULL;
}

int graph_last(const struct graph *g, uintptr_t at)
{
	int last = INITIAL;

	for (int i = 0; i < g->n; i++)
		if (g->e[i].kind == WRITE && is_at(&g->e[i], at) && (last == INITIAL || g->e[i].place > g->e[last].place))
			last = i;
	return last;
}

void graph_place(struct graph *g, int n, int place)
{
	for (int i = 0; i < g->n; i++)
		if (i != n && g->e[i].kind == WRITE && is_at(&g->e[i], g->e[n].at))
			g->e[i].place += g->e[i].place >= place;
	g->e[n].place = (int16_t)place;
}

void graph_set_source(struct graph *g, int n, int from, uint64_t value)
{
	struct event *e = &g->e[n];

	e->from = (int16_t)from;
	e->value = value;
	if (e->compares) {
		e->exclusive = value == e->expected;
		e->order = e->exclusive ? e->succeeds : e->fails;
	}
	graph_set_clocks(g, n);
}

static bool acquires(const struct event *e)
{
	return e->order != memory_order_relaxed && e->order != memory_order_release;
}

static bool releases(const struct event *e)
{
	return e->order >= memory_order_release;
}

static void read_clocks(struct event *e, const struct event *from)
{
	if (!from)
		return;
	clock_join(&e->before, &from->before);
	clock_join(&e->acquired, &from->message);
	if (acquires(e))
		clock_join(&e->happened, &from->message);
}

/* A read-modify-write continues the release sequence of what it has read. */
static void write_clocks(const struct graph *g, struct event *e, const struct event *previous)
{
	e->message = e->plain ? (struct clock){ { 0 } } : releases(e) ? e->happened : e->released;
	if (e->exclusive && previous->from != INITIAL)
		clock_join(&e->message, &g->e[previous->from].message);
}

static void fence_clocks(struct event *e)
{
	if (acquires(e))
		clock_join(&e->happened, &e->acquired);
	if (releases(e))
		e->released = e->happened;
}

void graph_set_clocks(struct graph *g, int n)
{
	const struct event *previous = graph_previous(g, n);
	struct event *e = &g->e[n];

	e->before = e->happened = e->acquired = e->released = e->message = (struct clock){ { 0 } };
	if (previous) {
		e->before = previous->before;
		e->happened = previous->happened;
		e->acquired = previous->acquired;
		e->released = previous->released;
	}
	e->before.of[e->thread] = e->happened.of[e->thread] = e->index;
	if (e->kind == READ)
		read_clocks(e, e->from == INITIAL ? NULL : &g->e[e->from]);
	else if (e->kind == WRITE)
		write_clocks(g, e, previous);
	else
		fence_clocks(e);
}

/* What happens before it may not be later in the order of modification. */
static bool is_coherent(const struct graph *g, const struct event *e)
{
	for (const struct event *other = g->e; other < g->e + g->n; other++)
		if (is_at(other, e->at) && is_before(other, e) && is_earlier(g, e, other))
			return false;
	return true;
}

/* Nothing stands between the two halves of a read-modify-write. */
static bool is_atomic(const struct graph *g, uintptr_t at)
{
	for (int i = 0; i < g->n; i++)
		if (g->e[i].kind == WRITE && g->e[i].exclusive && is_at(&g->e[i], at) &&
		    g->e[i].place != place_of(g, graph_previous(g, i)) + 1)
			return false;
	return true;
}

/* An event that is last in every order cannot close a cycle. */
bool graph_allows(const struct graph *g, int n)
{
	const struct event *e = &g->e[n];
	int last = e->at ? graph_last(g, e->at) : INITIAL;

	if (!is_coherent(g, e) || (e->kind == WRITE && !is_atomic(g, e->at)))
		return false;
	return e->kind == FENCE || place_of(g, e) == (last == INITIAL ? 0 : g->e[last].place) || graph_orders(g);
}
