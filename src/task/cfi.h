/*
 * The unwind tables that compilers write for every function, also without debug information: the section .eh_frame, in the
 * form of DWARF 5 section 6.4, with the differences of the Linux Standard Base. Only the tables are read here.
 */
#ifndef HOY_TASK_CFI_H
#define HOY_TASK_CFI_H

#include <stdbool.h>
#include <stdint.h>

#include "os/registers.h"

/* Where the caller's value of a register is. The CFA is the stack pointer before the call. */
enum hoy__cfi_how {
	HOY__CFI_SAME,		/* in the register still */
	HOY__CFI_UNDEFINED,	/* lost; of the return address: there is no caller */
	HOY__CFI_AT_OFFSET,	/* in memory at CFA + n */
	HOY__CFI_OFFSET,	/* it is CFA + n */
	HOY__CFI_REGISTER,	/* in register n */
	HOY__CFI_AT_EXPRESSION,	/* in memory where the expression says */
	HOY__CFI_EXPRESSION	/* it is what the expression says */
};

struct hoy__cfi_rule {
	enum hoy__cfi_how how;
	int64_t n;
	const uint8_t *expression;	/* its length as ULEB128, then its operations */
};

/* The rules at one place of the code. */
struct hoy__cfi_row {
	unsigned cfa_register;
	int64_t cfa_offset;
	const uint8_t *cfa_expression;	/* instead of these two, unless it is NULL */
	unsigned return_address;	/* the number under which its rule is */
	bool is_signed;			/* the return address, with the pointer authentication of aarch64 */
	struct hoy__cfi_rule rule[HOY__REGISTERS];
};

/* False: no table covers pc, or it uses what is not supported. */
bool hoy__cfi_find(uintptr_t pc, struct hoy__cfi_row *row);

/*
 * An expression's value; cfa is on its stack at the beginning unless it is 0. read: memory; it returns false where there is
 * none. False: it uses what is not supported.
 */
bool hoy__cfi_evaluate(const uint8_t *expression, const struct hoy__registers *r, uintptr_t cfa,
		       bool (*read)(const void *arg, uintptr_t at, uintptr_t *word), const void *arg, uintptr_t *value);

#endif
