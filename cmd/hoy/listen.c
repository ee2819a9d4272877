/* hoy listen: waits for one client, whose bytes go to standard output, and standard input to it. */
#include <string.h>

#include "talk.h"

static hoy_duration timeout;

static const struct flag flags[] = {
	{ "timeout", 't', FLAG_DURATION, &timeout, NULL, "for a client to come; 0: for ever", 0, 0 },
	TALKING_FLAGS,
	{ NULL, 0, 0, NULL, NULL, NULL, 0, 0 }
};

static void tell_listen(const char *network, const hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];
	struct json j;

	hoy_addr_string(addr, text);
	if (common.json) {
		json_begin(&j, "listen");
		json_text(&j, "network", network);
		json_text(&j, "addr", text);
		json_end(&j);
	}
	say("on %s %s", network, text);
}

static void tell_client(const hoy_addr *addr)
{
	char text[HOY_ADDR_STRLEN];
	struct json j;

	hoy_addr_string(addr, text);
	if (common.json) {
		json_begin(&j, "accept");
		json_text(&j, "remote", text);
		json_end(&j);
	}
	if (talking.verbose)
		say("connection from %s", text);
}

/* One client, and then no other. */
static hoy_conn *accept_one(const struct endpoint *here, hoy_err *err)
{
	hoy_listener *l = hoy_listen(here->network, here->address, err);
	hoy_conn *c;
	hoy_addr addr;

	if (!l)
		return NULL;
	hoy_listener_addr(l, &addr);
	tell_listen(here->network, &addr);
	if (timeout)
		hoy_listener_set_deadline(l, hoy_in(timeout), NULL);
	c = hoy_listener_accept(l, err);
	hoy_listener_free(l);
	if (c) {
		hoy_conn_remote_addr(c, &addr);
		tell_client(&addr);
	}
	return c;
}

/* The sender of the first datagram, as a connection: those of others are dropped. */
static struct sender {
	hoy_conn *packets;
	hoy_addr addr;
	char first[65536];
	size_t first_len;		/* 0 once it has been read */
} sender;

static bool is_same(const hoy_addr *a, const hoy_addr *b)
{
	char one[HOY_ADDR_STRLEN], other[HOY_ADDR_STRLEN];

	return !strcmp(hoy_addr_string(a, one), hoy_addr_string(b, other));
}

static ssize_t read_datagram(void *self, void *buf, size_t len)
{
	struct sender *s = self;
	hoy_addr from;
	ssize_t n;

	if (s->first_len) {
		n = (ssize_t)(s->first_len < len ? s->first_len : len);
		memcpy(buf, s->first, (size_t)n);
		s->first_len = 0;
		return n;
	}
	do	/* an empty datagram has nothing to print */
		n = hoy_conn_read_from(s->packets, buf, len, &from, NULL);
	while (n == 0 || (n > 0 && !is_same(&from, &s->addr)));
	return n;
}

static ssize_t write_datagram(void *self, const void *data, size_t len)
{
	struct sender *s = self;

	return hoy_conn_write_to(s->packets, data, len, &s->addr, NULL);
}

static int close_packets(void *self)
{
	return hoy_conn_close(((struct sender *)self)->packets, NULL);
}

static int set_read_deadline(void *self, hoy_time t)
{
	return hoy_conn_set_read_deadline(((struct sender *)self)->packets, t, NULL);
}

static int set_write_deadline(void *self, hoy_time t)
{
	return hoy_conn_set_write_deadline(((struct sender *)self)->packets, t, NULL);
}

static void remote_addr(void *self, hoy_addr *addr)
{
	*addr = ((struct sender *)self)->addr;
}

static void free_packets(void *self)
{
	hoy_conn_free(((struct sender *)self)->packets);
}

static hoy_conn *await_sender(const struct endpoint *here, hoy_err *err)
{
	static const hoy_conn_ops ops = {
		.network = "datagrams", .read = read_datagram, .write = write_datagram, .close = close_packets,
		.set_read_deadline = set_read_deadline, .set_write_deadline = set_write_deadline,
		.remote_addr = remote_addr, .free = free_packets,
	};
	hoy_addr addr;
	ssize_t n;

	sender.packets = hoy_listen_packet(here->network, here->address, err);
	if (!sender.packets)
		return NULL;
	hoy_conn_local_addr(sender.packets, &addr);
	tell_listen(here->network, &addr);
	hoy_conn_set_read_deadline(sender.packets, timeout ? hoy_in(timeout) : (hoy_time){ 0 }, NULL);
	n = hoy_conn_read_from(sender.packets, sender.first, sizeof sender.first, &sender.addr, err);
	if (n < 0)
		return NULL;
	hoy_conn_set_read_deadline(sender.packets, (hoy_time){ 0 }, NULL);
	sender.first_len = (size_t)n;
	tell_client(&sender.addr);
	return must(hoy_conn_new(&ops, &sender, NULL));
}

static int listen_at(int argc, char **argv)
{
	hoy_time start = hoy_now();
	struct endpoint here;
	int used = endpoint_take(&here, argv);
	bool datagrams;
	hoy_conn *c;
	hoy_err err;

	if (!used)
		return EXIT_USAGE;
	if (used < argc)
		return usage("'%s' is one argument too many: hoy listen %s", argv[used], running->args);
	datagrams = endpoint_has_datagrams(&here);
	c = datagrams ? await_sender(&here, &err) : accept_one(&here, &err);
	if (!c)
		return fail(&err, NULL);
	talk_with(c, datagrams, start);
}

static const char *const examples[] = {
	"hoy listen 127.0.0.1:1201", "hoy listen :1201 > FILE", "hoy listen unix /tmp/app.sock < ANSWER",
	"hoy listen udp 127.0.0.1:1201 --idle 10s", NULL
};

const struct verb verb_listen = {
	.name = "listen", .args = "[NETWORK] ADDRESS", .brief = "wait for one client, and talk with it by standard input and output",
	.about = "Says on standard error where it listens, takes one connection, closes the listener, and moves\n"
		 "bytes both ways. The end of standard input is passed on as a half-close, and the client is\n"
		 "read to its end. NETWORK is tcp (the default), tcp4, tcp6, udp, udp4, udp6, unix, unixgram or\n"
		 "unixpacket. Of datagrams, the sender of the first one is the client. See hoy connect for\n"
		 "how datagrams and a client that ends first are treated. Port 0 takes a free one.",
	.exits = "0 both sides have ended\n3 it could not listen, no client came, or the connection failed\n4 it may not listen there\n"
		 "5 the connection failed after some bytes, which are shown",
	.flags = flags, .examples = examples, .min_args = 1, .max_args = 2, .needs_tasks = 1, .run = listen_at,
};
