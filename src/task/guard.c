/*
 * The best guard is MADV_GUARD_INSTALL: it lives in the page tables, so a million of
 * them make no mapping. Kernels before 6.13 refuse it, and qemu accepts it and does
 * nothing; hence it is believed only after the kernel itself failed to write into one.
 * Protected pages cost two mappings each, so only half of what the system allows is
 * spent on them. What is left is a canary, which tells afterwards.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "os/os.h"
#include "task/guard.h"

enum { PAGE = 4096, CANARY_BYTES = 256, DEFAULT_MAP_COUNT = 65530 };

static _Atomic int kind = HOY__GUARD_UNKNOWN;
static _Atomic long budget;		/* protected guards still to be spent */

static const char *const names[] = {
	[HOY__GUARD_UNKNOWN] = "unknown", [HOY__GUARD_MADVISE] = "madvise",
	[HOY__GUARD_MPROTECT] = "mprotect", [HOY__GUARD_CANARY] = "canary",
};

/* A guard that works makes the kernel's own write fail. */
static bool madvise_works(void)
{
	void *at;
	bool works;

	if (hoy__os_map(2 * PAGE, &at) < 0)
		return false;
	works = hoy__os_guard(at, PAGE) == 0 && hoy__os_random(at, 1) < 0 &&
		hoy__os_random((char *)at + PAGE, 1) == 1;
	hoy__os_unmap(at, 2 * PAGE);
	return works;
}

static long max_map_count(void)
{
	char text[32];
	int fd = hoy__os_open("/proc/sys/vm/max_map_count", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return DEFAULT_MAP_COUNT;
	n = hoy__os_read(fd, text, sizeof text - 1);
	hoy__os_close(fd);
	if (n <= 0)
		return DEFAULT_MAP_COUNT;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

static int forced(void)
{
	const char *name = secure_getenv("HOY_GUARD");

	for (int i = HOY__GUARD_MADVISE; name && i <= HOY__GUARD_CANARY; i++)
		if (!strcmp(name, names[i]))
			return i;
	return HOY__GUARD_UNKNOWN;
}

void hoy__guard_choose(void)
{
	int choice = forced();

	if (choice == HOY__GUARD_UNKNOWN)
		choice = madvise_works() ? HOY__GUARD_MADVISE : HOY__GUARD_MPROTECT;
	atomic_store(&budget, max_map_count() / 2 / 2);
	atomic_store(&kind, choice);
}

enum hoy__guard_kind hoy__guard_kind(void)
{
	if (atomic_load(&kind) == HOY__GUARD_UNKNOWN)
		hoy__guard_choose();
	return (enum hoy__guard_kind)atomic_load(&kind);
}

const char *hoy__guard_name(void)
{
	return names[hoy__guard_kind()];
}

static enum hoy__guard_kind plant_canary(char *at, size_t len)
{
	memset(at + len - CANARY_BYTES, 0xa5, CANARY_BYTES);
	return HOY__GUARD_CANARY;
}

static enum hoy__guard_kind protect(char *at, size_t len)
{
	if (atomic_fetch_sub(&budget, 1) > 0 && hoy__os_protect(at, len) == 0)
		return HOY__GUARD_MPROTECT;
	/* nothing is left for us, or others spent it */
	atomic_store(&kind, HOY__GUARD_CANARY);
	return plant_canary(at, len);
}

enum hoy__guard_kind hoy__guard_install(char *at, size_t len)
{
	switch (hoy__guard_kind()) {
	case HOY__GUARD_MADVISE:
		return hoy__os_guard(at, len) < 0 ? HOY__GUARD_UNKNOWN : HOY__GUARD_MADVISE;
	case HOY__GUARD_MPROTECT:
		return protect(at, len);
	default:
		return plant_canary(at, len);
	}
}

bool hoy__canary_intact(const char *at, size_t len)
{
	const char *canary = at + len - CANARY_BYTES;

	for (int i = 0; i < CANARY_BYTES; i++)
		if ((unsigned char)canary[i] != 0xa5)
			return false;
	return true;
}
