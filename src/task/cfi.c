#include "task/cfi.h"

#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "os/module.h"

/* ---- reading ---- */

/* Yields zeros behind its end. */
struct bytes {
	const uint8_t *at, *end;
};

static uint64_t read_plain(struct bytes *b, size_t size)
{
	uint64_t value = 0;

	if ((size_t)(b->end - b->at) < size) {
		b->at = b->end;
		return 0;
	}
	memcpy(&value, b->at, size);	/* little-endian, as both architectures are */
	b->at += size;
	return value;
}

static uint8_t read_u8(struct bytes *b) { return (uint8_t)read_plain(b, 1); }
static uint32_t read_u32(struct bytes *b) { return (uint32_t)read_plain(b, 4); }

static int64_t read_signed(struct bytes *b, size_t size)
{
	unsigned unused = 64 - 8 * (unsigned)size;

	return (int64_t)(read_plain(b, size) << unused) >> unused;
}

static uint64_t read_leb128(struct bytes *b, bool is_signed)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = read_u8(b);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (is_signed && shift < 64 && byte & 0x40)
		value |= ~UINT64_C(0) << shift;
	return value;
}

static uint64_t read_uleb(struct bytes *b) { return read_leb128(b, false); }
static int64_t read_sleb(struct bytes *b) { return (int64_t)read_leb128(b, true); }

/* The encodings of pointers, DW_EH_PE_*: the low half says how it is written, the high half what it counts from. */
enum { PE_FORMAT = 0x0f, PE_FROM = 0x70, PE_PCREL = 0x10 };

static uintptr_t read_pointer(struct bytes *b, uint8_t encoding)
{
	uintptr_t from = (encoding & PE_FROM) == PE_PCREL ? (uintptr_t)b->at : 0;

	switch (encoding & PE_FORMAT) {
	case 0x1: return from + read_uleb(b);
	case 0x2: return from + read_plain(b, 2);
	case 0x3: return from + read_plain(b, 4);
	case 0x9: return from + (uintptr_t)read_sleb(b);
	case 0xa: return from + (uintptr_t)read_signed(b, 2);
	case 0xb: return from + (uintptr_t)read_signed(b, 4);
	default:  return from + read_plain(b, 8);
	}
}

/* ---- finding the function ---- */

struct common {			/* CIE: what several functions share */
	uint64_t code_unit;
	int64_t data_unit;
	unsigned return_address;
	uint8_t pointers;	/* their encoding */
	bool is_augmented;
	struct bytes program;
};

struct function {		/* FDE */
	uintptr_t begin, size;
	struct common common;
	struct bytes program;
};

/* A record of the section: its length comes first, and 0 ends the section. (A longer form exists, for 4 GiB and more.) */
static bool open_record(const uint8_t *at, struct bytes *b)
{
	uint32_t len;

	memcpy(&len, at, sizeof len);
	*b = (struct bytes){ at + 4, at + 4 + len };
	return len != 0 && len != UINT32_MAX;
}

static void read_augmentation(struct bytes *b, const char *letters, struct common *c)
{
	size_t len = read_uleb(b);
	const uint8_t *end = b->at + len;

	c->is_augmented = true;
	for (; *letters; letters++)
		if (*letters == 'R')
			c->pointers = read_u8(b);
		else if (*letters == 'L')
			read_u8(b);
		else if (*letters == 'P')
			read_pointer(b, read_u8(b));
	b->at = end;
}

static bool read_common(const uint8_t *at, struct common *c)
{
	const char *letters;
	struct bytes b;
	uint8_t version;

	if (!open_record(at, &b) || read_u32(&b) != 0)
		return false;
	version = read_u8(&b);
	letters = (const char *)b.at;
	b.at += strlen(letters) + 1;
	*c = (struct common){ .code_unit = read_uleb(&b), .data_unit = read_sleb(&b) };
	c->return_address = version == 1 ? read_u8(&b) : (unsigned)read_uleb(&b);
	if (*letters == 'z')
		read_augmentation(&b, letters + 1, c);
	c->program = b;
	return (version == 1 || version == 3) && (!*letters || c->is_augmented) && c->return_address < HOY__REGISTERS;
}

static bool read_function(const uint8_t *at, struct function *f)
{
	const uint8_t *id;
	struct bytes b;

	if (!open_record(at, &b))
		return false;
	id = b.at;
	if (!read_common(id - read_u32(&b), &f->common))
		return false;
	f->begin = read_pointer(&b, f->common.pointers);
	f->size = read_pointer(&b, f->common.pointers & PE_FORMAT);
	if (f->common.is_augmented) {
		size_t len = read_uleb(&b);

		b.at += len;
	}
	f->program = b;
	return true;
}

/* The index: pairs of a function's beginning and its record, both as distances from the index, in the order of the first. */
struct pair {
	int32_t begin, record;
};

enum { PE_DISTANCE = 0x3b };	/* from the index, four bytes, signed: as every linker writes it */

static const uint8_t *find_record(const uint8_t *hdr, uintptr_t pc)
{
	struct bytes b = { hdr + 4, hdr + 4 + 16 };
	uint32_t low = 0, high;
	const uint8_t *pairs;
	struct pair p;

	if (hdr[0] != 1 || hdr[3] != PE_DISTANCE)
		return NULL;
	read_pointer(&b, hdr[1]);
	high = (uint32_t)read_pointer(&b, hdr[2]);
	pairs = b.at;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		memcpy(&p, pairs + middle * sizeof p, sizeof p);
		if ((uintptr_t)hdr + (uintptr_t)(intptr_t)p.begin <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	memcpy(&p, pairs + (low - 1) * sizeof p, sizeof p);
	return hdr + p.record;
}

/* ---- carrying out its program ---- */

enum { REMEMBERED = 4 };

struct machine {
	const struct common *common;
	struct hoy__cfi_row *row;
	const struct hoy__cfi_row *initial;	/* NULL while the common program runs */
	uintptr_t location;
	struct hoy__cfi_row remembered[REMEMBERED];
	unsigned remembers;
	bool unsupported;
	struct hoy__cfi_rule ignored;		/* of registers that are not kept, such as those of floating point */
};

static struct hoy__cfi_rule *rule_of(struct machine *m, uint64_t number)
{
	return number < HOY__REGISTERS ? &m->row->rule[number] : &m->ignored;
}

static void set(struct machine *m, uint64_t number, enum hoy__cfi_how how, int64_t n)
{
	*rule_of(m, number) = (struct hoy__cfi_rule){ .how = how, .n = n };
}

static const uint8_t *skip_expression(struct bytes *b)
{
	const uint8_t *at = b->at;
	size_t len = read_uleb(b);

	b->at += len < (size_t)(b->end - b->at) ? len : (size_t)(b->end - b->at);
	return at;
}

static void set_expression(struct machine *m, struct bytes *b, enum hoy__cfi_how how)
{
	struct hoy__cfi_rule *rule = rule_of(m, read_uleb(b));

	*rule = (struct hoy__cfi_rule){ .how = how, .expression = skip_expression(b) };
}

static void restore(struct machine *m, uint64_t number)
{
	if (m->initial && number < HOY__REGISTERS)
		m->row->rule[number] = m->initial->rule[number];
}

static void remember(struct machine *m)
{
	if (m->remembers < REMEMBERED)
		m->remembered[m->remembers++] = *m->row;
	else
		m->unsupported = true;
}

static void recall(struct machine *m)
{
	if (m->remembers > 0)
		*m->row = m->remembered[--m->remembers];
	else
		m->unsupported = true;
}

static void define_cfa(struct machine *m, uint64_t number, int64_t offset)
{
	m->row->cfa_register = (unsigned)number;
	m->row->cfa_offset = offset;
	m->row->cfa_expression = NULL;
}

/* DW_CFA_*, those without an operand in their first byte. */
static void run_extended(struct machine *m, uint8_t operation, struct bytes *b)
{
	uint64_t unit = m->common->code_unit, number;
	int64_t data = m->common->data_unit;

	switch (operation) {
	case 0x00: break;							/* nop */
	case 0x01: m->location = read_pointer(b, m->common->pointers); break;	/* set_loc */
	case 0x02: m->location += read_plain(b, 1) * unit; break;		/* advance_loc1, 2, 4 */
	case 0x03: m->location += read_plain(b, 2) * unit; break;
	case 0x04: m->location += read_plain(b, 4) * unit; break;
	case 0x05: number = read_uleb(b); set(m, number, HOY__CFI_AT_OFFSET, (int64_t)read_uleb(b) * data); break;
	case 0x06: restore(m, read_uleb(b)); break;				/* restore_extended */
	case 0x07: set(m, read_uleb(b), HOY__CFI_UNDEFINED, 0); break;
	case 0x08: set(m, read_uleb(b), HOY__CFI_SAME, 0); break;
	case 0x09: number = read_uleb(b); set(m, number, HOY__CFI_REGISTER, (int64_t)read_uleb(b)); break;
	case 0x0a: remember(m); break;
	case 0x0b: recall(m); break;
	case 0x0c: number = read_uleb(b); define_cfa(m, number, (int64_t)read_uleb(b)); break;
	case 0x0d: m->row->cfa_register = (unsigned)read_uleb(b); break;
	case 0x0e: m->row->cfa_offset = (int64_t)read_uleb(b); break;
	case 0x0f: m->row->cfa_expression = skip_expression(b); break;
	case 0x10: set_expression(m, b, HOY__CFI_AT_EXPRESSION); break;
	case 0x11: number = read_uleb(b); set(m, number, HOY__CFI_AT_OFFSET, read_sleb(b) * data); break;
	case 0x12: number = read_uleb(b); define_cfa(m, number, read_sleb(b) * data); break;
	case 0x13: m->row->cfa_offset = read_sleb(b) * data; break;
	case 0x14: number = read_uleb(b); set(m, number, HOY__CFI_OFFSET, (int64_t)read_uleb(b) * data); break;
	case 0x15: number = read_uleb(b); set(m, number, HOY__CFI_OFFSET, read_sleb(b) * data); break;
	case 0x16: set_expression(m, b, HOY__CFI_EXPRESSION); break;
	case 0x2d: m->row->is_signed = !m->row->is_signed; break;		/* AARCH64_negate_ra_state */
	case 0x2e: read_uleb(b); break;						/* GNU_args_size */
	default:   m->unsupported = true;
	}
}

/* Up to the first row behind pc. */
static void run(struct machine *m, struct bytes b, uintptr_t pc)
{
	while (b.at < b.end && m->location <= pc && !m->unsupported) {
		uint8_t first = read_u8(&b), operand = first & 0x3f;

		switch (first >> 6) {
		case 1:
			m->location += operand * m->common->code_unit;
			break;
		case 2:
			set(m, operand, HOY__CFI_AT_OFFSET, (int64_t)read_uleb(&b) * m->common->data_unit);
			break;
		case 3:
			restore(m, operand);
			break;
		default:
			run_extended(m, operand, &b);
		}
	}
}

bool hoy__cfi_find(uintptr_t pc, struct hoy__cfi_row *row)
{
	struct hoy__cfi_row initial;
	struct machine m = { .row = row };
	struct hoy__module module;
	struct function f;
	const uint8_t *record;

	if (!hoy__module_find(pc, &module) || !module.eh_frame_hdr)
		return false;
	record = find_record(module.eh_frame_hdr, pc);
	if (!record || !read_function(record, &f) || pc - f.begin >= f.size)
		return false;
	*row = (struct hoy__cfi_row){ .return_address = f.common.return_address };
	m.common = &f.common;
	m.location = f.begin;
	run(&m, f.common.program, pc);
	initial = *row;
	m.initial = &initial;
	run(&m, f.program, pc);
	return !m.unsupported;
}

/* ---- expressions ---- */

enum { DEPTH = 16 };

struct stack {
	uintptr_t at[DEPTH];
	unsigned n;
	bool bad;
};

static void push(struct stack *s, uintptr_t value)
{
	if (s->n < DEPTH)
		s->at[s->n++] = value;
	else
		s->bad = true;
}

static uintptr_t pop(struct stack *s)
{
	if (s->n > 0)
		return s->at[--s->n];
	s->bad = true;
	return 0;
}

/* DW_OP_*: what compilers and linkers write into unwind tables, for frames realigned and for procedure linkage tables. */
static void operate(struct stack *s, uint8_t operation, struct bytes *b)
{
	uintptr_t top;

	switch (operation) {
	case 0x08: push(s, read_plain(b, 1)); break;			/* const1u, 1s, 2u, 2s, 4u, 4s */
	case 0x09: push(s, (uintptr_t)read_signed(b, 1)); break;
	case 0x0a: push(s, read_plain(b, 2)); break;
	case 0x0b: push(s, (uintptr_t)read_signed(b, 2)); break;
	case 0x0c: push(s, read_plain(b, 4)); break;
	case 0x0d: push(s, (uintptr_t)read_signed(b, 4)); break;
	case 0x1a: top = pop(s); push(s, pop(s) & top); break;
	case 0x1c: top = pop(s); push(s, pop(s) - top); break;
	case 0x22: top = pop(s); push(s, pop(s) + top); break;
	case 0x23: push(s, pop(s) + read_uleb(b)); break;
	case 0x24: top = pop(s); push(s, top < 64 ? pop(s) << top : 0); break;
	case 0x2a: top = pop(s); push(s, (intptr_t)pop(s) >= (intptr_t)top); break;
	default:   s->bad = true;
	}
}

bool hoy__cfi_evaluate(const uint8_t *expression, const struct hoy__registers *r, uintptr_t cfa,
		       bool (*read)(const void *arg, uintptr_t at, uintptr_t *word), const void *arg, uintptr_t *value)
{
	struct bytes b = { expression, expression + 10 };
	size_t len = read_uleb(&b);
	struct stack s = { .n = 0 };
	uintptr_t word = 0;

	b.end = b.at + len;
	if (cfa)
		push(&s, cfa);
	while (b.at < b.end && !s.bad) {
		uint8_t operation = read_u8(&b);

		if (operation >= 0x30 && operation < 0x50) {		/* lit0 to lit31 */
			push(&s, operation - 0x30);
		} else if (operation >= 0x70 && operation < 0x90) {	/* breg0 to breg31 */
			uintptr_t base = operation - 0x70 < HOY__REGISTERS ? r->at[operation - 0x70] : 0;

			push(&s, base + (uintptr_t)read_sleb(&b));
		} else if (operation == 0x06) {				/* deref */
			s.bad |= !read(arg, pop(&s), &word);
			push(&s, word);
		} else {
			operate(&s, operation, &b);
		}
	}
	*value = pop(&s);
	return !s.bad;
}
