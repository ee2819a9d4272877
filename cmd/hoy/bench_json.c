/* The result of hoy bench as one line of JSON. */
#include "bench.h"

static void json_times(struct json *j, const char *key, const struct histogram *h)
{
	char name[16];

	if (!atomic_load(&h->count))
		return;
	json_open(j, key, '{');
	for (const struct percentile *p = percentiles; p->name; p++) {
		snprintf(name, sizeof name, "%s_us", p->name);
		json_int(j, name, in_us(histogram_percentile(h, p->thousandths)));
	}
	json_int(j, "max_us", in_us(atomic_load(&h->max)));
	json_int(j, "mean_us", in_us(histogram_mean(h)));
	json_close(j, '}');
}

static void json_row(hoy_duration above, hoy_duration to, int64_t n, void *json)
{
	struct json *j = json;

	(void)above;
	json_open(j, NULL, '{');
	json_int(j, "to_us", in_us(to));
	json_int(j, "count", n);
	json_close(j, '}');
}

static void json_failures(struct json *j)
{
	char text[HOY_ERR_STRLEN];

	json_open(j, "errors", '[');
	for (int i = 0; i < tally.failure_kinds; i++) {
		const struct failure *f = &tally.failures[i];

		json_open(j, NULL, '{');
		json_int(j, "count", f->count);
		json_text(j, "op", f->err.op ? f->err.op : "");
		json_int(j, "code", f->err.code);
		json_text(j, "first", hoy_err_string(&f->err, text));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void json_statuses(struct json *j)
{
	char text[16];

	json_open(j, "statuses", '{');
	for (int i = 0; i < STATUS_END; i++)
		if (atomic_load(&tally.statuses[i])) {
			snprintf(text, sizeof text, "%d", i);
			json_int(j, text, atomic_load(&tally.statuses[i]));
		}
	json_close(j, '}');
}

static void json_load(struct json *j)
{
	json_text(j, "target", bench.target);
	json_text(j, "protocol", bench.protocol->name);
	json_text(j, "loop", bench.rate ? "open" : "closed");
	json_int(j, "connections", bench.connections);
	if (bench.rate)
		json_int(j, "rate", bench.rate);
	if (bench.protocol != &protocol_http)
		json_int(j, "size_bytes", bench.size);
}

static void json_counts(struct json *j)
{
	static const struct { const char *key; const atomic_llong *n; } counts[] = {
		{ "requests", &tally.requests }, { "answered", &tally.answered }, { "failed", &tally.failed },
		{ "unsent", &tally.unsent }, { "in_flight", &tally.in_flight }, { "duplicates", &tally.duplicates },
		{ "reconnects", &tally.reconnects }, { "sent_bytes", &tally.sent_bytes }, { "received_bytes", &tally.received_bytes },
	};

	json_int(j, "elapsed_us", in_us(tally_elapsed()));
	for (size_t i = 0; i < LEN(counts); i++)
		json_int(j, counts[i].key, atomic_load(counts[i].n));
	json_int(j, "answered_per_s", (int64_t)(tally_per_second(atomic_load(&tally.answered)) + 0.5));
}

void show_json(bool complete)
{
	struct json j;

	json_begin(&j, "bench");
	json_bool(&j, "complete", complete);
	json_load(&j);
	json_counts(&j);
	hoy_mutex_lock(&tally.lock);
	json_int(&j, "wrong", tally.wrong);
	if (tally.wrong)
		json_text(&j, "first_wrong", tally.first_wrong);
	json_failures(&j);
	hoy_mutex_unlock(&tally.lock);
	if (bench.protocol == &protocol_http)
		json_statuses(&j);
	json_times(&j, "latency", &tally.latency);
	json_times(&j, "lateness", &tally.lateness);
	json_open(&j, "histogram", '[');
	histogram_each_row(&tally.latency, json_row, &j);
	json_close(&j, ']');
	json_end(&j);
}
