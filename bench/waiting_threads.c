/* The costs of bench/waiting_hoy.c that plain threads know: pthread_mutex, and an eventfd that ends an epoll_wait. */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "waiting.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static double locks(void)
{
	double began = cpu_ns();

	for (int i = 0; i < LOCKS; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return (cpu_ns() - began) / LOCKS;
}

static void *contend(void *arg)
{
	volatile long *counter = arg;

	for (int i = 0; i < LOCKS_EACH; i++) {
		pthread_mutex_lock(&mutex);
		++*counter;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static double contended_locks(void)
{
	volatile long counter = 0;
	pthread_t threads[CONTENDERS];
	double began = wall_ns();

	for (int i = 0; i < CONTENDERS; i++)
		if (pthread_create(&threads[i], NULL, contend, (void *)&counter))
			errx(1, "no thread");
	for (int i = 0; i < CONTENDERS; i++)
		pthread_join(threads[i], NULL);
	return (wall_ns() - began) / CONTENDERS / LOCKS_EACH;
}

struct alarm {
	int poller, rung, heard;
	double at, late[WAKES];
};

static void *sleep_and_wake(void *arg)
{
	struct alarm *a = arg;
	struct epoll_event event;
	uint64_t one = 1;

	for (int i = 0; i < WAKES; i++) {
		if (epoll_wait(a->poller, &event, 1, -1) != 1)
			err(1, "epoll_wait");
		a->late[i] = wall_ns() - a->at;
		if (read(a->rung, &one, sizeof one) < 0 || write(a->heard, &one, sizeof one) < 0)
			err(1, "eventfd");
	}
	return NULL;
}

static double wakes(void)
{
	static struct alarm a;
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	uint64_t one = 1;
	pthread_t thread;

	a.poller = epoll_create1(0);
	a.rung = eventfd(0, EFD_NONBLOCK);
	a.heard = eventfd(0, 0);
	if (epoll_ctl(a.poller, EPOLL_CTL_ADD, a.rung, &event) < 0 || pthread_create(&thread, NULL, sleep_and_wake, &a))
		err(1, "no thread");
	for (int i = 0; i < WAKES; i++) {
		pause_busily();
		a.at = wall_ns();
		if (write(a.rung, &one, sizeof one) < 0 || read(a.heard, &one, sizeof one) < 0)
			err(1, "eventfd");
	}
	pthread_join(thread, NULL);
	return median(a.late, WAKES);
}

int main(void)
{
	report("lock", locks());
	report("lock of four, two workers", contended_locks());
	report("wake a sleeping worker", wakes());
	return 0;
}
