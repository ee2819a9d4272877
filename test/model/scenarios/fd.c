/* The life of a descriptor: its state word, the queue for its locks, close and free. */
#include "hoy.h"

#include <errno.h>

#include "fd/fd.h"

static struct hoy__fd *fd;
static int file, released, inside, codes[3];

static void note_release(void *owner)
{
	(void)owner;
	released++;
}

static void prepare(int threads, unsigned kind)
{
	prepare_threads(threads);
	file = file_open();
	released = inside = 0;
	codes[0] = codes[1] = codes[2] = 1;
	fd = hoy__fd_new(file, kind, note_release, NULL);
}

static void prepare_2(void) { prepare(2, HOY__FD_SOCKET); }
static void prepare_3(void) { prepare(3, HOY__FD_SOCKET); }

static void use(int i)
{
	if ((codes[i] = hoy__fd_enter(fd, HOY__IN)) < 0)
		return;
	MODEL_CHECK(!inside++);
	MODEL_CHECK(!file_closed(file));
	inside--;
	hoy__fd_leave(fd, HOY__IN);
}

static void use_first(void) { use(0); }
static void use_second(void) { use(1); }
static void close_it(void) { codes[2] = hoy__fd_close(fd); }
static void close_too(void) { codes[1] = hoy__fd_close(fd); }
static void free_it(void) { hoy__fd_free(fd); }

static void check_used(void)
{
	MODEL_CHECK(codes[0] == 0 && codes[1] == 0 && codes[2] != HOY_ECLOSED);
	MODEL_CHECK(file_closed(file) == 0 && !hoy__fd_is_in_use(fd));
}

static void check_closed(void)
{
	for (int i = 0; i < 2; i++)
		MODEL_CHECK(codes[i] == 0 || codes[i] == 1 || codes[i] == HOY_ECLOSED);
	MODEL_CHECK(file_closed(file) == 1 && released == 0);
	hoy__fd_free(fd);
	MODEL_CHECK(released == 1);
}

static void check_one_close(void)
{
	MODEL_CHECK((codes[1] == 0) + (codes[2] == 0) == 1);
	check_closed();
}

static void check_freed(void)
{
	MODEL_CHECK(file_closed(file) == 1 && released == 1);
}

static const struct scenario two = { "fd-two-calls", prepare_2, { use_first, use_second }, check_used, NULL };
static const struct scenario closing = { "fd-call-and-close", prepare_2, { use_first, close_it }, check_closed, NULL };
static const struct scenario closes = { "fd-two-closes", prepare_3, { use_first, close_too, close_it }, check_one_close, NULL };
static const struct scenario freed = { "fd-call-and-free", prepare_2, { use_first, free_it }, check_freed, NULL };

/* A call that only holds the descriptor. */
static void hold(void)
{
	if ((codes[0] = hoy__fd_hold(fd)) < 0)
		return;
	MODEL_CHECK(hoy__fd_sys(fd) == file && !file_closed(file));
	hoy__fd_drop(fd);
}

static const struct scenario held = { "fd-hold-and-free", prepare_2, { hold, free_it }, check_freed, NULL };

/* A call waits for the lock, which another has. */
static void prepare_locked(int threads)
{
	prepare(threads, HOY__FD_SOCKET);
	hoy__fd_enter(fd, HOY__IN);
}

static void prepare_2_locked(void) { prepare_locked(2); }
static void leave(void) { hoy__fd_leave(fd, HOY__IN); }
static void set_past(void) { codes[1] = hoy__fd_set_deadline(fd, HOY__IN, HOY__PAST); }

static void check_queued_closed(void)
{
	MODEL_CHECK(codes[0] == HOY_ECLOSED && codes[2] == 0 && !file_closed(file));
	leave();
	MODEL_CHECK(file_closed(file) == 1);
}

static void check_queued_past(void)
{
	MODEL_CHECK(codes[0] == HOY_ETIMEOUT && codes[1] == 0);
	leave();
	MODEL_CHECK(!hoy__fd_is_in_use(fd));
}

static void check_handed(void)
{
	MODEL_CHECK(codes[0] == 0 && !hoy__fd_is_in_use(fd) && !fd->queue[HOY__IN]);
}

/* After a wait for the lock that was woken twice, the next wait of the task is not ended by what is left of that. */
static hoy_sem sem;

static void use_and_wait(void)
{
	use_first();
	MODEL_CHECK(hoy_sem_wait(&sem) == 0);
}

static void close_and_post(void)
{
	close_it();
	hoy_sem_post(&sem);
}

static void prepare_sem(void)
{
	prepare_2_locked();
	sem = (hoy_sem){ 0 };
}

/* The lock comes and the deadline passes at the same time: the call has both, or neither. */
static void leave_and_set_past(void)
{
	leave();
	set_past();
}

static void check_left(void)
{
	MODEL_CHECK(codes[0] == 0 || codes[0] == HOY_ETIMEOUT);
	MODEL_CHECK(!hoy__fd_is_in_use(fd) && !(fd->state & HOY__FD_LOCK(HOY__IN)));
}

/* One waiter has given up, and another has come, while the lock is released. */
static void give_up_and_use(void)
{
	hoy__fd_set_deadline(fd, HOY__IN, HOY__PAST);
	MODEL_CHECK(hoy__fd_enter(fd, HOY__IN) == HOY_ETIMEOUT || (leave(), true));
	hoy__fd_set_deadline(fd, HOY__IN, HOY__NEVER);
	use_first();
}

static const struct scenario queue_woken = { "fd-queue-and-wait", prepare_sem, { use_and_wait, close_and_post }, check_queued_closed, NULL };
static const struct scenario queue_left = { "fd-queue-left", prepare_2_locked, { use_first, leave_and_set_past }, check_left, NULL };
static const struct scenario queue_again = { "fd-queue-again", prepare_2_locked, { leave, give_up_and_use }, check_handed, NULL };
static const struct scenario queue_closed = { "fd-queue-and-close", prepare_2_locked, { use_first, close_it }, check_queued_closed, NULL };
static const struct scenario queue_past = { "fd-queue-and-deadline", prepare_2_locked, { use_first, set_past }, check_queued_past, NULL };
static const struct scenario handed = { "fd-hand-over", prepare_2_locked, { use_first, leave }, check_handed, NULL };

/* A turn without a wait of its own, as a select takes it. */
static void join_and_quit(void)
{
	struct hoy__fd_turn turn;

	if ((codes[0] = hoy__fd_join(fd, HOY__IN, &turn)) == 0)
		hoy__fd_quit(fd, HOY__IN, &turn);
}

static const struct scenario joined = { "fd-join", prepare_2_locked, { join_and_quit, leave }, check_handed, NULL };

/* A read that waits, against close, and against data. */
static ssize_t read_file(int sys, const struct hoy__attempt *a)
{
	(void)a;
	return file_read(sys);
}

static void read_it(void)
{
	if ((codes[0] = hoy__fd_enter(fd, HOY__IN)) < 0)
		return;
	codes[0] = (int)hoy__fd_try(fd, HOY__IN, &(struct hoy__attempt){ .run = read_file, .why = HOY__WHY_READ });
	MODEL_CHECK(!file_closed(file));
	hoy__fd_leave(fd, HOY__IN);
}

static void make_readable(void) { file_make_readable(file); }

static void check_read_closed(void)
{
	MODEL_CHECK(codes[0] == HOY_ECLOSED && codes[2] == 0 && file_closed(file) == 1);
}

static void check_read_past(void) { MODEL_CHECK(codes[0] == HOY_ETIMEOUT && codes[1] == 0); }
static void check_read_either(void)
{
	MODEL_CHECK(codes[0] == 1 || codes[0] == HOY_ECLOSED);
	MODEL_CHECK(file_closed(file) == 1);
	model_outcome("%s", codes[0] == 1 ? "read" : "closed");
}

static const struct scenario reading = { "fd-read-and-close", prepare_2, { read_it, close_it }, check_read_closed, NULL };
static const struct scenario past = { "fd-read-and-deadline", prepare_2, { read_it, set_past }, check_read_past, NULL };
static const struct scenario either = { "fd-read-event-close", prepare_3, { read_it, make_readable, close_it }, check_read_either, "closed|read" };

static const struct scenario *const quick[] = { &two, &closing, &freed, &held, &queue_closed, &queue_past, &handed, &joined, &queue_left, &reading, &past, &closes, &either, NULL };
static const struct scenario *const slow[] = { &queue_woken, &queue_again, NULL };

int main(int argc, char **argv)
{
	return model_main(quick, slow, argc, argv);
}
