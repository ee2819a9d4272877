/*
 * Which TCP ports of a host are open: as many dials at once as there are permits, 200, and the next begins as soon as one ends.
 *
 *	PortScanner HOST FIRST LAST
 *
 * A task for each port costs little, so there is no pool of workers to feed. The semaphore limits what would be too much:
 * connections under way, each with a descriptor.
 */
#include <err.h>
#include <hoy.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 200, PORTS = 65536 };

static struct {
	const char *host;
	int first, last;
	hoy_sem permits;
	char is_open[PORTS];
} scan = { .permits = { .permits = AT_ONCE } };

static int probe(void *arg)
{
	int port = *(int *)arg;
	char number[8], address[HOY_HOST_STRLEN + 8];
	hoy_conn *c;

	snprintf(number, sizeof number, "%d", port);
	hoy_join_host_port(scan.host, number, address, sizeof address);
	c = hoy_dial_timeout("tcp", address, HOY_SECOND, NULL);
	scan.is_open[port] = c != NULL;
	hoy_conn_free(c);
	hoy_sem_post(&scan.permits);
	return 0;
}

static int run(void *arg)
{
	hoy_group *g = hoy_group_new();

	(void)arg;
	for (int port = scan.first; port <= scan.last; port++)
		if (hoy_sem_wait(&scan.permits) < 0 || hoy_group_go_copy(g, probe, &port, sizeof port) < 0)
			errx(1, "out of memory");
	hoy_group_wait(g);
	hoy_group_free(g);
	for (int port = scan.first; port <= scan.last; port++)
		if (scan.is_open[port])
			printf("%d\n", port);
	return 0;
}

static int port_of(const char *text)
{
	int port = atoi(text);

	if (port < 1 || port >= PORTS)
		errx(1, "'%s' is no port", text);
	return port;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(1, "Usage: %s HOST FIRST LAST", argv[0]);
	scan.host = argv[1];
	scan.first = port_of(argv[2]);
	scan.last = port_of(argv[3]);
	return hoy_run(run, NULL);
}
