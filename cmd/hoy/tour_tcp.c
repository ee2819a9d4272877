/* The guide's TCP chapters. Each step starts what it needs on port 0 and takes it down again. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service.h"
#include "tour.h"

#define HOLD (50 * HOY_MILLISECOND)	/* how long the first client keeps a server busy */

/* The guide's SimpleEchoServer: who is not accepted yet has to wait. */
static int serve_one_by_one(void *arg)
{
	struct local *l = arg;
	hoy_conn *c;

	while ((c = hoy_listener_accept(l->listener, NULL))) {
		l->handle(c, l);
		hoy_conn_free(c);
	}
	hoy_wait_group_done(&l->running);
	return 0;
}

static double in_ms(hoy_duration d)
{
	return (double)d / HOY_MILLISECOND;
}

static enum verdict ask_daytime(struct step *s, const char *addr)
{
	enum verdict verdict = STEP_OK;
	hoy_err err;
	hoy_conn *c = local_dial("tcp", addr, &err);
	char *text;
	ssize_t len;

	if (!c)
		return step_failed(s, &err);
	len = hoy_read_all(c, &text, 4096, &err);
	hoy_conn_free(c);
	if (len < 0)
		return step_failed(s, &err);
	step_line(s, "%.*s", (int)strcspn(text, "\r\n"), text);
	if (!is_now(text))
		verdict = step_wrong(s, "that is not the time of now");
	hoy_free(text);
	return verdict;
}

static enum verdict daytime(struct step *s)
{
	struct local server = { .handle = local_daytime };
	enum verdict verdict;
	hoy_err err;

	if (local_start(&server, "tcp", "127.0.0.1:0", serve_each, &err) < 0)
		return step_failed(s, &err);
	step_command(s, "hoy serve daytime %s & hoy daytime %s", server.addr, server.addr);
	verdict = ask_daytime(s, server.addr);
	local_stop(&server);
	return verdict;
}

static const char http_answer[] =
	"HTTP/1.0 200 OK\r\n"
	"Server: hoy tour\r\n"
	"Content-Type: text/html\r\n"
	"Content-Length: 2152\r\n"
	"\r\n";

/* As much of HTTP/1.0 as the guide's client needs. */
static void handle_http(hoy_conn *c, void *arg)
{
	static const char bad[] = "HTTP/1.0 400 Bad Request\r\n\r\n";
	hoy_reader *r = hoy_reader_new(c, 0, NULL);
	int is_head = 0;
	char *line;

	(void)arg;
	if (!r)
		return;
	if (hoy_reader_line(r, &line, NULL, NULL) > 0)
		is_head = !strcmp(line, "HEAD / HTTP/1.0");
	while (hoy_reader_line(r, &line, NULL, NULL) > 0 && *line)
		;
	hoy_conn_write(c, is_head ? http_answer : bad, strlen(is_head ? http_answer : bad), NULL);
	hoy_reader_free(r);
}

static enum verdict ask_head(struct step *s, const char *network, const char *addr, int show)
{
	static const char request[] = "HEAD / HTTP/1.0\r\n\r\n";
	enum verdict verdict = STEP_OK;
	hoy_err err;
	hoy_conn *c = local_dial(network, addr, &err);
	char *text = NULL;

	if (!c)
		return step_failed(s, &err);
	if (hoy_conn_write(c, request, strlen(request), &err) < 0 || hoy_read_all(c, &text, 65536, &err) < 0) {
		hoy_conn_free(c);
		return step_failed(s, &err);
	}
	hoy_conn_free(c);
	for (char *line = text; show && *line && *line != '\r'; line += strcspn(line, "\n") + 1)
		step_line(s, "%.*s", (int)strcspn(line, "\r\n"), line);
	if (strcmp(text, http_answer))
		verdict = step_wrong(s, "that is not what the server sent");
	hoy_free(text);
	return verdict;
}

static enum verdict head(struct step *s)
{
	struct local server = { .handle = handle_http };
	enum verdict verdict;
	hoy_err err;

	if (local_start(&server, "tcp", "127.0.0.1:0", serve_each, &err) < 0)
		return step_failed(s, &err);
	step_command(s, "hoy head %s", server.addr);
	verdict = ask_head(s, "tcp4", server.addr, 1);
	local_stop(&server);
	return verdict;
}

/* The second client's time to its answer, while the first was there or after it had left. */
struct turn {
	int waited;
	hoy_duration took;
};

/*
 * Two clients at once. The first is answered and stays for HOLD; is the second
 * answered meanwhile? The order of events decides, the times are only for show.
 */
static int take_turns(const char *addr, struct turn *turn, hoy_err *err)
{
	hoy_conn *first = local_dial("tcp", addr, err), *second = first ? local_dial("tcp", addr, err) : NULL;
	hoy_time start = hoy_now();
	char back[6];
	int result = -1;

	if (!second || (result = ask_echo(first, "first", err)) != 0)
		goto out;
	if ((result = hoy_conn_write(second, "second", 6, err) < 0 ? -1 : 0) < 0)
		goto out;
	hoy_conn_set_read_deadline(second, hoy_in(HOLD), NULL);
	result = hoy_read_full(second, back, 6, err) < 0 ? -1 : 0;
	turn->waited = result < 0 && hoy_is_timeout(err->code);
	if (turn->waited) {
		hoy_conn_close(first, NULL);
		hoy_conn_set_read_deadline(second, hoy_in(PATIENCE), NULL);
		result = hoy_read_full(second, back, 6, err) < 0 ? -1 : 0;
	}
	turn->took = hoy_time_sub(hoy_now(), start);
	if (result == 0)
		result = memcmp(back, "second", 6) ? 1 : 0;
out:
	hoy_conn_free(second);
	hoy_conn_free(first);
	return result;
}

static struct turn one_task;	/* of the first of the two steps, to stand beside the second */

static enum verdict run_turns(struct step *s, hoy_fn *serve, struct turn *turn)
{
	struct local server = { .handle = local_echo };
	hoy_err err = { 0 };
	int result;

	if (local_start(&server, "tcp", "127.0.0.1:0", serve, &err) < 0)
		return step_failed(s, &err);
	step_command(s, serve == serve_each ? "hoy serve echo %s" : "hoy serve echo %s --max-conns 1", server.addr);
	result = take_turns(server.addr, turn, &err);
	local_stop(&server);
	if (result < 0)
		return step_failed(s, &err);
	return result ? step_wrong(s, "something else came back") : STEP_OK;
}

static void tell_turn(struct step *s, const char *what, const struct turn *turn)
{
	step_line(s, "%-18s client 2 was answered after %5.1f ms, %s", what, in_ms(turn->took),
		  turn->waited ? "when client 1 had left" : "beside client 1");
}

static enum verdict single_task_echo(struct step *s)
{
	enum verdict verdict = run_turns(s, serve_one_by_one, &one_task);

	if (verdict != STEP_OK)
		return verdict;
	tell_turn(s, "one task for all:", &one_task);
	return one_task.waited ? STEP_OK : step_wrong(s, "client 2 should have had to wait");
}

static enum verdict task_per_client_echo(struct step *s)
{
	struct turn turn = { 0 };
	enum verdict verdict = run_turns(s, serve_each, &turn);

	if (verdict != STEP_OK)
		return verdict;
	if (one_task.took)
		tell_turn(s, "one task for all:", &one_task);
	tell_turn(s, "a task per client:", &turn);
	return turn.waited ? step_wrong(s, "client 2 should not have had to wait") : STEP_OK;
}

/* A silent peer makes the read fail; the connection lives on. */
static enum verdict miss_deadline(struct step *s, hoy_conn *c)
{
	char text[HOY_ERR_STRLEN], byte;
	hoy_time start = hoy_now();
	hoy_duration took;
	hoy_err err = { 0 };
	ssize_t n;

	hoy_conn_set_deadline(c, hoy_in(HOLD), NULL);
	n = hoy_conn_read(c, &byte, 1, &err);
	took = hoy_time_sub(hoy_now(), start);
	if (n >= 0)
		return step_wrong(s, "a read from a silent server returned %zd", n);
	step_line(s, "%s, after %.1f ms", hoy_err_string(&err, text), in_ms(took));
	if (!hoy_is_timeout(err.code))
		return step_wrong(s, "that is no timeout");
	if (took < HOLD)
		return step_wrong(s, "that was before the deadline");
	hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
	if (ask_echo(c, "moved on", &err) != 0)
		return step_wrong(s, "the connection did not survive its deadline");
	step_line(s, "deadline moved: the same connection echoes again");
	return STEP_OK;
}

static int read_option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof value;

	return getsockopt(fd, level, name, &value, &len) < 0 ? -1 : value;
}

static enum verdict set_keep_alive(struct step *s, hoy_conn *c)
{
	hoy_keep_alive_config config = {
		.enable = 1, .idle = 30 * HOY_SECOND, .interval = 10 * HOY_SECOND, .count = 4
	};
	int fd, off, on, idle, interval, count;
	hoy_err err;

	if ((fd = hoy_conn_fd(c, &err)) < 0)
		return step_failed(s, &err);
	off = hoy_tcp_set_keep_alive(c, 0, &err) < 0 ? -1 : read_option(fd, SOL_SOCKET, SO_KEEPALIVE);
	if (hoy_tcp_set_keep_alive_config(c, &config, &err) < 0) {
		close(fd);
		return step_failed(s, &err);
	}
	on = read_option(fd, SOL_SOCKET, SO_KEEPALIVE);
	idle = read_option(fd, IPPROTO_TCP, TCP_KEEPIDLE);
	interval = read_option(fd, IPPROTO_TCP, TCP_KEEPINTVL);
	count = read_option(fd, IPPROTO_TCP, TCP_KEEPCNT);
	close(fd);
	step_line(s, "off: SO_KEEPALIVE %d; on: SO_KEEPALIVE %d, idle %d s, interval %d s, %d probes", off, on, idle,
		  interval, count);
	return off == 0 && on == 1 && idle == 30 && interval == 10 && count == 4
		? STEP_OK : step_wrong(s, "the system says otherwise");
}

/* An echo server and one connection to it, for the steps about a single connection. */
static enum verdict with_connection(struct step *s, const char *flags, enum verdict (*run)(struct step *, hoy_conn *))
{
	struct local server = { .handle = local_echo };
	enum verdict verdict;
	hoy_conn *c;
	hoy_err err;

	if (local_start(&server, "tcp", "127.0.0.1:0", serve_each, &err) < 0)
		return step_failed(s, &err);
	step_command(s, "hoy serve echo %s %s", server.addr, flags);
	c = local_dial("tcp", server.addr, &err);
	verdict = c ? run(s, c) : step_failed(s, &err);
	hoy_conn_free(c);
	local_stop(&server);
	return verdict;
}

static enum verdict deadline(struct step *s)
{
	return with_connection(s, "--idle 50ms", miss_deadline);
}

static enum verdict keep_alive(struct step *s)
{
	return with_connection(s, "--keep-alive 30s", set_keep_alive);
}

static int has_ipv6(void)
{
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp6", "[::1]:0", &err);
	int has = l || (err.code != -EADDRNOTAVAIL && err.code != -EAFNOSUPPORT);

	hoy_listener_free(l);
	return has;
}

static enum verdict listen_and_dial(struct step *s, const char *network, const char *address)
{
	struct local server = { .handle = handle_http };
	enum verdict verdict;
	hoy_err err;

	if (local_start(&server, network, address, serve_each, &err) < 0)
		return step_failed(s, &err);
	verdict = ask_head(s, network, server.addr, 0);
	if (verdict == STEP_OK)
		step_line(s, "%-5s %-18s HTTP/1.0 200 OK", network, server.addr);
	local_stop(&server);
	return verdict;
}

static enum verdict by_string(struct step *s)
{
	static const struct { const char *network, *address; int needs_ipv6; } cases[] = {
		{ "tcp", "127.0.0.1:0", 0 }, { "tcp4", "127.0.0.1:0", 0 }, { "tcp6", "[::1]:0", 1 },
	};
	enum verdict verdict = STEP_OK;
	int ipv6 = has_ipv6();

	step_command(s, "hoy serve echo tcp6 [::1]:1201");
	for (size_t i = 0; i < LEN(cases) && verdict == STEP_OK; i++) {
		if (cases[i].needs_ipv6 && !ipv6)
			step_line(s, "%-5s left out: this machine has no IPv6", cases[i].network);
		else
			verdict = listen_and_dial(s, cases[i].network, cases[i].address);
	}
	return verdict;
}

static long resident_kib(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (!f)
		return 0;
	if (fscanf(f, "%*s %ld", &pages) != 1)
		pages = 0;
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Both ends are here: two descriptors a connection, and some for the rest of the process. */
static int affordable(int wanted)
{
	struct rlimit limit = { 0 };
	int fit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 2 * (rlim_t)wanted + 64)
		return wanted;
	fit = ((int)limit.rlim_cur - 64) / 2;
	return fit > 0 ? fit : 0;
}

/* Each gets its own word back, so that none of them was only thought to be connected. */
static int ask_everyone(hoy_conn **conns, int n, hoy_err *err)
{
	char word[24];
	int result = 0;

	for (int i = 0; i < n && !result; i++) {
		snprintf(word, sizeof word, "word %06d", i);
		hoy_conn_set_deadline(conns[i], hoy_in(PATIENCE), NULL);
		result = ask_echo(conns[i], word, err);
	}
	return result;
}

static enum verdict hold_many(struct step *s, const char *addr, hoy_conn **conns, int n)
{
	long before = resident_kib();
	hoy_time start = hoy_now();
	hoy_duration built;
	hoy_err err = { 0 };
	int result;

	for (int i = 0; i < n; i++)
		if (!(conns[i] = local_dial("tcp", addr, &err)))
			return step_failed(s, &err);
	result = ask_everyone(conns, n, &err);
	built = hoy_time_sub(hoy_now(), start);
	if (result)
		return result < 0 ? step_failed(s, &err) : step_wrong(s, "a client got another's word");
	step_line(s, "%d connections, each with its own task, open and answered in %.0f ms", n, in_ms(built));
	step_line(s, "%.1f KiB each, both ends and the task", (double)(resident_kib() - before) / n);
	return STEP_OK;
}

static enum verdict many(struct step *s)
{
	enum { WANTED = 2000 };
	int n = affordable(WANTED);
	hoy_conn **conns = calloc(WANTED, sizeof *conns);
	struct local server = { .handle = local_echo };
	enum verdict verdict;
	hoy_err err;

	if (n < 10 || !conns || local_start(&server, "tcp", "127.0.0.1:0", serve_each, &err) < 0) {
		free(conns);
		return n < 10 ? step_wrong(s, "only %d descriptors allowed", 2 * n + 64)
			      : conns ? step_failed(s, &err) : step_wrong(s, "out of memory");
	}
	step_command(s, "hoy serve echo %s --max-conns %d", server.addr, n);
	verdict = hold_many(s, server.addr, conns, n);
	for (int i = 0; i < n; i++)
		hoy_conn_free(conns[i]);
	local_stop(&server);
	free(conns);
	return verdict;
}

const struct tour_step tour_tcp[] = {
	{ "Daytime server", "examples/guide/DaytimeServer.c", daytime },
	{ "Get header info client", "examples/guide/GetHeadInfo.c", head },
	{ "Single-threaded echo server", "examples/guide/SimpleEchoServer.c", single_task_echo },
	{ "From single-threaded to multi-threaded", "examples/guide/ThreadedEchoServer.c", task_per_client_echo },
	{ "Controlling TCP connections: timeout", "examples/guide/Deadline.c", deadline },
	{ "Controlling TCP connections: staying alive", "examples/guide/KeepAlive.c", keep_alive },
	{ "The Conn and Listener types", "examples/guide/IPGetHeadInfo.c", by_string },
	{ "Many clients at once", "examples/guide/ThreadedIPEchoServer.c", many },
	{ NULL, NULL, NULL }
};
