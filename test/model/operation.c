/* What the threads do: atomic operations become events, unless one thread alone uses the location. */
#include <string.h>

#include "execution.h"

enum {
	REPEATS = 2,		/* of a read, at one site and without an effect in between, before it stutters */
	PATIENCE = 1000		/* stutters of a loop that has no end */
};

static uint64_t result(const struct operation *op, uint64_t old)
{
	uint64_t mask = op->size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * op->size) - 1, v = op->operand;

	switch (op->action) {
	case ADD: v = old + v; break;
	case SUB: v = old - v; break;
	case AND: v = old & v; break;
	case OR: v = old | v; break;
	case XOR: v = old ^ v; break;
	case NAND: v = ~(old & v); break;
	}
	return v & mask;
}

static bool stores(const struct operation *op, uint64_t old)
{
	return op->action != LOAD && (op->action != COMPARE || old == op->expected);
}

/* Memory holds the last value of those written so far. */
static void execute_store(int n)
{
	const struct event *e = &x.g.e[n];

	for (int i = 0; i < x.g.n; i++)
		if (is_write_to(&x.g.e[i], e->at) && was_executed(&x.g.e[i]) && x.g.e[i].place > e->place)
			return;
	place_store(e->at, e->size, e->value);
}

/* Could the read be made once more with the same result? Then a loop of such reads need not be run on. */
static bool may_repeat(int n)
{
	struct graph *g = &x.g;
	struct event *again = &g->e[g->n];
	bool may;

	if (g->n == EVENTS)
		return false;
	*again = g->e[n];
	again->index = running()->done + 1;
	graph_set_clocks(g, g->n);
	g->n++;
	may = graph_allows(g, g->n - 1);
	g->n--;
	return may;
}

/* Of the reads at this site since the last effect, the last one, if there were several. INITIAL: none. */
static int repeated(const struct operation *op)
{
	struct thread *t = running();
	int times = 0, n = INITIAL;

	for (int i = 0; i < t->reads; i++)
		if (t->read[i].site == op->site && t->read[i].at == op->at) {
			times++;
			n = t->read[i].n;
		}
	return times >= REPEATS && may_repeat(n) ? n : INITIAL;
}

/* The exchange that the thread has just made, and that has changed nothing; NULL: none. */
static const struct event *vain_exchange(void)
{
	const struct event *e = running()->effect == INITIAL ? NULL : &x.g.e[running()->effect];

	if (!e || e->kind != WRITE || !e->exclusive || graph_previous(&x.g, running()->effect)->value != e->value)
		return NULL;
	return e;
}

/* A loop of one read, or of it and an exchange before, is learned: from now on its first round waits. */
static void learn_loop(void)
{
	const struct thread *t = running();
	const struct event *last = &x.g.e[t->read[t->reads - 1].n], *exchange = vain_exchange();

	if (last->compares || last->awaits)
		return;
	for (int i = 0; i < t->reads; i++)
		if (t->read[i].site != last->site || t->read[i].at != last->at)
			return;
	site_learn(last->site, last->value);
	if (exchange && is_at(exchange, last->at) && exchange->value == last->value)
		site_learn(exchange->site, exchange->value);
	explore_restart();
}

/* A loop of reads has no end: it waits for what it has read in its last round. */
_Noreturn static void wait_in_loop(void)
{
	struct thread *t = running();
	int first = EVENTS;

	learn_loop();
	for (int i = 0; i < t->reads; i++) {
		int times = 0, last = 0;

		for (int j = 0; j < t->reads; j++)
			if (t->read[j].site == t->read[i].site && t->read[j].at == t->read[i].at) {
				times++;
				last = x.g.e[t->read[j].n].index;
			}
		if (times >= REPEATS && last < first)
			first = last;
	}
	t->watched = (uint8_t)first;
	model_wait();
}

static void note_read(const struct operation *op, int n)
{
	struct thread *t = running();

	if (t->reads == STREAK) {
		memmove(t->read, t->read + 1, sizeof t->read - sizeof t->read[0]);
		t->reads--;
	}
	t->read[t->reads].site = op->site;
	t->read[t->reads].at = op->at;
	t->read[t->reads++].n = (int16_t)n;
}

/* An effect: what is read from here on may be something else. */
static void note_effect(int n)
{
	running()->effect = n;
	running()->reads = running()->stutters = 0;
}

static void describe(const struct operation *op, struct event *e)
{
	e->size = op->size;
	e->site = op->site;
	e->order = e->succeeds = (uint8_t)site_order(op->site, op->order);
	e->fails = (uint8_t)site_order(op->site, op->order_failed);
	site_note(op->site, e->order);
	e->compares = op->action == COMPARE;
	e->expected = op->expected;
	e->awaits = (op->action == EXCHANGE || op->action == LOAD) && site_waits(op->site, &e->expected);
	e->exclusive = op->action != LOAD && op->action != STORE;
}

static const struct event *read(const struct operation *op)
{
	bool is_new;
	int n = explore_arrive(READ, op->at, &is_new);

	describe(op, &x.g.e[n]);
	if (is_new)
		follow_read(n);
	else
		follow_set_source(n, x.g.e[n].from);
	note_read(op, n);
	return &x.g.e[n];
}

static void write(const struct operation *op, uint64_t value, bool plain)
{
	bool is_new;
	int n = explore_arrive(WRITE, op->at, &is_new);
	struct event *e = &x.g.e[n];

	describe(op, e);
	e->compares = false;
	e->value = value;
	e->plain = plain;
	if (is_new)
		follow_write(n);
	if (plain)
		running()->stored[running()->unknown++] = (int16_t)n;
	else
		execute_store(n);
	note_effect(n);
}

static uint64_t execute_alone(const struct operation *op)
{
	uint64_t old = place_load(op->at, op->size);

	if (stores(op, old))
		place_store(op->at, op->size, result(op, old));
	return old;
}

static bool is_shared(const struct operation *op)
{
	struct place *p = place_find(op->at, op->size);

	if (place_use(p, op->action != LOAD))
		explore_restart();
	return p->shared;
}

/* A test-and-set that fails again and again is learned, too. */
static bool fails_again(const struct operation *op)
{
	struct thread *t = running();
	const struct event *e = vain_exchange();

	if (op->action != EXCHANGE || t->reads || !e || !is_at(e, op->at) || e->value != op->operand)
		return false;
	if (++t->stutters < PATIENCE)
		return true;
	site_learn(e->site, e->value);
	site_learn(op->site, e->value);
	explore_restart();
}

/* The value is known without an event: the thread is in a loop that makes none. */
static bool stutters(const struct operation *op, uint64_t *old)
{
	int n;

	if (fails_again(op)) {
		*old = op->operand;
		return true;
	}
	if ((n = repeated(op)) == INITIAL || stores(op, x.g.e[n].value))
		return false;
	if (++running()->stutters > PATIENCE)
		wait_in_loop();
	*old = x.g.e[n].value;
	return true;
}

static uint64_t update(const struct operation *op)
{
	const struct event *e;
	uint64_t old;

	if (stutters(op, &old))
		return old;
	e = read(op);
	if (is_vain(e)) {
		running()->watched = e->index;
		model_wait();
	}
	old = e->value;
	if (stores(op, old))
		write(op, result(op, old), false);
	return old;
}

uint64_t explore_atomic(const struct operation *op)
{
	if (!fibre_self)
		return execute_alone(op);
	explore_learn_values();
	race_atomic(op->at, op->size, op->action != LOAD, op->site);
	if (!is_shared(op))
		return execute_alone(op);
	if (op->action != STORE)
		return update(op);
	write(op, result(op, 0), false);
	return 0;
}

void explore_plain_store(uintptr_t at, const void *site)
{
	struct operation op = { .action = STORE, .at = at, .size = place_find(at, 0)->size, .site = site };

	explore_learn_values();
	write(&op, 0, true);
}

void explore_fence(int order, const void *site)
{
	bool is_new;
	int n;

	if (!fibre_self)
		return;
	explore_learn_values();
	n = explore_arrive(FENCE, 0, &is_new);
	x.g.e[n].order = (uint8_t)site_order(site, order);
	x.g.e[n].site = site;
	site_note(site, order);
	if (is_new)
		graph_set_clocks(&x.g, n);
	note_effect(n);
}

