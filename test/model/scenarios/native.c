/* A thread's worker, which it gets when it waits first: here that is done before the threads begin. See hoy.c. */
#define hoy__native_task make_native_task
#include "task/native.c"
