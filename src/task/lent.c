#include <errno.h>
#include <stdint.h>

#include "base/base.h"
#include "task/lent.h"
#include "task/worker.h"

COLD static void *make(int *code)
{
	*code = hoy__self() ? -ENOMEM : hoy__self_failure();
	return hoy__this ? hoy__this->lent = hoy__alloc(HOY__LENT) : NULL;
}

void *hoy__lent(int *code)
{
	return hoy__this && hoy__this->lent ? hoy__this->lent : make(code);
}

void hoy__lent_open(void)
{
	hoy__note_clean(hoy__this->lent, HOY__LENT);
}

bool hoy__is_lent(const void *data)
{
	struct hoy__worker *w = hoy__this;

	return w && w->lent && (uintptr_t)data - (uintptr_t)w->lent < HOY__LENT;
}

void hoy__lent_free(struct hoy__worker *w)
{
	if (w->lent)
		hoy__note_clean(w->lent, HOY__LENT);
	hoy__release(w->lent);
	w->lent = NULL;
}
