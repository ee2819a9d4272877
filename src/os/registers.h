/* A thread's registers, each at its number in DWARF, which unwind tables use. */
#ifndef HOY_OS_REGISTERS_H
#define HOY_OS_REGISTERS_H

#include <stdint.h>

#if defined(__x86_64__)
enum { HOY__FRAME_POINTER = 6, HOY__STACK_POINTER = 7, HOY__REGISTERS = 17 };
#elif defined(__aarch64__)
enum { HOY__FRAME_POINTER = 29, HOY__STACK_POINTER = 31, HOY__REGISTERS = 35 };
#endif

struct hoy__registers {
	uintptr_t pc;
	uintptr_t at[HOY__REGISTERS];
};

/* Those of the function that it becomes part of, which must not return before they have been used; what a call may change is 0. */
static inline __attribute__((always_inline)) void hoy__registers_here(struct hoy__registers *r)
{
	*r = (struct hoy__registers){ 0 };
#if defined(__x86_64__)
	__asm__ volatile("leaq	(%%rip), %%rax; movq %%rax, %0" : "=m"(r->pc) : : "rax");
	__asm__ volatile("movq	%%rbx, %0; movq %%rbp, %1; movq %%rsp, %2; movq %%r12, %3; movq %%r13, %4; movq %%r14, %5;"
			 "movq	%%r15, %6"
			 : "=m"(r->at[3]), "=m"(r->at[6]), "=m"(r->at[7]), "=m"(r->at[12]), "=m"(r->at[13]),
			   "=m"(r->at[14]), "=m"(r->at[15]));
#elif defined(__aarch64__)
	__asm__ volatile("adr	x9, .; str x9, %0; mov x9, sp; str x9, %1" : "=m"(r->pc), "=m"(r->at[31]) : : "x9");
	__asm__ volatile("stp	x19, x20, [%0, #152]; stp x21, x22, [%0, #168]; stp x23, x24, [%0, #184];"
			 "stp	x25, x26, [%0, #200]; stp x27, x28, [%0, #216]; stp x29, x30, [%0, #232]"
			 : : "r"(r->at) : "memory");
#endif
}

#endif
