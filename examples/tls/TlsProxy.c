/*
 * TlsProxy server ADDRESS UPSTREAM CERTIFICATE KEY: takes TLS off, for a server that does not speak it.
 * TlsProxy client ADDRESS UPSTREAM [CA]: puts TLS on, for a client that does not speak it. The server's certificate must
 * be signed by CA, or by one that the system trusts, and have the name in UPSTREAM.
 */
#include <err.h>
#include <string.h>

#include "tls.h"

static struct {
	char **argv;
	SSL_CTX *context;
	int is_client;
} proxy;

static hoy_conn *dial(hoy_err *err)
{
	const char *upstream = proxy.argv[3];
	hoy_conn *c = hoy_dial_timeout("tcp", upstream, 5 * HOY_SECOND, err);
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN];

	if (!c || !proxy.is_client)
		return c;
	hoy_split_host_port(upstream, host, port, NULL);
	return tls_client(c, proxy.context, host, err);
}

static void serve_one(hoy_conn *c, void *arg)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_conn *upstream = dial(&err);

	(void)arg;
	if (!upstream || hoy_proxy(c, upstream, NULL, &err) < 0)
		warnx("%s", hoy_err_string(&err, text));
	hoy_conn_free(upstream);
}

static int run(void *arg)
{
	const hoy_serve_opts opts = { .idle = 5 * HOY_MINUTE };
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", proxy.argv[2], &err);

	(void)arg;
	if (l && !proxy.is_client)
		l = tls_listener(l, proxy.context, &err);
	if (!l || hoy_serve(l, serve_one, NULL, &opts, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	return 0;
}

/* A certificate to show, of a server; those to trust, of a client. */
static SSL_CTX *make_context(int argc, char **argv)
{
	SSL_CTX *c = SSL_CTX_new(TLS_method());

	if (!c)
		errx(1, "out of memory");
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION);
	if (!proxy.is_client) {
		if (SSL_CTX_use_certificate_chain_file(c, argv[4]) <= 0 ||
		    SSL_CTX_use_PrivateKey_file(c, argv[5], SSL_FILETYPE_PEM) <= 0)
			errx(1, "cannot use %s with %s", argv[4], argv[5]);
		return c;
	}
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	if ((argc > 4 ? SSL_CTX_load_verify_locations(c, argv[4], NULL) : SSL_CTX_set_default_verify_paths(c)) <= 0)
		errx(1, "cannot use %s", argc > 4 ? argv[4] : "the system's certificates");
	return c;
}

int main(int argc, char **argv)
{
	proxy.argv = argv;
	proxy.is_client = argc > 1 && !strcmp(argv[1], "client");
	if (proxy.is_client ? argc < 4 || argc > 5 : argc != 6 || strcmp(argv[1], "server") != 0)
		errx(2, "usage: TlsProxy server ADDRESS UPSTREAM CERTIFICATE KEY\n"
			"       TlsProxy client ADDRESS UPSTREAM [CA]");
	proxy.context = make_context(argc, argv);
	return hoy_run(run, NULL);
}
