/* hoy: Go's net package, in C. The topical headers, in reading order. */
#ifndef HOY_H
#define HOY_H

#include <hoy/err.h>
#include <hoy/mem.h>
#include <hoy/time.h>
#include <hoy/task.h>
#include <hoy/sync.h>
#include <hoy/group.h>
#include <hoy/chan.h>
#include <hoy/timer.h>
#include <hoy/ip.h>
#include <hoy/addr.h>
#include <hoy/proxy_header.h>
#include <hoy/handover.h>
#include <hoy/conn.h>
#include <hoy/bufio.h>
#include <hoy/tcp.h>
#include <hoy/udp.h>
#include <hoy/raw.h>
#include <hoy/unix.h>
#include <hoy/dns.h>
#include <hoy/icmp.h>
#include <hoy/ping.h>
#include <hoy/iface.h>
#include <hoy/debug.h>

#endif
