/*
 * One reservation of address space holds many slots; nothing of it is memory until it
 * is touched. Each worker keeps a short LIFO of free slots, so that starting a task
 * touches warm pages and takes no lock; the rest is everybody's.
 */
#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "base/spin.h"
#include "os/os.h"
#include "task/guard.h"
#include "task/overflow.h"
#include "task/roots.h"
#include "task/stack.h"

enum {
	PAGE = 4096,
	KEEP = 64,		/* free slots a worker keeps */
	BATCH = 32,		/* … and how many it passes on when it has more */
	SWEEP_MOST = 512	/* everybody's slots in one sweep: a millisecond or two */
};

static const struct {
	size_t size, guard;
	unsigned slots;		/* in one reservation */
} classes[HOY__CLASSES] = {
	/* one large frame steps over a page: a guard is several */
	[HOY__64K]  = { 64 << 10,  16 << 10, 1024 },
	[HOY__256K] = { 256 << 10, 64 << 10, 256 },
	[HOY__1M]   = { 1 << 20,   64 << 10, 64 },
	[HOY__8M]   = { 8 << 20,   64 << 10, 16 },
};

enum { DEBUG_GUARD = 1 << 20, NOT_ASKED = 1 };

/*
 * A frame larger than the guard, of code compiled without -fstack-clash-protection, steps over it. Who looks for overflows gets
 * this much more of it below each stack; asked once, since it says how arenas are laid out.
 */
static size_t more_guard(void)
{
	static _Atomic size_t known = NOT_ASKED;
	size_t unset = NOT_ASKED;

	if (atomic_load(&known) == NOT_ASKED)
		atomic_compare_exchange_strong(&known, &unset, hoy__overflow_debugged() ? DEBUG_GUARD : 0);
	return atomic_load(&known);
}

static size_t guard_of(enum hoy__class class)
{
	return classes[class].guard + more_guard();
}

/* From one slot to the next. */
static size_t stride_of(enum hoy__class class)
{
	return classes[class].size + more_guard();
}

struct arena {
	struct arena *next;
	char *base;
	enum hoy__class class;
	unsigned carved;
	struct hoy__slot slots[];
};

/* All reservations ever made, newest first; they are never given back. */
static struct arena *_Atomic arenas;

static struct {
	atomic_uint lock;
	struct arena *current;
	struct hoy__slot_list used, swept;	/* with pages, and without */
} shared[HOY__CLASSES];

int hoy__class_for(size_t stack)
{
	if (!stack)
		return HOY__256K;
	for (int class = 0; class < HOY__CLASSES; class++)
		if (stack <= classes[class].size)
			return class;
	return -EINVAL;
}

static void push(struct hoy__slot_list *list, struct hoy__slot *slot)
{
	slot->next = list->first;
	list->first = slot;
	list->count++;
}

static struct hoy__slot *pop(struct hoy__slot_list *list)
{
	struct hoy__slot *slot = list->first;

	if (slot) {
		list->first = slot->next;
		list->count--;
	}
	return slot;
}

static struct arena *reserve(enum hoy__class class)
{
	unsigned n = classes[class].slots;
	struct arena *arena = hoy__alloc(sizeof *arena + n * sizeof *arena->slots);
	void *base;

	if (!arena)
		return NULL;
	if (hoy__os_map(n * stride_of(class), &base) < 0) {
		hoy__release(arena);
		return NULL;
	}
	arena->base = base;
	arena->class = class;
	arena->next = atomic_load(&arenas);
	while (!atomic_compare_exchange_weak(&arenas, &arena->next, arena))
		;
	return arena;
}

/* The next slot of the class that nobody has used yet. */
static struct hoy__slot *carve(enum hoy__class class)
{
	struct arena *arena = shared[class].current;
	struct hoy__slot *slot;

	if (!arena || arena->carved == classes[class].slots)
		if (!(arena = shared[class].current = reserve(class)))
			return NULL;
	slot = &arena->slots[arena->carved];
	slot->class = class;
	slot->top = arena->base + (arena->carved + 1) * stride_of(class);
	slot->bottom = slot->top - classes[class].size + classes[class].guard;
	slot->note.bottom = slot->bottom;
	slot->note.size = (size_t)(slot->top - slot->bottom);
	arena->carved++;
	return slot;
}

static struct hoy__slot *take_shared(enum hoy__class class)
{
	struct hoy__slot *slot;

	hoy__spin_lock(&shared[class].lock);
	if (!(slot = pop(&shared[class].used)) && !(slot = pop(&shared[class].swept)))
		slot = carve(class);
	hoy__spin_unlock(&shared[class].lock);
	return slot;
}

static void give_shared(struct hoy__slot *slot)
{
	hoy__spin_lock(&shared[slot->class].lock);
	push(slot->dirty ? &shared[slot->class].used : &shared[slot->class].swept, slot);
	hoy__spin_unlock(&shared[slot->class].lock);
}

static struct hoy__root root_of(const struct hoy__slot *slot)
{
	return (struct hoy__root){ slot->bottom, (size_t)(slot->top - slot->bottom) };
}

static bool install_guard(struct hoy__slot *slot)
{
	size_t len = guard_of(slot->class);

	slot->guard = hoy__guard_install(slot->bottom - len, len);
	if (slot->guard)
		hoy__note_stack(slot->bottom, slot->top);
	return slot->guard;
}

struct hoy__slot *hoy__slot_take(struct hoy__slot_list *mine, enum hoy__class class)
{
	struct hoy__slot *slot = pop(&mine[class]);

	if (!slot && !(slot = take_shared(class)))
		return NULL;
	if (!slot->guard && !install_guard(slot)) {
		give_shared(slot);
		return NULL;
	}
	hoy__root_add(root_of(slot));
	return slot;
}

bool hoy__slot_intact(const struct hoy__slot *slot)
{
	size_t guard = guard_of(slot->class);

	return slot->guard != HOY__GUARD_CANARY || hoy__canary_intact(slot->bottom - guard, guard);
}

void hoy__slot_give(struct hoy__slot_list *mine, struct hoy__slot *slot)
{
	struct hoy__slot_list *list = &mine[slot->class];

	hoy__root_remove(root_of(slot));
	push(list, slot);
	if (list->count > KEEP)
		for (int i = 0; i < BATCH; i++)
			give_shared(pop(list));
}

void hoy__slot_give_all(struct hoy__slot_list *mine)
{
	for (int class = 0; class < HOY__CLASSES; class++)
		while (mine[class].count)
			give_shared(pop(&mine[class]));
}

static void give_back_pages(struct hoy__slot *slot, size_t keep)
{
	if (!slot->dirty)
		return;
	hoy__os_discard(slot->bottom, (size_t)(slot->top - slot->bottom) - keep);
	slot->dirty = false;
}

/* Slots that everybody forgot: none of their pages is needed. True when there are more. */
static bool sweep_shared(enum hoy__class class)
{
	struct hoy__slot *slot;

	for (int n = 0; n < SWEEP_MOST; n++) {
		hoy__spin_lock(&shared[class].lock);
		slot = pop(&shared[class].used);
		hoy__spin_unlock(&shared[class].lock);
		if (!slot)
			return false;
		give_back_pages(slot, 0);
		give_shared(slot);
	}
	return true;
}

bool hoy__slot_sweep(struct hoy__slot_list *mine)
{
	bool more = false;

	for (int class = 0; class < HOY__CLASSES; class++) {
		for (struct hoy__slot *slot = mine[class].first; slot; slot = slot->next)
			give_back_pages(slot, PAGE);
		more |= sweep_shared((enum hoy__class)class);
	}
	return more;
}

void hoy__slot_each(void (*fn)(struct hoy__slot *slot, void *arg), void *arg)
{
	for (struct arena *arena = atomic_load(&arenas); arena; arena = arena->next)
		for (unsigned i = 0; i < classes[arena->class].slots; i++)
			if (atomic_load_explicit(&arena->slots[i].state, memory_order_acquire) != HOY__SLOT_FREE)
				fn(&arena->slots[i], arg);
}

/* Either the guard of a slot or its stack has the address; NULL: no slot has it. */
static struct hoy__slot *find(const void *address, bool *in_guard)
{
	for (struct arena *arena = atomic_load(&arenas); arena; arena = arena->next) {
		size_t size = stride_of(arena->class);
		size_t offset = (uintptr_t)address - (uintptr_t)arena->base;

		*in_guard = offset % size < guard_of(arena->class);
		if (offset < size * classes[arena->class].slots)
			return &arena->slots[offset / size];
	}
	return NULL;
}

struct hoy__slot *hoy__slot_around(const void *address)
{
	bool in_guard;
	struct hoy__slot *slot = find(address, &in_guard);

	return slot && !in_guard ? slot : NULL;
}

struct hoy__slot *hoy__slot_guarding(const void *address)
{
	bool in_guard;
	struct hoy__slot *slot = find(address, &in_guard);

	return slot && in_guard ? slot : NULL;
}

void hoy__slots_lock(void)
{
	for (int class = 0; class < HOY__CLASSES; class++)
		hoy__spin_lock(&shared[class].lock);
}

void hoy__slots_unlock(void)
{
	for (int class = 0; class < HOY__CLASSES; class++)
		hoy__spin_unlock(&shared[class].lock);
}

static void forget_slot(struct hoy__slot *slot, void *unused)
{
	(void)unused;
	atomic_store(&slot->state, HOY__SLOT_FREE);
}

void hoy__slots_forget(void)
{
	hoy__slot_each(forget_slot, NULL);
	hoy__slots_unlock();
}
