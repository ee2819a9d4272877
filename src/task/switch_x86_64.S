/*
 * The switch: what the ABI says a call preserves is pushed on the old stack and popped
 * from the new one. Both frames look like an ordinary call in progress, and the tables
 * below say so, hence debuggers and profilers unwind through it.
 *
 * It leaves by a jump: the processor predicts a ret from its own stack of calls, which is
 * the wrong one here, always; that costs a third of a switch (see doc/decisions.md).
 *
 * The floating-point control words are not switched: a task that changes them restores
 * them before it calls hoy.
 */
	.text

/* void hoy__switch(void **save_sp, void *load_sp) */
	.globl	hoy__switch
	.hidden	hoy__switch
	.type	hoy__switch, @function
	.p2align 4
hoy__switch:
	.cfi_startproc
	endbr64
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_same_value r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_same_value r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_same_value r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_same_value r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_same_value rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_same_value rbp
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	notrack jmp *%rcx
	.cfi_endproc
	.size	hoy__switch, . - hoy__switch

/*
 * Where a new task begins: r12 is the function, r13 its argument. There is no caller,
 * and the undefined return address is where every unwinder stops.
 */
	.globl	hoy__entry
	.hidden	hoy__entry
	.type	hoy__entry, @function
	.p2align 4
hoy__entry:
	.cfi_startproc
	.cfi_undefined rip
	endbr64
	xorl	%ebp, %ebp
	movq	%r13, %rdi
	call	*%r12
	ud2
	.cfi_endproc
	.size	hoy__entry, . - hoy__entry

/* void *hoy__prepare(void *top, void (*fn)(void *), void *arg): the sp of a task that begins with fn(arg) */
	.globl	hoy__prepare
	.hidden	hoy__prepare
	.type	hoy__prepare, @function
	.p2align 4
hoy__prepare:
	.cfi_startproc
	endbr64
	leaq	hoy__entry(%rip), %rax
	movq	%rax, -24(%rdi)		/* popping it leaves sp aligned for the call */
	movq	$0, -32(%rdi)		/* rbp */
	movq	$0, -40(%rdi)		/* rbx */
	movq	%rsi, -48(%rdi)		/* r12 */
	movq	%rdx, -56(%rdi)		/* r13 */
	movq	$0, -64(%rdi)		/* r14 */
	movq	$0, -72(%rdi)		/* r15 */
	leaq	-72(%rdi), %rax
	ret
	.cfi_endproc
	.size	hoy__prepare, . - hoy__prepare

/* uint64_t hoy__ticks(void): a counter that runs at a constant rate */
	.globl	hoy__ticks
	.hidden	hoy__ticks
	.type	hoy__ticks, @function
	.p2align 4
hoy__ticks:
	.cfi_startproc
	endbr64
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	ret
	.cfi_endproc
	.size	hoy__ticks, . - hoy__ticks

/* void hoy__pause(void): tells the processor that this is a loop that waits */
	.globl	hoy__pause
	.hidden	hoy__pause
	.type	hoy__pause, @function
	.p2align 4
hoy__pause:
	.cfi_startproc
	endbr64
	pause
	ret
	.cfi_endproc
	.size	hoy__pause, . - hoy__pause

/* Where functions that the compiler was told to return by a jump go: see switch.h. A program may have its own. */
	.weak	__x86_return_thunk
	.hidden	__x86_return_thunk
	.type	__x86_return_thunk, @function
	.p2align 4
__x86_return_thunk:
	.cfi_startproc
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rcx
	notrack jmp *%rcx
	.cfi_endproc
	.size	__x86_return_thunk, . - __x86_return_thunk

	.section .note.GNU-stack, "", @progbits

/* Indirect branch tracking: every target above begins with endbr64. */
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000002, 4, 1, 0
