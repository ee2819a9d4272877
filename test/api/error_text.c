/*
 * Every operation and every way it fails: the code, and the sentence to the letter. In
 * what is wanted, A and B stand for the ends of a connection, L for a listener's
 * address, D for an address nobody listens on.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "pair.h"

struct scene {
	hoy_listener *l;
	hoy_conn *a, *b;
	hoy_addr dead;
	char text[4][HOY_ADDR_STRLEN];	/* of A, B, L, D */
};

static void set_scene(struct scene *s)
{
	hoy_listener *l = listen_on("tcp", "127.0.0.1:0");
	hoy_addr addr[4];
	hoy_err err;

	s->l = listen_on("tcp", "127.0.0.1:0");
	s->a = dial_to(s->l);
	s->b = hoy_listener_accept(s->l, &err);
	must(s->b, "accept", &err);
	hoy_conn_local_addr(s->a, &addr[0]);
	hoy_conn_remote_addr(s->a, &addr[1]);
	hoy_listener_addr(s->l, &addr[2]);
	hoy_listener_addr(l, &addr[3]);
	hoy_listener_free(l);
	s->dead = addr[3];
	for (int i = 0; i < 4; i++)
		hoy_addr_string(&addr[i], s->text[i]);
}

/* Every capital that stands alone becomes its address. */
static void write_want(const struct scene *s, const char *pattern, char *out, size_t size)
{
	size_t n = 0;

	for (const char *p = pattern; *p && n + HOY_ADDR_STRLEN < size; p++) {
		const char *which = strchr("ABLD", *p);

		if (which)
			n += (size_t)snprintf(out + n, size - n, "%s", s->text[which - "ABLD"]);
		else
			out[n++] = *p;
	}
	out[n] = '\0';
}

/* dial and listen: what they were asked for is data */
static int dial(const char *network, const char *address, hoy_err *err)
{
	hoy_conn *c = hoy_dial(network, address, err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int dial_dead(struct scene *s, hoy_err *err) { return dial("tcp", s->text[3], err); }
static int dial_unknown_network(struct scene *s, hoy_err *err) { return dial("foo", s->text[3], err); }
static int dial_nothing(struct scene *s, hoy_err *err) { (void)s; return dial("tcp", "", err); }
static int dial_no_port(struct scene *s, hoy_err *err) { (void)s; return dial("tcp", "127.0.0.1", err); }
static int dial_colons(struct scene *s, hoy_err *err) { (void)s; return dial("tcp", "::1:80", err); }
static int dial_big_port(struct scene *s, hoy_err *err) { (void)s; return dial("tcp", "127.0.0.1:70000", err); }
static int dial_name(struct scene *s, hoy_err *err) { (void)s; return dial("tcp", "x.invalid:80", err); }
static int dial_wrong_family(struct scene *s, hoy_err *err) { (void)s; return dial("tcp4", "[::1]:80", err); }

static int dial_with(const hoy_dialer *d, struct scene *s, hoy_err *err)
{
	hoy_conn *c = hoy_dialer_dial(d, "tcp", s->text[3], err);

	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int dial_too_late(struct scene *s, hoy_err *err)
{
	return dial_with(&(hoy_dialer){ .deadline = past() }, s, err);
}

static int dial_negative_timeout(struct scene *s, hoy_err *err)
{
	return dial_with(&(hoy_dialer){ .timeout = -1 }, s, err);
}

static int refuse(int fd, const char *network, const hoy_addr *addr, void *arg)
{
	CHECK(fd >= 0 && arg);
	CHECK_STR(network, "tcp4", "control's network");
	CHECK_INT(addr->kind, HOY_ADDR_TCP);
	return -EPERM;
}

static int dial_refused_by_control(struct scene *s, hoy_err *err)
{
	return dial_with(&(hoy_dialer){ .control = refuse, .arg = s }, s, err);
}

static int dial_from_other_kind(struct scene *s, hoy_err *err)
{
	hoy_addr from = { .kind = HOY_ADDR_UDP, .ip = hoy_ipv4(127, 0, 0, 1), .port = 1 };

	return dial_with(&(hoy_dialer){ .local_addr = &from }, s, err);
}

static int dial_from_other_family(struct scene *s, hoy_err *err)
{
	hoy_addr from = { .kind = HOY_ADDR_TCP };

	hoy_parse_ip("::1", &from.ip, NULL);
	return dial_with(&(hoy_dialer){ .local_addr = &from }, s, err);
}

static int dial_from_taken(struct scene *s, hoy_err *err)
{
	hoy_addr from;
	hoy_conn *c;

	hoy_listener_addr(s->l, &from);
	c = hoy_dial_tcp("tcp", &from, &s->dead, err);
	hoy_conn_free(c);
	return c ? 0 : err->code;
}

static int dial_tcp_nowhere(struct scene *s, hoy_err *err)
{
	(void)s;
	return hoy_dial_tcp("tcp", NULL, NULL, err) ? 0 : err->code;
}

static int dial_tcp_unknown(struct scene *s, hoy_err *err)
{
	return hoy_dial_tcp("udp", NULL, &s->dead, err) ? 0 : err->code;
}

static int listen_at(const char *network, const char *address, hoy_err *err)
{
	hoy_listener *l = hoy_listen(network, address, err);

	hoy_listener_free(l);
	return l ? 0 : err->code;
}

static int listen_taken(struct scene *s, hoy_err *err) { return listen_at("tcp", s->text[2], err); }
static int listen_unknown(struct scene *s, hoy_err *err) { return listen_at("foo", s->text[2], err); }
static int listen_elsewhere(struct scene *s, hoy_err *err) { (void)s; return listen_at("tcp", "192.0.2.1:0", err); }
static int listen_no_port(struct scene *s, hoy_err *err) { (void)s; return listen_at("tcp", "127.0.0.1", err); }
static int listen_name(struct scene *s, hoy_err *err) { (void)s; return listen_at("tcp", "x.invalid:80", err); }

static int listen_tcp_unknown(struct scene *s, hoy_err *err)
{
	return hoy_listen_tcp("foo", &s->dead, err) ? 0 : err->code;
}

static int listen_refused_by_control(struct scene *s, hoy_err *err)
{
	const hoy_listen_config lc = { .control = refuse, .arg = s };

	return hoy_listen_config_listen(&lc, "tcp", s->text[3], err) ? 0 : err->code;
}

/* a listener */
static int accept_one(struct scene *s, hoy_err *err)
{
	return hoy_listener_accept(s->l, err) ? 0 : err->code;
}

static int accept_closed(struct scene *s, hoy_err *err)
{
	hoy_listener_close(s->l, NULL);
	return accept_one(s, err);
}

static int accept_too_late(struct scene *s, hoy_err *err)
{
	hoy_listener_set_deadline(s->l, past(), NULL);
	return accept_one(s, err);
}

static int close_listener_twice(struct scene *s, hoy_err *err)
{
	hoy_listener_close(s->l, NULL);
	return hoy_listener_close(s->l, err);
}

static int set_listener_closed(struct scene *s, hoy_err *err)
{
	hoy_listener_close(s->l, NULL);
	return hoy_listener_set_deadline(s->l, past(), err);
}

static int listener_fd_closed(struct scene *s, hoy_err *err)
{
	hoy_listener_close(s->l, NULL);
	return hoy_listener_fd(s->l, err);
}

static int serve_past_deadline(struct scene *s, hoy_err *err)
{
	hoy_listener_set_deadline(s->l, past(), NULL);
	return hoy_serve(s->l, NULL, NULL, NULL, err);
}

/* a connection */
static int read_a(struct scene *s, hoy_err *err)
{
	char buf[8];

	return (int)hoy_conn_read(s->a, buf, sizeof buf, err);
}

static int read_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return read_a(s, err);
}

static int readv_closed(struct scene *s, hoy_err *err)
{
	char byte;
	const struct iovec iov = { &byte, 1 };

	hoy_conn_close(s->a, NULL);
	return (int)hoy_conn_readv(s->a, &iov, 1, err);
}

static int read_too_late(struct scene *s, hoy_err *err)
{
	hoy_conn_set_read_deadline(s->a, past(), NULL);
	return read_a(s, err);
}

static void reset(struct scene *s)
{
	hoy_tcp_set_linger(s->b, 0, NULL);
	hoy_conn_close(s->b, NULL);
	hoy_sleep(10 * HOY_MILLISECOND);
}

static int read_reset(struct scene *s, hoy_err *err)
{
	reset(s);
	return read_a(s, err);
}

static int readv_reset(struct scene *s, hoy_err *err)
{
	char byte[2];
	const struct iovec iov[] = { { byte, 1 }, { byte + 1, 1 } };

	reset(s);
	return (int)hoy_conn_readv(s->a, iov, 2, err);
}

static int write_a(struct scene *s, hoy_err *err)
{
	return (int)hoy_conn_write(s->a, "x", 1, err);
}

static int write_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return write_a(s, err);
}

static int write_too_late(struct scene *s, hoy_err *err)
{
	hoy_conn_set_write_deadline(s->a, past(), NULL);
	return write_a(s, err);
}

static int write_after_shutdown(struct scene *s, hoy_err *err)
{
	hoy_conn_close_write(s->a, NULL);
	return write_a(s, err);
}

static int writev_after_shutdown(struct scene *s, hoy_err *err)
{
	char xy[] = "xy";
	const struct iovec iov[] = { { xy, 1 }, { xy + 1, 1 } };

	hoy_conn_close_write(s->a, NULL);
	return (int)hoy_conn_writev(s->a, iov, 2, err);
}

static int read_full_short(struct scene *s, hoy_err *err)
{
	char buf[8];
	int code;

	hoy_conn_write(s->b, "abc", 3, NULL);
	hoy_conn_close(s->b, NULL);
	code = (int)hoy_read_full(s->a, buf, sizeof buf, err);
	CHECK_INT((long long)err->done, 3);
	return code;
}

static int read_all_too_long(struct scene *s, hoy_err *err)
{
	char *data = NULL;

	hoy_conn_write(s->b, "abc", 3, NULL);
	hoy_conn_close(s->b, NULL);
	CHECK(!data);
	return (int)hoy_read_all(s->a, &data, 2, err);
}

static int line_too_long(struct scene *s, hoy_err *err)
{
	hoy_reader *r = hoy_reader_new(s->a, 8, NULL);
	char *line;
	int code;

	hoy_conn_write(s->b, "0123456789", 10, NULL);
	code = hoy_reader_line(r, &line, NULL, err);
	hoy_reader_free(r);
	return code;
}

static int close_twice(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_conn_close(s->a, err);
}

static int close_write_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_conn_close_write(s->a, err);
}

static int close_read_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_conn_close_read(s->a, err);
}

static int close_read_unconnected(struct scene *s, hoy_err *err)
{
	reset(s);
	read_a(s, NULL);
	return hoy_conn_close_read(s->a, err);
}

static int set_deadline_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	CHECK_INT(hoy_conn_set_read_deadline(s->a, past(), NULL), HOY_ECLOSED);
	return hoy_conn_set_deadline(s->a, past(), err);
}

static int set_write_deadline_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_conn_set_write_deadline(s->a, past(), err);
}

static int set_buffer_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	CHECK_INT(hoy_conn_set_write_buffer(s->a, 4096, NULL), HOY_ECLOSED);
	return hoy_conn_set_read_buffer(s->a, 4096, err);
}

static int set_no_delay_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	CHECK_INT(hoy_tcp_set_keep_alive(s->a, 1, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_tcp_set_keep_alive_period(s->a, HOY_SECOND, NULL), HOY_ECLOSED);
	CHECK_INT(hoy_tcp_set_linger(s->a, 0, NULL), HOY_ECLOSED);
	return hoy_tcp_set_no_delay(s->a, 1, err);
}

static int set_keep_alive_bad(struct scene *s, hoy_err *err)
{
	return hoy_tcp_set_keep_alive_config(s->a, &(hoy_keep_alive_config){ .enable = 1, .count = 1000 }, err);
}

static int fd_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_conn_fd(s->a, err);
}

static int copy_from_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return (int)hoy_copy(s->b, s->a, err);
}

static int copy_to_shut(struct scene *s, hoy_err *err)
{
	hoy_conn *c, *d;
	int code;

	make_pair(&c, &d);
	hoy_conn_write(d, "abc", 3, NULL);
	hoy_conn_close_write(s->a, NULL);
	code = (int)hoy_copy(s->a, c, err);
	hoy_conn_free(c);
	hoy_conn_free(d);
	return code;
}

static int when_closed(struct scene *s, hoy_err *err)
{
	hoy_conn_close(s->a, NULL);
	return hoy_when_readable(s->a, NULL, NULL, err);
}

/* pipes and connections of one's own */
static int on_pipe(int (*fail)(hoy_conn *c, hoy_conn *peer, hoy_err *err), hoy_err *err)
{
	hoy_conn *c, *peer;
	int code;

	must(hoy_pipe(&c, &peer, NULL) == 0, "pipe", NULL);
	code = fail(c, peer, err);
	hoy_conn_free(c);
	hoy_conn_free(peer);
	return code;
}

static int to_closed_peer(hoy_conn *c, hoy_conn *peer, hoy_err *err)
{
	hoy_conn_close(peer, NULL);
	return (int)hoy_conn_write(c, "x", 1, err);
}

static int late_pipe(hoy_conn *c, hoy_conn *peer, hoy_err *err)
{
	char byte;

	(void)peer;
	hoy_conn_set_deadline(c, past(), NULL);
	return (int)hoy_conn_read(c, &byte, 1, err);
}

static int no_delay_on_pipe(hoy_conn *c, hoy_conn *peer, hoy_err *err)
{
	(void)peer;
	return hoy_tcp_set_no_delay(c, 1, err);
}

static int buffer_on_pipe(hoy_conn *c, hoy_conn *peer, hoy_err *err)
{
	(void)peer;
	return hoy_conn_set_read_buffer(c, 1, err);
}

static int fd_of_pipe(hoy_conn *c, hoy_conn *peer, hoy_err *err)
{
	(void)peer;
	CHECK_INT(hoy_conn_close_write(c, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_when_readable(c, NULL, NULL, NULL), HOY_EWRONGKIND);
	return hoy_conn_fd(c, err);
}

static int pipe_peer_closed(struct scene *s, hoy_err *err) { (void)s; return on_pipe(to_closed_peer, err); }
static int pipe_too_late(struct scene *s, hoy_err *err) { (void)s; return on_pipe(late_pipe, err); }
static int pipe_no_delay(struct scene *s, hoy_err *err) { (void)s; return on_pipe(no_delay_on_pipe, err); }
static int pipe_buffer(struct scene *s, hoy_err *err) { (void)s; return on_pipe(buffer_on_pipe, err); }
static int pipe_fd(struct scene *s, hoy_err *err) { (void)s; return on_pipe(fd_of_pipe, err); }

static int own_without_read(struct scene *s, hoy_err *err)
{
	static const hoy_conn_ops ops = { .network = "mine" };
	hoy_conn *c = hoy_conn_new(&ops, NULL, NULL);
	char byte;
	int code = (int)hoy_conn_read(c, &byte, 1, err);

	(void)s;
	CHECK_INT(hoy_conn_write(c, "x", 1, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_conn_close_read(c, NULL), HOY_EWRONGKIND);
	CHECK_INT(hoy_conn_set_deadline(c, past(), NULL), HOY_EWRONGKIND);
	hoy_conn_free(c);
	return code;
}

/* descriptors from elsewhere */
static int from_nothing(struct scene *s, hoy_err *err)
{
	(void)s;
	CHECK(!hoy_listener_from_fd(-1, 0, NULL));
	return hoy_conn_from_fd(-1, 0, err) ? 0 : err->code;
}

static int from_datagrams(struct scene *s, hoy_err *err)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM, 0), code;

	(void)s;
	code = hoy_conn_from_fd(fd, 0, err) ? 0 : err->code;
	CHECK_INT(close(fd), 0);	/* still ours */
	return code;
}

static int listener_from_file(struct scene *s, hoy_err *err)
{
	int fd = open("/dev/null", O_RDWR), code;

	(void)s;
	code = hoy_listener_from_fd(fd, 0, err) ? 0 : err->code;
	CHECK_INT(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);	/* and as it was */
	CHECK_INT(close(fd), 0);
	return code;
}

static const struct {
	int (*fail)(struct scene *s, hoy_err *err);
	int code;
	const char *want, *label;
} cases[] = {
#define CASE(fail, code, want) { fail, code, want, #fail }
	CASE(dial_dead, -ECONNREFUSED, "dial tcp D: connect: connection refused"),
	CASE(dial_unknown_network, HOY_ENETWORK, "dial foo: unknown network foo"),
	CASE(dial_nothing, HOY_EMISSING, "dial tcp: missing address"),
	CASE(dial_no_port, HOY_EMISSINGPORT, "dial tcp: address 127.0.0.1: missing port in address"),
	CASE(dial_colons, HOY_EMANYCOLONS, "dial tcp: address ::1:80: too many colons in address"),
	CASE(dial_big_port, HOY_EBADPORT, "dial tcp: address 70000: invalid port"),
	CASE(dial_name, HOY_ENOHOST, "dial tcp: lookup x.invalid: no such host"),
	CASE(dial_wrong_family, HOY_EUNSUITABLE, "dial tcp4: address ::1: no suitable address found"),
	CASE(dial_too_late, HOY_ETIMEOUT, "dial tcp D: i/o timeout"),
	CASE(dial_negative_timeout, HOY_ETIMEOUT, "dial tcp D: i/o timeout"),
	CASE(dial_refused_by_control, -EPERM, "dial tcp D: operation not permitted"),
	CASE(dial_from_other_kind, HOY_EMISMATCH, "dial tcp: address 127.0.0.1:1: mismatched local address type"),
	CASE(dial_from_other_family, HOY_EUNSUITABLE, "dial tcp: address [::1]:0: no suitable address found"),
	CASE(dial_from_taken, -EADDRINUSE, "dial tcp L->D: bind: address already in use"),
	CASE(dial_tcp_nowhere, HOY_EMISSING, "dial tcp: missing address"),
	CASE(dial_tcp_unknown, HOY_ENETWORK, "dial udp D: unknown network udp"),
	CASE(listen_taken, -EADDRINUSE, "listen tcp L: bind: address already in use"),
	CASE(listen_unknown, HOY_ENETWORK, "listen foo: unknown network foo"),
	CASE(listen_elsewhere, -EADDRNOTAVAIL, "listen tcp 192.0.2.1:0: bind: cannot assign requested address"),
	CASE(listen_no_port, HOY_EMISSINGPORT, "listen tcp: address 127.0.0.1: missing port in address"),
	CASE(listen_name, HOY_ENOHOST, "listen tcp: lookup x.invalid: no such host"),
	CASE(listen_tcp_unknown, HOY_ENETWORK, "listen foo D: unknown network foo"),
	CASE(listen_refused_by_control, -EPERM, "listen tcp D: operation not permitted"),
	CASE(accept_closed, HOY_ECLOSED, "accept tcp L: use of closed network connection"),
	CASE(accept_too_late, HOY_ETIMEOUT, "accept tcp L: i/o timeout"),
	CASE(close_listener_twice, HOY_ECLOSED, "close tcp L: use of closed network connection"),
	CASE(set_listener_closed, HOY_ECLOSED, "set tcp L: use of closed network connection"),
	CASE(listener_fd_closed, HOY_ECLOSED, "file tcp L: use of closed network connection"),
	CASE(serve_past_deadline, HOY_ETIMEOUT, "accept tcp L: i/o timeout"),
	CASE(read_closed, HOY_ECLOSED, "read tcp A->B: use of closed network connection"),
	CASE(readv_closed, HOY_ECLOSED, "read tcp A->B: use of closed network connection"),
	CASE(read_too_late, HOY_ETIMEOUT, "read tcp A->B: i/o timeout"),
	CASE(read_reset, -ECONNRESET, "read tcp A->B: read: connection reset by peer"),
	CASE(readv_reset, -ECONNRESET, "read tcp A->B: readv: connection reset by peer"),
	CASE(write_closed, HOY_ECLOSED, "write tcp A->B: use of closed network connection"),
	CASE(write_too_late, HOY_ETIMEOUT, "write tcp A->B: i/o timeout"),
	CASE(write_after_shutdown, -EPIPE, "write tcp A->B: write: broken pipe"),
	CASE(writev_after_shutdown, -EPIPE, "write tcp A->B: writev: broken pipe"),
	CASE(read_full_short, HOY_EEOF, "read tcp A->B: unexpected EOF"),
	CASE(read_all_too_long, HOY_ETOOLONG, "read tcp A->B: line or data longer than the limit"),
	CASE(line_too_long, HOY_ETOOLONG, "read tcp A->B: line or data longer than the limit"),
	CASE(close_twice, HOY_ECLOSED, "close tcp A->B: use of closed network connection"),
	CASE(close_write_closed, HOY_ECLOSED, "close tcp A->B: use of closed network connection"),
	CASE(close_read_closed, HOY_ECLOSED, "close tcp A->B: use of closed network connection"),
	CASE(close_read_unconnected, -ENOTCONN, "close tcp A->B: shutdown: transport endpoint is not connected"),
	CASE(set_deadline_closed, HOY_ECLOSED, "set tcp A: use of closed network connection"),
	CASE(set_write_deadline_closed, HOY_ECLOSED, "set tcp A: use of closed network connection"),
	CASE(set_buffer_closed, HOY_ECLOSED, "set tcp A: use of closed network connection"),
	CASE(set_no_delay_closed, HOY_ECLOSED, "set tcp A->B: use of closed network connection"),
	CASE(set_keep_alive_bad, -EINVAL, "set tcp A->B: setsockopt: invalid argument"),
	CASE(fd_closed, HOY_ECLOSED, "file tcp A->B: use of closed network connection"),
	CASE(copy_from_closed, HOY_ECLOSED, "read tcp A->B: use of closed network connection"),
	CASE(copy_to_shut, -EPIPE, "write tcp A->B: splice: broken pipe"),
	CASE(when_closed, HOY_ECLOSED, "read tcp A->B: use of closed network connection"),
	CASE(pipe_peer_closed, HOY_EPIPE, "write pipe pipe->pipe: io: read/write on closed pipe"),
	CASE(pipe_too_late, HOY_ETIMEOUT, "read pipe pipe->pipe: i/o timeout"),
	CASE(pipe_no_delay, HOY_EWRONGKIND, "set pipe pipe->pipe: operation not supported by this kind of connection"),
	CASE(pipe_buffer, HOY_EWRONGKIND, "set pipe pipe: operation not supported by this kind of connection"),
	CASE(pipe_fd, HOY_EWRONGKIND, "file pipe pipe->pipe: operation not supported by this kind of connection"),
	CASE(own_without_read, HOY_EWRONGKIND, "read mine: operation not supported by this kind of connection"),
	CASE(from_nothing, -EBADF, "file file+net: bad file descriptor"),
	CASE(from_datagrams, HOY_EWRONGKIND, "file file+net: operation not supported by this kind of connection"),
	CASE(listener_from_file, HOY_EWRONGKIND, "file file+net: operation not supported by this kind of connection"),
};

BOTH(every_failure_says_what_failed)
{
	for (size_t i = 0; i < LEN(cases); i++) {
		char want[HOY_ERR_STRLEN], got[HOY_ERR_STRLEN];
		struct scene s;
		hoy_err err = { 0 };

		set_scene(&s);
		if (CHECK_INT(cases[i].fail(&s, &err), cases[i].code)) {
			write_want(&s, cases[i].want, want, sizeof want);
			CHECK_STR(hoy_err_string(&err, got), want, cases[i].label);
			CHECK_INT(err.code, cases[i].code);
		} else {
			fprintf(stderr, "in %s\n", cases[i].label);
		}
		hoy_conn_free(s.a);
		hoy_conn_free(s.b);
		hoy_listener_free(s.l);
	}
	return 0;
}

static int blocked_read(void *at)
{
	hoy_conn *a, *b;
	hoy_err *err = at;
	char byte;

	make_pair(&a, &b);
	CHECK_INT(hoy_conn_read(a, &byte, 1, err), HOY_ECANCELED);
	CHECK(!hoy_dial("tcp", "127.0.0.1:9", NULL));
	hoy_conn_free(a);
	hoy_conn_free(b);
	return 0;
}

static int leave_it_blocked(void *at)
{
	hoy_go(blocked_read, at);
	hoy_sleep(20 * HOY_MILLISECOND);
	return 0;
}

TEST(the_end_of_the_runtime_cancels)
{
	char text[HOY_ERR_STRLEN];
	const char *colon;
	hoy_err err;

	CHECK_INT(hoy_run(leave_it_blocked, &err), 0);
	colon = strrchr(hoy_err_string(&err, text), ':');
	CHECK_STR(colon, ": operation was canceled", "the cause");
}
