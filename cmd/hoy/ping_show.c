/* What the user sees of hoy ping but for the graph: a line for each event, and the statistics, as text or as JSON. */
#include <string.h>

#include "ping.h"

static hoy_mutex lock;		/* of all statistics and of standard output */
static bool is_ended;

/* ---- a line for each event ---- */

static bool is_silent(void)
{
	return ping.quiet || screen_is_live();
}

static void json_event(struct json *j, const char *type, const struct target *t, int64_t i)
{
	char text[HOY_ADDR_STRLEN];

	json_begin(j, type);
	json_text(j, "target", t->word ? t->word : hoy_addr_string(&t->addr, text));
	json_text(j, "probe", t->probe->name);
	json_text(j, "addr", hoy_addr_string(&t->addr, text));
	if (i)
		json_int(j, "seq", i);
}

static void tell_reply(const struct target *t, int64_t i, const struct reply *r, bool duplicate)
{
	char who[WHO_STRLEN], ttl[16] = "";
	struct target other = { .addr = r->from };
	bool from_other = r->from.kind && !hoy_ip_equal(r->from.ip, t->addr.ip);

	if (is_silent())
		return;
	if (r->ttl >= 0)
		snprintf(ttl, sizeof ttl, " ttl=%d", r->ttl);
	out_print("%s from %s: seq=%lld%s time=%.3f ms%s\n", r->what, target_string(from_other ? &other : t, who), (long long)i,
		  ttl, (double)r->rtt / HOY_MILLISECOND, duplicate ? " (duplicate)" : "");
}

static void json_reply(const struct target *t, int64_t i, const struct reply *r, bool duplicate)
{
	char text[HOY_ADDR_STRLEN];
	struct json j;

	json_event(&j, "reply", t, i);
	json_text(&j, "from", hoy_addr_string(r->from.kind ? &r->from : &t->addr, text));
	json_text(&j, "what", r->what);
	if (r->bytes)
		json_int(&j, "size_bytes", (int64_t)r->bytes);
	if (r->ttl >= 0)
		json_int(&j, "ttl", r->ttl);
	json_int(&j, "rtt_us", in_us(r->rtt));
	json_bool(&j, "duplicate", duplicate);
	json_end(&j);
}

/* The silent addresses of a network are most of them, so they have no lines. */
static void tell_loss(const struct target *t, int64_t i, const char *what, const hoy_addr *from)
{
	char who[WHO_STRLEN], addr[HOY_ADDR_STRLEN];
	const char *bad = ink(stdout, INK_BAD), *off = ink(stdout, INK_OFF);

	if (is_silent() || !t->word)
		return;
	target_string(t, who);
	if (!what)
		out_print("%sno reply from %s: seq=%lld%s\n", bad, who, (long long)i, off);
	else
		out_print("%s%s: seq=%lld %s%s%s%s\n", bad, who, (long long)i, what, from ? ", reported by " : "",
			  from ? hoy_addr_string(from, addr) : "", off);
}

static void json_loss(const struct target *t, int64_t i, const char *what, const hoy_addr *from)
{
	char text[HOY_ADDR_STRLEN];
	struct json j;

	json_event(&j, "loss", t, i);
	if (what)
		json_text(&j, "error", what);
	if (from)
		json_text(&j, "from", hoy_addr_string(from, text));
	json_end(&j);
}

/* ---- events ---- */

static void begin(struct target *t)
{
	hoy_mutex_lock(&lock);
	t->end = hoy_now();
}

static void end(void)
{
	if (ping.graph)
		screen_update();
	hoy_mutex_unlock(&lock);
}

void show_found(struct target *t, const hoy_addr *addr)
{
	begin(t);
	t->addr = *addr;
	end();
}

int64_t show_sent(struct target *t)
{
	int64_t i;

	begin(t);
	if (!t->stats.sent)
		t->start = t->end;
	i = stats_sent(&t->stats);
	end();
	return i;
}

void show_reply(struct target *t, int64_t i, const struct reply *r)
{
	begin(t);
	stats_reply(&t->stats, i, r->rtt);
	(common.json ? json_reply : tell_reply)(t, i, r, false);
	end();
}

void show_duplicate(struct target *t, int64_t i, const struct reply *r)
{
	begin(t);
	t->stats.duplicates++;
	(common.json ? json_reply : tell_reply)(t, i, r, true);
	end();
}

void show_loss(struct target *t, int64_t i, const char *what, const hoy_addr *from)
{
	begin(t);
	stats_loss(&t->stats, i, what != NULL);
	(common.json ? json_loss : tell_loss)(t, i, what, from);
	end();
}

void show_failure(struct target *t, const hoy_err *err)
{
	begin(t);
	t->exit = fail_lookup(err);
	end();
}

void show_forbidden(const hoy_err *err)
{
	hoy_mutex_lock(&lock);
	leave(fail(err, NULL));
}

/* ---- statistics ---- */

static double in_ms(hoy_duration d)
{
	return (double)d / HOY_MILLISECOND;
}

/* In the words of iputils' ping, which scripts look for. */
static void tell_counts(const struct target *t)
{
	const struct stats *s = &t->stats;
	char who[WHO_STRLEN];

	out_print("\n--- %s ping statistics ---\n", target_string(t, who));
	out_print("%lld packets transmitted, %lld received", (long long)s->sent, (long long)s->received);
	if (s->duplicates)
		out_print(", +%lld duplicates", (long long)s->duplicates);
	if (s->errors)
		out_print(", +%lld errors", (long long)s->errors);
	if (s->disordered)
		out_print(", %lld out of order", (long long)s->disordered);
	if (stats_pending(s))
		out_print(", %lld pending", (long long)stats_pending(s));
	out_print(", %.6g%% packet loss, time %lldms\n", stats_loss_percent(s),
		  (long long)(hoy_time_sub(t->end, t->start) / HOY_MILLISECOND));
}

static void tell_statistics(const struct target *t)
{
	const struct stats *s = &t->stats;
	struct percentiles p = stats_percentiles(s);

	if (t->exit != EXIT_YES || (!t->word && (ping.count == 1 || !s->received)))
		return;
	tell_counts(t);
	if (s->received)
		out_print("rtt min/avg/max/stddev = %.3f/%.3f/%.3f/%.3f ms, p50/p95/p99 = %.3f/%.3f/%.3f ms\n", in_ms(s->min),
			  s->mean / HOY_MILLISECOND, in_ms(s->max), in_ms(stats_deviation(s)), in_ms(p.p50), in_ms(p.p95),
			  in_ms(p.p99));
}

static void json_rtts(struct json *j, const struct stats *s)
{
	struct percentiles p = stats_percentiles(s);

	json_int(j, "min_us", in_us(s->min));
	json_int(j, "avg_us", in_us((hoy_duration)s->mean));
	json_int(j, "max_us", in_us(s->max));
	json_int(j, "stddev_us", in_us(stats_deviation(s)));
	json_int(j, "p50_us", in_us(p.p50));
	json_int(j, "p95_us", in_us(p.p95));
	json_int(j, "p99_us", in_us(p.p99));
}

static void json_statistics(const struct target *t)
{
	const struct stats *s = &t->stats;
	struct json j;

	json_event(&j, "statistics", t, 0);
	json_int(&j, "sent", s->sent);
	json_int(&j, "received", s->received);
	json_int(&j, "lost", s->lost);
	json_int(&j, "errors", s->errors);
	json_int(&j, "duplicates", s->duplicates);
	json_int(&j, "out_of_order", s->disordered);
	json_int(&j, "pending", stats_pending(s));
	json_int(&j, "elapsed_us", in_us(hoy_time_sub(t->end, t->start)));
	if (s->received)
		json_rtts(&j, s);
	json_end(&j);
}

static void tell_network(const struct network *n)
{
	size_t replied = 0;
	struct json j;

	for (size_t i = n->first; i < n->first + n->count; i++)
		replied += targets.list[i].stats.received > 0;
	if (!common.json) {
		out_print("%s: %zu of %zu addresses replied\n", n->word, replied, n->count);
		return;
	}
	json_begin(&j, "network");
	json_text(&j, "network", n->word);
	json_int(&j, "addresses", (int64_t)n->count);
	json_int(&j, "replied", (int64_t)replied);
	json_end(&j);
}

static void tell_all(void)
{
	if (ping.graph)
		screen_draw();
	screen_release();
	for (size_t i = 0; i < targets.count; i++)
		(common.json ? json_statistics : tell_statistics)(&targets.list[i]);
	for (size_t i = 0; i < targets.network_count; i++)
		tell_network(&targets.networks[i]);
}

void show_so_far(void)
{
	hoy_mutex_lock(&lock);
	settle_after_key();
	if (!is_ended)
		tell_all();
	hoy_mutex_unlock(&lock);
}

/* ---- the end ---- */

static int outcome_of(const struct target *t)
{
	if (t->exit != EXIT_YES || t->stats.received)
		return t->exit;
	return t->stats.errors ? EXIT_UNASKED : EXIT_NO;
}

int show_end(void)
{
	struct outcomes all = { 0 };

	hoy_mutex_lock(&lock);
	is_ended = true;
	tell_all();
	for (size_t i = 0; i < targets.count; i++)
		outcomes_add(&all, outcome_of(&targets.list[i]));
	hoy_mutex_unlock(&lock);
	return ping.need && all.yes >= ping.need ? EXIT_YES : outcomes_exit(&all);
}

void show_end_and_leave(int code)
{
	hoy_mutex_lock(&lock);
	settle_after_key();
	if (!is_ended) {
		tell_all();
		leave(code);
	}
	hoy_mutex_unlock(&lock);
}
