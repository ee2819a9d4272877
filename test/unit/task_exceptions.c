/* A C++ exception belongs to the task that throws or handles it, whatever other tasks throw meanwhile. */
#include "t.h"

int exceptions_crossed(void);
int exceptions_nested(void);
int exceptions_in_flight(void);
int exceptions_kept(void);
int exceptions_by_kind_of_wait(void);
int exceptions_around_a_run(void);
int exceptions_of_many(int tasks);
int exceptions_of_threads(void);

TEST(a_rethrow_throws_the_tasks_own) { CHECK_INT(exceptions_crossed(), 0); }
TEST(nested_ones_stay_in_order) { CHECK_INT(exceptions_nested(), 0); }
TEST(those_in_flight_are_counted_for_their_task) { CHECK_INT(exceptions_in_flight(), 0); }
TEST(the_current_one_survives_a_wait) { CHECK_INT(exceptions_kept(), 0); }
TEST(every_kind_of_wait_keeps_them_apart) { CHECK_INT(exceptions_by_kind_of_wait(), 0); }
TEST(a_run_inside_a_catch_block_begins_without_any) { CHECK_INT(exceptions_around_a_run(), 0); }
TEST(many_tasks_on_several_workers) { CHECK_INT(exceptions_of_many((int)SCALED(400)), 0); }
TEST(plain_threads_have_their_own_as_ever) { CHECK_INT(exceptions_of_threads(), 0); }
