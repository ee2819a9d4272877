/*
 * RC11's order of seq_cst: the relation psc of its section 3.3 has no cycle. The nodes are the seq_cst accesses and fences.
 * An edge leads from one to another when a step of scb leads from it, or from what a fence happens before, to the other, or
 * to what happens before the other if that is a fence.
 */
#include <string.h>

#include "graph.h"

enum { WORDS = (EVENTS + 63) / 64 };

struct set {
	uint64_t word[WORDS];
};

static void set_add(struct set *s, int i) { s->word[i / 64] |= UINT64_C(1) << i % 64; }
static bool set_has(const struct set *s, int i) { return s->word[i / 64] >> i % 64 & 1; }

static void set_join(struct set *s, const struct set *other)
{
	for (int i = 0; i < WORDS; i++)
		s->word[i] |= other->word[i];
}

static bool is_seq_cst_fence(const struct event *e)
{
	return e->kind == FENCE && is_seq_cst(e);
}

/* The nearest event of its thread, in this direction, of another location; NULL: none. */
static const struct event *neighbour(const struct graph *g, const struct event *e, int step)
{
	const struct event *nearest = NULL;

	for (const struct event *other = g->e; other < g->e + g->n; other++)
		if (other->thread == e->thread && (other->index - e->index) * step > 0 && !is_at(other, e->at) &&
		    (!nearest || (other->index - nearest->index) * step < 0))
			nearest = other;
	return nearest;
}

/* RC11's scb, with both neighbours for its third way: from a over a step to another location to b. */
static bool leads(const struct graph *g, const struct event *a, const struct event *b, const struct event *after_a,
		  const struct event *before_b)
{
	if (a->thread == b->thread)
		return a->index < b->index;
	if (is_at(b, a->at) && (is_before(a, b) || (b->kind == WRITE && is_earlier(g, a, b))))
		return true;
	return after_a && before_b && is_before(after_a, before_b);
}

/* For each event: which nodes a step of scb from it leads to, and which fences a step of eco. */
static void find_steps(const struct graph *g, struct set *step, struct set *fences)
{
	static const struct event *after[EVENTS], *before[EVENTS];
	static struct set behind[EVENTS], end[EVENTS];	/* the fences that come behind; and itself */

	memset(behind, 0, sizeof behind);
	for (int i = 0; i < g->n; i++) {
		after[i] = neighbour(g, &g->e[i], 1);
		before[i] = neighbour(g, &g->e[i], -1);
		for (int j = 0; j < g->n; j++)
			if (is_seq_cst_fence(&g->e[j]) && is_before(&g->e[i], &g->e[j]))
				set_add(&behind[i], j);
		end[i] = behind[i];
		if (is_seq_cst(&g->e[i]))
			set_add(&end[i], i);
	}
	for (int i = 0; i < g->n; i++)
		for (int j = 0; j < g->n; j++) {
			if (i != j && leads(g, &g->e[i], &g->e[j], after[i], before[j]))
				set_join(&step[i], &end[j]);
			if (i != j && is_at(&g->e[j], g->e[i].at) && is_earlier(g, &g->e[i], &g->e[j]))
				set_join(&fences[i], &behind[j]);
		}
}

static void find_edges(const struct graph *g, struct set *edge)
{
	static struct set step[EVENTS], fences[EVENTS];

	memset(step, 0, sizeof step);
	memset(fences, 0, sizeof fences);
	find_steps(g, step, fences);
	for (int i = 0; i < g->n; i++) {
		edge[i] = step[i];
		for (int j = 0; is_seq_cst_fence(&g->e[i]) && j < g->n; j++)
			if (is_before(&g->e[i], &g->e[j])) {
				set_join(&edge[i], &step[j]);
				set_join(&edge[i], &fences[j]);
				if (is_seq_cst_fence(&g->e[j]))
					set_add(&edge[i], j);
			}
	}
}

/* Warshall's closure, over the nodes only. (All arrays are static, for the stacks of fibres are small.) */
bool graph_orders(const struct graph *g)
{
	static struct set edge[EVENTS];

	find_edges(g, edge);
	for (int k = 0; k < g->n; k++)
		for (int i = 0; is_seq_cst(&g->e[k]) && i < g->n; i++)
			if (is_seq_cst(&g->e[i]) && set_has(&edge[i], k))
				set_join(&edge[i], &edge[k]);
	for (int i = 0; i < g->n; i++)
		if (is_seq_cst(&g->e[i]) && set_has(&edge[i], i))
			return false;
	return true;
}
