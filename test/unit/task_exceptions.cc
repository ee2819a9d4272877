// C++ exceptions in tasks, for task_exceptions.c: each function returns how often something was wrong.
#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>

#include <hoy.h>

extern "C" {
int exceptions_crossed(void);
int exceptions_nested(void);
int exceptions_in_flight(void);
int exceptions_kept(void);
int exceptions_by_kind_of_wait(void);
int exceptions_around_a_run(void);
int exceptions_of_many(int tasks);
int exceptions_of_threads(void);
}

namespace {

std::atomic<int> wrong;

void expect(bool ok)
{
	wrong += !ok;
}

const hoy_duration moment = 2 * HOY_MILLISECOND;

// fn on one worker, or on several; whatever went wrong in all tasks
int run(int workers, hoy_fn *fn, void *arg = nullptr)
{
	hoy_run_opts opts = {};

	opts.workers = workers;
	wrong = 0;
	expect(hoy_run_with(&opts, fn, arg) == 0);
	return wrong;
}

// Tasks that have begun and not ended.
hoy_wait_group group;

int done()
{
	hoy_wait_group_done(&group);
	return 0;
}

void go(hoy_fn *fn, void *arg = nullptr)
{
	hoy_wait_group_add(&group, 1);
	expect(hoy_go(fn, arg) == 0);
}

// ---- two tasks, each in its catch block while the other throws ----

int rethrow_first(void *)
{
	int got = 0;

	try {
		try {
			throw 1;
		} catch (int) {
			hoy_sleep(2 * moment);
			throw;
		}
	} catch (int x) {
		got = x;
	}
	expect(got == 1);
	return done();
}

int throw_second(void *)
{
	hoy_sleep(moment);
	try {
		throw std::string("a text long enough to be allocated");
	} catch (const std::string &text) {
		hoy_sleep(4 * moment);
		expect(text == "a text long enough to be allocated");
	}
	expect(!std::current_exception());
	return done();
}

int cross(void *)
{
	go(rethrow_first);
	go(throw_second);
	hoy_wait_group_wait(&group);
	return 0;
}

// ---- nested ----

int nest(void *depth)
{
	int mine = *static_cast<int *>(depth);

	try {
		throw mine;
	} catch (int outer) {
		hoy_sleep(moment);
		try {
			throw std::runtime_error(std::to_string(mine));
		} catch (const std::exception &inner) {
			hoy_sleep(moment);
			expect(inner.what() == std::to_string(mine));
		}
		hoy_yield();
		expect(outer == mine);
		try {
			throw;
		} catch (int again) {
			expect(again == mine);
		}
	}
	return done();
}

int nest_three(void *)
{
	static int depth[] = { 10, 20, 30 };

	for (int &each : depth)
		go(nest, &each);
	hoy_wait_group_wait(&group);
	return 0;
}

// ---- in flight: a destructor waits while the stack is unwound ----

struct waits {
	~waits()
	{
		expect(std::uncaught_exceptions() == 1);
		hoy_sleep(2 * moment);
		expect(std::uncaught_exceptions() == 1);
	}
};

int unwind_slowly(void *)
{
	try {
		waits here;
		throw 5;
	} catch (int x) {
		expect(x == 5);
	}
	expect(std::uncaught_exceptions() == 0);
	return done();
}

int look(void *)
{
	expect(std::uncaught_exceptions() == 0);
	expect(!std::current_exception());
	hoy_sleep(moment);
	expect(std::uncaught_exceptions() == 0);
	return done();
}

int fly(void *)
{
	go(unwind_slowly);
	go(look);
	hoy_sleep(moment);
	go(look);
	hoy_wait_group_wait(&group);
	return 0;
}

// ---- std::exception_ptr, kept across a wait and thrown in another task ----

std::exception_ptr kept;

int keep(void *)
{
	try {
		throw std::runtime_error("kept");
	} catch (...) {
		kept = std::current_exception();
		hoy_sleep(2 * moment);
		expect(std::current_exception() == kept);
	}
	return done();
}

int throw_kept(void *)
{
	hoy_sleep(moment);
	try {
		std::rethrow_exception(kept);
	} catch (const std::runtime_error &e) {
		hoy_sleep(4 * moment);
		expect(std::string(e.what()) == "kept");
	}
	return done();
}

int keep_and_throw(void *)
{
	go(keep);
	go(throw_kept);
	hoy_wait_group_wait(&group);
	kept = nullptr;
	return 0;
}

// ---- whatever it is that waits ----

int seven(void *)
{
	return 7;
}

int wait_in_pipe(void *)
{
	hoy_conn *a, *b;
	char byte = 0;
	int code = hoy_pipe(&a, &b, nullptr);

	if (code < 0)
		return code;
	hoy_conn_set_deadline(a, hoy_in(moment), nullptr);
	code = static_cast<int>(hoy_conn_read(a, &byte, 1, nullptr));
	hoy_conn_free(a);
	hoy_conn_free(b);
	return code == HOY_ETIMEOUT ? 0 : -1;
}

int wait_for_mutex(void *mutex)
{
	hoy_mutex_lock(static_cast<hoy_mutex *>(mutex));
	hoy_mutex_unlock(static_cast<hoy_mutex *>(mutex));
	return 0;
}

int yield(void *)
{
	hoy_yield();
	return 0;
}

int offload(void *)
{
	return hoy_offload(seven, nullptr) - 7;
}

hoy_mutex shared;

int wait_in_catch(void *wait)
{
	hoy_fn *fn = reinterpret_cast<hoy_fn *>(reinterpret_cast<uintptr_t>(wait));

	for (int i = 0; i < 20; i++) {
		try {
			try {
				throw i;
			} catch (int) {
				expect(fn(&shared) == 0);
				throw;
			}
		} catch (int x) {
			expect(x == i);
		}
	}
	return done();
}

int wait_in_all_ways(void *)
{
	hoy_fn *const ways[] = { wait_in_pipe, wait_for_mutex, yield, offload };

	hoy_mutex_lock(&shared);
	for (hoy_fn *way : ways)
		go(wait_in_catch, reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(way)));
	hoy_sleep(2 * moment);
	hoy_mutex_unlock(&shared);
	hoy_wait_group_wait(&group);
	return 0;
}

// ---- a run within a catch block ----

int have_no_exception(void *)
{
	go(look);
	hoy_wait_group_wait(&group);
	expect(!std::current_exception());
	try {
		throw 3;
	} catch (int) {
		hoy_sleep(moment);
	}
	return 0;
}

// ---- many, on several workers ----

int throw_own(void *number)
{
	int mine = static_cast<int>(reinterpret_cast<intptr_t>(number));

	for (int i = 0; i < 10; i++) {
		try {
			try {
				throw mine;
			} catch (int) {
				hoy_sleep((mine * 7 + i * 3) % 5 * HOY_MILLISECOND / 4);
				throw;
			}
		} catch (int x) {
			expect(x == mine);
		}
	}
	return done();
}

int throw_many(void *count)
{
	for (intptr_t i = 0; i < *static_cast<int *>(count); i++)
		go(throw_own, reinterpret_cast<void *>(i));
	hoy_wait_group_wait(&group);
	return 0;
}

} // namespace

int exceptions_crossed(void) { return run(1, cross); }
int exceptions_nested(void) { return run(1, nest_three); }
int exceptions_in_flight(void) { return run(1, fly); }
int exceptions_kept(void) { return run(1, keep_and_throw); }
int exceptions_by_kind_of_wait(void) { return run(1, wait_in_all_ways); }
int exceptions_of_many(int tasks) { return run(3, throw_many, &tasks); }

int exceptions_around_a_run(void)
{
	int got = 0;

	try {
		try {
			throw 9;
		} catch (int) {
			got += run(2, have_no_exception);
			throw;
		}
	} catch (int x) {
		got += x != 9;
	}
	return got;
}

int exceptions_of_threads(void)
{
	wrong = 0;
	hoy_wait_group_add(&group, 2);
	std::thread a(rethrow_first, nullptr), b(throw_second, nullptr);
	a.join();
	b.join();
	return wrong;
}
