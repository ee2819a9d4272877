/* hoy relay: for each connection another one to the upstream, and hoy_proxy between them. */
#include <errno.h>
#include <string.h>

#include "relay.h"

static struct endpoint upstream;
static hoy_duration timeout = 5 * HOY_SECOND;
static const char *header = "none";

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for connecting to the upstream; 0: none", 0, 0 },
	{ "proxy-protocol", 0, FLAG_CHOICE, &header, "none|v1|v2",
	  "tells the upstream which client it is, by a header before the data", 0, 0 },
	SERVING_FLAGS,
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* It ends with a reset, so that what was cut off does not look complete. */
static void reset(hoy_conn *c)
{
	hoy_tcp_set_linger(c, 0, NULL);
}

static int send_header(hoy_conn *server, hoy_conn *client, hoy_err *err)
{
	hoy_addr source, destination;

	if (!strcmp(header, "none"))
		return 0;
	hoy_conn_remote_addr(client, &source);
	hoy_conn_local_addr(client, &destination);
	return hoy_proxy_header_write(server, header[1] - '0', &source, &destination, err);
}

hoy_conn *relay_dial(hoy_err *err)
{
	const hoy_dialer dialer = { .timeout = timeout };

	return hoy_dialer_dial(&dialer, upstream.network, upstream.address, err);
}

static hoy_conn *dial_upstream(hoy_conn *client, hoy_err *err)
{
	hoy_conn *c = relay_dial(err);

	if (c && send_header(c, client, err) == 0)
		return c;
	serve_trouble(err, 0, NULL);
	hoy_conn_free(c);
	return NULL;
}

static int talk(hoy_conn *client, struct tally *t, const atomic_int *stop)
{
	const hoy_proxy_opts opts = { .a_to_b = &t->in, .b_to_a = &t->out };
	hoy_err err;
	hoy_conn *server = dial_upstream(client, &err);
	int code = server ? hoy_proxy(client, server, &opts, &err) : err.code;

	(void)stop;	/* ends with its client and its server */
	if (!server || (code == -ECONNRESET && !strcmp(err.op, "read"))) {
		reset(client);
		if (server)
			reset(server);
	}
	hoy_conn_free(server);
	return code;
}

static const struct service service = { "relay", talk, NULL };

/* Answers come to the address that a datagram was sent from, which an unbound Unix socket has not. */
static int check_networks(const struct endpoint *here)
{
	if (endpoint_has_datagrams(here) != endpoint_has_datagrams(&upstream))
		return usage("%s and %s do not go together: one has datagrams, the other does not", here->network, upstream.network);
	if (!strcmp(here->network, "unixgram") || !strcmp(upstream.network, "unixgram"))
		return usage("relay takes no unixgram: tcp, udp, unix or unixpacket");
	if (endpoint_has_datagrams(here) && strcmp(header, "none") != 0)
		return usage("--proxy-protocol is for streams");
	return EXIT_YES;
}

static int relay(int argc, char **argv)
{
	static char text[HOY_ADDR_STRLEN + 300];
	struct endpoint here;
	int used = endpoint_take(&here, argv), more = used ? endpoint_take(&upstream, argv + used) : 0;

	if (!more)
		return EXIT_USAGE;
	if (used + more < argc)
		return usage("'%s' is one argument too many: hoy relay %s", argv[used + more], running->args);
	if (check_networks(&here) != EXIT_YES)
		return EXIT_USAGE;
	snprintf(text, sizeof text, "%s %s", upstream.network, upstream.address);
	serving.upstream = text;
	return endpoint_has_datagrams(&here) ? serve_packets(&service, relay_packets, here.network, here.address)
					     : serve_streams(&service, here.network, here.address);
}

static const char *const examples[] = {
	"hoy relay :8080 10.0.0.5:80",
	"hoy relay 127.0.0.1:5432 unix /run/postgresql/.s.PGSQL.5432",
	"hoy relay unix /tmp/web.sock tcp4 www.example.com:80 --idle 30s",
	"hoy relay :80 127.0.0.1:8080 --proxy-protocol v2",
	NULL
};

const struct verb verb_relay = {
	.name = "relay", .args = "[NETWORK] ADDRESS [NETWORK] UPSTREAM",
	.brief = "pass connections on to another address",
	.about = "Listens at ADDRESS, and for each connection makes one to UPSTREAM and moves bytes both ways.\n"
		 "The end of one direction is passed on and the other goes on, so protocols that half-close\n"
		 "work. A reset of one side resets the other, as does an upstream that cannot be reached.\n"
		 "NETWORK is tcp (the default), tcp4, tcp6, unix or unixpacket, and may differ, or udp, udp4 or\n"
		 "udp6 on both sides: then each sender has a session that ends after --idle. At the end,\n"
		 "and with --verbose or --json for each connection, it says how many bytes went each way.\n"
		 "With --proxy-protocol the header of HAProxy's PROXY protocol comes first, so that servers that\n"
		 "expect it know the client's address. Port 0 takes a free one. SIGTERM or Ctrl-C stops\n"
		 "accepting and lets the connections end by themselves.",
	.exits = "0 it was asked to stop, and did\n3 it could not listen\n4 it may not listen there",
	.flags = flags, .examples = examples,
	.min_args = 2, .max_args = 4, .needs_tasks = 1, .is_server = 1, .run = relay,
};
