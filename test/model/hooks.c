/*
 * What the compiler calls with -fsanitize=thread: the interface of TSan's run-time (sanitizer/tsan_interface_atomic.h, and
 * LLVM's ThreadSanitizer.cpp for the rest). A size of 16 bytes does not occur.
 */
#include <assert.h>
#include <sched.h>
#include <string.h>

#include "explorer.h"

#define SITE __builtin_extract_return_addr(__builtin_return_address(0))

#define PLAIN(name, size, stores)			\
	void __tsan_##name(void *at);			\
	void __tsan_##name(void *at) { race_plain((uintptr_t)at, size, stores, SITE); }
#define PLAIN_OF_SIZE(size)				\
	PLAIN(read##size, size, false)			\
	PLAIN(write##size, size, true)			\
	PLAIN(unaligned_read##size, size, false)	\
	PLAIN(unaligned_write##size, size, true)

PLAIN_OF_SIZE(1)
PLAIN_OF_SIZE(2)
PLAIN_OF_SIZE(4)
PLAIN_OF_SIZE(8)
PLAIN_OF_SIZE(16)

#define UPDATE(bits, name, action_)						\
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *a, uint##bits##_t v, int order);	\
	uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *a, uint##bits##_t v, int order)	\
	{									\
		return (uint##bits##_t)explore_atomic(&(struct operation){ .action = action_, .at = (uintptr_t)a,	\
			.size = sizeof *a, .order = (uint8_t)order, .operand = v, .site = SITE });	\
	}
#define COMPARE_EXCHANGE(bits, strength)					\
	int __tsan_atomic##bits##_compare_exchange_##strength(volatile uint##bits##_t *a, uint##bits##_t *expected,	\
							      uint##bits##_t v, int order, int failed);		\
	int __tsan_atomic##bits##_compare_exchange_##strength(volatile uint##bits##_t *a, uint##bits##_t *expected,	\
							      uint##bits##_t v, int order, int failed)		\
	{									\
		uint64_t old = explore_atomic(&(struct operation){ .action = COMPARE, .at = (uintptr_t)a, .size = sizeof *a,	\
			.order = (uint8_t)order, .order_failed = (uint8_t)failed, .operand = v, .expected = *expected, .site = SITE });	\
		bool equal = old == *expected;					\
										\
		*expected = (uint##bits##_t)old;				\
		return equal;							\
	}
#define ATOMIC(bits)						\
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *a, int order);	\
	uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *a, int order)	\
	{							\
		return (uint##bits##_t)explore_atomic(&(struct operation){ .action = LOAD, .at = (uintptr_t)a,	\
			.size = sizeof *a, .order = (uint8_t)order, .site = SITE });	\
	}							\
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *a, uint##bits##_t v, int order);	\
	void __tsan_atomic##bits##_store(volatile uint##bits##_t *a, uint##bits##_t v, int order)	\
	{							\
		explore_atomic(&(struct operation){ .action = STORE, .at = (uintptr_t)a, .size = sizeof *a,	\
			.order = (uint8_t)order, .operand = v, .site = SITE });	\
	}							\
	UPDATE(bits, exchange, EXCHANGE)			\
	UPDATE(bits, fetch_add, ADD)				\
	UPDATE(bits, fetch_sub, SUB)				\
	UPDATE(bits, fetch_and, AND)				\
	UPDATE(bits, fetch_or, OR)				\
	UPDATE(bits, fetch_xor, XOR)				\
	UPDATE(bits, fetch_nand, NAND)				\
	COMPARE_EXCHANGE(bits, strong)				\
	COMPARE_EXCHANGE(bits, weak)

ATOMIC(8)
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

void __tsan_init(void);
void __tsan_func_entry(void *);
void __tsan_func_exit(void);
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);
void __tsan_read_range(void *at, size_t size);
void __tsan_write_range(void *at, size_t size);
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void *fibre, unsigned flags);

void __tsan_init(void) {}
void __tsan_func_entry(void *caller) { (void)caller; }
void __tsan_func_exit(void) {}
void __tsan_atomic_thread_fence(int order) { explore_fence(order, SITE); }
/* In hoy it stands where membarrier(2), in another thread, makes it one: as if that were the case each time. */
void __tsan_atomic_signal_fence(int order) { explore_fence(order, SITE); }
void __tsan_read_range(void *at, size_t size) { race_plain((uintptr_t)at, size, false, SITE); }
void __tsan_write_range(void *at, size_t size) { race_plain((uintptr_t)at, size, true, SITE); }
/* The run-time of hoy tells of its stacks; they are of no interest here. */
void *__tsan_get_current_fiber(void) { return &fibre_self; }
void *__tsan_create_fiber(unsigned flags) { (void)flags; return &fibre_self; }
void __tsan_switch_to_fiber(void *fibre, unsigned flags) { (void)fibre, (void)flags; }

/* Scenarios are compiled with -Dmemcpy=model_memcpy, and so on. */
void *model_memcpy(void *to, const void *from, size_t size);
void *model_memset(void *at, int byte, size_t size);

void *model_memcpy(void *to, const void *from, size_t size)
{
	race_plain((uintptr_t)from, size, false, SITE);
	race_plain((uintptr_t)to, size, true, SITE);
	return memcpy(to, from, size);
}

void *model_memset(void *at, int byte, size_t size)
{
	race_plain((uintptr_t)at, size, true, SITE);
	return memset(at, byte, size);
}

/* Instead of the C library's. */
int sched_yield(void)
{
	return 0;
}

_Noreturn void __assert_fail(const char *condition, const char *file, unsigned line, const char *function)
{
	(void)function;
	model_fail("%s:%u: %s", file, line, condition);
}
