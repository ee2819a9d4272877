/*
 * OpenSSL reads and writes two buffers in memory, and never waits: what it wants to send is written to the connection
 * below, what it wants to read is read from there. A connection may be read and written at once, by two tasks, and an
 * SSL may not, hence the lock, which nobody holds while waiting for the network.
 */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>

struct tls {
	hoy_conn *inner;
	SSL *ssl;
	hoy_mutex ssl_lock;
	hoy_mutex handshake_lock;	/* the first to read or to write makes the handshake, for both */
	hoy_mutex out_lock;		/* records go out in the order in which they were made */
	int is_open;			/* the handshake has been made */
};

enum { ROOM = 16384 };

/* Sends what OpenSSL has left to be sent. */
static int flush(struct tls *t)
{
	char buf[ROOM];
	int n, code = 0;

	hoy_mutex_lock(&t->out_lock);
	while (code == 0) {
		hoy_mutex_lock(&t->ssl_lock);
		n = BIO_read(SSL_get_wbio(t->ssl), buf, sizeof buf);
		hoy_mutex_unlock(&t->ssl_lock);
		if (n <= 0)
			break;
		code = (int)hoy_conn_write(t->inner, buf, (size_t)n, NULL);
		code = code < 0 ? code : 0;
	}
	hoy_mutex_unlock(&t->out_lock);
	return code;
}

/* Reads what OpenSSL waits for. The end of the connection below is no orderly end of TLS: that is a close_notify alert. */
static int fill(struct tls *t)
{
	char buf[ROOM];
	ssize_t n = hoy_conn_read(t->inner, buf, sizeof buf, NULL);

	if (n <= 0)
		return n < 0 ? (int)n : HOY_EEOF;
	hoy_mutex_lock(&t->ssl_lock);
	BIO_write(SSL_get_rbio(t->ssl), buf, (int)n);
	hoy_mutex_unlock(&t->ssl_lock);
	return 0;
}

/* One call of OpenSSL: its result, if that is positive; else 0, and why in *reason. */
static int call(struct tls *t, int (*run)(SSL *ssl, void *buf, int len), void *buf, size_t len, int *reason)
{
	int n;

	hoy_mutex_lock(&t->ssl_lock);
	ERR_clear_error();	/* the queue of errors is the thread's, and other tasks use it, too */
	n = run(t->ssl, buf, len > ROOM ? ROOM : (int)len);
	*reason = n > 0 ? SSL_ERROR_NONE : SSL_get_error(t->ssl, n);
	hoy_mutex_unlock(&t->ssl_lock);
	return n > 0 ? n : 0;
}

/* Until the call has a result: its count, 0 at the end of TLS, or a code. */
static ssize_t until_done(struct tls *t, int (*run)(SSL *, void *, int), void *buf, size_t len)
{
	for (;;) {
		int reason, n = call(t, run, buf, len, &reason), code = flush(t);

		if (code < 0 || n > 0)
			return code < 0 ? code : n;
		if (reason == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (reason != SSL_ERROR_WANT_READ)
			return -EPROTO;
		if ((code = fill(t)) < 0)
			return code;
	}
}

static int run_handshake(SSL *ssl, void *buf, int len)
{
	(void)buf;
	(void)len;
	return SSL_do_handshake(ssl);
}

static int run_write(SSL *ssl, void *buf, int len) { return SSL_write(ssl, buf, len); }
static int run_read(SSL *ssl, void *buf, int len) { return SSL_read(ssl, buf, len); }

static int open_once(struct tls *t)
{
	ssize_t n = 1;

	hoy_mutex_lock(&t->handshake_lock);
	if (!t->is_open)
		n = until_done(t, run_handshake, NULL, 0);
	t->is_open = n > 0;
	hoy_mutex_unlock(&t->handshake_lock);
	return n > 0 ? 0 : n < 0 ? (int)n : HOY_EEOF;
}

static ssize_t tls_read(void *self, void *buf, size_t len)
{
	int code = open_once(self);

	return code < 0 ? code : until_done(self, run_read, buf, len);
}

static ssize_t tls_write(void *self, const void *buf, size_t len)
{
	int code = open_once(self);

	return code < 0 ? code : until_done(self, run_write, (void *)buf, len);
}

/* The alert that says that no more comes, and then the end of the connection below. */
static int tls_close_write(void *self)
{
	struct tls *t = self;
	int code;

	hoy_mutex_lock(&t->ssl_lock);
	ERR_clear_error();
	SSL_shutdown(t->ssl);
	hoy_mutex_unlock(&t->ssl_lock);
	code = flush(t);
	return code < 0 ? code : hoy_conn_close_write(t->inner, NULL);
}

static int tls_close(void *self) { return hoy_conn_close(((struct tls *)self)->inner, NULL); }

static int tls_set_read_deadline(void *self, hoy_time at)
{
	return hoy_conn_set_read_deadline(((struct tls *)self)->inner, at, NULL);
}

static int tls_set_write_deadline(void *self, hoy_time at)
{
	return hoy_conn_set_write_deadline(((struct tls *)self)->inner, at, NULL);
}

static void tls_local_addr(void *self, hoy_addr *addr) { hoy_conn_local_addr(((struct tls *)self)->inner, addr); }
static void tls_remote_addr(void *self, hoy_addr *addr) { hoy_conn_remote_addr(((struct tls *)self)->inner, addr); }

static void tls_free(void *self)
{
	struct tls *t = self;

	SSL_free(t->ssl);
	hoy_conn_free(t->inner);
	free(t);
}

static const hoy_conn_ops conn_ops = {
	.network = "tls", .read = tls_read, .write = tls_write, .close = tls_close, .close_write = tls_close_write,
	.set_read_deadline = tls_set_read_deadline, .set_write_deadline = tls_set_write_deadline,
	.local_addr = tls_local_addr, .remote_addr = tls_remote_addr, .free = tls_free,
};

static hoy_conn *out_of_memory(struct tls *t, hoy_conn *inner, hoy_err *err)
{
	if (t)
		SSL_free(t->ssl);
	free(t);
	hoy_conn_free(inner);
	if (err)
		*err = (hoy_err){ .code = -ENOMEM, .op = "open", .net = "tls" };
	return NULL;
}

static hoy_conn *make(hoy_conn *inner, SSL_CTX *context, hoy_err *err, SSL **ssl)
{
	struct tls *t = calloc(1, sizeof *t);
	BIO *in, *out;
	hoy_conn *c;

	if (!t || !(t->ssl = SSL_new(context)))
		return out_of_memory(t, inner, err);
	in = BIO_new(BIO_s_mem());
	out = BIO_new(BIO_s_mem());
	SSL_set_bio(t->ssl, in, out);	/* which frees them; NULL is none */
	t->inner = inner;
	*ssl = t->ssl;
	c = in && out ? hoy_conn_new(&conn_ops, t, err) : NULL;
	return c ? c : out_of_memory(t, inner, err);
}

hoy_conn *tls_client(hoy_conn *inner, SSL_CTX *context, const char *host, hoy_err *err)
{
	SSL *ssl;
	hoy_conn *c = make(inner, context, err, &ssl);

	if (!c)
		return NULL;
	SSL_set_connect_state(ssl);
	if (host) {
		SSL_set_tlsext_host_name(ssl, host);
		SSL_set1_host(ssl, host);
	}
	return c;
}

hoy_conn *tls_server(hoy_conn *inner, SSL_CTX *context, hoy_err *err)
{
	SSL *ssl;
	hoy_conn *c = make(inner, context, err, &ssl);

	if (c)
		SSL_set_accept_state(ssl);
	return c;
}

struct gate {
	hoy_listener *inner;
	SSL_CTX *context;
};

/* Does not make the handshake, so that a slow client does not delay the accepts after it. */
static int gate_accept(void *self, hoy_conn **c)
{
	struct gate *g = self;
	hoy_err err;
	hoy_conn *inner = hoy_listener_accept(g->inner, &err);

	*c = inner ? tls_server(inner, g->context, &err) : NULL;
	return *c ? 0 : err.code;
}

static int gate_close(void *self) { return hoy_listener_close(((struct gate *)self)->inner, NULL); }
static void gate_addr(void *self, hoy_addr *addr) { hoy_listener_addr(((struct gate *)self)->inner, addr); }

static int gate_set_deadline(void *self, hoy_time at)
{
	return hoy_listener_set_deadline(((struct gate *)self)->inner, at, NULL);
}

static void gate_free(void *self)
{
	struct gate *g = self;

	hoy_listener_free(g->inner);
	free(g);
}

static const hoy_listener_ops gate_ops = {
	.network = "tls", .accept = gate_accept, .close = gate_close, .set_deadline = gate_set_deadline, .addr = gate_addr,
	.free = gate_free,
};

hoy_listener *tls_listener(hoy_listener *inner, SSL_CTX *context, hoy_err *err)
{
	struct gate *g = malloc(sizeof *g);
	hoy_listener *l = NULL;

	if (g) {
		*g = (struct gate){ inner, context };
		l = hoy_listener_new(&gate_ops, g, err);
	}
	if (!l) {
		free(g);
		hoy_listener_free(inner);
		if (err)
			*err = (hoy_err){ .code = -ENOMEM, .op = "listen", .net = "tls" };
	}
	return l;
}
