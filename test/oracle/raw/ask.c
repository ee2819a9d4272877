/*
 * Raw IP from the command line, for test/peers/raw_ip.sh. All but `answer` is what ask.go does, too.
 *
 *	try dial|packet|listen NETWORK ADDRESS	the two ends, or why not
 *	receive NETWORK ADDRESS HOW ROOM	HOW is read, from or msg: one packet, as LENGTH BYTES and its sender
 *	dial NETWORK FROM TO TEXT		sends a packet on a connection
 *	send NETWORK FROM TO TEXT		and one without
 *	answer NETWORK ADDRESS			answers echo requests until it is killed
 */
#include <err.h>
#include <hoy.h>
#include <hoy/raw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[HOY_ERR_STRLEN];
static hoy_err error;

static void need(int ok)
{
	if (!ok) {
		puts(hoy_err_string(&error, text));
		exit(1);
	}
}

static hoy_conn *packets(const char *network, const char *address)
{
	hoy_conn *c = hoy_listen_packet(network, address, &error);

	need(c != NULL);
	puts("listening");
	fflush(stdout);
	need(hoy_conn_set_read_deadline(c, hoy_in(20 * HOY_SECOND), &error) == 0);
	return c;
}

static hoy_addr addr(const char *network, const char *at)
{
	hoy_addr a;

	need(hoy_resolve_ip_addr(network, at, &a, &error) == 0);
	return a;
}

static void try(const char *op, const char *network, const char *address)
{
	char remote[HOY_ADDR_STRLEN];
	hoy_addr ends[2];
	hoy_conn *c = NULL;

	if (!strcmp(op, "listen"))
		need(hoy_listen(network, address, &error) != NULL);
	else
		c = !strcmp(op, "dial") ? hoy_dial(network, address, &error) : hoy_listen_packet(network, address, &error);
	need(c != NULL);
	hoy_conn_local_addr(c, &ends[0]);
	hoy_conn_remote_addr(c, &ends[1]);
	printf("%s -> %s\n", hoy_addr_string(&ends[0], text), hoy_addr_string(&ends[1], remote));
}

static void receive(hoy_conn *c, const char *how, size_t room)
{
	unsigned char buf[70000];
	hoy_addr from = { 0 };
	hoy_msg m = { .data = buf, .size = room };
	ssize_t n;

	if (!strcmp(how, "read"))
		n = hoy_conn_read(c, buf, room, &error);
	else if (!strcmp(how, "from"))
		n = hoy_conn_read_from(c, buf, room, &from, &error);
	else
		n = hoy_raw_read_msg(c, &m, &error);
	need(n >= 0);
	printf("%zd ", n);
	for (ssize_t i = 0; i < n; i++)
		printf("%02x", buf[i]);
	printf(" %s\n", hoy_addr_string(strcmp(how, "msg") ? &from : &m.addr, text));
}

static void dial(const char *network, const hoy_addr *from, const hoy_addr *to, const char *words)
{
	hoy_conn *c = hoy_dial_ip(network, from, to, &error);

	need(c != NULL);
	need(hoy_conn_write(c, words, strlen(words), &error) >= 0);
}

static void send(const char *network, const hoy_addr *from, const hoy_addr *to, const char *words)
{
	hoy_conn *c = hoy_listen_ip(network, from, &error);

	need(c != NULL);
	need(hoy_conn_write_to(c, words, strlen(words), to, &error) >= 0);
}

/* Each request is sent back as the reply. The system sums ICMPv6. */
static void answer(hoy_conn *c, int family)
{
	static unsigned char in[65536], out[65536];
	hoy_addr from;
	hoy_icmp m;
	ssize_t n;

	need(hoy_conn_set_read_deadline(c, (hoy_time){ 0 }, &error) == 0);
	while ((n = hoy_conn_read_from(c, in, sizeof in, &from, &error)) >= 0) {
		if (hoy_icmp_parse(family, in, (size_t)n, &m, NULL) < 0 || m.kind != HOY_ICMP_ECHO)
			continue;
		m.kind = HOY_ICMP_ECHO_REPLY;
		n = hoy_icmp_marshal(&m, (hoy_ip){ 0 }, (hoy_ip){ 0 }, out, sizeof out, &error);
		need(n > 0);
		need(hoy_conn_write_to(c, out, (size_t)n, &from, &error) == n);
	}
	need(0);
}

int main(int argc, char **argv)
{
	hoy_addr from, to;

	if (argc < 4)
		errx(2, "what?");
	if (!strcmp(argv[1], "try")) {
		try(argv[2], argv[3], argv[4]);
	} else if (!strcmp(argv[1], "receive")) {
		receive(packets(argv[2], argv[3]), argv[4], (size_t)atoi(argv[5]));
	} else if (!strcmp(argv[1], "answer")) {
		answer(packets(argv[2], argv[3]), strncmp(argv[2], "ip6", 3) ? 4 : 6);
	} else {
		from = addr(argv[2], argv[3]);
		to = addr(argv[2], argv[4]);
		(strcmp(argv[1], "dial") ? send : dial)(argv[2], &from, &to, argv[5]);
	}
	return 0;
}
