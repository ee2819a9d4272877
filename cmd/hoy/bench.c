/* hoy bench: the flags, and a run from its words to its exit code. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct bench bench = {
	.connections = 10, .size = 64, .duration = 10 * HOY_SECOND, .warm_up = HOY_SECOND, .timeout = 5 * HOY_SECOND,
};

static const struct flag flags[] = {
	{ "connections", 'c', FLAG_INT, &bench.connections, NULL, "that are open at the same time", 1, 65536 },
	{ "rate", 'r', FLAG_INT, &bench.rate, NULL, "requests a second, of all connections together; 0: the closed loop", 0, 1000000 },
	{ "duration", 'd', FLAG_DURATION, &bench.duration, NULL, "of the measurement", 0, 0 },
	{ "warm-up", 'w', FLAG_DURATION, &bench.warm_up, NULL, "the same load before it, which is not measured", 0, 0 },
	{ "size", 's', FLAG_INT, &bench.size, "BYTES", "of each message to an echo server", 1, 65507 },
	{ "timeout", 't', FLAG_DURATION, &bench.timeout, NULL, "for connecting, and for each answer", 0, 0 },
	{ "remote", 0, FLAG_BOOL, &bench.remote, NULL, "the server may be on another machine; only load what is yours", 0, 0 },
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static hoy_chan *signals;	/* their numbers */

/* ---- the target ---- */

static int read_target(int argc, char **argv, struct endpoint *p)
{
	static char address[URL_ADDRESS_STRLEN];
	bool is_url = strstr(argv[0], "://") != NULL;
	int used = 1, code = EXIT_YES;

	*p = (struct endpoint){ "tcp", address };
	if (is_url)
		code = http_read_url(argv[0], address);
	else
		used = endpoint_take(p, argv);
	if (code != EXIT_YES || !used)
		return EXIT_USAGE;
	if (used < argc)
		return usage("'%s' is one argument too many: hoy bench %s", argv[used], running->args);
	bench.network = p->network;
	bench.target = is_url ? argv[0] : NULL;
	bench.protocol = is_url ? &protocol_http : endpoint_has_datagrams(p) ? &protocol_datagram : &protocol_stream;
	return EXIT_YES;
}

static bool is_this_machine(const hoy_addr *addr)
{
	hoy_interface_addr *own;
	bool found = false;
	int n;

	if (!addr->ip.len || hoy_ip_is_loopback(addr->ip))
		return true;
	n = hoy_interface_addrs(0, &own, NULL);
	for (int i = 0; i < n; i++)
		found |= hoy_ip_equal(own[i].net.ip, addr->ip);
	if (n >= 0)
		hoy_free(own);
	return found;
}

/* The first connection finds the address that all others are dialled to, so lookups and unreachable addresses are no part of the load. */
static int find_server(const struct endpoint *p, struct client *first)
{
	static char target[HOY_ADDR_STRLEN + 16];
	char addr[HOY_ADDR_STRLEN];
	hoy_duration took;
	hoy_err err;

	first->conn = dial_within(p->network, p->address, bench.timeout, &took, &err);
	if (!first->conn)
		return fail(&err, NULL);
	hoy_conn_remote_addr(first->conn, &bench.addr);
	hoy_addr_string(&bench.addr, addr);
	if (!bench.remote && !is_this_machine(&bench.addr)) {
		hoy_conn_free(first->conn);
		return usage("%s is another machine; --remote says that you may load it", addr);
	}
	snprintf(target, sizeof target, "%s %s", p->network, addr);
	if (!bench.target)
		bench.target = target;
	return EXIT_YES;
}

static int check_flags(void)
{
	if (bench.timeout < HOY_MILLISECOND)
		return usage("--timeout takes 1ms or more");
	if (bench.duration < HOY_MILLISECOND)
		return usage("--duration takes 1ms or more");
	return EXIT_YES;
}

/* ---- the run ---- */

static int watch_signals(void *unused)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGQUIT };
	int number;

	(void)unused;
	while ((number = hoy_signal_wait(numbers, LEN(numbers))) > 0 && hoy_chan_send(signals, &number) == 0)
		if (number != SIGQUIT)
			signal(number, SIG_DFL);	/* a second one ends the program at once */
	return 0;
}

static void show_so_far(void)
{
	end_progress();
	settle_after_key();
	show_result(false);
}

/* Until the gate opens, 0, or until a signal says to end: its number. */
static int await(struct gate *g)
{
	hoy_time tick = hoy_in(HOY_SECOND);
	int number = 0;

	for (;;) {
		hoy_case cases[] = { HOY_RECV(g->opened, NULL), HOY_RECV(signals, &number), HOY_UNTIL(tick) };

		switch (hoy_select(cases, LEN(cases), NULL)) {
		case 0:
			return 0;
		case 1:
			if (number != SIGQUIT)
				return number;
			show_so_far();
			break;
		default:
			show_progress();
			tick = hoy_in(HOY_SECOND);
		}
	}
}

static void start_load(void)
{
	bench.origin = hoy_now();
	bench.start = hoy_time_add(bench.origin, bench.warm_up);
	atomic_store(&bench.end, hoy_time_add(bench.start, bench.duration).ns);
	hoy_chan_close(started);
}

/* Starts all clients, and waits for the end. 0, the number of a signal, or a negative code. */
static int run_clients(hoy_group *g, struct client *clients)
{
	const hoy_go_opts opts = { .stack = 64 * 1024, .name = "client", .place = HOY_PLACE_SPREAD };
	int code = hoy_group_go(g, watch_signals, NULL);

	for (int i = 0; i < bench.connections && code == 0; i++)
		code = hoy_group_go_with(g, &opts, client_run, &clients[i]);
	if (code == 0)
		code = await(&connected);
	if (code == 0) {
		start_load();
		code = await(&finished);
	}
	if (code > 0)
		atomic_store(&bench.end, hoy_now().ns);
	end_progress();
	return code;
}

static hoy_chan *gate_new(struct gate *g)
{
	atomic_store(&g->left, bench.connections);
	return g->opened = must(hoy_chan_new(0, 0));
}

static int run_load(struct client *clients)
{
	hoy_chan *chans[] = {
		gate_new(&connected), gate_new(&finished), started = must(hoy_chan_new(0, 0)),
		signals = must(hoy_chan_new(sizeof(int), 0)),
	};
	hoy_group *g = must(hoy_group_new());
	int code = run_clients(g, clients);

	hoy_group_free(g);		/* cancels what still runs, and waits for it */
	for (size_t i = 0; i < LEN(chans); i++)
		hoy_chan_free(chans[i]);
	if (code < 0)
		return fail_code(code, "go");
	if (code > 0)
		settle_after_key();
	show_result(code == 0);
	return code ? 128 + code : show_hints();
}

static int run(int argc, char **argv)
{
	struct client *clients;
	struct endpoint p;
	int code = check_flags();

	if (code == EXIT_YES)
		code = read_target(argc, argv, &p);
	if (code != EXIT_YES)
		return code;
	clients = must(calloc((size_t)bench.connections, sizeof *clients));
	for (int i = 0; i < bench.connections; i++)
		clients[i].number = i;
	code = find_server(&p, &clients[0]);
	if (code == EXIT_YES)
		code = run_load(clients);
	free(clients);
	return code;
}

static const char *const examples[] = {
	"hoy bench 127.0.0.1:1201", "hoy bench 127.0.0.1:1201 -c 1000 -r 20000 -d 30s", "hoy bench udp 127.0.0.1:1200 -s 1200",
	"hoy bench unix /run/app.sock", "hoy bench http://127.0.0.1:8080/index.html -c 100 -r 5000", NULL
};

const struct verb verb_bench = {
	.name = "bench", .args = "[NETWORK] ADDRESS|URL", .brief = "how fast an echo server or a web server answers, under load",
	.about = "Asks a server again and again, on several connections at once, and shows how long the answers\n"
		 "took. ADDRESS is an echo server's, as that of hoy serve echo; NETWORK is tcp (the default), tcp4,\n"
		 "tcp6, udp, udp4, udp6, unix, unixgram or unixpacket. Every byte that comes back is compared with\n"
		 "the one that was sent, which depends on its connection and its place there. Of a URL with http,\n"
		 "GET is sent by HTTP/1.1; a connection is used again as long as the server keeps it.\n"
		 "\n"
		 "With --rate the loop is open: requests are due at fixed moments, in turn on all connections,\n"
		 "however slow the answers are, and latency counts from the moment the request was due. A\n"
		 "connection that still waits for an answer sends what has become due as soon as it can. So a\n"
		 "stall of one second delays all that was due in that second, and the percentiles show it. Else\n"
		 "the loop is closed: each connection sends when it has its answer. That finds the highest rate,\n"
		 "but a server that stalls is not asked meanwhile, and the percentiles look too good.\n"
		 "\n"
		 "Requests without an answer after --timeout, or not sent within a second after the end, are in the\n"
		 "percentiles with the time they had waited. \"sent late\" tells how late this program was itself. All\n"
		 "connections are made before the load begins; one that fails is made anew for its next request.\n"
		 "\n"
		 "Ctrl-\\ prints the result so far and goes on; Ctrl-C prints it and ends. A server on another\n"
		 "machine takes --remote.",
	.exits = "0 every request was answered, and rightly\n1 an answer was wrong: other bytes, not HTTP, or a status from 400 on\n"
		 "3 it could not be asked, or nothing was answered\n5 some requests were not answered",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 2, .needs_tasks = 1, .run = run,
};
