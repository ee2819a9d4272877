/* Executions, one after the other: whose turn it is, and what the end of it means. */
#include <string.h>

#include "execution.h"

struct execution x;
void (*model_begin)(void);

static const struct scenario *scenario;
static struct explored explored;
static bool restarted;

const struct graph *explore_graph(void) { return &x.g; }
uint8_t explore_next(void) { return running()->done + 1; }

const struct clock *explore_happened(void)
{
	static const struct clock none;
	uint8_t done = running()->done;

	return done ? &x.g.e[x.number[fibre_self][done]].happened : &none;
}

/* ---- whose turn it is ---- */

/* The number of its next event, if that is in the graph. */
static int next_of(int t)
{
	return x.number[t][x.thread[t].done + 1];
}

/* While the graph is executed again, any order will do in which reads come after their sources. */
static bool may_go(int t)
{
	int n = next_of(t);

	if (x.thread[t].state != RUNS)
		return false;
	return !x.left || (n >= 0 && (x.g.e[n].kind != READ || x.g.e[n].from == INITIAL || was_executed(&x.g.e[x.g.e[n].from])));
}

/* "next_P": 0 when none can go on. */
static int choose(void)
{
	if (x.left && fibre_self && may_go(fibre_self))
		return fibre_self;
	for (int t = 1; t < THREADS; t++)
		if (may_go(t))
			return t;
	return 0;
}

static void await_turn(void)
{
	while (choose() != fibre_self)
		fibre_yield();
}

_Noreturn static void stop(enum thread_state state)
{
	running()->state = state;
	for (;;)
		fibre_yield();
}

/* No execution goes on from here. */
_Noreturn void explore_drop(void)
{
	explored.dropped++;
	for (int t = 1; t < THREADS; t++)
		x.thread[t].state = ENDED;
	x.left = 0;
	x.thread[0].state = ENDED;
	stop(ENDED);
}

_Noreturn void explore_restart(void)
{
	restarted = true;
	explore_drop();
}

/* The next event of this thread: one that is in the graph, or else a new one, not complete. */
int explore_arrive(uint8_t kind, uintptr_t at, bool *is_new)
{
	int t = fibre_self, n;

	await_turn();
	n = next_of(t);
	*is_new = n < 0;
	if (*is_new) {
		if (x.g.n == EVENTS)
			model_fail("more than %d events: a loop without an end?", EVENTS);
		n = x.g.n++;
		x.g.e[n] = (struct event){ .kind = kind, .at = at, .thread = (uint8_t)t, .index = x.thread[t].done + 1 };
		x.number[t][x.g.e[n].index] = (int16_t)n;
	} else {
		x.left--;
		if (x.g.e[n].kind != kind || x.g.e[n].at != at)
			model_fail("the scenario did something else when it was executed again");
	}
	x.thread[t].done++;
	return n;
}

/* The values of plain stores, which have been executed by now. */
void explore_learn_values(void)
{
	struct thread *t = running();

	while (t->unknown) {
		struct event *e = &x.g.e[t->stored[--t->unknown]];

		e->value = place_load(e->at, e->size);
	}
}

/* ---- waiting, and the end ---- */

/* Does it wait for a change of what was the last write; before its read, or of all? */
static bool waits_for_last(int t, bool of_all)
{
	for (int i = x.thread[t].watched; i <= x.thread[t].done; i++) {
		int read = x.number[t][i];
		const struct event *e = &x.g.e[read];

		for (int w = 0; e->kind == READ && w < (of_all ? x.g.n : read); w++)
			if (is_write_to(&x.g.e[w], e->at) && x.g.e[w].place > place_of(&x.g, e))
				return false;
	}
	return true;
}

void model_watch(void)
{
	running()->watched = running()->done + 1;
}

/* If it could have read something else already, an execution in which it does covers this one. */
_Noreturn static void wait(enum thread_state state)
{
	explore_learn_values();
	if (!waits_for_last(fibre_self, false))
		explore_drop();
	stop(state);
}

_Noreturn void model_wait(void)
{
	wait(WAITS);
}

_Noreturn void model_idle(void)
{
	wait(IDLE);
}

/* The stack is gone with the thread. */
static void run_thread(void)
{
	size_t size;
	void *stack;

	if (model_begin)
		model_begin();
	scenario->thread[fibre_self - 1]();
	explore_learn_values();
	stack = fibre_stack(&size);
	race_plain((uintptr_t)stack, size, true, NULL);
	stop(ENDED);
}

static void prepare(void)
{
	memset(x.number, -1, sizeof x.number);
	for (int i = 0; i < x.g.n; i++)
		x.number[x.g.e[i].thread][x.g.e[i].index] = (int16_t)i;
	x.left = x.g.n;
	memory_reset();
	race_reset();
	scenario->prepare();
	place_note_initial();
	for (int t = 0; t < THREADS; t++)
		x.thread[t] = (struct thread){ .state = ENDED, .effect = INITIAL };
	for (int t = 1; t < THREADS && scenario->thread[t - 1]; t++) {
		x.thread[t].state = RUNS;
		fibre_make(t, run_thread);
	}
	x.thread[0].state = RUNS;
}

/* Those that wait may do so because they have not read the last write yet; else they wait for ever. */
static void end(void)
{
	for (int t = 1; t < THREADS; t++)
		if ((x.thread[t].state == WAITS || x.thread[t].state == IDLE) && !waits_for_last(t, true)) {
			explored.blocked++;
			return;
		}
	for (int t = 1; t < THREADS; t++)
		if (x.thread[t].state == WAITS)
			model_fail("thread %d waits for ever", t);
	explored.complete++;
	if (scenario->check)
		scenario->check();
	memory_check();
}

static void run(void)
{
	int t;

	prepare();
	while ((t = choose()))
		fibre_resume(t);
	if (x.thread[0].state == RUNS) {
		if (x.left)
			model_fail("the scenario did something else when it was executed again");
		end();
	}
}

struct explored explore(const struct scenario *s)
{
	scenario = s;
	place_forget();
	do {
		restarted = false;
		explored = (struct explored){ 0 };
		outcomes_begin();
		x.g.n = 0;
		follow_push(&x.g);
		while (follow_pop(&x.g))
			if (!restarted)
				run();
	} while (restarted);
	return explored;
}
