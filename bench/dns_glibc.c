/* glibc's getaddrinfo, which waits in its thread: one for each lookup at a time. */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <resolv.h>

#include "dns.h"

static int look_up(const char *name)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *list;
	int n = 0;

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return 0;
	for (struct addrinfo *a = list; a; a = a->ai_next)
		n++;
	freeaddrinfo(list);
	return n == 2;
}

static void *look_up_many(void *arg)
{
	char name[LOOKUP_NAME];
	int64_t start;

	(void)arg;
	res_init();
	_res.nscount = 1;
	_res.nsaddr_list[0] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(lookups.port),
						    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	while (lookups_next(name, &start))
		lookups_took(start, look_up(name));
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attr;
	pthread_t *thread;

	lookups_begin(argc, argv);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 * 1024);
	if (!(thread = calloc(lookups.at_once, sizeof *thread)))
		err(1, "calloc");
	for (long i = 0; i < lookups.at_once; i++)
		if (pthread_create(&thread[i], &attr, look_up_many, NULL) != 0)
			errx(1, "no thread");
	for (long i = 0; i < lookups.at_once; i++)
		pthread_join(thread[i], NULL);
	return lookups_end("glibc");
}
