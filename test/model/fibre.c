/* Threads as fibres. Each has thread-local variables of its own: the program's are exchanged at each switch. */
#include <link.h>
#include <string.h>
#include <ucontext.h>

#include "explorer.h"

enum { STACK = 64 << 10, LOCALS = 512 };

int fibre_self;

static struct {
	ucontext_t context;
	void (*run)(void);
	char locals[LOCALS];
	char *lowest;		/* of the stack, that was used */
	_Alignas(16) char stack[STACK];
} fibres[THREADS];

/* The thread-local variables of the program proper, and their first values. */
static struct {
	char *at;
	size_t size;
	char first[LOCALS];
} locals;

static int find_locals(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)arg;
	if (size < sizeof *info)
		model_fail("dl_iterate_phdr does not find thread-local variables");
	locals.at = info->dlpi_tls_data;
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_TLS)
			locals.size = info->dlpi_phdr[i].p_memsz;
	if (locals.size > LOCALS)
		model_fail("thread-local variables take %zu bytes", locals.size);
	memcpy(locals.first, locals.at, locals.size);
	return 1;	/* the program is the first */
}

static void begin(void)
{
	fibres[fibre_self].run();
}

void fibre_make(int thread, void (*run)(void))
{
	ucontext_t *c = &fibres[thread].context;

	if (!locals.at)
		dl_iterate_phdr(find_locals, NULL);
	getcontext(c);
	c->uc_stack.ss_sp = fibres[thread].stack;
	c->uc_stack.ss_size = STACK;
	c->uc_link = NULL;
	fibres[thread].run = run;
	fibres[thread].lowest = fibres[thread].stack + STACK;
	memcpy(fibres[thread].locals, locals.first, locals.size);
	makecontext(c, begin, 0);
}

static void switch_to(int to)
{
	int from = fibre_self;

	memcpy(fibres[from].locals, locals.at, locals.size);
	memcpy(locals.at, fibres[to].locals, locals.size);
	fibre_self = to;
	swapcontext(&fibres[from].context, &fibres[to].context);
}

void fibre_resume(int thread)
{
	switch_to(thread);
}

void fibre_yield(void)
{
	switch_to(0);
}

void fibre_note_use(uintptr_t at)
{
	if (at - (uintptr_t)fibres[fibre_self].stack < STACK && (char *)at < fibres[fibre_self].lowest)
		fibres[fibre_self].lowest = (char *)at;
}

void *fibre_stack(size_t *size)
{
	*size = (size_t)(fibres[fibre_self].stack + STACK - fibres[fibre_self].lowest);
	return fibres[fibre_self].lowest;
}
