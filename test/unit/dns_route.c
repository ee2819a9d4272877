/* The socket that asks the routing table: one for all lookups under way, and none after them; and what it said, for a moment. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hoy.h>

#include "dns/route.h"
#include "os/os.h"
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

static void forget(void)
{
	memset(routes.known, 0, sizeof routes.known);
}

static void add(struct hoy__results *results, const char *address, const char *zone)
{
	struct hoy__result result = { 0 };

	CHECK_INT(hoy_parse_ip(address, &result.ip, NULL), 0);
	strcpy(result.zone, zone);
	CHECK_INT(hoy__results_add(results, &result), 0);
}

/* Broadcasts cannot be reached from such a socket, so that both others have to be asked for, the second anew. */
static void sort_three(void)
{
	static const char *const given[] = { "255.255.255.255", "::1", "127.0.0.1" };
	struct hoy__results results = { 0 };
	char text[HOY_IP_STRLEN];
	bool six = hoy__sock_has_ipv6();

	for (int i = 0; i < 3; i++)
		add(&results, given[i], "");
	hoy__routes_sort(&routes, &results);
	CHECK_STR(hoy_ip_string(results.list[0].ip, text), six ? "::1" : "127.0.0.1", "first");
	CHECK_STR(hoy_ip_string(results.list[1].ip, text), six ? "127.0.0.1" : "255.255.255.255", "second");
	CHECK_STR(hoy_ip_string(results.list[2].ip, text), six ? "255.255.255.255" : "::1", "third");
	hoy__results_clear(&results);
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
	CHECK(!routes.socket.open);
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
	forget();
	sort_three();
	ours = inode_of(routes.socket.sys);
	forget();
	if ((pid = fork()) == 0) {
		hoy__routes_clear(&routes);
		hoy__routes_enter(&routes);
		sort_three();
		_exit(inode_of(routes.socket.sys) == ours);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	sort_three();
	CHECK(inode_of(routes.socket.sys) == ours);
	hoy__routes_leave(&routes);
}

/* Linux leaves the socket bound to the zone's interface, also when it finds no route there, until it is disconnected. */
static int connect_like_linux(int fd, const struct sockaddr *sa, socklen_t len)
{
	static bool bound;

	if (sa->sa_family == AF_UNSPEC)
		bound = false;
	else if (bound)
		return -ENETUNREACH;
	else if (sa->sa_family == AF_INET6 && ((const struct sockaddr_in6 *)sa)->sin6_scope_id)
		bound = true;
	return bound ? -ENETUNREACH : hoy__os_linux.connect(fd, sa, len);
}

TEST(a_zone_that_cannot_be_reached_is_no_hindrance_to_others)
{
	struct hoy__os os = hoy__os_linux;
	struct hoy__results results = { 0 };
	char text[HOY_IP_STRLEN];

	os.connect = connect_like_linux;
	hoy__os = &os;
	add(&results, "fe80::1", "lo");
	add(&results, "127.0.0.1", "");
	add(&results, "127.0.0.2", "");
	hoy__routes_enter(&routes);
	hoy__routes_sort(&routes, &results);
	hoy__routes_leave(&routes);
	CHECK_STR(hoy_ip_string(results.list[0].ip, text), "127.0.0.1", "first");
	CHECK_STR(hoy_ip_string(results.list[1].ip, text), "127.0.0.2", "second");
	CHECK_STR(hoy_ip_string(results.list[2].ip, text), "fe80::1", "third");
	hoy__results_clear(&results);
}

static int64_t ahead, asked;

static int64_t clock_ahead(void)
{
	return hoy__os_linux.monotonic() + ahead;
}

static int connect_counted(int fd, const struct sockaddr *sa, socklen_t len)
{
	asked += sa->sa_family != AF_UNSPEC;
	return hoy__os_linux.connect(fd, sa, len);
}

/* How often the table is asked to sort these two behind what cannot be reached, all three being of interest. */
static int64_t asked_for(const char *one, const char *other, const char *zone)
{
	struct hoy__results results = { 0 };

	asked = 0;
	add(&results, "255.255.255.255", "");
	add(&results, one, "");
	add(&results, other, zone);
	hoy__routes_enter(&routes);
	hoy__routes_sort(&routes, &results);
	hoy__routes_leave(&routes);
	CHECK_INT(results.count, 3);
	hoy__results_clear(&results);
	return asked;
}

TEST(what_the_table_said_is_believed_for_a_moment)
{
	struct hoy__os os = hoy__os_linux;
	int six = hoy__sock_has_ipv6(), before = open_descriptors();

	os.connect = connect_counted;
	os.monotonic = clock_ahead;
	hoy__os = &os;
	forget();
	CHECK_INT(asked_for("127.0.0.1", "::1", ""), 2 + six);
	CHECK_INT(asked_for("::1", "127.0.0.1", ""), 0);
	CHECK_INT(asked_for("127.0.0.2", "::1", ""), 1);
	CHECK_INT(asked_for("127.0.0.1", "fe80::1", "lo"), six);
	CHECK_INT(asked_for("127.0.0.1", "fe80::1", "lo"), six);	/* where a zone leads may differ */
	ahead += 101 * HOY_MILLISECOND;
	CHECK_INT(asked_for("127.0.0.1", "::1", ""), 2 + six);
	CHECK_INT(open_descriptors(), before);
}

TEST(without_a_socket_nothing_was_said)
{
	struct hoy__os os = hoy__os_linux;
	struct rlimit limit, none;
	int six = hoy__sock_has_ipv6();

	CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	os.connect = connect_counted;
	hoy__os = &os;
	forget();
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
	CHECK_INT(asked_for("127.0.0.1", "::1", ""), 0);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &limit), 0);
	CHECK_INT(asked_for("127.0.0.1", "::1", ""), 2 + six);
}

TEST(addresses_beyond_what_is_remembered_are_sorted_as_well)
{
	enum { HALF = 2 * HOY__ROUTES_KNOWN };
	struct hoy__results results = { 0 };
	char text[HOY_IP_STRLEN], want[HOY_IP_STRLEN] = "255.255.255.255";

	forget();
	hoy__routes_enter(&routes);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < HALF; i++) {
			snprintf(text, sizeof text, "127.0.1.%d", i);
			add(&results, want, "");
			add(&results, text, "");
		}
		hoy__routes_sort(&routes, &results);
		for (int i = 0; i < HALF; i++) {
			snprintf(text, sizeof text, "127.0.1.%d", i);
			CHECK_STR(hoy_ip_string(results.list[HALF + i].ip, (char[HOY_IP_STRLEN]){ 0 }), want, "behind");
			CHECK_STR(hoy_ip_string(results.list[i].ip, (char[HOY_IP_STRLEN]){ 0 }), text, "in front");
		}
		hoy__results_clear(&results);
	}
	hoy__routes_leave(&routes);
}
