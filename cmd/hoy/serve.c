/*
 * hoy serve: a small service on an address until a signal asks it to stop. The first
 * signal closes the listener and lets the connections end by themselves, so that no
 * client loses a byte; the second leaves at once.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve.h"

struct serving serving = {
	.max_conns = 1024, .idle = 5 * HOY_MINUTE, .drain = 10 * HOY_SECOND, .keep_alive = 15 * HOY_SECOND,
};
static const char *origin = ".";

static const struct flag flags[] = {
	SERVING_FLAGS,
	{ "origin", 0, FLAG_TEXT, &origin, "NAME", "dns: what relative names belong to before $ORIGIN", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

/* One per process. It outlives its tasks, and so needs no freeing. */
static struct server {
	const struct service *service;
	hoy_listener *listener;
	hoy_conn *packets;			/* over UDP; for dns the same port as over TCP */
	hoy_time start;
	atomic_int stop;			/* the number of the signal that asked for it */
	atomic_int open;
	atomic_llong conns, cut, in, out;
} server;

void served(const struct tally *t)
{
	atomic_fetch_add(&server.in, t->in);
	atomic_fetch_add(&server.out, t->out);
}

static const char *reason_of(int code, char text[HOY_ERR_STRLEN])
{
	if (code == 0)
		return "done";
	if ((hoy_is_canceled(code) || hoy_is_closed(code)) && atomic_load(&server.stop))
		return "drain";
	if (hoy_is_timeout(code))
		return "idle";
	if (code == -ECONNRESET || code == -EPIPE)
		return "reset";
	snprintf(text, HOY_ERR_STRLEN, "%s", hoy_strerror(code));
	return text;
}

static void tell_accept(long long id, const char *remote)
{
	struct json j;

	if (common.json) {
		json_begin(&j, "accept");
		json_int(&j, "id", id);
		json_text(&j, "remote", remote);
		json_end(&j);
	}
	if (serving.verbose)
		say("%lld: %s", id, remote);
}

static void tell_close(long long id, const char *remote, const struct tally *t, hoy_duration took, int code)
{
	char text[HOY_ERR_STRLEN], took_text[DURATION_STRLEN];
	const char *reason = reason_of(code, text);
	struct json j;

	if (common.json) {
		json_begin(&j, "close");
		json_int(&j, "id", id);
		json_text(&j, "remote", remote);
		json_int(&j, "in_bytes", t->in);
		json_int(&j, "out_bytes", t->out);
		json_int(&j, "elapsed_us", in_us(took));
		json_text(&j, "reason", reason);
		json_end(&j);
	}
	if (serving.verbose)
		say("%lld: %lld bytes in, %lld out, %s after %s", id, (long long)t->in, (long long)t->out, reason,
		    duration_string(took, took_text));
}

static void serve_client(hoy_conn *c, void *arg)
{
	struct tally t = { 0 };
	char remote[HOY_ADDR_STRLEN];
	hoy_time start = hoy_now();
	long long id;
	int code;

	(void)arg;
	atomic_fetch_add(&server.open, 1);
	id = atomic_fetch_add(&server.conns, 1) + 1;
	tell_accept(id, remote_of(c, remote));
	code = server.service->talk(c, &t, &server.stop);
	served(&t);
	if (atomic_load(&server.stop) && (hoy_is_canceled(code) || hoy_is_closed(code)))
		atomic_fetch_add(&server.cut, 1);
	tell_close(id, remote, &t, hoy_time_sub(hoy_now(), start), code);
	atomic_fetch_sub(&server.open, 1);
}

static void tell_drain(int number)
{
	char limit[DURATION_STRLEN];
	int open = atomic_load(&server.open);
	struct json j;

	if (common.json) {
		json_begin(&j, "drain");
		json_int(&j, "conns", open);
		json_int(&j, "limit_us", in_us(serving.drain));
		json_end(&j);
	}
	if (open)
		say("%s: no new connections; %d may end by themselves%s%s; a second signal leaves at once",
		    strsignal(number), open, serving.drain ? " within " : "", serving.drain ? duration_string(serving.drain, limit) : "");
}

static int watch_signals(void *arg)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	int number = hoy_signal_wait(numbers, LEN(numbers));

	(void)arg;
	if (number < 0)
		return 0;	/* serving ended by itself */
	atomic_store(&server.stop, number);
	tell_drain(number);
	hoy_notify("STOPPING=1", NULL);
	if (server.listener)
		hoy_listener_close(server.listener, NULL);
	if (server.packets)
		hoy_conn_close(server.packets, NULL);
	number = hoy_signal_wait(numbers, LEN(numbers));
	if (number > 0)
		_exit(128 + number);
	return 0;
}

static void tell_listen(const char *network)
{
	char text[HOY_ADDR_STRLEN], zones[1024] = "";
	bool dns = server.service->talk == dns_talk;
	hoy_addr addr;
	struct json j;

	if (server.listener)
		hoy_listener_addr(server.listener, &addr);
	else
		hoy_conn_local_addr(server.packets, &addr);
	hoy_addr_string(&addr, text);
	if (common.json) {
		json_begin(&j, "listen");
		json_text(&j, "service", server.service->name);
		json_text(&j, "network", network);
		json_text(&j, "addr", text);
		if (dns)
			dns_zones_json(&j);
		if (serving.upstream)
			json_text(&j, "upstream", serving.upstream);
		json_end(&j);
	}
	if (dns)
		dns_zones_string(zones, sizeof zones);
	say("%s on %s %s%s%s", server.service->name, network, text, dns ? ", serving " : serving.upstream ? " to " : "",
	    serving.upstream ? serving.upstream : zones);
	if (dns)
		dns_hint();
	if (hoy_ip_is_unspecified(addr.ip))
		say("that is every address of this machine; 127.0.0.1:%u would be for its own programs only",
		    addr.port);
	hoy_notify("READY=1", NULL);
}

void serve_trouble(const hoy_err *err, hoy_duration pause, void *unused)
{
	char text[HOY_ERR_STRLEN], pause_text[DURATION_STRLEN];
	struct json j;

	(void)unused;
	hoy_err_string(err, text);
	if (common.json) {
		json_begin(&j, "trouble");
		json_text(&j, "text", text);
		if (pause)
			json_int(&j, "pause_us", in_us(pause));
		json_end(&j);
	}
	say("%s%s%s", text, pause ? "; again in " : "", pause ? duration_string(pause, pause_text) : "");
}

void serve_refused(const hoy_err *err, void *unused)
{
	(void)unused;
	serve_trouble(err, 0, NULL);
}

static void tell_end(void)
{
	long long conns = atomic_load(&server.conns), cut = atomic_load(&server.cut);
	long long in = atomic_load(&server.in), out = atomic_load(&server.out);
	struct json j;

	if (common.json) {
		json_begin(&j, "served");
		json_int(&j, "conns", conns);
		json_int(&j, "cut", cut);
		json_int(&j, "in_bytes", in);
		json_int(&j, "out_bytes", out);
		json_int(&j, "elapsed_us", in_us(hoy_time_sub(hoy_now(), server.start)));
		json_end(&j);
	}
	say("served %lld connection%s, %lld bytes in, %lld out; %lld cut short", conns, conns == 1 ? "" : "s", in,
	    out, cut);
}

/*
 * The same port over UDP. A port that the system chose for TCP may be taken there, so
 * then another is tried. NULL: err says why.
 */
static hoy_listener *listen_both(const hoy_listen_config *config, const char *network, const char *address,
				 hoy_err *err)
{
	const char *udp = !strcmp(network, "tcp4") ? "udp4" : !strcmp(network, "tcp6") ? "udp6" : "udp";
	char host[HOY_HOST_STRLEN], port[HOY_HOST_STRLEN], text[HOY_HOST_STRLEN + 16];

	if (serve_is_passed(address)) {
		server.packets = serve_listen_packet(config, udp, address, err);
		return server.packets ? serve_listen(config, network, address, err) : NULL;
	}
	if (hoy_split_host_port(address, host, port, err) < 0)
		return NULL;
	for (int tries = 0; tries < 16; tries++) {
		hoy_listener *l = hoy_listen_config_listen(config, network, address, err);
		hoy_addr addr;
		char number[8];

		if (!l)
			return NULL;
		hoy_listener_addr(l, &addr);
		snprintf(number, sizeof number, "%u", addr.port);
		server.packets = hoy_listen_packet(udp, hoy_join_host_port(host, number, text, sizeof text), err);
		if (server.packets)
			return l;
		hoy_listener_free(l);
		if (err->code != -EADDRINUSE || strcmp(port, "0") != 0)
			return NULL;
	}
	return NULL;
}

static int run_server(const char *network, const char *address)
{
	hoy_listen_config config;
	hoy_serve_opts opts = {
		.max_conns = serving.max_conns, .idle = serving.idle, .drain = serving.drain, .trouble = serve_trouble,
		.refused = serve_refused,
	};
	bool dns = server.service->talk == dns_talk;
	hoy_err err;
	int code = serve_configure(&config);

	if (code != EXIT_YES)
		return code;
	server.start = hoy_now();
	server.listener = (dns ? listen_both : serve_listen)(&config, network, address, &err);
	if (!server.listener)
		return serve_cannot_listen(address, &err);
	code = hoy_go(watch_signals, NULL);
	if (code == 0 && dns)
		code = hoy_go(dns_serve_packets, server.packets);
	if (code < 0)
		return fail_code(code, "go");
	tell_listen(network);
	if (hoy_serve(server.listener, serve_client, NULL, &opts, &err) < 0)
		return fail(&err, NULL);
	tell_end();
	return EXIT_YES;
}

int serve_streams(const struct service *service, const char *network, const char *address)
{
	server.service = service;
	return run_server(network, address);
}

static void tell_datagrams(long long count)
{
	long long in = atomic_load(&server.in), out = atomic_load(&server.out);
	struct json j;

	if (common.json) {
		json_begin(&j, "served");
		json_int(&j, "datagrams", count);
		json_int(&j, "in_bytes", in);
		json_int(&j, "out_bytes", out);
		json_int(&j, "elapsed_us", in_us(hoy_time_sub(hoy_now(), server.start)));
		json_end(&j);
	}
	say("served %lld datagram%s, %lld bytes in, %lld out", count, count == 1 ? "" : "s", in, out);
}

/* The file of a Unix socket stays when that closes. */
static void remove_file(const hoy_conn *packets)
{
	hoy_addr addr;

	hoy_conn_local_addr(packets, &addr);
	if (addr.kind == HOY_ADDR_UNIXGRAM && addr.path[0] != '@')
		unlink(addr.path);
}

/* run NULL: by the service's answers. */
static int listen_for_packets(long long (*run)(hoy_conn *packets), const char *network, const char *address)
{
	hoy_listen_config config;
	hoy_err err;
	int code = serve_configure(&config);

	if (code != EXIT_YES)
		return code;
	server.start = hoy_now();
	server.packets = serve_listen_packet(&config, network, address, &err);
	if (!server.packets)
		return serve_cannot_listen(address, &err);
	code = hoy_go(watch_signals, NULL);
	if (code < 0)
		return fail_code(code, "go");
	tell_listen(network);
	tell_datagrams(run ? run(server.packets) : udp_serve(server.packets, server.service));
	remove_file(server.packets);
	return EXIT_YES;
}

int serve_packets(const struct service *service, long long (*run)(hoy_conn *packets), const char *network, const char *address)
{
	server.service = service;
	return listen_for_packets(run, network, address);
}

static int run_packets(const char *network, const char *address)
{
	return listen_for_packets(NULL, network, address);
}

/* dns ZONEFILE [[NETWORK] ADDRESS] */
static int serve_dns(int argc, char **argv)
{
	const char *network = argc == 4 ? argv[2] : "tcp", *address = argc > 2 ? argv[argc - 1] : "127.0.0.1:1053";

	if (strncmp(network, "tcp", 3) != 0)
		return usage("dns is served over tcp, tcp4 or tcp6, and over UDP at the same port");
	if (!(address = ascii_address(network, address)))
		return EXIT_USAGE;
	if (dns_load(argv[1], origin) < 0)
		return EXIT_NO;
	return run_server(network, address);
}

static int serve(int argc, char **argv)
{
	struct endpoint at = { "tcp", argv[argc - 1] };
	bool datagrams;
	int code = refuse_url(at.address);

	if (code != EXIT_YES)
		return code;
	server.service = find_service(argv[0]);
	if (server.service->talk == dns_talk)
		return serve_dns(argc, argv);
	if (argc > 3)
		return usage("'%s' is one argument too many: hoy serve %s [NETWORK] ADDRESS", argv[3], argv[0]);
	at.network = argc == 3 ? argv[1] : server.service->talk ? "tcp" : "udp";
	at.address = ascii_address(at.network, at.address);
	if (!at.address)
		return EXIT_USAGE;
	datagrams = endpoint_has_datagrams(&at);
	if (datagrams ? !server.service->answer : !server.service->talk)
		return usage("%s is served over %s only", argv[0],
			     datagrams ? "connections (tcp, unix, unixpacket)" : "datagrams (udp, unixgram)");
	return (datagrams ? run_packets : run_server)(at.network, at.address);
}

static const char *const words[] = { "echo", "discard", "daytime", "chargen", "qr", "dns", NULL };

static const char *const examples[] = {
	"hoy serve echo 127.0.0.1:1201",
	"hoy serve daytime tcp4 :1200 --max-conns 100 --idle 30s",
	"hoy serve daytime udp 127.0.0.1:1200",
	"hoy serve discard 127.0.0.1:0 --json",
	"hoy serve echo unix /tmp/echo.sock --mode 660",
	"hoy serve echo 10.0.0.1:1201 --from-proxy 10.0.0.0/24,10.0.1.7",
	"systemd-socket-activate -l 1201 hoy serve echo systemd",
	"hoy serve dns example.zone 127.0.0.1:1053 --origin example.com",
	NULL
};

const struct verb verb_serve = {
	.name = "serve",
	.args = "echo|discard|daytime|chargen|qr|dns [ZONEFILE] [NETWORK] ADDRESS",
	.brief = "a small server: echo, discard, daytime, chargen, qr or dns",
	.about = "Serves RFC 862 echo, RFC 863 discard, RFC 867 daytime or RFC 864 chargen over TCP, a\n"
		 "task per connection, and says on standard error where it listens. NETWORK is tcp\n"
		 "(the default), tcp4, tcp6, udp, udp4 or udp6. :1201 is every address of this machine,\n"
		 "127.0.0.1:1201 only its own programs reach; port 0 takes a free one. SIGTERM or\n"
		 "Ctrl-C stops accepting and lets the connections end by themselves.\n"
		 "\n"
		 "NETWORK is also unix, unixpacket or, for datagrams, unixgram. ADDRESS is then a path, or\n"
		 "@ and a name in the abstract namespace. The file is removed at the end; one that a server\n"
		 "left when it was killed is replaced, one of a server that runs is not.\n"
		 "\n"
		 "ADDRESS systemd is the socket that systemd passed to the program (LISTEN_FDS), systemd:NAME the\n"
		 "one of that name. Systemd is told when the server is ready and when it stops.\n"
		 "\n"
		 "Over UDP each datagram gets at most one back, and none if it comes from a port below\n"
		 "1024, where services are; over unixgram none if its sender has no address. chargen is not\n"
		 "among them: it would flood whoever is named as the sender. qr is over datagrams only: the\n"
		 "guide's ListenPacket, which sends a DNS message back as a response.\n"
		 "\n"
		 "dns answers for the zones of a master file (RFC 1035), over UDP and TCP; each SOA in\n"
		 "it begins a zone. ADDRESS is 127.0.0.1:1053 when it is not given. Records of every type\n"
		 "have their usual form, or \\# LENGTH HEX; DNAME redirects names (RFC 6672). $ORIGIN, $TTL\n"
		 "(times may be 1h30m), $INCLUDE and BIND's $GENERATE are understood. A path of $INCLUDE\n"
		 "that is relative begins at the folder of the file that it stands in. A byte order mark,\n"
		 "and CR at the ends of lines, are skipped.",
	.exits = "0 it was asked to stop, and did\n1 the zone file has a mistake\n3 it could not listen\n4 it may not listen there",
	.flags = flags, .words = words, .examples = examples,
	.min_args = 2, .max_args = 4, .needs_tasks = 1, .is_server = 1, .run = serve,
};
