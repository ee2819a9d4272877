/*
 * Moving bytes within the kernel, between a socket and a pipe that is hoy's own. A short count says nothing about
 * what is left: each piece of a segment takes one of the pipe's places, however small it is.
 */
#include "fd/fd.h"
#include "os/os.h"

static ssize_t run_in(int sys, const struct hoy__attempt *a)
{
	return hoy__os_splice_in(sys, *(int *)a->at, a->len);
}

static ssize_t run_out(int sys, const struct hoy__attempt *a)
{
	return hoy__os_splice_out(*(int *)a->at, sys, a->len);
}

ssize_t hoy__fd_splice_in(struct hoy__fd *fd, int pipe, size_t len, bool wait)
{
	return hoy__fd_try(fd, HOY__IN, &(struct hoy__attempt){
		.run = run_in, .at = &pipe, .len = len, .why = HOY__WHY_READ, .no_wait = !wait, .no_yield = !wait });
}

ssize_t hoy__fd_splice_out(struct hoy__fd *fd, int pipe, size_t len, bool wait)
{
	return hoy__fd_try(fd, HOY__OUT, &(struct hoy__attempt){
		.run = run_out, .at = &pipe, .len = len, .why = HOY__WHY_WRITE, .no_wait = !wait, .no_yield = !wait });
}
