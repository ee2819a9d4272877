/* The locations of atomic operations. What is known of them is kept from one execution to the next. */
#include <string.h>

#include "explorer.h"

enum { PLACES = 1024, SITES = 64 };

static struct place places[PLACES];	/* a hash table */
static struct { const void *site; uint64_t value; } sites[SITES];	/* that wait for another value */

void place_forget(void)
{
	memset(places, 0, sizeof places);
	memset(sites, 0, sizeof sites);
	race_track_none();
}

struct place *place_find(uintptr_t at, uint8_t size)
{
	struct place *p = &places[at * UINT64_C(0x9e3779b97f4a7c15) >> 54];

	while (p->at && p->at != at)
		p = p == places + PLACES - 1 ? places : p + 1;
	if (!p->at)
		*p = (struct place){ .at = at, .size = size };
	return p;
}

bool place_use(struct place *p, bool stores)
{
	bool was_shared = p->shared;

	p->users |= 1u << fibre_self;
	p->stored |= stores;
	p->shared = p->stored && p->users & (p->users - 1);
	if (p->shared)
		race_track(p->at);
	return p->shared && !was_shared;
}

void place_note_initial(void)
{
	for (struct place *p = places; p < places + PLACES; p++)
		if (p->shared)
			p->initial = place_load(p->at, p->size);
}

uint64_t place_load(uintptr_t at, uint8_t size)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)at, size);		/* of a little-endian machine */
	return value;
}

void place_store(uintptr_t at, uint8_t size, uint64_t value)
{
	memcpy((void *)at, &value, size);
}

void site_learn(const void *site, uint64_t value)
{
	for (int i = 0; i < SITES; i++)
		if (!sites[i].site || sites[i].site == site) {
			sites[i].site = site;
			sites[i].value = value;
			return;
		}
	model_fail("more than %d loops that wait", SITES);
}

bool site_waits(const void *site, uint64_t *value)
{
	for (int i = 0; i < SITES && sites[i].site; i++)
		if (sites[i].site == site) {
			*value = sites[i].value;
			return true;
		}
	return false;
}
