/* Two arrays that grow. Places in the pool are kept as offsets, since the pool moves. */
#include "dns/hits.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"

/* So many bytes and a NUL fit into the pool. */
static int make_room(struct hoy__hits *hits, size_t len)
{
	size_t size = 2 * hits->size + len + 256;
	char *pool;

	if (hits->size - hits->used > len)
		return 0;
	if (!(pool = hoy__realloc(hits->pool, size)))
		return -ENOMEM;
	hits->pool = pool;
	hits->size = size;
	return 0;
}

int hoy__hits_keep(struct hoy__hits *hits, const void *bytes, size_t len, size_t *at)
{
	int code = make_room(hits, len);

	if (code < 0)
		return code;
	if (len)
		memcpy(hits->pool + hits->used, bytes, len);
	hits->pool[hits->used + len] = 0;
	*at = hits->used;
	hits->used += len + 1;
	return 0;
}

int hoy__hits_room(struct hoy__hits *hits, size_t len, size_t *at)
{
	size_t align = sizeof(uint64_t), gap = (align - hits->used % align) % align;
	int code = make_room(hits, gap + len);

	if (code < 0)
		return code;
	memset(hits->pool + hits->used, 0, gap + len);
	*at = hits->used + gap;
	hits->used += gap + len;
	return 0;
}

int hoy__hits_add(struct hoy__hits *hits, const struct hoy__hit *hit)
{
	if (hits->count == hits->room) {
		size_t room = hits->room ? 2 * hits->room : 8;
		struct hoy__hit *list = hoy__realloc(hits->list, room * sizeof *list);

		if (!list)
			return -ENOMEM;
		hits->list = list;
		hits->room = room;
	}
	hits->list[hits->count++] = *hit;
	return 0;
}

void hoy__hits_clear(struct hoy__hits *hits)
{
	hoy__release(hits->list);
	hoy__release(hits->pool);
	*hits = (struct hoy__hits){ 0 };
}
