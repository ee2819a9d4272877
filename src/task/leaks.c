#include "task/leaks.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/list.h"
#include "os/symbol.h"
#include "task/dump.h"
#include "task/report.h"
#include "task/runtime.h"
#include "task/unwind.h"

enum { BUCKETS = 1024, CALLS = 16, LISTED_MOST = 100, DETAIL = 300, FRAMES_SKIPPED = 1 /* hoy__leaks_add */ };

atomic_bool hoy__leaks_watched;

struct leak {
	struct hoy__link link;
	const void *object;
	const struct hoy__leak_kind *kind;
	unsigned calls;
	void *call[CALLS];
};

static struct {
	pthread_mutex_t lock;
	struct hoy__link bucket[BUCKETS];
	unsigned count;
} leaks = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct hoy__link *bucket_of(const void *object)
{
	return &leaks.bucket[(uintptr_t)object / 64 % BUCKETS];
}

static struct hoy__stack_bounds bounds_of_thread(void)
{
	pthread_attr_t attr;
	void *low = NULL;
	size_t size = 0;

	if (pthread_getattr_np(pthread_self(), &attr))
		return (struct hoy__stack_bounds){ 0 };
	pthread_attr_getstack(&attr, &low, &size);
	pthread_attr_destroy(&attr);
	return (struct hoy__stack_bounds){ (uintptr_t)low, (uintptr_t)low + size };
}

static struct hoy__stack_bounds bounds_here(void)
{
	struct hoy__worker *w = hoy__this;

	if (!w || w->native || !w->current)
		return bounds_of_thread();
	return (struct hoy__stack_bounds){ (uintptr_t)w->current->slot->bottom, (uintptr_t)w->current->slot->top };
}

__attribute__((noinline)) static struct leak *new_leak(const void *object, const struct hoy__leak_kind *kind)
{
	struct leak *l = hoy__alloc(sizeof *l);
	struct hoy__registers here;

	if (!l)
		return NULL;
	hoy__registers_here(&here);
	l->object = object;
	l->kind = kind;
	l->calls = hoy__unwind(&here, bounds_here(), true, l->call, CALLS);
	return l;
}

/* Without memory for its record, a leak is not found. */
void hoy__leaks_add(const void *object, const struct hoy__leak_kind *kind)
{
	struct leak *l = new_leak(object, kind);

	if (!l)
		return;
	hoy__leaks_lock();
	hoy__list_push(bucket_of(object), &l->link);
	leaks.count++;
	hoy__leaks_unlock();
}

static struct leak *find(const void *object)
{
	struct hoy__link *bucket = bucket_of(object);

	for (struct hoy__link *l = bucket->next; l != bucket; l = l->next)
		if (container_of(l, struct leak, link)->object == object)
			return container_of(l, struct leak, link);
	return NULL;
}

static void drop(struct leak *l)
{
	hoy__list_remove(&l->link);
	hoy__release(l);
	leaks.count--;
}

void hoy__leaks_remove(const void *object)
{
	struct leak *l;

	hoy__leaks_lock();
	if ((l = find(object)))
		drop(l);
	hoy__leaks_unlock();
}

static void drop_all(void)
{
	for (int i = 0; i < BUCKETS; i++)
		while (!hoy__list_empty(&leaks.bucket[i]))
			drop(container_of(leaks.bucket[i].next, struct leak, link));
}

void hoy__leaks_begin(void)
{
	hoy__leaks_lock();
	for (int i = 0; i < BUCKETS; i++)
		hoy__list_init(&leaks.bucket[i]);
	leaks.count = 0;
	atomic_store(&hoy__leaks_watched, true);
	hoy__leaks_unlock();
}

static void put(const char *text, int n, size_t size)
{
	hoy__report_write(STDERR_FILENO, text, (size_t)n < size ? (size_t)n : size - 1);
}

static void report_one(const struct leak *l, const struct hoy__symbols *symbols)
{
	char detail[DETAIL] = "", line[DETAIL + 100], symbol[HOY__SYMBOL];

	l->kind->describe(l->object, detail, sizeof detail);
	put(line, snprintf(line, sizeof line, "%s %p%s, made here:\n", l->kind->name, l->object, detail), sizeof line);
	for (unsigned i = FRAMES_SKIPPED; i < l->calls; i++)
		put(line, snprintf(line, sizeof line, "    at %s\n", hoy__symbol_text(symbols, (uintptr_t)l->call[i] - 1, symbol)),
		    sizeof line);
}

static void report_all(void)
{
	struct hoy__symbols symbols;
	unsigned listed = 0;
	char line[100];

	put(line, snprintf(line, sizeof line, "hoy: leaks: %u made in this run and not freed when it ends:\n", leaks.count), sizeof line);
	hoy__symbols_open(&symbols);
	for (int i = 0; i < BUCKETS; i++)
		for (struct hoy__link *l = leaks.bucket[i].next; l != &leaks.bucket[i] && listed < LISTED_MOST; l = l->next, listed++)
			report_one(container_of(l, struct leak, link), &symbols);
	hoy__symbols_close(&symbols);
	if (listed < leaks.count)
		put(line, snprintf(line, sizeof line, "and %u more\n", leaks.count - listed), sizeof line);
}

void hoy__leaks_report_tasks(struct hoy__runtime *rt)
{
	static const char text[] = "hoy: leaks: these tasks were left when the function of hoy_run returned:\n";

	if (!rt->asked.leaks)
		return;
	put(text, sizeof text - 1, sizeof text);
	hoy__dump_tasks(hoy__report_write, STDERR_FILENO);
}

void hoy__leaks_end(void)
{
	if (!atomic_load(&hoy__leaks_watched))
		return;
	atomic_store(&hoy__leaks_watched, false);
	hoy__leaks_lock();
	if (leaks.count)
		report_all();
	drop_all();
	hoy__leaks_unlock();
}

void hoy__leaks_lock(void)
{
	pthread_mutex_lock(&leaks.lock);
}

void hoy__leaks_unlock(void)
{
	pthread_mutex_unlock(&leaks.lock);
}

void hoy__leaks_forget(void)
{
	if (atomic_load(&hoy__leaks_watched))
		drop_all();
	atomic_store(&hoy__leaks_watched, false);
	hoy__leaks_unlock();
}
