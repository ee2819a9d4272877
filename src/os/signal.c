/* Signal handlers that leave errno alone and remember what was there before them. */
#include "os/signal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

static struct {
	struct sigaction before;
	void (*_Atomic fn)(int signo);	/* any thread may get the signal */
} caught[HOY__OS_SIGNALS];

static void (*_Atomic on_fault)(const void *address);

static void handle(int signo)
{
	int kept = errno;

	atomic_load(&caught[signo].fn)(signo);
	errno = kept;
}

int hoy__os_signal_catch(int signo, void (*fn)(int signo))
{
	struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART | SA_ONSTACK };

	if (signo <= 0 || signo >= HOY__OS_SIGNALS)
		return -EINVAL;
	atomic_store(&caught[signo].fn, fn);
	sigemptyset(&action.sa_mask);
	return sigaction(signo, &action, &caught[signo].before) < 0 ? -errno : 0;
}

void hoy__os_signal_restore(int signo)
{
	sigaction(signo, &caught[signo].before, NULL);
}

/* The instruction is tried again after this, and faults again: that is the end. */
static void handle_fault(int signo, siginfo_t *info, void *context)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	(void)context;
	atomic_load(&on_fault)(info->si_addr);
	sigaction(signo, &plain, NULL);
}

int hoy__os_fault_catch(void (*fn)(const void *address))
{
	struct sigaction action = { .sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct sigaction before;

	if (sigaction(SIGSEGV, NULL, &before) < 0)
		return -errno;
	if ((before.sa_flags & SA_SIGINFO) || before.sa_handler != SIG_DFL)
		return 0;
	atomic_store(&on_fault, fn);
	sigemptyset(&action.sa_mask);
	return sigaction(SIGSEGV, &action, NULL) < 0 ? -errno : 1;
}

void hoy__os_fault_restore(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };

	sigaction(SIGSEGV, &plain, NULL);
}

int hoy__os_alternate_stack(void *stack, size_t size)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = size, .ss_flags = stack ? 0 : SS_DISABLE };

	return sigaltstack(&alternate, NULL) < 0 ? -errno : 0;
}
