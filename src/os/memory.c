/*
 * Barriers in other threads; and memory for stacks: much more address space than is ever touched, so nothing is
 * reserved for it, and no huge page may turn one touched page into two megabytes.
 */
#include "os/linux.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* Since Linux 6.13, and younger than the C library's headers. */
enum { GUARD_INSTALL = 102 };

/* Of membarrier(2), since Linux 4.14: musl comes without the kernel's headers. */
enum { PRIVATE_EXPEDITED = 1 << 3, REGISTER_PRIVATE_EXPEDITED = 1 << 4 };

int hoy__memory_map(size_t len, void **at)
{
	void *got = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (got == MAP_FAILED)
		return -errno;
	/* a kernel built without huge pages refuses, and is right */
	madvise(got, len, MADV_NOHUGEPAGE);
	*at = got;
	return 0;
}

int hoy__memory_map_file(int fd, size_t len, const void **at)
{
	void *got = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

	if (got == MAP_FAILED)
		return -errno;
	*at = got;
	return 0;
}

int hoy__memory_unmap(void *at, size_t len)
{
	return (int)result(munmap(at, len));
}

int hoy__memory_guard(void *at, size_t len)
{
	int code;

	do
		code = madvise(at, len, GUARD_INSTALL);
	while (interrupted(code));
	return (int)result(code);
}

int hoy__memory_protect(void *at, size_t len)
{
	return (int)result(mprotect(at, len, PROT_NONE));
}

int hoy__memory_discard(void *at, size_t len)
{
	return (int)result(madvise(at, len, MADV_DONTNEED));
}

ssize_t hoy__memory_peek(const void *at, void *buf, size_t len)
{
	struct iovec to = { buf, len }, from = { (void *)at, len };

	return result(process_vm_readv(getpid(), &to, 1, &from, 1, 0));
}

int hoy__membarrier_register(void)
{
	return (int)result(syscall(SYS_membarrier, REGISTER_PRIVATE_EXPEDITED, 0, 0));
}

/* A process that has not registered, such as a child whose kernel does not inherit that, is refused. */
int hoy__membarrier(void)
{
	int code = (int)result(syscall(SYS_membarrier, PRIVATE_EXPEDITED, 0, 0));

	if (code != -EPERM || (code = hoy__membarrier_register()) < 0)
		return code;
	return (int)result(syscall(SYS_membarrier, PRIVATE_EXPEDITED, 0, 0));
}
