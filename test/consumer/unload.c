/*
 * Programs that close the shared library while something of it is still to come: the end of a thread,
 * threads of the pool, a signal, a fork. argv[1]: the library.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hoy.h>

static struct {
	void *handle;
	int (*sleep)(hoy_duration d);
	int (*run)(hoy_fn *fn, void *arg);
	int (*offload)(hoy_fn *fn, void *arg);
	int (*go)(hoy_fn *fn, void *arg);
	int (*signal_wait)(const int *signals, size_t n);
} lib;

static const char *path;

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void *symbol(const char *name)
{
	void *at = dlsym(lib.handle, name);

	if (!at)
		fail(dlerror());
	return at;
}

static void load(void)
{
	if (!(lib.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)))
		fail(dlerror());
	*(void **)&lib.sleep = symbol("hoy_sleep");
	*(void **)&lib.run = symbol("hoy_run");
	*(void **)&lib.offload = symbol("hoy_offload");
	*(void **)&lib.go = symbol("hoy_go");
	*(void **)&lib.signal_wait = symbol("hoy_signal_wait");
}

static void unload(void)
{
	if (dlclose(lib.handle))
		fail(dlerror());
}

static void *wait_and_unload(void *unused)
{
	load();
	if (lib.sleep(HOY_MILLISECOND))
		fail("sleep");
	unload();
	return unused;
}

static void *wait_alone(void *unused)
{
	if (lib.sleep(HOY_MILLISECOND))
		fail("sleep");
	usleep(50000);
	return unused;
}

static int block(void *unused)
{
	(void)unused;
	return usleep(1000);
}

static int use_all(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20; i++)
		if (lib.go(block, NULL))
			return 1;
	return lib.offload(block, NULL) || lib.sleep(HOY_MILLISECOND);
}

static void *send_signal(void *unused)
{
	usleep(50000);
	kill(getpid(), SIGUSR1);
	return unused;
}

static void end_thread_after_unload(void (*meanwhile)(void), void *(*fn)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, NULL))
		fail("thread");
	meanwhile();
	pthread_join(thread, NULL);
}

static void do_nothing(void) { }

static void unload_soon(void)
{
	usleep(20000);
	unload();
}

static void wait_for_signal(void)
{
	static const int usr1 = SIGUSR1;

	if (lib.signal_wait(&usr1, 1) != SIGUSR1)
		fail("signal");
}

static void fork_and_use_again(void)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		load();
		_exit(lib.sleep(HOY_MILLISECOND) || lib.run(use_all, NULL));
	}
	if (waitpid(child, &status, 0) != child || status)
		fail("child");
}

int main(int argc, char **argv)
{
	path = argc > 1 ? argv[1] : "";
	alarm(60);
	end_thread_after_unload(do_nothing, wait_and_unload);
	load();
	end_thread_after_unload(unload_soon, wait_alone);
	load();
	if (lib.run(use_all, NULL))
		fail("run");
	end_thread_after_unload(wait_for_signal, send_signal);
	unload();
	raise(SIGUSR1);
	fork_and_use_again();
	wait_and_unload(NULL);
	return 0;
}
