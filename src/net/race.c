/*
 * Happy Eyeballs as a machine of a few numbers. Staggered, the next attempt begins when
 * the delay since the last one is over or as soon as any has failed. In lanes, as Go has
 * it, each lane tries one address at a time and gives it a share of the time; the second
 * begins when its delay is over or the first lane has come to its end.
 */
#include "net/race.h"

#include <hoy/err.h>

#include "base/moment.h"
#include "task/park.h"

int hoy__partial_deadline(int64_t now, int64_t deadline, size_t left, int64_t *partial)
{
	int64_t remaining = hoy__moment_sub(deadline, now), share;

	*partial = deadline;
	if (deadline == HOY__NEVER)
		return 0;
	if (remaining <= 0)
		return HOY_ETIMEOUT;
	share = remaining / (int64_t)left;
	if (share < 2 * HOY_SECOND)
		share = 2 * HOY_SECOND;
	if (share < remaining)
		*partial = hoy__moment_add(now, share);
	return 0;
}

void hoy__race_start(struct hoy__race *r, int64_t now)
{
	if (r->staggered)
		r->first = r->n;
	r->next[0] = 0;
	r->next[1] = r->first;
	r->running[0] = r->running[1] = 0;
	r->due = r->staggered ? now : hoy__moment_add(now, r->delay);
}

static size_t left(const struct hoy__race *r, int lane)
{
	return (lane == 0 ? r->first : r->n) - r->next[lane];
}

static bool may_begin(const struct hoy__race *r, int lane, int64_t now)
{
	if (left(r, lane) == 0 || now < r->hold)
		return false;
	if (r->staggered)
		return r->running[0] == 0 || (now >= r->due && r->running[0] < HOY__RACE_MOST);
	if (r->running[lane])
		return false;
	return lane == 0 || now >= r->due || (left(r, 0) == 0 && r->running[0] == 0);
}

/* When something may begin that may not yet. */
static int64_t next_moment(const struct hoy__race *r, int64_t now)
{
	if (now < r->hold)
		return r->hold;
	if (r->staggered)
		return left(r, 0) && r->running[0] < HOY__RACE_MOST ? r->due : HOY__NEVER;
	return left(r, 1) && !r->running[1] ? r->due : HOY__NEVER;
}

static enum hoy__race_step begin(struct hoy__race *r, int lane, int64_t now, size_t *index, int64_t *moment)
{
	if (r->staggered)
		*moment = r->deadline;
	else
		hoy__partial_deadline(now, r->deadline, left(r, lane), moment);
	r->running[lane]++;
	*index = r->next[lane]++;
	if (r->staggered)
		r->due = hoy__moment_add(now, r->delay);
	return HOY__RACE_BEGIN;
}

enum hoy__race_step hoy__race_next(struct hoy__race *r, int64_t now, size_t *index, int64_t *moment)
{
	bool in_time = now < r->deadline;

	for (int lane = 0; lane < 2 && in_time; lane++)
		if (may_begin(r, lane, now))
			return begin(r, lane, now, index, moment);
	*moment = in_time ? next_moment(r, now) : HOY__NEVER;
	return r->running[0] || r->running[1] || (in_time && now < r->hold) ? HOY__RACE_WAIT : HOY__RACE_LOST;
}

void hoy__race_failed(struct hoy__race *r, size_t index, int64_t now)
{
	r->running[index < r->first ? 0 : 1]--;
	if (r->staggered)
		r->due = now;
}

static bool is_ipv4(const hoy_addr *addr)
{
	return hoy_ip_to4(addr->ip).len == 4;
}

/* Moves list[from] to list[to], before it. */
static void move_up(hoy_addr *list, size_t from, size_t to)
{
	hoy_addr moved = list[from];

	for (; from > to; from--)
		list[from] = list[from - 1];
	list[to] = moved;
}

static size_t find_family(const hoy_addr *list, size_t at, size_t n, bool ipv4)
{
	while (at < n && is_ipv4(&list[at]) != ipv4)
		at++;
	return at;
}

/* From i on, families take turns, beginning with another one than before. */
static void interleave(hoy_addr *list, size_t i, size_t n)
{
	for (; i < n; i++) {
		size_t other = find_family(list, i, n, !is_ipv4(&list[i - 1]));

		if (other == n)
			return;		/* only one family is left */
		move_up(list, other, i);
	}
}

void hoy__race_interleave(hoy_addr *list, size_t n)
{
	interleave(list, 1, n);
}

void hoy__race_join(struct hoy__race *r, hoy_addr *list, size_t more)
{
	r->first = r->n += more;
	r->next[1] = r->n;
	if (r->staggered)
		interleave(list, r->next[0] ? r->next[0] : 1, r->n);
}

size_t hoy__race_partition(hoy_addr *list, size_t n)
{
	size_t primaries = 1, same;

	for (; (same = find_family(list, primaries, n, is_ipv4(&list[0]))) < n; primaries++)
		move_up(list, same, primaries);
	return primaries;
}
