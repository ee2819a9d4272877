/* hoy against programs nobody here wrote: as their server, and as their client. */
#include <sys/stat.h>

#define TEST_LIMIT 60

#include "pair.h"

static void echo(hoy_conn *c, void *arg)
{
	(void)arg;
	hoy_copy(c, c, NULL);
}

static int serve_echo(void *at)
{
	return hoy_serve(at, echo, NULL, NULL, NULL);
}

static bool is_there(const char *program)
{
	char command[64];

	snprintf(command, sizeof command, "command -v %s >/dev/null", program);
	return system(command) == 0;
}

struct shell {
	char command[512], output[4096];
	int status;
};

/* In the offload pool: the shell may take its time. */
static int run_shell(void *at)
{
	struct shell *s = at;
	FILE *f = popen(s->command, "r");
	size_t n = fread(s->output, 1, sizeof s->output - 1, f);

	s->output[n] = '\0';
	s->status = pclose(f);
	return 0;
}

/* What each client sends to the echo server on port $P, and what must come back. */
static const struct {
	const char *program, *command, *want;
} clients[] = {
	{ "nc",     "printf x | nc -N 127.0.0.1 $P", "x" },
	{ "nc",     "printf six | nc -N ::1 $P", "six" },
	{ "nc",     "for i in 1 2 3 4 5 6 7 8 9 10; do printf $i | nc -N 127.0.0.1 $P; done", "12345678910" },
	{ "ncat",   "printf 'one\\ntwo\\n' | ncat 127.0.0.1 $P", "one\ntwo\n" },
	{ "socat",  "printf abc | socat -t5 - TCP:127.0.0.1:$P", "abc" },
	{ "socat",  "seq 1 200000 | socat -t5 - TCP:127.0.0.1:$P | cksum; seq 1 200000 | cksum", "" },
	{ "ncat",   "seq 1 200000 | ncat 127.0.0.1 $P | cksum; seq 1 200000 | cksum", "" },
};

static void check_client(size_t i, int port)
{
	struct shell s;
	char *half;

	snprintf(s.command, sizeof s.command, "P=%d; %s", port, clients[i].command);
	hoy_offload(run_shell, &s);
	CHECK_INT(s.status, 0);
	if (*clients[i].want) {
		CHECK_STR(s.output, clients[i].want, clients[i].command);
		return;
	}
	/* two sums, of what came back and of what was sent */
	half = strchr(s.output, '\n');
	if (!CHECK(half))
		return;
	*half++ = '\0';
	half[strcspn(half, "\n")] = '\0';
	CHECK_STR(s.output, half, clients[i].command);
}

static void check_clients(hoy_listener *l)
{
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	for (size_t i = 0; i < LEN(clients); i++)
		if (is_there(clients[i].program))
			check_client(i, addr.port);
		else
			fprintf(stderr, "%s is not installed: not asked\n", clients[i].program);
}

static int their_server(void *arg)
{
	hoy_listener *l = listen_on("tcp", ":0");
	struct started s;

	(void)arg;
	in_tasks = true;
	start(&s, serve_echo, l);
	check_clients(l);
	hoy_listener_close(l, NULL);
	CHECK_INT(finish(&s), 0);
	hoy_listener_free(l);
	return 0;
}

/* One task for all: the listener, its clients, a ticker, and the channel that ends it. */
enum { ROOM = 8 };

struct selecting {
	hoy_listener *listener;
	hoy_chan *quit;
	hoy_ticker ticker;
	hoy_conn *conn[ROOM], *new;
	int accepted, ticks;
};

static void admit(struct selecting *s, hoy_case *cases)
{
	int i = 0;

	while (i < ROOM - 1 && s->conn[i])
		i++;
	CHECK(!s->conn[i]);
	s->conn[i] = s->new;
	cases[i] = HOY_READABLE(s->new);
	s->accepted++;
}

static void send_back(struct selecting *s, int i, hoy_case *cases)
{
	static char buf[4096];
	ssize_t n = hoy_conn_read(s->conn[i], buf, sizeof buf, NULL);

	if (n > 0 && hoy_conn_write(s->conn[i], buf, (size_t)n, NULL) == n)
		return;
	hoy_conn_free(s->conn[i]);
	s->conn[i] = NULL;
	cases[i] = HOY_READABLE(NULL);
}

static int serve_by_select(void *at)
{
	enum { ACCEPT = ROOM, TICK, QUIT, CASES };
	struct selecting *s = at;
	hoy_case cases[CASES] = {
		[ACCEPT] = HOY_ACCEPT(s->listener, &s->new), [TICK] = HOY_TICK(&s->ticker), [QUIT] = HOY_RECV(s->quit, NULL),
	};
	int i, code;

	for (i = 0; i < ROOM; i++)
		cases[i] = HOY_READABLE(NULL);
	while ((i = hoy_select(cases, CASES, &code)) >= 0 && i != QUIT)
		if (i == TICK)
			s->ticks++;
		else if (!CHECK_INT(code, 0))
			return code;
		else if (i == ACCEPT)
			admit(s, cases);
		else
			send_back(s, i, cases);
	for (i = 0; i < ROOM; i++)
		hoy_conn_free(s->conn[i]);
	return i < 0 ? i : 0;
}

static int their_selecting_server(void *arg)
{
	struct selecting s = { .listener = listen_on("tcp", ":0"), .quit = hoy_chan_new(0, 0) };
	struct started server;

	(void)arg;
	in_tasks = true;
	hoy_ticker_reset(&s.ticker, HOY_MILLISECOND);
	start(&server, serve_by_select, &s);
	check_clients(s.listener);
	CHECK_INT(hoy_chan_send(s.quit, NULL), 0);
	CHECK_INT(finish(&server), 0);
	CHECK(s.accepted > 0 && s.ticks > 0);
	hoy_listener_free(s.listener);
	hoy_chan_free(s.quit);
	return 0;
}

TEST(a_server_for_their_clients)
{
	if (!is_there("nc") && !is_there("socat") && !is_there("ncat"))
		SKIP("none of nc, socat, ncat is installed");
	CHECK_INT(hoy_run(their_server, NULL), 0);
}

TEST(a_selecting_server_for_their_clients)
{
	if (!is_there("nc") && !is_there("socat") && !is_there("ncat"))
		SKIP("none of nc, socat, ncat is installed");
	CHECK_INT(hoy_run(their_selecting_server, NULL), 0);
}

static int free_port(void)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_addr addr;

	hoy_listener_addr(l, &addr);
	hoy_listener_free(l);
	return addr.port;
}

/* Starts a command of the shell; its group dies with the test. */
static void run_server(const char *command, int port)
{
	char text[1024];

	snprintf(text, sizeof text, "P=%d; %s", port, command);
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c", text, (char *)NULL);
		_exit(127);
	}
}

static hoy_conn *dial_when_it_is_up(int port)
{
	char address[32];
	hoy_conn *c = NULL;

	snprintf(address, sizeof address, "127.0.0.1:%d", port);
	for (int i = 0; i < 500 && !c; i++) {
		c = hoy_dial_timeout("tcp", address, HOY_SECOND, NULL);
		if (!c)
			hoy_sleep(10 * HOY_MILLISECOND);
	}
	return c;
}

struct sender {
	hoy_conn *conn;
	size_t len;
	char *data;
};

static int send_all(void *at)
{
	struct sender *s = at;

	if (hoy_conn_write(s->conn, s->data, s->len, NULL) < 0)
		return -1;
	return hoy_conn_close_write(s->conn, NULL);
}

static int echoed_by_socat(void *at)
{
	enum { SIZE = 500000 };
	struct sender s = { .len = SIZE, .data = malloc(SIZE) };
	struct started started;
	char *back = NULL;
	int port = free_port();

	(void)at;
	for (int i = 0; i < SIZE; i++)
		s.data[i] = (char)(i % 251);
	/* by a socket pair: with pipes, socat and cat can wait for each other to read */
	run_server("exec socat -t10 TCP-LISTEN:$P,bind=127.0.0.1,reuseaddr,fork EXEC:cat", port);
	s.conn = dial_when_it_is_up(port);
	if (CHECK(s.conn)) {
		start(&started, send_all, &s);
		CHECK_INT(hoy_read_all(s.conn, &back, 0, NULL), SIZE);
		CHECK(back && memcmp(back, s.data, SIZE) == 0);
		CHECK_INT(finish(&started), 0);
	}
	hoy_free(back);
	hoy_conn_free(s.conn);
	free(s.data);
	return 0;
}

TEST(a_client_of_socat)
{
	if (!is_there("socat"))
		SKIP("socat is not installed");
	in_tasks = true;
	CHECK_INT(hoy_run(echoed_by_socat, NULL), 0);
	in_tasks = false;
	CHECK_INT(echoed_by_socat(NULL), 0);
}

static int fed_by_ncat(void *at)
{
	int port = free_port(), next = 1;
	hoy_conn *c;
	hoy_reader *r;
	char *line;

	(void)at;
	run_server("seq 1 100000 | exec ncat -l 127.0.0.1 $P --send-only", port);
	c = dial_when_it_is_up(port);
	if (!CHECK(c))
		return 0;
	r = hoy_reader_new(c, 0, NULL);
	while (hoy_reader_line(r, &line, NULL, NULL) == 1 && atoi(line) == next)
		next++;
	CHECK_INT(next, 100001);
	hoy_reader_free(r);
	hoy_conn_free(c);
	return 0;
}

TEST(a_client_of_ncat)
{
	if (!is_there("ncat"))
		SKIP("ncat is not installed");
	CHECK_INT(hoy_run(fed_by_ncat, NULL), 0);
}

/* nginx in front of one file; several requests over one connection, told by lines. */
static const char nginx[] =
	"d=$(mktemp -d) && chmod 755 $d && echo 'the file' >$d/index.html && printf '"
	"daemon off; master_process off; error_log stderr crit; pid %s/pid; events {}\\n"
	"http { access_log off; client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;\\n"
	"uwsgi_temp_path %s; scgi_temp_path %s; server { listen 127.0.0.1:%s; root %s; } }\\n' "
	"$d $d $d $d $d $d $P $d >$d/conf && exec nginx -e stderr -p $d -c $d/conf";

static int length_in_head(hoy_reader *r)
{
	char *line;
	int length = -1;

	if (!CHECK_INT(hoy_reader_line(r, &line, NULL, NULL), 1) ||
	    !CHECK_STR(line, "HTTP/1.1 200 OK", "the first line"))
		return -1;
	while (hoy_reader_line(r, &line, NULL, NULL) == 1 && *line)
		sscanf(line, "Content-Length: %d", &length);
	return length;
}

static int ask_nginx(void *at)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	int port = free_port();
	hoy_conn *c;
	hoy_reader *r;
	char body[16];

	(void)at;
	run_server(nginx, port);
	c = dial_when_it_is_up(port);
	if (!CHECK(c))
		return 0;
	r = hoy_reader_new(c, 0, NULL);
	for (int i = 0; i < 20; i++) {
		CHECK_INT(hoy_conn_write(c, get, sizeof get - 1, NULL), sizeof get - 1);
		if (!CHECK_INT(length_in_head(r), 9))
			break;
		memset(body, 0, sizeof body);
		for (ssize_t n = 0; n < 9; )
			n += hoy_reader_read(r, body + n, (size_t)(9 - n), NULL);
		CHECK_STR(body, "the file\n", "the body");
	}
	hoy_reader_free(r);
	hoy_conn_free(c);
	return 0;
}

TEST(a_client_of_nginx)
{
	if (!is_there("nginx"))
		SKIP("nginx is not installed");
	CHECK_INT(hoy_run(ask_nginx, NULL), 0);
}
