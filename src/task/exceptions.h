/*
 * C++ exceptions. The run-time keeps, for each thread, the list of those that are being handled and
 * the number of those in flight (Itanium C++ ABI, exception handling, 2.2.2). Both belong to a task.
 */
#ifndef HOY_TASK_EXCEPTIONS_H
#define HOY_TASK_EXCEPTIONS_H

struct hoy__exceptions {		/* the ABI's __cxa_eh_globals */
	void *caught;
	unsigned int uncaught;
};

/* The calling thread's, which stay where they are as long as it lives; NULL in a program without C++. */
struct hoy__exceptions *hoy__exceptions_of_thread(void);

/* Takes them away from the thread, which has none then. */
static inline struct hoy__exceptions hoy__exceptions_take(struct hoy__exceptions *of_thread)
{
	struct hoy__exceptions taken = *of_thread;

	*of_thread = (struct hoy__exceptions){ 0 };
	return taken;
}

#endif
