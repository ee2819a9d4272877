/* Groups without memory: each allocation of theirs fails once. */
#include <hoy.h>

#include "t.h"
#include "support/sweep.h"

static int child(void *arg)
{
	return hoy_sleep(HOY_HOUR) == HOY_ECANCELED ? *(int *)arg : 1;
}

static int use_group(void *arg)
{
	int zero = 0, code;
	hoy_group *g = hoy_group_new();

	(void)arg;
	if (!g)
		return -ENOMEM;
	code = hoy_group_go_with(g, &(hoy_go_opts){ .stack = 1 << 20 }, child, &zero);
	if (code == 0)
		code = hoy_group_go_copy(g, child, &zero, sizeof zero);
	hoy_group_cancel(g);
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return code;
}

TEST(each_allocation_fails_once)
{
	sweep(use_group, -1, 0, false);
}

/* A child that did not start is not waited for. */
static int refuse_child(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	fault_entry_at(FAULT_map, 1, 0);
	CHECK_INT(hoy_group_go_with(g, &(hoy_go_opts){ .stack = 8 << 20 }, child, NULL), -ENOMEM);
	CHECK(fault_fired());
	CHECK_INT(hoy_group_wait(g), 0);
	hoy_group_free(g);
	return 0;
}

TEST(no_stack_for_a_child)
{
	fault_install();
	CHECK_INT(hoy_run(refuse_child, NULL), 0);
}
