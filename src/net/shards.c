/*
 * Sharded listeners: sockets at one address (SO_REUSEPORT), each with its own queue and, under hoy_serve, its own accept loop
 * and connections on one worker. So workers share nothing: neither the queue's lock in the kernel nor counters here.
 */
#include <errno.h>

#include <hoy/group.h>

#include "net/net.h"
#include "task/workers.h"

int hoy__shards_wanted(const hoy_listen_config *lc)
{
	if (lc->shards < 0)
		return hoy__workers();
	return lc->shards == 0 ? 1 : lc->shards > HOY__MAX_WORKERS ? -EINVAL : lc->shards;
}

int hoy__shards_add(hoy_listener *l, int n, const hoy_listen_config *lc, const struct hoy__network *net,
		    const hoy_addr *laddr, hoy_err *err)
{
	hoy_addr at = laddr ? *laddr : (hoy_addr){ .kind = net->kind };
	hoy_listener **last = &l->shard;

	at.port = l->addr.port;
	l->is_shard = true;
	for (int i = 1; i < n; i++, last = &(*last)->shard) {
		*last = hoy__listen_once(lc, net, &at, err);
		if (!*last)
			return -1;
		(*last)->is_shard = true;
	}
	return 0;
}

/* One shard under hoy_serve. */
struct serving {
	hoy_listener *first, *shard;
	void (*fn)(hoy_conn *conn, void *arg);
	void *arg;
	hoy_serve_opts opts;
	int code;
	hoy_err err;
};

/* If one cannot go on, none does. */
static int serve(void *at)
{
	struct serving *s = at;

	s->code = hoy__serve_one(s->shard, s->fn, s->arg, &s->opts, &s->err);
	if (s->code < 0)
		hoy_listener_close(s->first, NULL);
	return 0;
}

static int count(const hoy_listener *l)
{
	int n = 0;

	for (; l; l = l->shard)
		n++;
	return n;
}

/* Of the limit of connections, each shard has its part. */
static int part_of(int limit, int i, int n)
{
	int part = limit / n + (i < limit % n);

	return limit > 0 && part == 0 ? 1 : limit < 0 ? 0 : part;
}

/* Returns how many were started; *code says why not all. */
static int start_all(hoy_group *g, struct serving *all, int n, int *code)
{
	const hoy_go_opts go = { .name = "serve" };
	int i;

	*code = 0;
	for (i = 0; i < n; i++) {
		*code = hoy__group_go_on(g, (unsigned)i, &go, serve, &all[i], (const void *)hoy_serve);
		if (*code < 0) {
			hoy_listener_close(all[i].first, NULL);
			break;
		}
	}
	return i;
}

/* Children, so that the caller's scope ends them. */
static int serve_all(hoy_group *g, struct serving *all, int n, hoy_err *err)
{
	int code, started = start_all(g, all, n, &code);

	hoy_group_wait(g);
	if (code < 0)
		return hoy__listener_fail(all->first, "accept", NULL, code, err);
	for (int i = 0; i < started; i++)
		if (all[i].code < 0) {
			if (err)
				*err = all[i].err;
			return all[i].code;
		}
	return 0;
}

int hoy__serve_shards(hoy_listener *l, void (*fn)(hoy_conn *conn, void *arg), void *arg, const hoy_serve_opts *opts,
		      hoy_err *err)
{
	static const hoy_serve_opts plain;
	int n = count(l), i = 0, code;
	struct serving *all = hoy__alloc((size_t)n * sizeof *all);
	hoy_group *g = all ? hoy_group_new() : NULL;

	if (!g) {
		hoy__release(all);
		return hoy__listener_fail(l, "accept", NULL, -ENOMEM, err);
	}
	for (hoy_listener *s = l; s; s = s->shard, i++) {
		all[i] = (struct serving){ .first = l, .shard = s, .fn = fn, .arg = arg, .opts = opts ? *opts : plain };
		all[i].opts.max_conns = part_of(all[i].opts.max_conns, i, n);
	}
	code = serve_all(g, all, n, err);
	hoy_group_free(g);
	hoy__release(all);
	return code;
}
