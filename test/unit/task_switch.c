/* The switch itself: what the ABI says a call preserves is there afterwards, whatever others did. */
#include <hoy.h>

#include "t.h"

enum { TASKS = 8, ROUNDS = 1000 };

/* Enough values alive at once to fill the registers that a call preserves, and spill. */
static int keep_values(void *arg)
{
	unsigned long n = (unsigned long)*(int *)arg, a = n + 1, b = n * 3, c = n ^ 5, d = n << 7, e = -n, f = n * n, g = ~n;
	double p = (double)n / 3, q = p * 2, r = p + 0.5, s = -p, t = p * p;

	for (int i = 0; i < ROUNDS; i++) {
		hoy_yield();
		a += b, b += c, c += d, d += e, e += f, f += g, g += a;
		p += q, q += r, r += s, s += t, t = p / 1e9;
	}
	unsigned long sum = a ^ b ^ c ^ d ^ e ^ f ^ g;
	double real = p + q + r + s + t;

	a = n + 1, b = n * 3, c = n ^ 5, d = n << 7, e = -n, f = n * n, g = ~n;
	p = (double)n / 3, q = p * 2, r = p + 0.5, s = -p, t = p * p;
	for (int i = 0; i < ROUNDS; i++) {
		a += b, b += c, c += d, d += e, e += f, f += g, g += a;
		p += q, q += r, r += s, s += t, t = p / 1e9;
	}
	CHECK(sum == (a ^ b ^ c ^ d ^ e ^ f ^ g));
	CHECK(real == p + q + r + s + t);
	return 0;
}

static int keep_values_in_all(void *arg)
{
	for (int i = 0; i < TASKS; i++)
		CHECK_INT(hoy_go_copy(keep_values, &i, sizeof i), 0);
	return *(int *)arg;
}

TEST(values_survive_what_other_tasks_compute)
{
	const hoy_run_opts one = { .workers = 1 };
	int value = 3;

	CHECK_INT(hoy_run_with(&one, keep_values_in_all, &value), 3);
}

/* printf of a double stores vector registers at aligned addresses, and dies of a crooked stack. */
static int print_double(void *arg)
{
	_Alignas(16) char aligned[16];
	char text[64];

	CHECK_INT((uintptr_t)aligned % 16, 0);
	CHECK_INT((uintptr_t)__builtin_frame_address(0) % 16, 0);
	snprintf(text, sizeof text, "%.3f %Lf", *(double *)arg, (long double)*(double *)arg);
	CHECK_STR(text, "2.500 2.500000", "printf in a task");
	return 0;
}

static int print_in_tasks(void *arg)
{
	double value = 2.5;

	(void)arg;
	for (size_t len = sizeof value; len <= 64; len += 8) {
		char bytes[64] = { 0 };

		memcpy(bytes, &value, sizeof value);
		CHECK_INT(hoy_go_copy(print_double, bytes, len), 0);
	}
	return print_double(&value);
}

TEST(a_stack_is_aligned_whatever_lies_at_its_top)
{
	CHECK_INT(hoy_run(print_in_tasks, NULL), 0);
}
