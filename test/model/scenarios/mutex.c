/* The mutex. */
#include "hoy.h"

static hoy_mutex m;
static int data, results[4];

static void prepare(int threads)
{
	prepare_threads(threads);
	m = (hoy_mutex){ 0 };
	data = 0;
	for (int i = 0; i < 4; i++)
		results[i] = 1;
}

static void prepare_2(void) { prepare(2); }
static void prepare_3(void) { prepare(3); }

static void increment(void)
{
	hoy_mutex_lock(&m);
	data++;
	hoy_mutex_unlock(&m);
}

static void increment_by(hoy_time deadline, int *result)
{
	if ((*result = hoy_mutex_lock_until(&m, deadline)) < 0)
		return;
	data++;
	hoy_mutex_unlock(&m);
}

static void impatient(void) { increment_by((hoy_time){ EARLY + 1 }, &results[0]); }

static void is_free(void)
{
	MODEL_CHECK(m.state == 0 && !m.head && !m.tail && !m.guard);
}

static void check_2(void) { is_free(); MODEL_CHECK(data == 2); }
static void check_3(void) { is_free(); MODEL_CHECK(data == 3); }

static void check_impatient(void)
{
	is_free();
	MODEL_CHECK(results[0] == 0 || results[0] == HOY_ETIMEOUT);
	MODEL_CHECK(data == 1 + (results[0] == 0));
	model_outcome("%d", data);
}

/* A thread that runs may take the mutex before the one that was woken for it. */
static void try_increment(void)
{
	results[1] = 0;
	if (!hoy_mutex_try_lock(&m))
		return;
	data++;
	results[1] = 1;
	hoy_mutex_unlock(&m);
}

static void check_tried(void) { is_free(); MODEL_CHECK(data == 2 + results[1]); }

static void prepare_locked(void)
{
	prepare(3);
	hoy_mutex_lock(&m);
}

static void unlock(void)
{
	data++;
	hoy_mutex_unlock(&m);
}

static const struct scenario barging = { "mutex-barging", prepare_locked, { unlock, increment, try_increment }, check_tried, NULL };
static const struct scenario two = { "mutex-two", prepare_2, { increment, increment }, check_2, NULL };
static const struct scenario three = { "mutex-three", prepare_3, { increment, increment, increment }, check_3, NULL };
static const struct scenario timeout = { "mutex-timeout", prepare_2, { increment, impatient, set_clock_late }, check_impatient, "1|2" };

static const struct scenario *const quick[] = { &two, &timeout, &barging, NULL };
static const struct scenario *const slow[] = { &three, NULL };

int main(int argc, char **argv)
{
	return model_main(quick, slow, argc, argv);
}
