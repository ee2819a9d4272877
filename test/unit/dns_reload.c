/* Files that change while the resolver runs: Go's rule, and catalogue lines F2, F3 and F4. */
#include <sys/stat.h>

#include <hoy.h>

#include "base/base.h"
#include "dns/conf/conf.h"
#include "support/fault_os.h"
#include "t.h"

static char folder[] = "/tmp/hoy-dns-reload-XXXXXX";
static char paths[HOY__CONF_FILES][60];
static struct hoy__conf conf;
static int64_t now = HOY_SECOND;

static void set_up(void)
{
	CHECK(mkdtemp(folder) != NULL);
	for (int i = 0; i < HOY__CONF_FILES; i++) {
		snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
		conf.path[i] = paths[i];
	}
}

static void tear_down(void)
{
	hoy__conf_clear(&conf);
	for (int i = 0; i < HOY__CONF_FILES; i++)
		unlink(paths[i]);
	rmdir(folder);
}

static void put(enum hoy__conf_file file, const char *text)
{
	FILE *f = fopen(paths[file], "w");

	fputs(text, f);
	fclose(f);
}

static int refresh(enum hoy__conf_file file)
{
	return hoy__conf_refresh(&conf, file, now);
}

TEST(missing_files_give_the_defaults)
{
	const struct hoy__host *found;

	set_up();
	for (int i = 0; i < HOY__CONF_FILES; i++)
		CHECK_INT(refresh(i), 1);
	CHECK_INT(conf.resolv.servers, 2);
	CHECK_INT(conf.nsswitch.order[0], HOY__FILES);
	CHECK_INT(hoy__hosts_by_name(&conf.hosts, "localhost", &found), 0);
	CHECK_INT(hoy__services_port(&conf.services, hoy__network_of(HOY_ADDR_TCP, 0), "http"), 80);
	CHECK_INT(hoy__protocols_number(&conf.protocols, "udp"), 17);
	now += 5 * HOY_SECOND;
	for (int i = 0; i < HOY__CONF_FILES; i++)
		CHECK_INT(refresh(i), 0);
	tear_down();
}

TEST(a_change_is_seen_after_five_seconds_and_a_lost_file_is_empty)
{
	set_up();
	put(HOY__RESOLV_CONF, "nameserver 192.0.2.1\n");
	CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	put(HOY__RESOLV_CONF, "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n");
	now += 5 * HOY_SECOND - 1;
	CHECK_INT(refresh(HOY__RESOLV_CONF), 0);
	CHECK_INT(conf.resolv.servers, 1);
	now++;
	CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	CHECK_INT(conf.resolv.servers, 3);
	unlink(paths[HOY__RESOLV_CONF]);
	now += 5 * HOY_SECOND;
	CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	CHECK_INT(conf.resolv.servers, 2);
	tear_down();
}

TEST(no_reload_keeps_the_first_state)
{
	set_up();
	put(HOY__RESOLV_CONF, "nameserver 192.0.2.1\noptions no-reload\n");
	CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	put(HOY__RESOLV_CONF, "");
	now += 5 * HOY_SECOND;
	CHECK_INT(refresh(HOY__RESOLV_CONF), 0);
	CHECK_INT(conf.resolv.servers, 1);
	tear_down();
}

TEST(F4_a_fifo_in_the_place_of_a_file_is_an_empty_one)
{
	set_up();
	CHECK_INT(mkfifo(paths[HOY__HOSTS_FILE], 0600), 0);
	CHECK_INT(refresh(HOY__HOSTS_FILE), 1);
	CHECK_INT(conf.hosts.count, 0);
	unlink(paths[HOY__HOSTS_FILE]);
	put(HOY__HOSTS_FILE, "192.0.2.1 a\n");
	now += 5 * HOY_SECOND;
	CHECK_INT(refresh(HOY__HOSTS_FILE), 1);
	CHECK_INT(conf.hosts.count, 1);
	tear_down();
}

TEST(the_domain_of_the_machine_is_searched)
{
	set_up();
	put(HOY__SERVICES_FILE, "host.corp.example\n");
	conf.hostname_path = paths[HOY__SERVICES_FILE];
	CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	CHECK_INT(conf.resolv.searches, 1);
	CHECK_STR(conf.resolv.search[0], "corp.example.", "search");
	tear_down();
}

TEST(F2_reading_again_and_again_leaves_nothing)
{
	long blocks;

	fault_install();
	set_up();
	blocks = fault_live_blocks();
	for (int i = 0; i < SCALED(2000); i++) {
		put(HOY__HOSTS_FILE, i % 2 ? "192.0.2.1 a b\n" : "::1 c\n::2 d e\n");
		put(HOY__RESOLV_CONF, i % 2 ? "search a\n" : "nameserver ::1\nsearch b c\n");
		now += 5 * HOY_SECOND;
		CHECK_INT(refresh(HOY__HOSTS_FILE), 1);
		CHECK_INT(refresh(HOY__RESOLV_CONF), 1);
	}
	tear_down();
	CHECK_INT(fault_live_blocks(), blocks);
	CHECK_INT(fault_open_descriptors(), 0);
}

TEST(without_memory_the_old_state_stays_and_the_next_call_tries_again)
{
	const struct hoy__host *found;
	long n;

	fault_install();
	set_up();
	put(HOY__HOSTS_FILE, "192.0.2.1 a\n");
	CHECK_INT(refresh(HOY__HOSTS_FILE), 1);
	put(HOY__HOSTS_FILE, "192.0.2.1 a b c\n");
	now += 5 * HOY_SECOND;
	for (n = 1; n < 100; n++) {
		fault_reset();
		fault_alloc_at(n);
		int code = refresh(HOY__HOSTS_FILE);

		if (!fault_fired()) {
			CHECK_INT(code, 1);
			break;
		}
		CHECK_INT(code, -ENOMEM);
		CHECK_INT(conf.hosts.count, 1);
		CHECK_INT(hoy__hosts_by_name(&conf.hosts, "a", &found), 1);
	}
	CHECK(n > 4 && n < 100);
	CHECK_INT(conf.hosts.count, 3);
	tear_down();
	CHECK_INT(fault_live_blocks(), 0);
}

static struct hoy__os table;
static atomic_bool looked;
static hoy_duration longest;

static int slow_open(const char *path, int flags)
{
	usleep(300000);
	return hoy__os_linux.open(path, flags);
}

static int look_slowly(void *unused)
{
	(void)unused;
	CHECK_INT(hoy__conf_refresh(&conf, HOY__RESOLV_CONF, now), 1);
	CHECK_INT(conf.resolv.attempts, 5);
	looked = true;
	return 0;
}

static int sleep_meanwhile(void *unused)
{
	CHECK_INT(hoy_go(look_slowly, unused), 0);
	while (!looked) {
		hoy_time t = hoy_now();
		hoy_duration d;

		hoy_sleep(5 * HOY_MILLISECOND);
		d = hoy_time_sub(hoy_now(), t);
		longest = d > longest ? d : longest;
	}
	return 0;
}

/* As on a network file system that hangs: only the task that looks waits for it. */
TEST(a_slow_file_system_holds_up_nobody_else)
{
	set_up();
	put(HOY__RESOLV_CONF, "options attempts:5\n");
	table = hoy__os_linux;
	table.open = slow_open;
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, sleep_meanwhile, NULL), 0);	/* opens files of its own before */
	CHECK(looked);
	looked = false;
	longest = 0;
	now += 10 * HOY_SECOND;
	put(HOY__RESOLV_CONF, "options attempts:5 timeout:7\n");
	hoy__os = &table;
	CHECK_INT(hoy_run_with(&(hoy_run_opts){ .workers = 1 }, sleep_meanwhile, NULL), 0);
	CHECK_INT(conf.resolv.timeout, 7);
	CHECK(longest < 200 * HOY_MILLISECOND * t_scale());
	tear_down();
}
