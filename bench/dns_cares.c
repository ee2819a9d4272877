/* c-ares as its users drive it: callbacks, and poll over the sockets it names. */
#include <ares.h>
#include <poll.h>

#include "dns.h"

static ares_channel channel;
static long under_way;
static int64_t *start;		/* of the lookup in each place */

static void look_up(long place);

static void take(void *arg, int status, int timeouts, struct ares_addrinfo *list)
{
	long place = (int64_t *)arg - start;
	int n = 0;

	(void)timeouts;
	for (struct ares_addrinfo_node *a = status == ARES_SUCCESS ? list->nodes : NULL; a; a = a->ai_next)
		n++;
	if (status == ARES_SUCCESS)
		ares_freeaddrinfo(list);
	lookups_took(start[place], n == 2);
	under_way--;
	look_up(place);
}

static void look_up(long place)
{
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	char name[LOOKUP_NAME];

	if (!lookups_next(name, &start[place]))
		return;
	under_way++;
	ares_getaddrinfo(channel, name, NULL, &hints, take, &start[place]);
}

static void wait_for_news(void)
{
	ares_socket_t sock[ARES_GETSOCK_MAXNUM];
	struct pollfd polled[ARES_GETSOCK_MAXNUM];
	int mask = ares_getsock(channel, sock, ARES_GETSOCK_MAXNUM), n = 0;

	for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++)
		if (ARES_GETSOCK_READABLE(mask, i))
			polled[n++] = (struct pollfd){ sock[i], POLLIN, 0 };
	if (poll(polled, (nfds_t)n, 100) <= 0)
		ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	for (int i = 0; i < n; i++)
		if (polled[i].revents)
			ares_process_fd(channel, polled[i].fd, ARES_SOCKET_BAD);
}

int main(int argc, char **argv)
{
	struct ares_options options = { .timeout = 2000, .lookups = "b" };	/* no hosts file */
	char server[32];

	lookups_begin(argc, argv);
	snprintf(server, sizeof server, "127.0.0.1:%d", lookups.port);
	ares_library_init(ARES_LIB_INIT_ALL);
	if (ares_init_options(&channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_LOOKUPS) != ARES_SUCCESS ||
	    ares_set_servers_ports_csv(channel, server) != ARES_SUCCESS ||
	    !(start = calloc(lookups.at_once, sizeof *start)))
		errx(1, "no channel");
	for (long i = 0; i < lookups.at_once; i++)
		look_up(i);
	while (under_way)
		wait_for_news();
	return lookups_end("c-ares");
}
