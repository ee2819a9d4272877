#include <hoy/mem.h>

#include "base/base.h"

void hoy_free(void *block)
{
	hoy__block_free(block);
}
