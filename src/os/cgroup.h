/* How many CPUs the process may keep busy by its control group's quota. */
#ifndef HOY_OS_CGROUP_H
#define HOY_OS_CGROUP_H

/*
 * Rounded up, at least 1; 0 when there is no limit or none can be read. root is "" but in
 * tests, which put /proc and /sys elsewhere.
 */
int hoy__os_cpu_limit(const char *root);

#endif
