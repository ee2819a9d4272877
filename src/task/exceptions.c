/* The symbol is weak: it is there when the program, or a library that it was linked with, is C++. */
#include "task/exceptions.h"

#include <stddef.h>

extern struct hoy__exceptions *__cxa_get_globals(void) __attribute__((weak));

struct hoy__exceptions *hoy__exceptions_of_thread(void)
{
	return __cxa_get_globals ? __cxa_get_globals() : NULL;
}
