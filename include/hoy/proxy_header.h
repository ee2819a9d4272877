/*
 * The PROXY protocol, versions 1 and 2: the header with which a proxy such as HAProxy or nginx begins a connection to a
 * server, and which says between which ends the connection is that it passes on. Specified in doc/proxy-protocol.txt of HAProxy.
 */
#ifndef HOY_PROXY_HEADER_H
#define HOY_PROXY_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/addr.h>
#include <hoy/err.h>
#include <hoy/ip.h>
#include <hoy/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hoy_conn;

typedef struct hoy_proxy_header {
	int version;		/* 1 or 2 */
	/*
	 * The ends as the proxy sees them: TCP, UDP, and of version 2 also Unix addresses. Both have kind
	 * HOY_ADDR_NONE when the header does not name any: LOCAL, UNKNOWN. Then those of the connection itself count.
	 */
	hoy_addr source, destination;
} hoy_proxy_header;

#define HOY_PROXY_HEADER_LEN 232	/* the longest that hoy_proxy_header_format writes */

/*
 * Reads the header at the beginning of len bytes. Returns its length; 0 when more bytes are needed; HOY_ENOPROXY when the bytes
 * do not begin as a header does, and HOY_EPROXY when they do and are malformed, with err->offset at the mistake (version 1).
 * 232 bytes (HOY_PROXY_HEADER_LEN) are enough to read any header; that of version 2 may go on with extensions (TLVs), which
 * are not looked at: its length is then more than len.
 */
int hoy_proxy_header_parse(const void *data, size_t len, hoy_proxy_header *h, hoy_err *err);
/*
 * Writes the header of that version and returns its length, or -EINVAL for an unknown version. Ends that are NULL, of different
 * or other kinds, or without an ip give LOCAL (version 2) or UNKNOWN (version 1); an IPv4 and an IPv6 one are both written as IPv6.
 */
int hoy_proxy_header_format(int version, const hoy_addr *source, const hoy_addr *destination, void *buf);
/* Writes it to a connection, before any other data. 0 or a code. Waits. */
int hoy_proxy_header_write(struct hoy_conn *c, int version, const hoy_addr *source, const hoy_addr *destination, hoy_err *err);

enum hoy_proxy_mode {
	HOY_PROXY_REQUIRED,	/* without a header there is no connection */
	HOY_PROXY_OPTIONAL	/* trusted is to be given; bytes that are no header are data */
};

/*
 * How a listener reads the header (hoy_listen_config.proxy of hoy/conn.h, which copies all of it). All-zero: each connection has to begin
 * with one, within 10 s. The header is read before the first data, by the first call that reads or by
 * hoy_proxy_header_await; hoy_serve (hoy/conn.h) awaits it before it calls fn. So a slow sender holds up nobody else.
 * From then on hoy_conn_remote_addr and hoy_conn_local_addr (hoy/conn.h) return the header's ends, if it names any.
 */
typedef struct hoy_proxy_policy {
	int mode;		/* of enum hoy_proxy_mode */
	/*
	 * The networks whose headers are believed; none: all. A connection of a Unix socket is in no network. A connection from elsewhere is refused when the header is
	 * required. When it is optional, all that such a connection sends is data.
	 */
	const hoy_prefix *trusted;
	size_t n_trusted;
	hoy_duration timeout;	/* from the accept; 0: 10 s; negative: none. A read deadline that is set takes its place */
	uint64_t reserved[4];
} hoy_proxy_policy;

/*
 * Waits until the header of an accepted connection has been read. 0, also when none is awaited; or as the first read:
 * HOY_ENOPROXY, HOY_EPROXY, HOY_ETIMEOUT, HOY_EEOF. After a failure every read fails, and the connection is to be freed.
 */
int hoy_proxy_header_await(struct hoy_conn *c, hoy_err *err);

#ifdef __cplusplus
}
#endif
#endif
