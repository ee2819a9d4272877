/* The explorer itself: what C11 allows in the programs that the literature uses, and nothing else. */
#include <stdatomic.h>
#include <stdio.h>

#include "model.h"

static atomic_int x, y, z, turn, flag[2];
static int a, b, c, d, data;

static void reset(void)
{
	x = y = z = turn = flag[0] = flag[1] = 0;
	a = b = c = d = data = 0;
}

static void ab(void) { model_outcome("%d %d", a, b); }
static void abcd(void) { model_outcome("%d %d %d %d", a, b, c, d); }

#define STORE(name, var, value, order) static void name(void) { atomic_store_explicit(&var, value, memory_order_##order); }
#define STORE_LOAD(name, to, from, result, order)					\
	static void name(void)								\
	{										\
		atomic_store_explicit(&to, 1, memory_order_##order);			\
		result = atomic_load_explicit(&from, memory_order_##order);		\
	}
#define LOAD_LOAD(name, first, second, r1, r2, order)					\
	static void name(void)								\
	{										\
		r1 = atomic_load_explicit(&first, memory_order_##order);		\
		r2 = atomic_load_explicit(&second, memory_order_##order);		\
	}

/* Store buffering. */
STORE_LOAD(sb_relaxed_1, x, y, a, relaxed)
STORE_LOAD(sb_relaxed_2, y, x, b, relaxed)
STORE_LOAD(sb_seq_cst_1, x, y, a, seq_cst)
STORE_LOAD(sb_seq_cst_2, y, x, b, seq_cst)
static void sb_fence_1(void) { atomic_store_explicit(&x, 1, memory_order_relaxed); atomic_thread_fence(memory_order_seq_cst); a = atomic_load_explicit(&y, memory_order_relaxed); }
static void sb_fence_2(void) { atomic_store_explicit(&y, 1, memory_order_relaxed); atomic_thread_fence(memory_order_seq_cst); b = atomic_load_explicit(&x, memory_order_relaxed); }
static void sb_acq_rel_fence_2(void) { atomic_store_explicit(&y, 1, memory_order_relaxed); atomic_thread_fence(memory_order_acq_rel); b = atomic_load_explicit(&x, memory_order_relaxed); }
static const struct scenario sb_relaxed = { "store-buffering-relaxed", reset, { sb_relaxed_1, sb_relaxed_2 }, ab, "0 0|0 1|1 0|1 1" };
static const struct scenario sb_seq_cst = { "store-buffering-seq_cst", reset, { sb_seq_cst_1, sb_seq_cst_2 }, ab, "0 1|1 0|1 1" };
static const struct scenario sb_fence = { "store-buffering-fences", reset, { sb_fence_1, sb_fence_2 }, ab, "0 1|1 0|1 1" };
static const struct scenario sb_one_fence = { "store-buffering-one-fence", reset, { sb_fence_1, sb_acq_rel_fence_2 }, ab, "0 0|0 1|1 0|1 1" };
static const struct scenario sb_mixed = { "store-buffering-mixed", reset, { sb_seq_cst_1, sb_fence_2 }, ab, "0 1|1 0|1 1" };

/* Message passing. */
#define MESSAGE(name, store, load)					\
	static void name##_send(void) { atomic_store_explicit(&x, 1, memory_order_relaxed); atomic_store_explicit(&y, 1, memory_order_##store); }	\
	LOAD_LOAD(name##_receive, y, x, a, b, load)
MESSAGE(mp_relaxed, relaxed, relaxed)
MESSAGE(mp_release, release, acquire)
static const struct scenario mp_relaxed = { "message-passing-relaxed", reset, { mp_relaxed_send, mp_relaxed_receive }, ab, "0 0|0 1|1 0|1 1" };
static const struct scenario mp_release = { "message-passing-release", reset, { mp_release_send, mp_release_receive }, ab, "0 0|0 1|1 1" };
static const struct scenario mp_no_acquire = { "message-passing-no-acquire", reset, { mp_release_send, mp_relaxed_receive }, ab, "0 0|0 1|1 0|1 1" };

/* Fences on both sides. */
static void fence_send(void) { atomic_store_explicit(&x, 1, memory_order_relaxed); atomic_thread_fence(memory_order_release); atomic_store_explicit(&y, 1, memory_order_relaxed); }
static void fence_receive(void) { a = atomic_load_explicit(&y, memory_order_relaxed); atomic_thread_fence(memory_order_acquire); b = atomic_load_explicit(&x, memory_order_relaxed); }
static const struct scenario mp_fences = { "message-passing-fences", reset, { fence_send, fence_receive }, ab, "0 0|0 1|1 1" };

/* A plain item behind a flag: no race. */
static void item_send(void) { data = 1; atomic_store_explicit(&x, 1, memory_order_release); }
static void item_receive(void) { if ((a = atomic_load_explicit(&x, memory_order_acquire))) b = data; }
static const struct scenario item = { "message-passing-plain", reset, { item_send, item_receive }, ab, "0 0|1 1" };

/* A release sequence: a read-modify-write of another thread continues it, a store does not. */
static void sequence_add(void) { if (atomic_load_explicit(&x, memory_order_relaxed)) atomic_fetch_add_explicit(&x, 1, memory_order_relaxed); }
static void sequence_receive(void) { if ((a = atomic_load_explicit(&x, memory_order_acquire)) == 2) b = atomic_load_explicit(&y, memory_order_relaxed); }
static void sequence_store(void) { if (atomic_load_explicit(&x, memory_order_relaxed)) atomic_store_explicit(&x, 2, memory_order_relaxed); }
static void sequence_send(void) { atomic_store_explicit(&y, 1, memory_order_relaxed); atomic_store_explicit(&x, 1, memory_order_release); }
static const struct scenario release_sequence = { "release-sequence", reset, { sequence_send, sequence_add, sequence_receive }, ab, "0 0|1 0|2 1" };
static const struct scenario no_sequence = { "release-sequence-broken", reset, { sequence_send, sequence_store, sequence_receive }, ab, "0 0|1 0|2 0|2 1" };

/* Independent reads of independent writes. */
STORE(write_x, x, 1, seq_cst)
STORE(write_y, y, 1, seq_cst)
STORE(write_x_release, x, 1, release)
STORE(write_y_release, y, 1, release)
LOAD_LOAD(iriw_1, x, y, a, b, seq_cst)
LOAD_LOAD(iriw_2, y, x, c, d, seq_cst)
LOAD_LOAD(iriw_acquire_1, x, y, a, b, acquire)
LOAD_LOAD(iriw_acquire_2, y, x, c, d, acquire)
static void disagree(void) { model_outcome(a && !b && c && !d ? "disagree" : "agree"); }
static const struct scenario iriw = { "iriw-seq_cst", reset, { write_x, write_y, iriw_1, iriw_2 }, disagree, "agree" };
static const struct scenario iriw_acquire = { "iriw-acquire", reset, { write_x_release, write_y_release, iriw_acquire_1, iriw_acquire_2 }, disagree, "agree|disagree" };
static const struct scenario iriw_all = { "iriw-acquire-all", reset, { write_x_release, write_y_release, iriw_acquire_1, iriw_acquire_2 }, abcd,
	"0 0 0 0|0 0 0 1|0 0 1 0|0 0 1 1|0 1 0 0|0 1 0 1|0 1 1 0|0 1 1 1|1 0 0 0|1 0 0 1|1 0 1 0|1 0 1 1|1 1 0 0|1 1 0 1|1 1 1 0|1 1 1 1" };

/* Coherence: two reads of one location do not go back. */
static void write_1_2(void) { atomic_store_explicit(&x, 1, memory_order_relaxed); atomic_store_explicit(&x, 2, memory_order_relaxed); }
LOAD_LOAD(read_twice, x, x, a, b, relaxed)
static const struct scenario coherence = { "coherence", reset, { write_1_2, read_twice }, ab, "0 0|0 1|0 2|1 1|1 2|2 2" };
STORE(write_1, x, 1, relaxed)
STORE(write_2, x, 2, relaxed)
LOAD_LOAD(read_twice_more, x, x, c, d, relaxed)
static void opposite(void) { model_outcome((a == 1 && b == 2 && c == 2 && d == 1) || (a == 2 && b == 1 && c == 1 && d == 2) ? "opposite" : "same"); }
static const struct scenario coherence_4 = { "coherence-of-two-writers", reset, { write_1, write_2, read_twice, read_twice_more }, opposite, "same" };

/* 2+2W: two locations written in opposite orders. */
static void write_xy(void) { atomic_store_explicit(&x, 1, memory_order_relaxed); atomic_store_explicit(&y, 2, memory_order_relaxed); }
static void write_yx(void) { atomic_store_explicit(&y, 1, memory_order_relaxed); atomic_store_explicit(&x, 2, memory_order_relaxed); }
static void write_xy_seq_cst(void) { x = 1; y = 2; }
static void write_yx_seq_cst(void) { y = 1; x = 2; }
static void last_values(void) { model_outcome("%d %d", x, y); }
static const struct scenario two_writes = { "2+2w-relaxed", reset, { write_xy, write_yx }, last_values, "1 1|1 2|2 1|2 2" };
static const struct scenario two_writes_seq_cst = { "2+2w-seq_cst", reset, { write_xy_seq_cst, write_yx_seq_cst }, last_values, "1 2|2 1|2 2" };

/* Load buffering is not made: RC11 forbids it. */
static void lb_1(void) { a = atomic_load_explicit(&x, memory_order_relaxed); atomic_store_explicit(&y, 1, memory_order_relaxed); }
static void lb_2(void) { b = atomic_load_explicit(&y, memory_order_relaxed); atomic_store_explicit(&x, 1, memory_order_relaxed); }
static const struct scenario load_buffering = { "load-buffering", reset, { lb_1, lb_2 }, ab, "0 0|0 1|1 0" };

/* Write to read causality, transitively over three threads. */
static void wrc_2(void) { if (atomic_load_explicit(&x, memory_order_relaxed)) atomic_store_explicit(&y, 1, memory_order_release); }
static void wrc_3(void) { if ((a = atomic_load_explicit(&y, memory_order_acquire))) b = atomic_load_explicit(&x, memory_order_relaxed); }
static const struct scenario wrc = { "write-read-causality", reset, { write_1, wrc_2, wrc_3 }, ab, "0 0|1 1" };

/* Read-modify-writes: none is lost, and a compare-exchange succeeds once. */
static void add_1(void) { atomic_fetch_add_explicit(&x, 1, memory_order_relaxed); }
static void sum(void) { model_outcome("%d", x); }
static const struct scenario add_4 = { "fetch-add-of-four", reset, { add_1, add_1, add_1, add_1 }, sum, "4" };
static void claim(int *won) { int none = 0; *won = atomic_compare_exchange_strong_explicit(&x, &none, 1, memory_order_relaxed, memory_order_relaxed); }
static void claim_a(void) { claim(&a); }
static void claim_b(void) { claim(&b); }
static void claim_c(void) { claim(&c); }
static const struct scenario claims = { "compare-exchange-of-three", reset, { claim_a, claim_b, claim_c }, abcd, "0 0 1 0|0 1 0 0|1 0 0 0" };
static void sb_exchange_1(void) { atomic_exchange(&x, 1); a = atomic_load_explicit(&y, memory_order_relaxed); }
static void sb_exchange_2(void) { atomic_exchange(&y, 1); b = atomic_load_explicit(&x, memory_order_relaxed); }
static const struct scenario sb_exchange = { "store-buffering-exchange", reset, { sb_exchange_1, sb_exchange_2 }, ab, "0 0|0 1|1 0|1 1" };

/* Mutual exclusion by a test-and-set lock, and by Peterson's algorithm. */
static void lock(void) { while (atomic_exchange_explicit(&x, 1, memory_order_acquire)) ; }
static void unlock(void) { atomic_store_explicit(&x, 0, memory_order_release); }
static void count(void) { lock(); data++; unlock(); }
static void count_twice(void) { count(); count(); }
static void counted(void) { model_outcome("%d", data); }
static const struct scenario locked = { "test-and-set-lock", reset, { count, count_twice, count }, counted, "4" };
static void peterson(int me)
{
	atomic_store(&flag[me], 1);
	atomic_store(&turn, !me);
	while (atomic_load(&flag[!me]) && atomic_load(&turn) == !me)
		;
	data++;
	atomic_store(&flag[me], 0);
}
static void peterson_0(void) { peterson(0); }
static void peterson_1(void) { peterson(1); }
static const struct scenario peterson_lock = { "peterson", reset, { peterson_0, peterson_1 }, counted, "2" };

static const struct scenario *const scenarios[] = {
	&sb_relaxed, &sb_seq_cst, &sb_fence, &sb_one_fence, &sb_mixed, &sb_exchange, &mp_relaxed, &mp_release, &mp_no_acquire, &mp_fences,
	&item, &release_sequence, &no_sequence, &iriw, &iriw_acquire, &iriw_all, &coherence, &coherence_4, &two_writes, &two_writes_seq_cst,
	&load_buffering, &wrc, &add_4, &claims, &locked, &peterson_lock, NULL
};

int main(int argc, char **argv)
{
	return model_main(scenarios, NULL, argc, argv);
}
