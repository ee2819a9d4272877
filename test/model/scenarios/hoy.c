/* The world around the code of hoy that is compiled for scenarios. */
#include "hoy.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "fd/aside.h"
#include "fd/closing.h"
#include "fd/fd.h"
#include "fd/slab.h"
#include "os/os.h"
#include "task/biased.h"
#include "task/fork.h"
#include "task/leaks.h"
#include "task/native.h"
#include "task/overflow.h"
#include "task/pipe.h"
#include "task/report.h"
#include "task/runtime.h"
#include "task/timer.h"

struct hoy__task *make_native_task(void);	/* native.c */

enum { FILES = 2, FIRST_FILE = 100, RING = 8, STACK = 48 << 10, READABLE = 1 };

extern int fibre_self;

static struct hoy__runtime runtime;
static struct hoy__worker *workers[THREADS], *natives[THREADS];
static int tasks[THREADS];	/* of a worker, that have not ended */

/* ---- the system ---- */

static _Atomic int64_t now;
static _Thread_local uint64_t ticks;

static struct poller {
	atomic_uint rung;		/* bit 0: the waker; above: files */
} pollers[THREADS];

static struct file {
	atomic_uint state;		/* READABLE, and a bit for each poller that knows it */
	atomic_int closed;
	uint64_t key[THREADS];		/* by poller */
} files[FILES];

static int opened;		/* pollers */
static int files_opened;

void set_clock_late(void)
{
	atomic_store_explicit(&now, LATE, memory_order_relaxed);
}

static int64_t monotonic(void)
{
	return atomic_load_explicit(&now, memory_order_relaxed);
}

static int poller_open(void) { return opened++; }
static int waker_open(int poller, uint64_t key) { return (void)key, poller; }

static void ring(int poller, unsigned bit)
{
	atomic_fetch_or_explicit(&pollers[poller].rung, bit, memory_order_acq_rel);
}

static unsigned known_to(int poller)
{
	return 2u << poller;
}

static int waker_wake(int waker)
{
	ring(waker, 1);
	return 0;
}

static int poller_add(int poller, int fd, uint64_t key)
{
	struct file *f = &files[fd - FIRST_FILE];

	f->key[poller] = key;
	if (atomic_fetch_or(&f->state, known_to(poller)) & READABLE)
		ring(poller, 2u << (fd - FIRST_FILE));
	return 0;
}

static int poller_remove(int poller, int fd)
{
	atomic_fetch_and(&files[fd - FIRST_FILE].state, ~known_to(poller));
	return 0;
}

static int take_events(int poller, struct hoy__event *events)
{
	unsigned rung = atomic_exchange_explicit(&pollers[poller].rung, 0, memory_order_acquire);
	int n = 0;

	if (rung & 1)
		events[n++] = (struct hoy__event){ .key = 0 };
	for (int i = 0; i < FILES; i++)
		if (rung & 2u << i)
			events[n++] = (struct hoy__event){ .key = files[i].key[poller], .ready = HOY__READABLE };
	return n;
}

static int poller_wait(int poller, struct hoy__event *events, int n, int64_t until)
{
	(void)n;
	model_watch();
	if (atomic_load_explicit(&pollers[poller].rung, memory_order_acquire))
		return take_events(poller, events);
	if (until == 0 || (until != HOY__NEVER && monotonic() >= until))
		return 0;
	if (workers[fibre_self] && !tasks[fibre_self])
		model_idle();
	model_wait();
}

static int close_file(int fd)
{
	if (fd >= FIRST_FILE)
		atomic_fetch_add(&files[fd - FIRST_FILE].closed, 1);
	return 0;
}

static int membarrier(void)
{
	atomic_thread_fence(memory_order_seq_cst);
	return 0;
}

static const struct hoy__os system_calls = {
	.monotonic = monotonic, .poller_open = poller_open, .waker_open = waker_open, .waker_wake = waker_wake,
	.poller_add = poller_add, .poller_add_in = poller_add, .poller_remove = poller_remove, .poller_wait = poller_wait,
	.close = close_file, .membarrier = membarrier
};
const struct hoy__os *hoy__os = &system_calls;

int file_open(void)
{
	return FIRST_FILE + files_opened++;
}

void file_make_readable(int file)
{
	unsigned state = atomic_fetch_or(&files[file - FIRST_FILE].state, READABLE);

	for (int poller = 0; poller < THREADS; poller++)
		if (state & known_to(poller))
			ring(poller, 2u << (file - FIRST_FILE));
}

int file_read(int file)
{
	return atomic_fetch_and(&files[file - FIRST_FILE].state, ~(unsigned)READABLE) & READABLE ? 1 : -EAGAIN;
}

int file_closed(int file)
{
	return files[file - FIRST_FILE].closed;
}

/* ---- what surrounds the files of src/task ---- */

struct hoy__runtime *_Atomic hoy__runtime;
struct hoy__forks hoy__forks;
uint64_t hoy__ticks(void) { return ++ticks; }
struct hoy__runtime *hoy__runtime_locked(void) { return hoy__runtime; }
void hoy__runtime_unlock(void) {}
void hoy__runtime_ended(struct hoy__runtime *rt) { (void)rt; }
int hoy__worker_count(int asked, const char *root) { return (void)root, asked; }
_Atomic int64_t hoy__timers_first[HOY__MAX_WORKERS];	/* no scenario has a timer */
void hoy__timers_fire(struct hoy__worker *w) { (void)w; abort(); }
int hoy__task_watch_forks(void) { return 0; }
void hoy__fork_exit(int status) { exit(status); }
struct hoy__exceptions *hoy__exceptions_of_thread(void) { return NULL; }
void hoy__lent_free(struct hoy__worker *w) { (void)w; }
void hoy__pipes_close(struct hoy__worker *w) { (void)w; }
atomic_bool hoy__leaks_watched;
void hoy__leaks_add(const void *object, const struct hoy__leak_kind *kind) { (void)object, (void)kind; }
void hoy__leaks_remove(const void *object) { (void)object; }
void hoy__overflowed(const struct hoy__slot *slot) { (void)slot; abort(); }
ssize_t hoy__report_write(int fd, const void *text, size_t len) { (void)fd, (void)len; model_fail("%s", (const char *)text); }

int hoy__class_for(size_t stack) { return (void)stack, HOY__64K; }
bool hoy__slot_intact(const struct hoy__slot *slot) { return (void)slot, true; }
void hoy__slot_give(struct hoy__slot_list *mine, struct hoy__slot *slot) { (void)mine, (void)slot; }
void hoy__slot_give_all(struct hoy__slot_list *mine) { (void)mine; }
bool hoy__slot_sweep(struct hoy__slot_list *mine) { return (void)mine, false; }
void hoy__slot_each(void (*fn)(struct hoy__slot *slot, void *arg), void *arg) { (void)fn, (void)arg; }

static void *lasting(size_t size)
{
	void *block = hoy__alloc(size);

	model_keep(block);
	return block;
}

struct hoy__slot *hoy__slot_take(struct hoy__slot_list *mine, enum hoy__class class)
{
	struct hoy__slot *slot = lasting(sizeof *slot);

	(void)mine, (void)class;
	slot->bottom = lasting(STACK);
	slot->top = slot->bottom + STACK;
	return slot;
}

struct hoy__task *hoy__native_task(void) { return NULL; }

/* Its record is new: the thread has just made it, without atomic stores, as native.c does. */
static void be_plain_thread(void)
{
	if (!(hoy__this = natives[fibre_self]))
		return;
	memset((void *)&hoy__this->current->claim, 0, sizeof hoy__this->current->claim);
	atomic_store_explicit(&hoy__this->current->claim, HOY__CLAIM_IDLE, memory_order_relaxed);
}

static void prepare_world(void)
{
	model_begin = be_plain_thread;
	hoy__realloc_hook = model_realloc;
	hoy__this = NULL;
	opened = files_opened = 0;
	memset(pollers, 0, sizeof pollers);
	memset(files, 0, sizeof files);
	memset(workers, 0, sizeof workers);
	memset(natives, 0, sizeof natives);
	memset(tasks, 0, sizeof tasks);
	now = EARLY;
	runtime = (struct hoy__runtime){ .workers = workers, .n = 1, .number = 1 };
	hoy__runtime = &runtime;
}

void prepare_threads(int count)
{
	prepare_world();
	for (int t = 1; t <= count; t++) {
		make_native_task();
		natives[t] = hoy__this;
		model_keep(hoy__this);
		hoy__this = NULL;
	}
}

void prepare_worker(int thread)
{
	struct hoy__worker *w = hoy__worker_get();

	model_keep(w);
	hoy__worker_reset(w);
	hoy__worker_open(w);
	w->index = (unsigned)thread;
	w->home = hoy__home(runtime.number, w->index);
	w->ready.at = lasting(RING * sizeof *w->ready.at);
	w->ready.mask = RING - 1;
	w->timers.slots = lasting(RING * sizeof *w->timers.slots);
	w->timers.room = RING;
	workers[thread] = w;
}

static int run_task_of_scenario(void *fn)
{
	(*(void (**)(void))fn)();
	tasks[hoy__this->index]--;
	return 0;
}

void prepare_task(int thread, void (*fn)(void))
{
	static const hoy_go_opts defaults;
	void (**copy)(void) = lasting(sizeof *copy);
	struct hoy__slot *slot;

	*copy = fn;
	if (!workers[thread])
		prepare_worker(thread);
	slot = hoy__reserve(workers[thread], &defaults, run_task_of_scenario, copy, NULL);
	slot->placed = true;
	hoy__launch(workers[thread], slot);
	tasks[thread]++;
}

void own(struct hoy__biased *l, int thread)
{
	atomic_store(&l->owner, workers[thread]);
}

void prepare_home(struct hoy__source *s, int thread)
{
	s->home = workers[thread]->home;
	hoy__os_poller_add(workers[thread]->poller, s->sys, (uint64_t)(uintptr_t)s << 16 | s->generation);
}

void run_tasks(void)
{
	hoy__this = workers[fibre_self];
	hoy__worker_loop(hoy__this);
}

/* ---- what surrounds the files of src/fd ---- */

struct hoy__fd *hoy__fd_slab_take(void) { return lasting(sizeof(struct hoy__fd)); }

/* The record's next life changes it: who still uses it races with that. */
void hoy__fd_slab_give(struct hoy__fd *fd)
{
	fd->source.sys = -1;
	fd->source.kind = 0;
	fd->forks = 0;
	fd->queue[HOY__IN] = fd->queue[HOY__OUT] = NULL;
	fd->released = NULL;
	fd->owner = NULL;
}

void hoy__aside_free(struct hoy__fd *fd) { (void)fd; }
void hoy__closing_wait(struct hoy__closing *c) { (void)c; }

struct hoy__closing *hoy__closing_begin(int sys, bool is_socket, bool may_block, bool wanted)
{
	(void)is_socket, (void)may_block, (void)wanted;
	hoy__os_close(sys);
	return NULL;
}
