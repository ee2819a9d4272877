/*
 * A stack overflow shows as a fault inside a guard. The handler runs on the thread's
 * alternate stack, finds the slot whose guard was hit and says whose it is; the process
 * then dies of the fault as it would have.
 */
#include "task/overflow.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "os/os.h"
#include "os/signal.h"
#include "task/debug.h"
#include "task/report.h"
#include "task/runtime.h"

enum { ALTERNATE = 32 << 10, STDERR = 2 };

static bool asked_for, installed;
static _Thread_local void *alternate;

static void report(const struct hoy__slot *slot, const char *how)
{
	const char *name = atomic_load(&slot->name);
	char line[256];
	int n = snprintf(line, sizeof line,
			 "hoy: stack overflow%s: task %s (function %p, started at %p) has %zu KiB of stack\n"
			 "hoy: give it more with hoy_go_with(&(hoy_go_opts){ .stack = ... }, ...)\n",
			 how, name ? name : "without a name", (void *)(uintptr_t)slot->fn, slot->site,
			 (size_t)(slot->top - slot->bottom) >> 10);

	hoy__report_write(STDERR, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

static void on_fault(const void *address)
{
	const struct hoy__slot *slot = hoy__slot_guarding(address);

	if (slot)
		report(slot, "");
}

bool hoy__overflow_debugged(void)
{
	return hoy__debug_word("overflow", NULL, NULL);
}

int hoy__overflow_begin(int asked)
{
	int code;

	asked_for = asked || hoy__overflow_debugged();
	installed = false;
	if (!asked_for)
		return 0;
	if ((code = hoy__os_fault_catch(on_fault)) < 0)
		return code;
	installed = code;
	return 0;
}

void hoy__overflow_end(void)
{
	if (installed)
		hoy__os_fault_restore();
	asked_for = installed = false;
}

void hoy__overflow_thread_begin(bool signals)
{
	if ((installed || signals) && (alternate = hoy__alloc(ALTERNATE)))
		hoy__os_alternate_stack(alternate, ALTERNATE);
}

void hoy__overflow_thread_end(void)
{
	if (!alternate)
		return;
	hoy__os_alternate_stack(NULL, 0);
	hoy__release(alternate);
	alternate = NULL;
}

void hoy__overflowed(const struct hoy__slot *slot)
{
	if (asked_for)
		report(slot, " found by its canary");
	abort();
}
