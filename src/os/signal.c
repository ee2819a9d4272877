/* Signal handlers that leave errno alone and remember what was there before them. */
#include "os/signal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

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
	sigaddset(&action.sa_mask, SIGURG);	/* hoy__os_stop is to find the thread outside */
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

/* ---- stopping a thread ---- */

enum { STOP_TRIES = 10000, STOPPED_MOST = 20000 };	/* times 100 us */

/* The steps of one stop; the thread may come to its signal only when the asker has given up. */
enum { NOT_ASKED, ASKED, STOPPED, GO_ON };

static struct {
	pthread_mutex_t lock;		/* of one stop at a time */
	atomic_int step;
	struct hoy__registers registers;
} stop = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void wait_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

/* The registers that the signal interrupted, by their numbers in DWARF. */
static void copy_registers(struct hoy__registers *r, const ucontext_t *context)
{
#if defined(__x86_64__)
	static const uint8_t at[] = {
		REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12,
		REG_R13, REG_R14, REG_R15
	};

	*r = (struct hoy__registers){ .pc = (uintptr_t)context->uc_mcontext.gregs[REG_RIP] };
	for (unsigned i = 0; i < sizeof at; i++)
		r->at[i] = (uintptr_t)context->uc_mcontext.gregs[at[i]];
#elif defined(__aarch64__)
	*r = (struct hoy__registers){ .pc = context->uc_mcontext.pc };
	for (unsigned i = 0; i < 31; i++)
		r->at[i] = context->uc_mcontext.regs[i];
	r->at[HOY__STACK_POINTER] = context->uc_mcontext.sp;
#endif
}

static void handle_stop(int signo, siginfo_t *info, void *context)
{
	int kept = errno, step = ASKED;

	(void)signo, (void)info;
	if (atomic_load(&stop.step) != ASKED)
		return;
	copy_registers(&stop.registers, context);
	if (atomic_compare_exchange_strong(&stop.step, &step, STOPPED))
		for (int i = 0; i < STOPPED_MOST && atomic_load(&stop.step) == STOPPED; i++)
			wait_a_little();
	errno = kept;
}

static struct sigaction before_stops;

int hoy__os_stop_begin(void)
{
	struct sigaction action = { .sa_sigaction = handle_stop, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };

	if (sigaction(SIGURG, NULL, &before_stops) < 0)
		return -errno;
	if (before_stops.sa_flags & SA_SIGINFO || (before_stops.sa_handler != SIG_DFL && before_stops.sa_handler != SIG_IGN))
		return 0;
	sigemptyset(&action.sa_mask);
	return sigaction(SIGURG, &action, NULL) < 0 ? -errno : 1;
}

void hoy__os_stop_end(void)
{
	sigaction(SIGURG, &before_stops, NULL);
}

static int await_stop(void)
{
	int step = ASKED;

	for (int i = 0; i < STOP_TRIES; i++) {
		if (atomic_load(&stop.step) == STOPPED)
			return 0;
		wait_a_little();
	}
	return atomic_compare_exchange_strong(&stop.step, &step, NOT_ASKED) ? -ETIMEDOUT : 0;
}

int hoy__os_stop(pthread_t thread, void (*fn)(const struct hoy__registers *r, void *arg), void *arg)
{
	int code;

	if (pthread_mutex_trylock(&stop.lock))
		return -EBUSY;
	atomic_store(&stop.step, ASKED);
	code = -pthread_kill(thread, SIGURG);
	if (code == 0 && (code = await_stop()) == 0)
		fn(&stop.registers, arg);
	atomic_store(&stop.step, GO_ON);
	pthread_mutex_unlock(&stop.lock);
	return code;
}

int hoy__os_alternate_stack(void *stack, size_t size)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = size, .ss_flags = stack ? 0 : SS_DISABLE };

	return sigaltstack(&alternate, NULL) < 0 ? -errno : 0;
}
