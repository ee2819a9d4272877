/*
 * What a run makes and its user must free: connections, listeners, channels. They are counted in and out while a run that
 * reports leaks lasts; at its end, those left are listed, with the calls that made them.
 */
#ifndef HOY_TASK_LEAKS_H
#define HOY_TASK_LEAKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct hoy__runtime;

/* Something of this kind, in words: "connection". */
struct hoy__leak_kind {
	const char *name;
	/* The object, which is not freed meanwhile; "" is fine. */
	void (*describe)(const void *object, char *text, size_t size);
};

extern atomic_bool hoy__leaks_watched;

void hoy__leaks_add(const void *object, const struct hoy__leak_kind *kind);
void hoy__leaks_remove(const void *object);

/* Made, or about to be freed. */
static inline void hoy__leak_begin(const void *object, const struct hoy__leak_kind *kind)
{
	if (atomic_load_explicit(&hoy__leaks_watched, memory_order_relaxed))
		hoy__leaks_add(object, kind);
}

static inline void hoy__leak_end(const void *object)
{
	if (atomic_load_explicit(&hoy__leaks_watched, memory_order_relaxed))
		hoy__leaks_remove(object);
}

/* A run begins; nothing has been made. */
void hoy__leaks_begin(void);
/* The first task has returned, and the others will be cancelled: lists those. */
void hoy__leaks_report_tasks(struct hoy__runtime *rt);
/* It ends: reports on standard error what is left. */
void hoy__leaks_end(void);

/* Around a fork. What is left is the parent's to report. */
void hoy__leaks_lock(void);
void hoy__leaks_unlock(void);
void hoy__leaks_forget(void);

#endif
