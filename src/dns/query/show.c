/* What a lookup waits for, in words, for dumps of tasks: the name, and the server that was asked last. */
#include <stdio.h>

#include "base/base.h"
#include "dns/query/query.h"
#include "dns/query/show.h"
#include "os/os.h"
#include "task/inspect.h"

static bool peek(const void *at, void *buf, size_t len)
{
	return hoy__os_peek(at, buf, len) == (ssize_t)len;
}

/* The query may have ended meanwhile, and its stack be in use for something else. */
static bool is_whole(const struct hoy__name *name)
{
	size_t at = 0;

	while (at < name->len && name->wire[at])
		at += name->wire[at] + 1u;
	return at + 1 == name->len;
}

static bool read_name(const struct hoy__query *q, struct hoy__name *name)
{
	const struct hoy__name *at;

	return peek(&q->name, &at, sizeof at) && peek(at, name, sizeof *name) && is_whole(name);
}

static bool read_server(const struct hoy__query *q, hoy_addr *server)
{
	const struct hoy__client_policy *policy;
	const hoy_addr *servers;
	unsigned number, asked;

	return peek(&q->policy, &policy, sizeof policy) && peek(&policy->server, &servers, sizeof servers) &&
	       peek(&policy->servers, &number, sizeof number) && peek(&q->x.question[0].server, &asked, sizeof asked) &&
	       asked < number && peek(&servers[asked], server, sizeof *server);
}

/* poked is that of a struct hoy__query, on the stack of the task. */
static void show(const void *poked, char *text, size_t size)
{
	const struct hoy__query *q = container_of(poked, const struct hoy__query, poked);
	char name_text[HOY__NAME_STRLEN], server_text[HOY_ADDR_STRLEN];
	struct hoy__name name;
	hoy_addr server;

	if (read_name(q, &name) && read_server(q, &server))
		snprintf(text, size, "%s for %s", hoy_addr_string(&server, server_text), hoy__name_text(&name, name_text));
}

void hoy__lookups_show(void)
{
	atomic_store(&hoy__describe_lookup, show);
}
