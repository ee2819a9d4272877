/* Once: a word that says that it was done, and a mutex for those who come while it is being done. */
#include <stdatomic.h>

#include <hoy/sync.h>

#include "base/base.h"

static _Atomic uint32_t *done_of(hoy_once *o)
{
	return (_Atomic uint32_t *)&o->done;
}

void hoy_once_do(hoy_once *o, void (*fn)(void *arg), void *arg)
{
	if (atomic_load_explicit(done_of(o), memory_order_acquire))
		return;
	hoy_mutex_lock(&o->mutex);
	if (!o->done) {
		fn(arg);
		atomic_store_explicit(done_of(o), 1, memory_order_release);
	}
	hoy_mutex_unlock(&o->mutex);
}
