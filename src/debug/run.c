/* hoy_run, and what is beside a run while it lasts. */
#include <hoy/task.h>

#include "base/base.h"
#include "debug/control.h"
#include "task/runtime.h"

static const struct hoy__beside control = { hoy__control_begin, hoy__control_end };

NOTES_CALLER int hoy_run_with(const hoy_run_opts *opts, hoy_fn *fn, void *arg)
{
	return hoy__run(opts, fn, arg, __builtin_return_address(0), &control);
}

NOTES_CALLER int hoy_run(hoy_fn *fn, void *arg)
{
	return hoy__run(NULL, fn, arg, __builtin_return_address(0), &control);
}
