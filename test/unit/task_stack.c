/* Stacks and what guards them: sizes, kinds, and choosing a kind that works. */
#include <hoy.h>

#include "child.h"
#include "os/os.h"
#include "support/fault_os.h"
#include "task/guard.h"
#include "task/runtime.h"

static const hoy_run_opts one = { .workers = 1 };

TEST(a_size_gets_the_class_that_has_room)
{
	static const struct { size_t size; int class; } cases[] = {
		{ 0, HOY__256K }, { 1, HOY__64K }, { 64 << 10, HOY__64K }, { (64 << 10) + 1, HOY__256K },
		{ 256 << 10, HOY__256K }, { (256 << 10) + 1, HOY__1M }, { 1 << 20, HOY__1M },
		{ (1 << 20) + 1, HOY__8M }, { 8 << 20, HOY__8M }, { (8 << 20) + 1, -EINVAL }, { SIZE_MAX, -EINVAL },
	};

	for (size_t i = 0; i < LEN(cases); i++)
		CHECK_INT(hoy__class_for(cases[i].size), cases[i].class);
}

/* Touches every page from here down to `left` bytes below. */
__attribute__((noinline)) static int go_down(size_t left)
{
	volatile char page[4096];

	page[0] = (char)left;
	return left > sizeof page + 256 ? go_down(left - sizeof page - 256) + page[0] - (char)left : 1;
}

/* Most of the promised stack can be used, whatever the class. */
static int use_most(void *arg)
{
	return go_down((size_t)(uintptr_t)arg * 6 / 10) ? 0 : 1;
}

static int use_each(void *arg)
{
	static const size_t sizes[] = { 64 << 10, 256 << 10, 1 << 20, 8 << 20 };

	(void)arg;
	for (size_t i = 0; i < LEN(sizes); i++) {
		hoy_go_opts opts = { .stack = sizes[i] };

		for (int n = 0; n < 3; n++)
			CHECK_INT(hoy_go_with(&opts, use_most, (void *)(uintptr_t)sizes[i]), 0);
	}
	return 0;
}

static const char *const kinds[] = { "madvise", "mprotect", "canary" };
static const char *kind;

static int check_kind(void *arg)
{
	struct hoy_runtime_info info;

	hoy_runtime_info(&info);
	CHECK_STR(info.guard, kind, "guard");
	return use_each(arg);
}

static void run_with_kind(void)
{
	setenv("HOY_GUARD", kind, 1);
	hoy__guard_choose();
	CHECK_INT(hoy_run(check_kind, NULL), 0);
}

/* Would the kernel write there? Asked of the kernel itself, through a pipe. */
static bool writable(const void *at)
{
	int ends[2];
	bool ok;

	if (!CHECK(pipe(ends) == 0))
		return false;
	ok = write(ends[1], at, 1) == 1;
	close(ends[0]);
	close(ends[1]);
	return ok;
}

static bool kernel_has_guards(void)
{
	return hoy__guard_kind() == HOY__GUARD_MADVISE;
}

TEST(each_kind_of_guard_can_be_forced)
{
	bool can = kernel_has_guards();

	for (size_t i = can ? 0 : 1; i < LEN(kinds); i++) {
		struct child c = { .status = 0 };

		kind = kinds[i];
		child_run(&c, run_with_kind);
		CHECK_INT(c.status, 0);
		CHECK_STR(c.text, "", kind);
	}
}

static void guards_of_kind(void)
{
	struct hoy__slot_list list[HOY__CLASSES] = { { 0 } };

	setenv("HOY_GUARD", kind, 1);
	hoy__guard_choose();
	for (int class = 0; class < HOY__CLASSES; class++) {
		struct hoy__slot *slot = hoy__slot_take(list, (enum hoy__class)class);
		bool canary = slot->guard == HOY__GUARD_CANARY;

		CHECK(writable(slot->bottom) && writable(slot->top - 1));
		CHECK_INT(writable(slot->bottom - 1), canary);
		CHECK_INT(writable(slot->bottom - (16 << 10)), canary);
		CHECK(hoy__slot_guarding(slot->bottom - 1) == slot);
		CHECK(hoy__slot_guarding(slot->bottom - (16 << 10)) == slot);
		CHECK(hoy__slot_guarding(slot->bottom) == NULL);
		CHECK(hoy__slot_intact(slot));
		if (canary) {
			slot->bottom[-1] = 0;
			CHECK(!hoy__slot_intact(slot));
		}
	}
	CHECK(hoy__slot_guarding(&list) == NULL);
}

TEST(a_guard_lies_right_below_the_stack)
{
	bool can = kernel_has_guards();

	for (size_t i = can ? 0 : 1; i < LEN(kinds); i++) {
		struct child c = { .status = 0 };

		kind = kinds[i];
		child_run(&c, guards_of_kind);
		CHECK_STR(c.text, "", kind);
	}
}

static int pretend(void *at, size_t len)
{
	(void)at, (void)len;
	return 0;
}

static int refuse(void *at, size_t len)
{
	(void)at, (void)len;
	return -EINVAL;
}

/* qemu's way: madvise says yes to what it does not know. */
TEST(a_guard_that_does_nothing_is_found_out)
{
	static struct hoy__os lying;

	unsetenv("HOY_GUARD");
	lying = *hoy__os;
	lying.guard = pretend;
	hoy__os = &lying;
	hoy__guard_choose();
	CHECK_STR(hoy__guard_name(), "mprotect", "pretended");
	lying.guard = refuse;
	hoy__guard_choose();
	CHECK_STR(hoy__guard_name(), "mprotect", "refused");
	CHECK_INT(hoy_run(use_each, NULL), 0);
}

static int rest(void *arg)
{
	(void)arg;
	return hoy_sleep(50 * HOY_MILLISECOND);
}

static int start_many(void *n)
{
	for (int i = 0; i < *(int *)n; i++)
		if (!CHECK_INT(hoy_go_with(&(hoy_go_opts){ .stack = 64 << 10 }, rest, NULL), 0))
			break;
	return hoy_sleep(10 * HOY_MILLISECOND);
}

TEST(refused_protection_becomes_a_canary)
{
	int n = 10;

	setenv("HOY_GUARD", "mprotect", 1);
	fault_install();
	fault_entry_at(FAULT_protect, 5, -ENOMEM);
	CHECK_INT(hoy_run_with(&one, start_many, &n), 0);
	CHECK(fault_fired());
	CHECK_STR(hoy__guard_name(), "canary", "after the refusal");
	CHECK_INT(fault_calls(FAULT_protect), 5);
}

static ssize_t small_map_count(int fd, void *buf, size_t len)
{
	(void)fd;
	return snprintf(buf, len, "400\n");
}

/* Half of the allowed mappings, two for each guard. */
TEST(protection_stops_at_half_of_what_the_system_allows)
{
	static struct hoy__os tight;
	int n = 300;

	setenv("HOY_GUARD", "mprotect", 1);
	fault_install();
	tight = *hoy__os;
	tight.read = small_map_count;
	hoy__os = &tight;
	hoy__guard_choose();
	CHECK_INT(hoy_run_with(&one, start_many, &n), 0);
	CHECK_INT(fault_calls(FAULT_protect), 100);
	CHECK_STR(hoy__guard_name(), "canary", "after the budget");
}

/* The file may be missing; what Linux has by default is assumed. */
TEST(the_budget_without_the_file)
{
	int n = 200;

	setenv("HOY_GUARD", "mprotect", 1);
	fault_install();
	fault_entry_at(FAULT_open, 1, -ENOENT);
	hoy__guard_choose();
	CHECK(fault_fired());
	CHECK_INT(hoy_run_with(&one, start_many, &n), 0);
	CHECK_STR(hoy__guard_name(), "mprotect", "within the default");
	fault_reset();
	fault_entry_at(FAULT_read, 1, -EIO);
	hoy__guard_choose();
	CHECK(fault_fired());
}

/* More tasks than half of vm.max_map_count allows, for real. */
TEST(more_tasks_than_protected_guards)
{
	int n = SCALED(20000);

	setenv("HOY_GUARD", "mprotect", 1);
	CHECK_INT(hoy_run_with(&one, start_many, &n), 0);
	if (n == 20000)
		CHECK_STR(hoy__guard_name(), "canary", "after 16,382 guards");
}
