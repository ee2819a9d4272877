/*
 * Stacks: slots of four sizes, carved from large reservations, each with a guard at its
 * low end. A slot is also the task's entry in the registry: it is what a queue of
 * unstarted tasks holds, before any page of the stack has been touched.
 */
#ifndef HOY_TASK_STACK_H
#define HOY_TASK_STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hoy/task.h>

#include "base/heap.h"
#include "task/annotate.h"

enum hoy__class { HOY__64K, HOY__256K, HOY__1M, HOY__8M, HOY__CLASSES };

enum hoy__slot_state {
	HOY__SLOT_FREE,
	HOY__SLOT_AWAITING,	/* starts when a descriptor is ready */
	HOY__SLOT_TIMED,	/* starts at a moment: timer.c */
	HOY__SLOT_FRESH,	/* queued, not started: may still go to another worker */
	HOY__SLOT_LIVE
};

struct hoy__worker;
struct hoy__source;

struct hoy__slot {
	struct hoy__slot *next;		/* in a free list or a queue of unstarted tasks */
	char *bottom, *top;		/* usable: above the guard */
	hoy_fn *fn;
	hoy_fn *shown;			/* in dumps: the user's function, which fn may only call */
	void *arg;
	size_t copied;			/* bytes of the argument's copy, below the record */
	struct hoy__worker *_Atomic worker;
	const char *_Atomic name;
	_Atomic uint64_t id;		/* of the task in it; no other task of the run has it */
	const void *site;		/* where hoy_go was called */
	struct hoy__source *awaits;
	struct hoy__heap_node timer;
	_Atomic uint64_t timer_number;	/* of what timer is set to; another one when it no longer is */
	struct hoy__stack_note note;
	uint8_t class;
	uint8_t direction;		/* of awaits */
	_Atomic uint8_t state;
	uint8_t guard;			/* of enum hoy__guard_kind; 0 before first use */
	bool dirty;			/* used since its pages were given back */
	bool placed;			/* chosen for this worker: not to be stolen */
};

/* A LIFO of free slots: the hottest pages are used first. */
struct hoy__slot_list {
	struct hoy__slot *first;
	unsigned count;
};

/* The class that has room for a stack of so many bytes, or -EINVAL. */
int hoy__class_for(size_t stack);
/* A guarded slot, from the list if it has one; NULL for want of memory or address space. */
struct hoy__slot *hoy__slot_take(struct hoy__slot_list *mine, enum hoy__class class);
/* False: the task that used it overran a guard that cannot stop it. */
bool hoy__slot_intact(const struct hoy__slot *slot);
/* Back to the list, and from there to everybody when it grows long. */
void hoy__slot_give(struct hoy__slot_list *mine, struct hoy__slot *slot);
/* All of the list to everybody: its worker ends. */
void hoy__slot_give_all(struct hoy__slot_list *mine);
/*
 * Gives the pages of free slots back to the system; those of the list keep their top page.
 * True when it was enough for one time, and there are more.
 */
bool hoy__slot_sweep(struct hoy__slot_list *mine);

/* Around a fork. The child has none of the parent's tasks, and does not use their slots again. */
void hoy__slots_lock(void);
void hoy__slots_unlock(void);
void hoy__slots_forget(void);

/* Calls fn for every slot that was ever used; the state may change meanwhile. */
void hoy__slot_each(void (*fn)(struct hoy__slot *slot, void *arg), void *arg);
/* The slot that has this address in its stack, or NULL. */
struct hoy__slot *hoy__slot_around(const void *address);
/* The slot in whose guard the address lies, or NULL. Takes no lock: for a signal handler. */
struct hoy__slot *hoy__slot_guarding(const void *address);

#endif
