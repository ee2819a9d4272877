/* hoy's lookups, each in a task. */
#include <hoy.h>

#include "dns.h"

static hoy_resolver *resolver;
static hoy_wait_group group;

static int look_up(void *arg)
{
	char name[LOOKUP_NAME];
	int64_t start;

	while (lookups_next(name, &start)) {
		hoy_ip *list;
		int n = hoy_resolver_lookup_ip(resolver, "ip", name, &list, NULL);

		lookups_took(start, n == 2 && list[0].len != list[1].len);
		if (n > 0)
			hoy_free(list);
	}
	hoy_wait_group_done(&group);
	return 0;
}

static int run(void *arg)
{
	char server[32];
	const char *servers[] = { server, NULL };
	hoy_resolver_opts opts = { .servers = servers };

	snprintf(server, sizeof server, "127.0.0.1:%d", lookups.port);
	if (!(resolver = hoy_resolver_new(&opts, NULL)))
		errx(1, "no resolver");
	hoy_wait_group_add(&group, (int)lookups.at_once);
	for (long i = 0; i < lookups.at_once; i++)
		if (hoy_go(look_up, NULL) < 0)
			errx(1, "no task");
	hoy_wait_group_wait(&group);
	hoy_resolver_free(resolver);
	return lookups_end(arg);
}

int main(int argc, char **argv)
{
	lookups_begin(argc, argv);
	return hoy_run(run, "hoy");
}
