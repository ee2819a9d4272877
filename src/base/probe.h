/*
 * Static probes (USDT), which perf, bpftrace, SystemTap and gdb find in the file; doc/tracing.md lists them. HOY__PROBE(name, argument...)
 * is the probe hoy:name with one to four arguments, each an integer or a pointer. While it is not traced it is a nop, and
 * a note outside of the loaded segments says where the nop and the arguments are. So that it costs no more than that, an
 * argument is a value that the code has at hand, in a register or in memory.
 *
 * <sys/sdt.h> comes with SystemTap (Debian: systemtap-sdt-dev). Where it is missing at compile time, there are no probes.
 */
#ifndef HOY_BASE_PROBE_H
#define HOY_BASE_PROBE_H

#if __has_include(<sys/sdt.h>)
#define SDT_USE_VARIADIC
#include <sys/sdt.h>
#define HOY__PROBE(...) STAP_PROBEV(hoy, __VA_ARGS__)
#else
int hoy__probe(int unused, ...);	/* never called, hence not defined */
#define HOY__PROBE(name, ...) ((void)sizeof hoy__probe(0, __VA_ARGS__))
#endif

#endif
