/* Only the hosts database counts, but a mistake on any line makes the whole file unreliable, as in Go. */
#include "dns/conf/nsswitch.h"

#include <string.h>

#include "dns/msg/slice.h"

/* Text for people: it may end early. */
static void tell(struct hoy__nsswitch *conf, struct hoy__slice s, bool lower)
{
	size_t used = strlen(conf->sources);

	for (size_t i = 0; i < s.len && used + 1 < sizeof conf->sources; i++)
		conf->sources[used++] = lower ? hoy__lower(s.at[i]) : s.at[i];
	conf->sources[used] = 0;
}

static void add_source(struct hoy__nsswitch *conf, struct hoy__slice name)
{
	enum hoy__where source = hoy__slice_is(name, "files") ? HOY__FILES :
				  hoy__slice_is(name, "dns") ? HOY__DNS : 0;

	if (*conf->sources)
		tell(conf, hoy__slice(","), false);
	tell(conf, name, false);
	if (!source || conf->order[0] == source || conf->order[1])
		return;
	conf->order[conf->order[0] != 0] = source;
}

/* [!STATUS=action STATUS=action]; rest begins at the bracket. */
static bool read_criteria(struct hoy__nsswitch *conf, struct hoy__slice *rest, bool hosts)
{
	const char *close = memchr(rest->at, ']', rest->len), *gap = "[";
	struct hoy__slice inside, word;

	if (!close)
		return false;
	inside = (struct hoy__slice){ rest->at + 1, (size_t)(close - rest->at) - 1 };
	*rest = (struct hoy__slice){ close + 1, rest->len - (size_t)(close - rest->at) - 1 };
	while (hoy__next_word(&inside, &word)) {
		struct hoy__slice bare = word;

		hoy__slice_after(&bare, "!");
		if (bare.len < 3 || !memchr(bare.at, '=', bare.len))
			return false;
		if (hosts) {
			tell(conf, hoy__slice(gap), false);
			tell(conf, word, true);
		}
		gap = " ";
	}
	if (hosts && *gap == ' ')
		tell(conf, hoy__slice("]"), false);
	return true;
}

static bool read_line(struct hoy__nsswitch *conf, struct hoy__slice line)
{
	const char *colon;
	struct hoy__slice rest, name;
	bool hosts;

	line = hoy__trimmed(hoy__before_comment(line));
	if (!line.len)
		return true;
	colon = memchr(line.at, ':', line.len);
	if (!colon)
		return false;
	name = hoy__trimmed((struct hoy__slice){ line.at, (size_t)(colon - line.at) });
	hosts = hoy__slice_is(name, "hosts");
	rest = (struct hoy__slice){ colon + 1, line.len - (size_t)(colon - line.at) - 1 };
	while (hoy__next_word(&rest, &name)) {
		if (hosts)
			add_source(conf, name);
		rest = hoy__trimmed(rest);
		if (rest.len && *rest.at == '[' && !read_criteria(conf, &rest, hosts))
			return false;
	}
	return true;
}

void hoy__nsswitch_parse(struct hoy__nsswitch *conf, const char *text, size_t len)
{
	struct hoy__slice rest = { text, len }, line;

	*conf = (struct hoy__nsswitch){ 0 };
	while (!conf->malformed && hoy__next_line(&rest, &line))
		conf->malformed = !read_line(conf, line);
	if (conf->malformed || !conf->order[0]) {
		conf->order[0] = HOY__FILES;
		conf->order[1] = HOY__DNS;
	}
}
