/*
 * What the checkers must be told about stacks that come and go. ASan keeps a fake stack
 * and the bounds of the real one, TSan a fibre for each flow of control, valgrind a list
 * of stacks. The first two are compiled in with them; valgrind is asked at run time by
 * an instruction sequence that does nothing elsewhere.
 */
#ifndef HOY_TASK_ANNOTATE_H
#define HOY_TASK_ANNOTATE_H

#include <stddef.h>
#include <stdint.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

/* A stack as the checkers know it. */
struct hoy__stack_note {
	const void *bottom;
	size_t size;
	void *fake;		/* ASan's, while suspended */
	void *fibre;		/* TSan's, one for each slot, reused */
};

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/asan_interface.h>

/* About to leave `from` for `to`; dying: from will never be resumed. */
static inline void hoy__note_leave(struct hoy__stack_note *from, const struct hoy__stack_note *to, int dying)
{
	__sanitizer_start_switch_fiber(dying ? NULL : &from->fake, to->bottom, to->size);
}

/* Arrived on `self`; `from` learns its bounds when it was a thread's own stack. */
static inline void hoy__note_arrive(struct hoy__stack_note *self, struct hoy__stack_note *from)
{
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(self->fake, &bottom, &size);
	if (from && !from->bottom) {
		from->bottom = bottom;
		from->size = size;
	}
}

/* The slot's memory is used by somebody else from now on. */
static inline void hoy__note_clean(const void *bottom, size_t size)
{
	__asan_unpoison_memory_region(bottom, size);
}

/* The memory may not be used until hoy__note_clean. */
static inline void hoy__note_hide(const void *bottom, size_t size)
{
	__asan_poison_memory_region(bottom, size);
}
#elif defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>

static inline void hoy__note_leave(struct hoy__stack_note *from, struct hoy__stack_note *to, int dying)
{
	(void)dying;
	if (!from->fibre)
		from->fibre = __tsan_get_current_fiber();
	if (!to->fibre)
		to->fibre = __tsan_create_fiber(0);
	__tsan_switch_to_fiber(to->fibre, 0);
}

static inline void hoy__note_arrive(struct hoy__stack_note *self, struct hoy__stack_note *from)
{
	(void)self, (void)from;
}

static inline void hoy__note_clean(const void *bottom, size_t size)
{
	(void)bottom, (void)size;
}

static inline void hoy__note_hide(const void *bottom, size_t size)
{
	(void)bottom, (void)size;
}
#else
static inline void hoy__note_leave(struct hoy__stack_note *from, const struct hoy__stack_note *to, int dying)
{
	(void)from, (void)to, (void)dying;
}

static inline void hoy__note_arrive(struct hoy__stack_note *self, struct hoy__stack_note *from)
{
	(void)self, (void)from;
}

static inline void hoy__note_clean(const void *bottom, size_t size)
{
	(void)bottom, (void)size;
}

static inline void hoy__note_hide(const void *bottom, size_t size)
{
	(void)bottom, (void)size;
}
#endif

/* A client request to valgrind; nothing elsewhere. */
static inline void hoy__note_request(uintptr_t code, uintptr_t first, uintptr_t second)
{
	volatile uintptr_t request[6] = { code, first, second, 0, 0, 0 };

#if defined(__x86_64__)
	uintptr_t result = 0;
	__asm__ volatile("rolq $3, %%rdi ; rolq $13, %%rdi\n\t"
			 "rolq $61, %%rdi ; rolq $51, %%rdi\n\t"
			 "xchgq %%rbx, %%rbx"
			 : "=d"(result) : "a"(request), "0"(result) : "cc", "memory");
#elif defined(__aarch64__)
	register uintptr_t result __asm__("x3") = 0;
	register volatile uintptr_t *args __asm__("x4") = request;
	__asm__ volatile("ror x12, x12, #3 ; ror x12, x12, #13\n\t"
			 "ror x12, x12, #51 ; ror x12, x12, #61\n\t"
			 "orr x10, x10, x10"
			 : "+r"(result) : "r"(args) : "cc", "memory", "x12");
#endif
}

/* Tells valgrind of a stack. (STACK_REGISTER) */
static inline void hoy__note_stack(const void *bottom, const void *top)
{
	hoy__note_request(0x1501, (uintptr_t)bottom, (uintptr_t)top - 1);
}

/* Whatever is in this memory may be used. (MAKE_MEM_DEFINED of memcheck) */
static inline void hoy__note_defined(const void *at, size_t size)
{
	hoy__note_request(0x4d430002, (uintptr_t)at, size);
}

#endif
