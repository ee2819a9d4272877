/*
 * Network interfaces: Go's Interfaces, InterfaceByName, InterfaceByIndex, InterfaceAddrs and the
 * methods of Interface. Each call asks the kernel anew and returns what it is at this moment; an
 * interface may be gone by the next call. None of them waits for the network.
 */
#ifndef HOY_IFACE_H
#define HOY_IFACE_H

#include <stdint.h>

#include <hoy/err.h>
#include <hoy/ip.h>
#include <hoy/mem.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Go's Flags. */
enum hoy_interface_flag {
	HOY_INTERFACE_UP = 1,			/* configured to be used */
	HOY_INTERFACE_BROADCAST = 2,
	HOY_INTERFACE_LOOPBACK = 4,
	HOY_INTERFACE_POINT_TO_POINT = 8,
	HOY_INTERFACE_MULTICAST = 16,
	HOY_INTERFACE_RUNNING = 32		/* able to send: for Ethernet, the link is up */
};

#define HOY_INTERFACE_FLAGS_STRLEN 56
/* The names of the flags, "up|loopback|running"; "0" for none. Go's Flags.String. */
char *hoy_interface_flags_string(unsigned flags, char buf[HOY_INTERFACE_FLAGS_STRLEN]);

/* Go's Interface. */
typedef struct hoy_interface {
	int index;		/* positive */
	int mtu;		/* bytes */
	unsigned flags;		/* of enum hoy_interface_flag */
	char name[16];		/* also the zone of its link-local IPv6 addresses */
	hoy_mac mac;		/* len 0: none, as for loopback and tunnels */
	uint64_t reserved[4];
} hoy_interface;

/* An address that an interface has. */
typedef struct hoy_interface_addr {
	hoy_ipnet net;		/* ip is the address itself, not the network's first; with the mask of its network */
	int index;		/* of the interface */
} hoy_interface_addr;

/* A multicast group that an interface has joined. */
typedef struct hoy_interface_group {
	hoy_ip ip;
	int index;		/* of the interface */
} hoy_interface_group;

/*
 * All interfaces of this network namespace, in one block that is the caller's to hoy_free.
 * Their number, or a negative code. Go's Interfaces.
 */
int hoy_interfaces(hoy_interface **list, hoy_err *err);
/*
 * One of them. 0; HOY_ENOINTERFACE when there is none; HOY_EINTERFACENAME for "",
 * HOY_EINTERFACEINDEX for an index below 1. Go's InterfaceByName, InterfaceByIndex.
 */
int hoy_interface_by_name(const char *name, hoy_interface *iface, hoy_err *err);
int hoy_interface_by_index(int index, hoy_interface *iface, hoy_err *err);

/*
 * The addresses of the interface, or of all interfaces when index is 0, in one block that is the
 * caller's to hoy_free. Their number, perhaps 0, or a negative code: HOY_EINTERFACEINDEX for an
 * index below 0. Go's InterfaceAddrs, Interface.Addrs.
 */
int hoy_interface_addrs(int index, hoy_interface_addr **list, hoy_err *err);
/* The same for the groups it has joined. Go's Interface.MulticastAddrs. */
int hoy_interface_multicast_addrs(int index, hoy_interface_group **list, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
