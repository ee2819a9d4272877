/* TLS by OpenSSL over any connection of hoy's: a hoy_conn and a hoy_listener of one's own. */
#ifndef TLS_H
#define TLS_H

#include <hoy.h>
#include <openssl/ssl.h>

/*
 * TLS over `inner`, which belongs to the result, and is freed if there is none. The handshake is made by the first read or
 * write. host: the name that the server's certificate must have, of a client; NULL: no name is asked for, or it is a server.
 */
hoy_conn *tls_client(hoy_conn *inner, SSL_CTX *context, const char *host, hoy_err *err);
hoy_conn *tls_server(hoy_conn *inner, SSL_CTX *context, hoy_err *err);
/* A listener whose connections are those of `inner`, which belongs to it, with TLS over them. */
hoy_listener *tls_listener(hoy_listener *inner, SSL_CTX *context, hoy_err *err);

#endif
