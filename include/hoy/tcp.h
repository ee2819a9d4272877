/* What is particular to TCP. On a connection of another kind these are HOY_EWRONGKIND. */
#ifndef HOY_TCP_H
#define HOY_TCP_H

#include <hoy/conn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* laddr may be NULL: the kernel picks. Waits. Go's net.DialTCP. */
hoy_conn *hoy_dial_tcp(const char *network, const hoy_addr *laddr, const hoy_addr *raddr, hoy_err *err);
/* laddr may be NULL: every local address, a port of the kernel's choice. Go's net.ListenTCP. */
hoy_listener *hoy_listen_tcp(const char *network, const hoy_addr *laddr, hoy_err *err);

/* Go's TCPConn.SetKeepAlive, SetKeepAlivePeriod, SetKeepAliveConfig. */
int hoy_tcp_set_keep_alive(hoy_conn *c, int on, hoy_err *err);
/* d as hoy_keep_alive_config.idle: 0 is 15 s, a negative one changes nothing. */
int hoy_tcp_set_keep_alive_period(hoy_conn *c, hoy_duration d, hoy_err *err);
/* config NULL is as all-zero: off. */
int hoy_tcp_set_keep_alive_config(hoy_conn *c, const hoy_keep_alive_config *config, hoy_err *err);
/* On (the default): small writes leave at once. */
int hoy_tcp_set_no_delay(hoy_conn *c, int on, hoy_err *err);
/*
 * What close does with unsent data. Negative (the default): the system sends it in the
 * background. 0: it is thrown away and the peer reset. Positive: seconds to try, for which hoy_conn_close
 * waits and hoy_conn_free does not.
 */
int hoy_tcp_set_linger(hoy_conn *c, int seconds, hoy_err *err);
/* 1 while the connection is one of MPTCP, 0 when it is TCP, or a negative code. Go's TCPConn.MultipathTCP. */
int hoy_tcp_multipath(hoy_conn *c, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
