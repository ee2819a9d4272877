/* Two arrays that grow. Places in the pool are kept as offsets, since the pool moves. */
#include "dns/results.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"

/* So many bytes and a NUL fit into the pool. */
static int make_room(struct hoy__results *results, size_t len)
{
	size_t size = 2 * results->size + len + 256;
	char *pool;

	if (results->size - results->used > len)
		return 0;
	if (!(pool = hoy__realloc(results->pool, size)))
		return -ENOMEM;
	results->pool = pool;
	results->size = size;
	return 0;
}

int hoy__results_keep(struct hoy__results *results, const void *bytes, size_t len, size_t *at)
{
	int code = make_room(results, len);

	if (code < 0)
		return code;
	if (len)
		memcpy(results->pool + results->used, bytes, len);
	results->pool[results->used + len] = 0;
	*at = results->used;
	results->used += len + 1;
	return 0;
}

int hoy__results_room(struct hoy__results *results, size_t len, size_t *at)
{
	size_t align = sizeof(uint64_t), gap = (align - results->used % align) % align;
	int code = make_room(results, gap + len);

	if (code < 0)
		return code;
	memset(results->pool + results->used, 0, gap + len);
	*at = results->used + gap;
	results->used += gap + len;
	return 0;
}

int hoy__results_add(struct hoy__results *results, const struct hoy__result *result)
{
	if (results->count == results->room) {
		size_t room = results->room ? 2 * results->room : 8;
		struct hoy__result *list = hoy__realloc(results->list, room * sizeof *list);

		if (!list)
			return -ENOMEM;
		results->list = list;
		results->room = room;
	}
	results->list[results->count++] = *result;
	return 0;
}

void hoy__results_clear(struct hoy__results *results)
{
	hoy__release(results->list);
	hoy__release(results->pool);
	*results = (struct hoy__results){ 0 };
}
