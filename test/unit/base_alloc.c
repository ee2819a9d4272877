/* Allocation: zeroed, through the hook, and the hook may refuse. */
#include "base/base.h"

#include <stdint.h>

#include "../t.h"

static void *(*real)(void *block, size_t size);
static int live, refuse;

static void *counting(void *block, size_t size)
{
	if (size && refuse)
		return NULL;
	live += size && !block;
	live -= !size && block;
	return real(block, size);
}

TEST(zeroed_and_counted)
{
	real = hoy__realloc_hook;
	hoy__realloc_hook = counting;
	unsigned char *p = hoy__alloc(1000);
	CHECK(p != NULL);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(p[i], 0);
	memset(p, 7, 1000);
	p = hoy__realloc(p, 100000);
	CHECK_INT(p[999], 7);
	CHECK_INT(live, 1);
	hoy__release(p);
	hoy__release(NULL);
	CHECK_INT(live, 0);
}

TEST(nothing_is_a_block_too)
{
	void *p = hoy__alloc(0), *q = hoy__realloc(NULL, 0);

	CHECK(p && q);
	hoy__release(p);
	hoy__release(q);
}

TEST(refused)
{
	void *p = hoy__alloc(10);

	real = hoy__realloc_hook;
	hoy__realloc_hook = counting;
	refuse = 1;
	CHECK(hoy__alloc(10) == NULL);
	CHECK(hoy__realloc(p, 20) == NULL);
	hoy__release(p);		/* still there after the refusal */
}
