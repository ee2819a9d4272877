/*
 * The table of system calls that goes wrong on demand. It stands before the real one:
 * the Nth call, of all or of one entry, fails with a code of the test's choosing; reads
 * and writes come in crumbs; EAGAIN comes in storms; the Nth allocation is refused. It
 * counts what is called and keeps book of what is open, so a leak is a number.
 *
 *	fault_install();			before anything of hoy
 *	for (long n = 1; ; n++) {
 *		fault_reset();
 *		fault_at(n, 0);
 *		result = scenario();
 *		if (!fault_fired())
 *			break;			the scenario makes fewer than n calls
 *		... result is right, or the documented error; fault_open_descriptors() is as before ...
 *	}
 *
 * All of it may be called from several threads. A fault strikes once.
 */
#ifndef FAULT_OS_H
#define FAULT_OS_H

#include <stdbool.h>
#include <stddef.h>

/* Each entry that can fail, and the code it fails with when the test names none. */
#define FAULT_ENTRIES(X) \
	X(socket, EMFILE) X(bind, EADDRINUSE) X(listen, EADDRINUSE) X(connect, ECONNREFUSED) \
	X(accept, EMFILE) X(shutdown, ENOTCONN) X(getsockname, ENOBUFS) X(getpeername, ENOTCONN) \
	X(getsockopt, ENOPROTOOPT) X(setsockopt, ENOPROTOOPT) X(recv, ECONNRESET) X(send, EPIPE) \
	X(recvfrom, ECONNREFUSED) X(sendto, EPERM) X(recvmsg, ECONNRESET) X(sendmsg, EPIPE) \
	X(recvmmsg, ECONNRESET) X(sendmmsg, EPIPE) X(read, EIO) X(write, EPIPE) X(readv, EIO) X(writev, EPIPE) \
	X(splice_in, EINVAL) X(splice_out, EPIPE) X(pipe_widen, EPERM) X(pipe, ENFILE) X(open, ENFILE) X(stat, EIO) X(lstat, EACCES) X(unlink, EACCES) X(set_mode, EPERM) X(try_lock, ENOLCK) \
	X(dup, EMFILE) X(close_on_exec, EBADF) X(get_flags, EPERM) \
	X(set_flags, EPERM) X(ready, ENOMEM) X(close, EIO) X(poller_open, EMFILE) X(poller_add, ENOSPC) X(poller_add_in, ENOSPC) X(poller_widen, ENOMEM) X(poller_remove, ENOMEM) \
	X(poller_wait, EIO) X(waker_open, EMFILE) X(waker_wake, EIO) X(map, ENOMEM) X(map_file, ENOMEM) X(unmap, ENOMEM) \
	X(guard, ENOMEM) X(protect, ENOMEM) X(discard, ENOMEM) X(peek, EPERM) X(membarrier_register, ENOSYS) X(membarrier, ENOMEM) X(random, ENOSYS) X(cpus_allowed, EINVAL)

enum fault_entry {
#define FAULT_ENUM(name, code) FAULT_##name,
	FAULT_ENTRIES(FAULT_ENUM)
#undef FAULT_ENUM
	FAULT_COUNT
};

/* Puts the table and the allocation hook in place. Once, before any other call into hoy. */
void fault_install(void);
/* Nothing fails, nothing is cut, the counts and the log start anew. What is open stays in the book. */
void fault_reset(void);

/* The nth call from now (1 is the next) fails. code: a negative one; 0: the entry's own. */
void fault_at(long n, int code);
void fault_entry_at(enum fault_entry entry, long n, int code);
/* Every call of the entry whose number divides by `period` fails, until fault_reset. */
void fault_storm(enum fault_entry entry, int period, int code);
/* No read or write moves more than this many bytes; 0: as many as they like. */
void fault_cut(size_t most);
/* The nth allocation is refused. */
void fault_alloc_at(long n);

/* Has the fault struck? Where, and with what; an allocation is FAULT_COUNT and -ENOMEM. */
bool fault_fired(void);
enum fault_entry fault_fired_entry(void);
int fault_fired_code(void);
const char *fault_name(enum fault_entry entry);

/* Calls since fault_reset: of one entry, of all, of the allocator. */
long fault_calls(enum fault_entry entry);
long fault_calls_all(void);
long fault_allocs(void);

/* Opened through the table and not closed yet. */
int fault_open_descriptors(void);
/* Calls that the system answered with EBADF: a double close, or use after close. */
long fault_bad_descriptors(void);
/* Blocks not given back, and bytes mapped. */
long fault_live_blocks(void);
long fault_mapped_bytes(void);

/* The last calls since fault_reset, oldest first, as "recv(7)=12 "; returns buf. */
char *fault_story(char *buf, size_t size);

#endif
