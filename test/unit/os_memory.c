/* Memory for stacks: mapped without reservation, guarded, discarded. */
#include "os/os.h"

#include <setjmp.h>

#include "../t.h"

enum { PAGE = 65536 };	/* the largest there is, so that the test need not ask */

static sigjmp_buf before_touch;

static void caught(int number)
{
	siglongjmp(before_touch, number);
}

/* Does reading there fault? */
static bool faults(const char *at)
{
	struct sigaction action = { .sa_handler = caught }, old;
	volatile bool did = true;

	sigaction(SIGSEGV, &action, &old);
	if (!sigsetjmp(before_touch, 1)) {
		(void)*(const volatile char *)at;
		did = false;
	}
	sigaction(SIGSEGV, &old, NULL);
	return did;
}

TEST(address_space_costs_nothing)
{
	size_t len = (size_t)1 << (sizeof(void *) == 8 ? 36 : 28);
	void *at = NULL;

	if (t_under_valgrind())
		SKIP("valgrind has no such space, and reports the reading of what was given back");
	CHECK_INT(hoy__os_map(len, &at), 0);
	((char *)at)[len - 1] = 7;
	CHECK_INT(((char *)at)[0], 0);
	CHECK_INT(hoy__os_unmap(at, len), 0);
	CHECK(faults(at));
}

TEST(discarded_is_zero_again)
{
	void *at = NULL;

	CHECK_INT(hoy__os_map(4 * PAGE, &at), 0);
	memset(at, 7, 4 * PAGE);
	CHECK_INT(hoy__os_discard((char *)at + PAGE, PAGE), 0);
	CHECK_INT(((char *)at)[PAGE - 1], 7);
	CHECK_INT(((char *)at)[PAGE], 0);
	CHECK_INT(((char *)at)[2 * PAGE], 7);
}

TEST(protected_faults)
{
	void *at = NULL;

	CHECK_INT(hoy__os_map(4 * PAGE, &at), 0);
	CHECK_INT(hoy__os_protect((char *)at + PAGE, PAGE), 0);
	CHECK(!faults((char *)at + PAGE - 1));
	CHECK(faults((char *)at + PAGE));
	CHECK(faults((char *)at + 2 * PAGE - 1));
	CHECK(!faults((char *)at + 2 * PAGE));
}

TEST(guarded_faults)
{
	void *at = NULL;

	CHECK_INT(hoy__os_map(4 * PAGE, &at), 0);
	if (hoy__os_guard((char *)at + PAGE, PAGE) == -EINVAL)
		SKIP("the kernel is older than 6.13 and has no MADV_GUARD_INSTALL");
	if (!faults((char *)at + PAGE))
		SKIP("the emulator accepts MADV_GUARD_INSTALL and does nothing");
	CHECK(!faults((char *)at + PAGE - 1));
	CHECK(faults((char *)at + 2 * PAGE - 1));
	CHECK(!faults((char *)at + 2 * PAGE));
}

TEST(failures)
{
	void *at = NULL;

	CHECK_INT(hoy__os_map(SIZE_MAX / 2, &at), t_under_valgrind() ? -EINVAL : -ENOMEM);
	CHECK_INT(hoy__os_map(0, &at), -EINVAL);
	CHECK(at == NULL);
	CHECK_INT(hoy__os_unmap((void *)1, PAGE), -EINVAL);
	CHECK(hoy__os_protect((void *)1, PAGE) < 0);		/* glibc: unaligned; musl rounds down */
	CHECK_INT(hoy__os_discard((void *)1, PAGE), -EINVAL);
	CHECK(hoy__os_guard((void *)1, PAGE) < 0);
}

TEST(clocks_randomness_machine)
{
	int64_t a = hoy__os_monotonic(), b, wall = hoy__os_realtime(), boot = hoy__os_boottime();
	uint64_t x[4] = { 0 };

	usleep(2000);
	b = hoy__os_monotonic();
	CHECK(b - a >= 2000000);
	CHECK(boot >= a && hoy__os_boottime() - boot >= 2000000);
	CHECK(wall / 1000000000 - time(NULL) <= 1 && time(NULL) - wall / 1000000000 <= 1);
	CHECK_INT(hoy__os_random(x, sizeof x), sizeof x);
	CHECK(x[0] != x[1] && x[1] != x[2] && x[2] != x[3]);
	CHECK(hoy__os_cpus_allowed() >= 1);
	CHECK(hoy__os_cpus_allowed() <= sysconf(_SC_NPROCESSORS_CONF));
}
