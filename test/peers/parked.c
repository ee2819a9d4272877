/*
 * Tasks that wait, each kind for another reason: what gdb_thousand.sh looks at. parked N starts N of them, at most 1000, says
 * "parked" when all wait, and ends with its standard input.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <hoy.h>

static hoy_chan *channel;
static hoy_mutex mutex, of_condition;
static hoy_cond condition;
static hoy_rwlock rwlock;
static hoy_sem semaphore;
static hoy_wait_group wait_group;
static hoy_listener *listener;
static atomic_int waiting;
static int numbers[1000];

static int wait_for_channel(void *number)
{
	return hoy_chan_recv(channel, number);
}

static int wait_in_select(void *number)
{
	hoy_case cases[] = { HOY_RECV(channel, number), HOY_UNTIL(hoy_in(HOY_HOUR)) };
	int code;

	return hoy_select(cases, 2, &code);
}

static int wait_for_mutex(void *number)
{
	hoy_mutex_lock(&mutex);
	return number != NULL;
}

static int wait_for_rwlock(void *number)
{
	hoy_rwlock_read_lock(&rwlock);
	return number != NULL;
}

static int wait_for_condition(void *number)
{
	hoy_mutex_lock(&of_condition);
	hoy_cond_wait(&condition, &of_condition);
	hoy_mutex_unlock(&of_condition);
	return number != NULL;
}

static int wait_for_semaphore(void *number)
{
	hoy_sem_wait(&semaphore);
	return number != NULL;
}

static int wait_for_group(void *number)
{
	hoy_wait_group_wait(&wait_group);
	return number != NULL;
}

static int wait_for_time(void *number)
{
	hoy_sleep(HOY_HOUR);
	return number != NULL;
}

static int wait_for_datagram(void *number)
{
	hoy_conn *c = hoy_listen_packet("udp4", "127.0.0.1:0", NULL);

	return c ? (int)hoy_conn_read(c, number, sizeof(int), NULL) : -1;
}

/* One of them waits for the listener, the others for their turn. */
static int wait_for_connection(void *number)
{
	return hoy_listener_accept(listener, NULL) && number;
}

static hoy_fn *const kinds[] = {
	wait_for_channel, wait_in_select, wait_for_mutex, wait_for_rwlock, wait_for_condition,
	wait_for_semaphore, wait_for_group, wait_for_time, wait_for_datagram, wait_for_connection,
};

/* The frame that says which task this is. */
static int numbered(int number)
{
	atomic_fetch_add(&waiting, 1);
	return kinds[(size_t)number % (sizeof kinds / sizeof *kinds)](&number);
}

static int task(void *number)
{
	return numbered(*(int *)number);
}

static int start_all(void *count)
{
	const hoy_go_opts small = { .stack = 64 << 10, .name = "waits" };
	char byte;
	hoy_conn *in = hoy_conn_from_fd(0, HOY_FD_SHARED, NULL);
	int n = *(int *)count;

	channel = hoy_chan_new(sizeof(int), 0);
	listener = hoy_listen("tcp4", "127.0.0.1:0", NULL);
	hoy_mutex_lock(&mutex);
	hoy_rwlock_lock(&rwlock);
	hoy_wait_group_add(&wait_group, 1);
	for (int i = 0; i < n; i++) {
		numbers[i] = i;
		if (hoy_go_with(&small, task, &numbers[i]) < 0)
			return 1;
	}
	while (atomic_load(&waiting) < n)
		hoy_yield();
	hoy_sleep(100 * HOY_MILLISECOND);
	puts("parked");
	fflush(stdout);
	hoy_conn_read(in, &byte, 1, NULL);
	_Exit(0);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 0;

	if (n < 0 || n > 1000)
		return 2;
	return hoy_run(start_all, &n);
}
