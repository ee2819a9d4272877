/* The socket that asks the routing table: one for all lookups under way, and none after them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hoy.h>

#include "dns/route.h"
#include "sock/sock.h"
#include "t.h"

static struct hoy__routes routes;

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Broadcasts cannot be reached from such a socket, so that both others have to be asked for, the second anew. */
static void sort_three(void)
{
	static const char *const given[] = { "255.255.255.255", "::1", "127.0.0.1" };
	struct hoy__hits hits = { 0 };
	char text[HOY_IP_STRLEN];
	bool six = hoy__sock_has_ipv6();

	for (int i = 0; i < 3; i++) {
		struct hoy__hit hit = { 0 };

		CHECK_INT(hoy_parse_ip(given[i], &hit.ip, NULL), 0);
		CHECK_INT(hoy__hits_add(&hits, &hit), 0);
	}
	hoy__routes_sort(&routes, &hits);
	CHECK_STR(hoy_ip_string(hits.list[0].ip, text), six ? "::1" : "127.0.0.1", "first");
	CHECK_STR(hoy_ip_string(hits.list[1].ip, text), six ? "127.0.0.1" : "255.255.255.255", "second");
	CHECK_STR(hoy_ip_string(hits.list[2].ip, text), six ? "255.255.255.255" : "::1", "third");
	hoy__hits_clear(&hits);
}

TEST(lookups_under_way_share_a_socket_that_the_last_one_closes)
{
	int before;

	hoy__sock_has_ipv6();
	before = open_descriptors();
	for (int i = 0; i < 3; i++)
		hoy__routes_enter(&routes);
	for (int i = 0; i < 3; i++) {
		sort_three();
		CHECK_INT(open_descriptors(), before + 1);
	}
	for (int i = 0; i < 3; i++) {
		CHECK_INT(open_descriptors(), before + 1);
		hoy__routes_leave(&routes);
	}
	CHECK_INT(open_descriptors(), before);
}

TEST(who_finds_it_taken_makes_another)
{
	int before;

	hoy__sock_has_ipv6();
	before = open_descriptors();
	hoy__routes_enter(&routes);
	atomic_store(&routes.taken, true);
	sort_three();
	CHECK_INT(open_descriptors(), before);
	CHECK(!routes.shared.open);
	hoy__routes_leave(&routes);
	CHECK(atomic_load(&routes.taken));	/* not ours to give back */
}

static ino_t inode_of(int fd)
{
	struct stat st;

	CHECK_INT(fstat(fd, &st), 0);
	return st.st_ino;
}

TEST(a_child_of_a_fork_makes_its_own)
{
	int status;
	ino_t ours;
	pid_t pid;

	hoy__routes_enter(&routes);
	sort_three();
	ours = inode_of(routes.shared.sys);
	if ((pid = fork()) == 0) {
		sort_three();
		_exit(inode_of(routes.shared.sys) == ours);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	sort_three();
	CHECK(inode_of(routes.shared.sys) == ours);
	hoy__routes_leave(&routes);
}
