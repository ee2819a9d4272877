/* A resolver whose dial makes the sockets: the server is a thread at the other end of a pair, and no network is used. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hoy.h>

#include "t.h"

struct dialling {
	int type;		/* of the sockets; 0: `code` instead */
	int code;
	atomic_int dials[2];	/* "udp", "tcp" */
	atomic_int other_server;
	int last;		/* descriptor given away */
};

/* 192.0.2.1, to each question. */
static size_t answer(uint8_t *m, size_t len)
{
	static const uint8_t record[] = "\300\14\0\1\0\1\0\0\1\54\0\4\300\0\2\1";
	size_t end = 12;

	while (end < len && m[end])
		end += 1u + m[end];
	end += 5;
	m[2] = 0x81;
	m[3] = 0x80;
	memcpy(m + 6, "\0\1\0\0\0\0", 6);
	memcpy(m + end, record, sizeof record - 1);
	return end + sizeof record - 1;
}

static void *serve_packets(void *arg)
{
	int fd = *(int *)arg;
	uint8_t m[600];
	ssize_t n;

	while ((n = recv(fd, m, 512, 0)) > 0)
		send(fd, m, answer(m, (size_t)n), MSG_NOSIGNAL);
	close(fd);
	free(arg);
	return NULL;
}

static void *serve_stream(void *arg)
{
	int fd = *(int *)arg;
	uint8_t m[600];

	while (recv(fd, m, 2, MSG_WAITALL) == 2) {
		size_t len = (size_t)(m[0] << 8 | m[1]);

		if (len > 512 || recv(fd, m + 2, len, MSG_WAITALL) != (ssize_t)len)
			break;
		len = answer(m + 2, len);
		m[0] = (uint8_t)(len >> 8);
		m[1] = (uint8_t)len;
		send(fd, m, len + 2, MSG_NOSIGNAL);
	}
	close(fd);
	free(arg);
	return NULL;
}

static int dial(const char *network, const hoy_addr *server, void *arg)
{
	struct dialling *d = arg;
	char text[HOY_ADDR_STRLEN];
	pthread_t thread;
	int pair[2], *end;

	d->dials[strcmp(network, "tcp") == 0]++;
	d->other_server += strcmp(hoy_addr_string(server, text), "192.0.2.53:53") != 0;
	if (!d->type)
		return d->code;
	if (!CHECK_INT(socketpair(AF_UNIX, d->type, 0, pair), 0) || !(end = malloc(sizeof *end)))
		return -ENOMEM;
	*end = pair[1];
	pthread_create(&thread, NULL, d->type == SOCK_STREAM ? serve_stream : serve_packets, end);
	pthread_detach(thread);
	return d->last = pair[0];
}

static hoy_resolver *resolver_of(struct dialling *d, unsigned flags)
{
	static const char *const servers[] = { "192.0.2.53", NULL };

	return hoy_resolver_new(&(hoy_resolver_opts){
		.servers = servers, .resolv_conf = "", .hosts = "", .nsswitch = "", .services = "",
		.flags = flags, .attempts = 1, .dial = dial, .arg = d,
	}, NULL);
}

static int look_up(void *arg)
{
	char text[HOY_IP_STRLEN];
	hoy_ip *ips;
	hoy_err err;

	for (int i = 0; i < 3; i++) {
		if (!CHECK_INT(hoy_resolver_lookup_ip(arg, "ip4", "a.example", &ips, &err), 1))
			return 1;
		CHECK_STR(hoy_ip_string(ips[0], text), "192.0.2.1", "answer");
		hoy_free(ips);
	}
	return 0;
}

/* From a task and from a thread. The sockets are blocking ones; a stream is kept for the next question. */
TEST(the_servers_are_asked_on_these_sockets)
{
	static const struct { int type; unsigned flags; int udp, tcp; } cases[] = {
		{ SOCK_DGRAM, 0, 6, 0 }, { SOCK_SEQPACKET, 0, 6, 0 }, { SOCK_STREAM, HOY_RESOLVER_TCP, 0, 1 },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct dialling d = { .type = cases[i].type };
		hoy_resolver *r = resolver_of(&d, cases[i].flags);

		CHECK_INT(look_up(r), 0);
		CHECK_INT(hoy_run(look_up, r), 0);
		CHECK_INT(d.dials[0], cases[i].udp);
		CHECK_INT(d.dials[1], cases[i].tcp);
		CHECK_INT(d.other_server, 0);
		hoy_resolver_free(r);
	}
}

TEST(a_dial_that_fails_is_the_end_of_its_attempt)
{
	static const struct { int code; unsigned flags; } cases[] = {
		{ -EPERM, 0 }, { -EPERM, HOY_RESOLVER_TCP }, { -ENETUNREACH, 0 }, { HOY_ETIMEOUT, HOY_RESOLVER_TCP },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct dialling d = { .code = cases[i].code };
		hoy_resolver *r = resolver_of(&d, cases[i].flags);
		hoy_err err;
		hoy_ip *ips;

		CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "a.example", &ips, &err), cases[i].code);
		CHECK_INT(err.kind, HOY_ERR_LOOKUP);
		CHECK(d.dials[0] + d.dials[1] >= 1);
		hoy_resolver_free(r);
	}
}

TEST(a_socket_of_the_wrong_kind_is_closed)
{
	static const struct { int type; unsigned flags; } cases[] = {
		{ SOCK_STREAM, 0 }, { SOCK_SEQPACKET, HOY_RESOLVER_TCP }, { SOCK_DGRAM, HOY_RESOLVER_TCP },
	};

	for (size_t i = 0; i < LEN(cases); i++) {
		struct dialling d = { .type = cases[i].type };
		hoy_resolver *r = resolver_of(&d, cases[i].flags);
		hoy_ip *ips;

		CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "a.example", &ips, NULL), HOY_EWRONGKIND);
		CHECK_INT(fcntl(d.last, F_GETFD), -1);
		hoy_resolver_free(r);
	}
}

TEST(what_is_no_socket_is_closed_too)
{
	int file = open("/dev/null", O_RDWR);
	struct dialling d = { .code = file };
	hoy_resolver *r = resolver_of(&d, 0);
	hoy_ip *ips;

	CHECK_INT(hoy_resolver_lookup_ip(r, "ip4", "a.example", &ips, NULL), -ENOTSOCK);
	CHECK_INT(fcntl(file, F_GETFD), -1);
	hoy_resolver_free(r);
}
