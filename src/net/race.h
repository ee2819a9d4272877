/*
 * Which address is tried when: the part of dialling that has neither sockets nor a clock.
 * Addresses are numbers here, 0 to n - 1, in the order to try them. The caller starts
 * what it is told to start, reports what failed, and forgets the race when one succeeds.
 */
#ifndef HOY_NET_RACE_H
#define HOY_NET_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hoy/addr.h>

enum { HOY__RACE_MOST = 32 };	/* attempts under way at once; more descriptors no dial is worth */

struct hoy__race {
	bool staggered;		/* RFC 8305: side by side, a delay apart. Else two lanes, each in series */
	size_t first, n;	/* lanes: 0 to first - 1 run in the one, the others in the other */
	int64_t delay;		/* between attempts, or of the second lane behind the first */
	int64_t deadline;	/* of all; HOY__NEVER none */
	int64_t hold;		/* nothing begins before this moment */
	/* filled by hoy__race_start */
	size_t next[2];		/* by lane; staggered, all is the first lane */
	unsigned running[2];
	int64_t due;		/* when delay is over */
};

enum hoy__race_step {
	HOY__RACE_BEGIN,	/* address *index, which has until *moment */
	HOY__RACE_WAIT,		/* for what is under way, but not beyond *moment (HOY__NEVER: none): ask again then */
	HOY__RACE_LOST		/* nothing is under way and nothing left to try, or no time for it */
};

/* The first six fields are set. */
void hoy__race_start(struct hoy__race *r, int64_t now);
enum hoy__race_step hoy__race_next(struct hoy__race *r, int64_t now, size_t *index, int64_t *moment);
void hoy__race_failed(struct hoy__race *r, size_t index, int64_t now);
/*
 * `more` addresses have come late and stand in list behind the n of the race. They join the first lane, which is the
 * only one; staggered, the families of those that have not begun take turns, after the last one that has.
 */
void hoy__race_join(struct hoy__race *r, hoy_addr *list, size_t more);

/*
 * The two orders, of a list sorted by preference, which is not empty: families in turn, beginning with the
 * first address's (RFC 8305, section 4); or all of that family before the others, and how
 * many they are. Within a family nothing changes.
 */
void hoy__race_interleave(hoy_addr *list, size_t n);
size_t hoy__race_partition(hoy_addr *list, size_t n);

/* What one address out of `left` gets of the time until deadline; HOY_ETIMEOUT when none is left. */
int hoy__partial_deadline(int64_t now, int64_t deadline, size_t left, int64_t *partial);

#endif
