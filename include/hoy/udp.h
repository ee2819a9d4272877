/* What is particular to UDP; hoy_conn_read_from and hoy_conn_write_to are in conn.h. */
#ifndef HOY_UDP_H
#define HOY_UDP_H

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* laddr may be NULL: the kernel picks. Go's net.DialUDP. */
hoy_conn *hoy_dial_udp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err);
/* laddr may be NULL: every local address, a port of the kernel's choice. Go's net.ListenUDP. */
hoy_conn *hoy_listen_udp(const char *network, const hoy_addr *laddr, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
