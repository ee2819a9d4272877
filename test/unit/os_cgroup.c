/* The CPU quota, out of trees of files that stand for /proc and /sys. */
#include "os/cgroup.h"

#include <ftw.h>
#include <sys/stat.h>

#include "../t.h"

static char root[] = "/tmp/hoy-cgroup-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void put(const char *path, const char *text)
{
	char full[8192];
	FILE *f;

	snprintf(full, sizeof full, "%s%s", root, path);
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); *p++ = '/') {
		*p = 0;
		mkdir(full, 0700);
	}
	f = fopen(full, "w");
	if (CHECK(f != NULL)) {
		fputs(text, f);
		fclose(f);
	}
}

#define V2 "/sys/fs/cgroup"
#define V1 "/sys/fs/cgroup/cpu"

static const struct {
	const char *what, *group;
	const char *files[8];	/* path, text, path, text … */
	int want;
} cases[] = {
	{ "v2", "0::/app\n", { V2 "/app/cpu.max", "150000 100000\n" }, 2 },
	{ "v2 exact", "0::/app\n", { V2 "/app/cpu.max", "200000 100000\n" }, 2 },
	{ "v2 less than one", "0::/app\n", { V2 "/app/cpu.max", "1000 100000\n" }, 1 },
	{ "v2 max", "0::/app\n", { V2 "/app/cpu.max", "max 100000\n" }, 0 },
	{ "v2 no file", "0::/app\n", { V2 "/app/other", "1 1\n" }, 0 },
	{ "v2 root of a container", "0::/\n", { V2 "/cpu.max", "300000 100000\n" }, 3 },
	{ "v2 the parent is tighter", "0::/a/b/c\n",
	  { V2 "/a/b/c/cpu.max", "800000 100000\n", V2 "/a/b/cpu.max", "max 100000\n",
	    V2 "/a/cpu.max", "400000 100000\n" }, 4 },
	{ "v2 the child is tighter", "0::/a/b\n",
	  { V2 "/a/b/cpu.max", "200000 100000\n", V2 "/a/cpu.max", "400000 100000\n" }, 2 },
	{ "v2 only the root is mounted", "0::/host/only\n", { V2 "/cpu.max", "500000 100000\n" }, 5 },
	{ "v2 no end of line", "0::/app", { V2 "/app/cpu.max", "150000 100000" }, 2 },
	{ "v2 odd period", "0::/app\n", { V2 "/app/cpu.max", "7 3" }, 3 },
	{ "v1", "4:cpu,cpuacct:/app\n",
	  { V1 "/app/cpu.cfs_quota_us", "250000\n", V1 "/app/cpu.cfs_period_us", "100000\n" }, 3 },
	{ "v1 unlimited", "4:cpu,cpuacct:/app\n",
	  { V1 "/app/cpu.cfs_quota_us", "-1\n", V1 "/app/cpu.cfs_period_us", "100000\n" }, 0 },
	{ "v1 the parent is tighter", "4:cpuacct,cpu:/a/b\n",
	  { V1 "/a/b/cpu.cfs_quota_us", "-1\n", V1 "/a/b/cpu.cfs_period_us", "100000\n",
	    V1 "/a/cpu.cfs_quota_us", "100000\n", V1 "/a/cpu.cfs_period_us", "100000\n" }, 1 },
	{ "v1 in a container without a namespace", "11:memory:/docker/1\n4:cpu:/docker/1\n",
	  { V1 "/cpu.cfs_quota_us", "600000\n", V1 "/cpu.cfs_period_us", "100000\n" }, 6 },
	{ "v1 other controllers do not count", "4:cpuset,cpuacct:/app\n3:cpus:/app\n",
	  { V1 "/app/cpu.cfs_quota_us", "250000\n", V1 "/app/cpu.cfs_period_us", "100000\n" }, 0 },
	{ "both, the tighter counts", "4:cpu:/app\n0::/app\n",
	  { V1 "/app/cpu.cfs_quota_us", "700000\n", V1 "/app/cpu.cfs_period_us", "100000\n",
	    V2 "/app/cpu.max", "900000 100000\n" }, 7 },
	{ "garbage number", "0::/app\n", { V2 "/app/cpu.max", "lots of it\n" }, 0 },
	{ "period zero", "0::/app\n", { V2 "/app/cpu.max", "100 0\n" }, 0 },
	{ "no period", "0::/app\n", { V2 "/app/cpu.max", "100000\n" }, 0 },
	{ "negative", "0::/app\n", { V2 "/app/cpu.max", "-100000 -100000\n" }, 0 },
	{ "too big for a number", "0::/app\n", { V2 "/app/cpu.max", "99999999999999999999999 1\n" }, 0 },
	{ "more CPUs than an int counts", "0::/app\n", { V2 "/app/cpu.max", "9000000000000000000 1\n" }, 0 },
	{ "empty file", "0::/app\n", { V2 "/app/cpu.max", "" }, 0 },
	{ "no colons", "what is this\n", { V2 "/cpu.max", "100000 100000\n" }, 0 },
	{ "one colon", "0:/app\n", { V2 "/cpu.max", "100000 100000\n" }, 0 },
	{ "garbage, then a good line", "\n:\n::\n0\n0::/app\n", { V2 "/app/cpu.max", "200000 100000\n" }, 2 },
	{ "empty", "", { V2 "/cpu.max", "100000 100000\n" }, 0 },
};

TEST(trees)
{
	for (size_t i = 0; i < LEN(cases); i++) {
		char text[16], want[16];

		strcpy(root + sizeof root - 7, "XXXXXX");
		if (!CHECK(mkdtemp(root) != NULL))
			return;
		put("/proc/self/cgroup", cases[i].group);
		for (int k = 0; k < 8 && cases[i].files[k]; k += 2)
			put(cases[i].files[k], cases[i].files[k + 1]);
		snprintf(text, sizeof text, "%d", hoy__os_cpu_limit(root));
		snprintf(want, sizeof want, "%d", cases[i].want);
		CHECK_STR(text, want, cases[i].what);
		nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
}

TEST(nothing_there)
{
	CHECK_INT(hoy__os_cpu_limit("/nowhere/at/all"), 0);
}

/* A path longer than any can be, and a root that leaves no room. */
TEST(too_long)
{
	char line[6000] = "0::/", long_root[5000];

	memset(line + 4, 'a', 5000);
	if (!CHECK(mkdtemp(root) != NULL))
		return;
	put("/proc/self/cgroup", line);
	put("/sys/fs/cgroup/cpu.max", "100000 100000");
	CHECK_INT(hoy__os_cpu_limit(root), 0);
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	memset(long_root, '/', sizeof long_root);
	long_root[sizeof long_root - 1] = 0;
	CHECK_INT(hoy__os_cpu_limit(long_root), 0);
}

TEST(this_machine_has_an_answer)
{
	CHECK(hoy__os_cpu_limit("") >= 0);
}
