/*
 * UDP messages and multicast from the command line, for test/peers/udp_network.sh. `listen`, `send` and `facts` do what
 * ask.go does.
 *
 *	listen IF GROUP:PORT COUNT		prints messages with their senders
 *	watch IF GROUP:PORT COUNT [SOURCE]	with the other fields, too; of one source
 *	send IF GROUP:PORT TEXT
 *	broadcast ADDRESS:PORT TEXT
 *	series ADDRESS:PORT BYTES SEGMENT	one message of many datagrams
 *	count ADDRESS:PORT BYTES [gro]		receives datagrams until that many bytes: their number and lengths
 *	mtu ADDRESS:PORT BYTES			the path MTU, and what becomes of datagrams of that many bytes
 *	quiet IF GROUP:PORT			is what a socket sends looped back to another here?
 *	facts
 */
#include <err.h>
#include <hoy.h>
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

static int index_of(const char *name)
{
	hoy_interface iface;

	need(hoy_interface_by_name(name, &iface, &error) == 0);
	return iface.index;
}

static hoy_addr addr(const char *at)
{
	hoy_addr a;

	need(hoy_resolve_udp_addr("udp", at, &a, &error) == 0);
	return a;
}

static void patient(hoy_conn *c)
{
	need(hoy_conn_set_read_deadline(c, hoy_in(20 * HOY_SECOND), &error) == 0);
}

static void print(const hoy_msg *m, int all)
{
	char from[HOY_IP_STRLEN], to[HOY_IP_STRLEN];
	hoy_interface iface = { .name = "" };

	hoy_interface_by_index(m->ifindex, &iface, NULL);
	printf("%.*s from %s", (int)m->len, (char *)m->data, hoy_ip_string(m->addr.ip, from));
	if (all)
		printf(" to %s by %s ttl %d", hoy_ip_string(m->dst, to), iface.name, m->ttl);
	puts("");
}

static void print_messages(hoy_conn *c, int count, int all)
{
	char buf[2000];
	hoy_msg m = { .data = buf, .size = sizeof buf };

	puts("listening");
	patient(c);
	while (count--) {
		need(hoy_udp_read_msg(c, &m, &error) >= 0);
		print(&m, all);
	}
	hoy_conn_free(c);
}

static void listen_to(char **args, int all)
{
	hoy_addr group = addr(args[1]);
	hoy_conn *c = hoy_listen_multicast_udp("udp", index_of(args[0]), &group, &error);

	need(c != NULL);
	print_messages(c, atoi(args[2]), all);
}

static void listen_to_one(char **args)
{
	hoy_addr group = addr(args[1]), at = { .kind = HOY_ADDR_UDP, .port = group.port };
	hoy_conn *c = hoy_listen_udp("udp", &at, &error);
	hoy_ip source;

	need(c != NULL);
	need(hoy_parse_ip(args[3], &source, &error) == 0);
	need(hoy_udp_join_group(c, index_of(args[0]), group.ip, source, &error) == 0);
	print_messages(c, atoi(args[2]), 1);
}

static void send_to_group(char **args)
{
	hoy_addr to = addr(args[1]), any = { .kind = HOY_ADDR_UDP };
	hoy_conn *c = hoy_listen_udp(hoy_ip_is4(to.ip) ? "udp4" : "udp6", &any, &error);

	need(c && hoy_udp_set_multicast_interface(c, index_of(args[0]), &error) == 0);
	need(hoy_udp_write_msg(c, &(hoy_msg){ .data = args[2], .len = strlen(args[2]), .addr = to }, &error) > 0);
	hoy_conn_free(c);
}

static void broadcast(char **args)
{
	hoy_addr to = addr(args[0]);
	hoy_conn *c = hoy_listen_udp("udp4", NULL, &error);

	need(c && hoy_conn_write_to(c, args[1], strlen(args[1]), &to, &error) > 0);
	hoy_conn_free(c);
}

static void send_series(char **args)
{
	hoy_conn *c = hoy_dial("udp", args[0], &error);
	size_t len = strtoul(args[1], NULL, 10);
	hoy_msg m = { .data = calloc(1, len), .len = len, .segment = (uint32_t)atoi(args[2]) };

	need(c && hoy_udp_write_msg(c, &m, &error) == (ssize_t)len);
	free(m.data);
	hoy_conn_free(c);
}

static void count_datagrams(char **args)
{
	static char buf[65536];
	size_t left = strtoul(args[1], NULL, 10), longest = 0, datagrams = 0, size;
	hoy_conn *c = hoy_listen_packet("udp", args[0], &error);
	hoy_msg m = { .data = buf, .size = sizeof buf };

	need(c && (!args[2] || hoy_udp_set_gro(c, 1, &error) == 0));
	puts("listening");
	patient(c);
	while (left > 0) {
		need(hoy_udp_read_msg(c, &m, &error) >= 0);
		size = m.len < left ? m.len : left;
		longest = m.segment > longest ? m.segment : longest;
		datagrams += (size + m.segment - 1) / m.segment;
		left -= size;
	}
	printf("%zu datagrams of up to %zu bytes\n", datagrams, longest);
	hoy_conn_free(c);
}

static void try_mtu(char **args)
{
	hoy_conn *c = hoy_dial("udp", args[0], &error);
	size_t len = strtoul(args[1], NULL, 10);
	char *data = calloc(1, len);
	int mtu = c ? hoy_udp_mtu(c, &error) : -1;

	need(mtu > 0);
	printf("mtu %d\n", mtu);
	printf("fragmented: %zd\n", hoy_conn_write(c, data, len, &error));
	need(hoy_udp_set_mtu_discover(c, HOY_MTU_DO, &error) == 0);
	if (hoy_conn_write(c, data, len, &error) < 0)
		printf("not: %s\n", hoy_strerror(error.code));
	printf("shorter: %zd\n", hoy_conn_write(c, data, (size_t)mtu - 48, &error));
	free(data);
	hoy_conn_free(c);
}

static int is_looped(hoy_conn *from, hoy_conn *at, const hoy_addr *to)
{
	char byte[2] = "x";
	int code;

	need(hoy_conn_write_to(from, byte, 1, to, &error) == 1);
	need(hoy_conn_set_read_deadline(at, hoy_in(HOY_SECOND / 2), &error) == 0);
	code = (int)hoy_conn_read(at, byte, 1, &error);
	return code == 1;
}

static void be_quiet(char **args)
{
	hoy_addr group = addr(args[1]);
	int by = index_of(args[0]);
	hoy_conn *a = hoy_listen_multicast_udp("udp", by, &group, &error);
	hoy_conn *b = a ? hoy_listen_multicast_udp("udp", by, &group, &error) : NULL;

	need(b != NULL);
	printf("at first: %d\n", is_looped(a, b, &group));
	need(hoy_udp_set_multicast_loop(a, 1, &error) == 0);
	printf("looped: %d\n", is_looped(a, b, &group));
	need(hoy_udp_leave_group(b, by, group.ip, (hoy_ip){ 0 }, &error) == 0);
	need(hoy_udp_leave_group(a, by, group.ip, (hoy_ip){ 0 }, &error) == 0);
	printf("left: %d\n", is_looped(a, b, &group));
	hoy_conn_free(a);
	hoy_conn_free(b);
}

static void show(const char *what, ssize_t n)
{
	if (n < 0)
		printf("%s: %s\n", what, hoy_err_string(&error, text));
	else
		printf("%s: %zd\n", what, n);
}

static void listening(const char *what, const char *network, const hoy_addr *group)
{
	hoy_conn *c = hoy_listen_multicast_udp(network, 0, group, &error);

	show(what, c ? 0 : -1);
	hoy_conn_free(c);
}

static void read_one(const char *what, hoy_conn *c, size_t size)
{
	char buf[8], from[HOY_IP_STRLEN];
	hoy_msg m = { .data = buf, .size = size };
	ssize_t n = hoy_udp_read_msg(c, &m, &error);

	show(what, n);
	if (n >= 0)
		printf("cut %s from %s\n", m.flags & HOY_MSG_TRUNCATED ? "true" : "false", hoy_ip_string(m.addr.ip, from));
}

static void write_one(const char *what, hoy_conn *c, size_t len, const hoy_addr *to)
{
	static char data[70000];

	show(what, hoy_udp_write_msg(c, &(hoy_msg){ .data = data, .len = len, .addr = to ? *to : (hoy_addr){ 0 } }, &error));
}

static hoy_addr local(hoy_conn *c)
{
	hoy_addr at;

	hoy_conn_local_addr(c, &at);
	return at;
}

static void listen_in_vain(void)
{
	const struct { const char *what, *network, *group; } rows[] = {
		{ "no address", "udp4", ":9" }, { "tcp", "tcp", "239.1.2.3:9" }, { "no network", "udp5", NULL },
		{ "not a group", "udp", "127.0.0.1:9" }, { "not a group of IPv6", "udp", "[::1]:9" },
		{ "IPv4 for udp6", "udp6", "239.1.2.3:9" }, { "IPv6 for udp4", "udp4", "[ff02::1]:9" },
	};

	listening("no group", "udp", NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hoy_addr group = rows[i].group ? addr(rows[i].group) : (hoy_addr){ 0 };

		listening(rows[i].what, rows[i].network, rows[i].group ? &group : NULL);
	}
}

static void facts(void)
{
	hoy_addr here = addr("127.0.0.1:0"), here6 = addr("[::1]:0"), nine = addr("127.0.0.1:9"), nine6 = addr("[::1]:9");
	hoy_conn *server = hoy_listen_udp("udp", &here, &error), *other = hoy_listen_udp("udp4", &here, &error);
	hoy_conn *six = hoy_listen_udp("udp6", &here6, &error);
	hoy_addr at = local(server), there = local(other);
	hoy_conn *client = hoy_dial_udp("udp", NULL, &at, &error);

	listen_in_vain();
	patient(server);
	patient(client);
	write_one("whole", client, 8, NULL);
	read_one("whole", server, 8);
	write_one("cut", client, 9, NULL);
	read_one("cut", server, 8);
	write_one("empty", client, 0, NULL);
	read_one("empty", server, 8);
	write_one("no room", client, 1, NULL);
	read_one("no room", server, 0);
	write_one("connected, with an address", client, 1, &there);
	write_one("without an address", other, 1, NULL);
	write_one("to IPv6", other, 1, &nine6);
	write_one("to IPv4", six, 1, &nine);
	write_one("too long", other, 70000, &at);
	write_one("to somebody else", other, 1, &at);
	read_one("by somebody else", server, 8);
	hoy_conn_close(server, NULL);
	write_one("nobody there", client, 1, NULL);
	read_one("nobody there", client, 8);
	hoy_conn_set_read_deadline(client, hoy_in(-HOY_SECOND), NULL);
	read_one("too late", client, 8);
	read_one("closed", server, 8);
	write_one("closed", server, 1, &nine);
	hoy_conn_free(six);
	hoy_conn_free(other);
	hoy_conn_free(client);
	hoy_conn_free(server);
}

static int run(void *argv)
{
	char **args = (char **)argv + 2;
	const char *verb = args[-1];

	if (strcmp(verb, "listen") == 0)
		listen_to(args, 0);
	else if (strcmp(verb, "watch") == 0 && args[3])
		listen_to_one(args);
	else if (strcmp(verb, "watch") == 0)
		listen_to(args, 1);
	else if (strcmp(verb, "send") == 0)
		send_to_group(args);
	else if (strcmp(verb, "broadcast") == 0)
		broadcast(args);
	else if (strcmp(verb, "series") == 0)
		send_series(args);
	else if (strcmp(verb, "count") == 0)
		count_datagrams(args);
	else if (strcmp(verb, "mtu") == 0)
		try_mtu(args);
	else if (strcmp(verb, "quiet") == 0)
		be_quiet(args);
	else
		facts();
	return 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	return argc > 1 ? hoy_run(run, argv) : 2;
}
