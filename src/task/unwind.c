#include "task/unwind.h"

#include <stddef.h>

#include "base/base.h"
#include "os/module.h"
#include "task/annotate.h"
#include "task/cfi.h"

UNWATCHED static uintptr_t load(uintptr_t at)
{
	uintptr_t word = *(const volatile uintptr_t *)at;

	hoy__note_defined(&word, sizeof word);
	return word;
}

static bool read(const void *bounds, uintptr_t at, uintptr_t *word)
{
	const struct hoy__stack_bounds *b = bounds;

	if (at < b->low || at > b->high - sizeof *word || at % sizeof *word)
		return false;
	*word = load(at);
	return true;
}

/* Pointer authentication (aarch64) puts a signature into a return address; this instruction, a no-op where there is none, takes it out. */
static uintptr_t strip_signature(uintptr_t pc)
{
#if defined(__aarch64__)
	register uintptr_t x30 __asm__("x30") = pc;

	__asm__("hint #7" : "+r"(x30));		/* xpaclri */
	return x30;
#else
	return pc;
#endif
}

struct step {
	const struct hoy__registers *r;
	const struct hoy__stack_bounds *bounds;
	const struct hoy__cfi_row *row;
	uintptr_t cfa;
};

static bool find_cfa(struct step *s)
{
	const struct hoy__cfi_row *row = s->row;

	if (row->cfa_expression)
		return hoy__cfi_evaluate(row->cfa_expression, s->r, 0, read, s->bounds, &s->cfa);
	if (row->cfa_register >= HOY__REGISTERS)
		return false;
	s->cfa = s->r->at[row->cfa_register] + (uintptr_t)row->cfa_offset;
	return true;
}

/* The caller's value of register i; false: it is lost. */
static bool find_value(const struct step *s, unsigned i, uintptr_t *value)
{
	const struct hoy__cfi_rule *rule = &s->row->rule[i];
	uintptr_t at;

	switch (rule->how) {
	case HOY__CFI_SAME:
		*value = s->r->at[i];
		return true;
	case HOY__CFI_AT_OFFSET:
		return read(s->bounds, s->cfa + (uintptr_t)rule->n, value);
	case HOY__CFI_OFFSET:
		*value = s->cfa + (uintptr_t)rule->n;
		return true;
	case HOY__CFI_REGISTER:
		*value = rule->n < HOY__REGISTERS ? s->r->at[rule->n] : 0;
		return true;
	case HOY__CFI_AT_EXPRESSION:
		return hoy__cfi_evaluate(rule->expression, s->r, s->cfa, read, s->bounds, &at) && read(s->bounds, at, value);
	case HOY__CFI_EXPRESSION:
		return hoy__cfi_evaluate(rule->expression, s->r, s->cfa, read, s->bounds, value);
	default:
		return false;
	}
}

/* By the tables. A register whose value is lost is 0. */
static bool step_by_row(struct hoy__registers *r, const struct hoy__stack_bounds *bounds, const struct hoy__cfi_row *row)
{
	struct hoy__registers caller;
	struct step s = { r, bounds, row, 0 };

	if (!find_cfa(&s) || s.cfa < r->at[HOY__STACK_POINTER] || s.cfa > bounds->high)
		return false;
	for (unsigned i = 0; i < HOY__REGISTERS; i++)
		if (!find_value(&s, i, &caller.at[i]))
			caller.at[i] = 0;
	caller.pc = caller.at[row->return_address];
	if (row->is_signed)
		caller.pc = strip_signature(caller.pc);
	caller.at[HOY__STACK_POINTER] = s.cfa;
	if (caller.pc == r->pc && s.cfa == r->at[HOY__STACK_POINTER])
		return false;
	*r = caller;
	return true;
}

/* Both architectures: the frame pointer points to the caller's, and behind that is where the call returns to. */
static bool step_by_frame_pointer(struct hoy__registers *r, const struct hoy__stack_bounds *bounds)
{
	uintptr_t at = r->at[HOY__FRAME_POINTER], next, pc;
	struct hoy__module m;

	if (at < r->at[HOY__STACK_POINTER] || !read(bounds, at, &next) || !read(bounds, at + sizeof at, &pc))
		return false;
	r->pc = strip_signature(pc);
	r->at[HOY__FRAME_POINTER] = next;
	r->at[HOY__STACK_POINTER] = at + 2 * sizeof at;
	return hoy__module_find(r->pc, &m);
}

static bool step(struct hoy__registers *r, const struct hoy__stack_bounds *bounds, bool exact)
{
	struct hoy__cfi_row row;

	return hoy__cfi_find(r->pc - !exact, &row) ? step_by_row(r, bounds, &row) : step_by_frame_pointer(r, bounds);
}

unsigned hoy__unwind(const struct hoy__registers *from, struct hoy__stack_bounds bounds, bool exact, void **frame, unsigned most)
{
	struct hoy__registers r = *from;
	unsigned n = 0;

	while (n < most && r.pc) {
		frame[n++] = (void *)r.pc;
		if (!step(&r, &bounds, exact && n == 1))
			break;
	}
	return n;
}

/* Where switch_ARCHITECTURE.S leaves them: each register's number and its place behind sp; and how much it takes. */
#if defined(__x86_64__)
static const struct { uint8_t number, place; } saved[] = {
	{ 15, 0 }, { 14, 8 }, { 13, 16 }, { 12, 24 }, { 3, 32 }, { HOY__FRAME_POINTER, 40 },
};
enum { PC_PLACE = 48, SAVED = 56 };
#elif defined(__aarch64__)
static const struct { uint8_t number, place; } saved[] = {
	{ HOY__FRAME_POINTER, 0 }, { 30, 8 }, { 19, 16 }, { 20, 24 }, { 21, 32 }, { 22, 40 }, { 23, 48 }, { 24, 56 }, { 25, 64 },
	{ 26, 72 }, { 27, 80 }, { 28, 88 },
};
enum { PC_PLACE = 8, SAVED = 160 };
#endif

bool hoy__registers_saved(struct hoy__registers *r, struct hoy__stack_bounds bounds, const void *sp)
{
	uintptr_t at = (uintptr_t)sp;

	*r = (struct hoy__registers){ .at[HOY__STACK_POINTER] = at + SAVED };
	for (size_t i = 0; i < LEN(saved); i++)
		if (!read(&bounds, at + saved[i].place, &r->at[saved[i].number]))
			return false;
	return read(&bounds, at + PC_PLACE, &r->pc);
}
