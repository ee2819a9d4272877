/*
 * The switch: what the ABI says a call preserves is stored on the old stack and loaded
 * from the new one. Both frames look like an ordinary call in progress, and the tables
 * below say so, hence debuggers and profilers unwind through it.
 *
 * The floating-point control register is not switched: a task that changes it restores
 * it before it calls hoy.
 */
	.text

/* void hoy__switch(void **save_sp, void *load_sp) */
	.globl	hoy__switch
	.hidden	hoy__switch
	.type	hoy__switch, %function
	.p2align 4
hoy__switch:
	.cfi_startproc
	hint	#34			/* bti c */
	stp	x29, x30, [sp, #-160]!
	.cfi_def_cfa_offset 160
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	stp	x19, x20, [sp, #16]
	.cfi_rel_offset x19, 16
	.cfi_rel_offset x20, 24
	stp	x21, x22, [sp, #32]
	.cfi_rel_offset x21, 32
	.cfi_rel_offset x22, 40
	stp	x23, x24, [sp, #48]
	.cfi_rel_offset x23, 48
	.cfi_rel_offset x24, 56
	stp	x25, x26, [sp, #64]
	.cfi_rel_offset x25, 64
	.cfi_rel_offset x26, 72
	stp	x27, x28, [sp, #80]
	.cfi_rel_offset x27, 80
	.cfi_rel_offset x28, 88
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp], #160
	.cfi_restore x29
	.cfi_restore x30
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	hoy__switch, . - hoy__switch

/*
 * Where a new task begins: x19 is the function, x20 its argument. There is no caller,
 * and the undefined return address is where every unwinder stops.
 */
	.globl	hoy__entry
	.hidden	hoy__entry
	.type	hoy__entry, %function
	.p2align 4
hoy__entry:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36			/* bti j: reached by ret, kept for tables of addresses */
	mov	x29, xzr
	mov	x30, xzr
	mov	x0, x20
	blr	x19
	brk	#1
	.cfi_endproc
	.size	hoy__entry, . - hoy__entry

/* void *hoy__prepare(void *top, void (*fn)(void *), void *arg): the sp of a task that begins with fn(arg) */
	.globl	hoy__prepare
	.hidden	hoy__prepare
	.type	hoy__prepare, %function
	.p2align 4
hoy__prepare:
	.cfi_startproc
	hint	#34
	sub	x0, x0, #160
	adr	x9, hoy__entry
	stp	xzr, x9, [x0]
	stp	x1, x2, [x0, #16]
	stp	xzr, xzr, [x0, #32]
	stp	xzr, xzr, [x0, #48]
	stp	xzr, xzr, [x0, #64]
	stp	xzr, xzr, [x0, #80]
	stp	xzr, xzr, [x0, #96]
	stp	xzr, xzr, [x0, #112]
	stp	xzr, xzr, [x0, #128]
	stp	xzr, xzr, [x0, #144]
	ret
	.cfi_endproc
	.size	hoy__prepare, . - hoy__prepare

/* uint64_t hoy__ticks(void): a counter that runs at a constant rate */
	.globl	hoy__ticks
	.hidden	hoy__ticks
	.type	hoy__ticks, %function
	.p2align 4
hoy__ticks:
	.cfi_startproc
	hint	#34
	mrs	x0, cntvct_el0
	ret
	.cfi_endproc
	.size	hoy__ticks, . - hoy__ticks

/* void hoy__pause(void): tells the processor that this is a loop that waits */
	.globl	hoy__pause
	.hidden	hoy__pause
	.type	hoy__pause, %function
	.p2align 4
hoy__pause:
	.cfi_startproc
	hint	#34
	yield
	ret
	.cfi_endproc
	.size	hoy__pause, . - hoy__pause

	.section .note.GNU-stack, "", %progbits

/* Branch target identification: every target above begins with a landing pad. */
	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.asciz	"GNU"
	.long	0xc0000000, 4, 1, 0
