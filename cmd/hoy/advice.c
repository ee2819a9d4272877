/* What to do about an error, by its code, by what was being done and by the verb: the whole of hoy's advice but for lookups. */
#include <errno.h>
#include <string.h>

#include "cmd.h"

static const char address_advice[] = "an address is HOST:PORT, such as 127.0.0.1:1201, [::1]:1201 or :1201";
static const char name_advice[] = "the name server could not be asked for it; see each step with: hoy lookup NAME --explain";

/*
 * The first row that fits counts. `step` is the op or the call of the error, or "unix" for each of those networks; NULL
 * fits all, as does a NULL verb.
 */
static const struct row {
	int code;
	const char *step, *verb;
	int exit;
	const char *text;
} rows[] = {
	{ -EACCES, "unix", NULL, EXIT_FORBIDDEN, "look at the permissions of that path and of its folders" },
	{ -ENOENT, "connect", "top", EXIT_UNASKED, "start the program with HOY_DEBUG=control=PATH, and that path" },
	{ -ECONNREFUSED, "unix", "top", EXIT_UNASKED, "the program that it belonged to has ended" },
	{ -ENOENT, "bind", NULL, EXIT_UNASKED, "the folder of that path does not exist" },
	{ -ENOENT, "connect", NULL, EXIT_UNASKED, "that socket does not exist; does its server run?" },
	{ -ENOTDIR, "unix", NULL, EXIT_UNASKED, "a part of that path is no folder" },
	{ -ECONNREFUSED, "unix", NULL, EXIT_UNASKED, "no server listens at that path" },
	{ -EPROTOTYPE, "unix", NULL, EXIT_UNASKED, "that is a socket of another kind; try unix, unixgram or unixpacket" },
	{ -EADDRINUSE, "unix", NULL, EXIT_UNASKED, "a running server is bound to it, see ss -xlp, or it is no socket" },
	{ -EINVAL, "unix", NULL, EXIT_USAGE, "a path has at most 107 bytes" },
	{ -EACCES, "bind", NULL, EXIT_FORBIDDEN, "ports below 1024 need root or CAP_NET_BIND_SERVICE: take a higher one" },
	{ -EACCES, "connect", NULL, EXIT_FORBIDDEN, "a firewall of this machine forbids it, or it is a broadcast address" },
	{ -EPERM, "socket", "ping", EXIT_FORBIDDEN,
	  "try one of: sudo hoy ping ..., sudo setcap cap_net_raw+ep \"$(command -v hoy)\", "
	  "sudo sysctl -w net.ipv4.ping_group_range='0 2147483647', or, without privileges, hoy ping tcp HOST:PORT" },
	{ -EACCES, NULL, NULL, EXIT_FORBIDDEN, "run it as root, or look at the permissions" },
	{ -EPERM, NULL, NULL, EXIT_FORBIDDEN, "run it as root, or look at the firewall" },
	{ -ECONNREFUSED, NULL, "head", EXIT_UNASKED,
	  "nothing listens there: is the web server running, and is that its port? 80 and 8080 are usual" },
	{ -ECONNREFUSED, NULL, "daytime", EXIT_UNASKED,
	  "nothing listens there; start a daytime server with: hoy serve daytime [udp] HOST:PORT" },
	{ -ECONNREFUSED, NULL, "echo", EXIT_UNASKED,
	  "nothing listens there; start an echo server with: hoy serve echo HOST:PORT" },
	{ -ECONNREFUSED, NULL, "bench", EXIT_UNASKED,
	  "nothing listens there; start an echo server with: hoy serve echo [NETWORK] ADDRESS" },
	{ -ECONNREFUSED, NULL, NULL, EXIT_UNASKED, "nothing listens there; is that the port?" },
	{ -ECONNRESET, NULL, "head", EXIT_UNASKED, "the server ended the connection; does that port speak another protocol, or TLS?" },
	{ -ECONNRESET, NULL, NULL, EXIT_UNASKED, "the server ended the connection; does that port speak another protocol?" },
	{ -EPIPE, NULL, NULL, EXIT_UNASKED, "the server ended the connection before all was sent" },
	{ -EADDRINUSE, NULL, NULL, EXIT_UNASKED, "see who listens there with: ss -tulpn; port 0 takes a free one" },
	{ -EADDRNOTAVAIL, "connect", NULL, EXIT_UNASKED,
	  "this machine has no address from which to reach that one; list them with: hoy iface" },
	{ -EADDRNOTAVAIL, NULL, NULL, EXIT_UNASKED, "that is no address of this machine; list them with: hoy iface" },
	{ -EAFNOSUPPORT, NULL, NULL, EXIT_UNASKED, "this system does not have that family of addresses; is IPv6 off?" },
	{ -ENETUNREACH, NULL, NULL, EXIT_UNASKED, "there is no route; look with: ip route" },
	{ -EHOSTUNREACH, NULL, NULL, EXIT_UNASKED, "there is no way to that host, or it does not answer on its network; look with: ip route" },
	{ -ENETDOWN, NULL, NULL, EXIT_UNASKED, "the interface is down; look with: hoy iface" },
	{ -EINVAL, "connect", NULL, EXIT_UNASKED, "a link-local address needs its interface: [fe80::1%eth0]:80; hoy iface lists them" },
	{ -EMFILE, NULL, NULL, EXIT_UNASKED, "out of descriptors; raise the limit with: ulimit -n" },
	{ -ENFILE, NULL, NULL, EXIT_UNASKED, "the whole system is out of descriptors; raise the limit with: sysctl fs.file-max" },
	{ -ENOMEM, NULL, NULL, EXIT_UNASKED, "the system is short of memory" },
	{ -ENOBUFS, NULL, NULL, EXIT_UNASKED, "the system is short of memory for the network" },
	{ HOY_ETIMEOUT, "dial", NULL, EXIT_UNASKED,
	  "nothing answers from there: is the address right, or does a firewall drop it? --timeout waits longer" },
	{ HOY_ETIMEOUT, NULL, NULL, EXIT_UNASKED, "it is connected, but no more came in time; give it longer with --timeout" },
	{ -ETIMEDOUT, NULL, NULL, EXIT_UNASKED, "the host does not answer; is the address right?" },
	{ HOY_EEOF, NULL, NULL, EXIT_UNASKED, "the server closed the connection in the middle" },
	{ HOY_ETOOLONG, NULL, "daytime", EXIT_UNASKED, "that is more than a time; is it a daytime server?" },
	{ HOY_ETOOLONG, NULL, NULL, EXIT_UNASKED, "more came than is read" },
	{ HOY_ENOHOST, NULL, NULL, EXIT_UNASKED, "that name does not exist; see who was asked with: hoy lookup NAME --explain" },
	{ HOY_ENODATA, NULL, NULL, EXIT_UNASKED, "that name has no address; see what it has with: hoy lookup any NAME" },
	{ HOY_ESERVFAIL, NULL, NULL, EXIT_UNASKED, name_advice },
	{ HOY_EREFUSED, NULL, NULL, EXIT_UNASKED, name_advice },
	{ HOY_ELAME, NULL, NULL, EXIT_UNASKED, name_advice },
	{ HOY_EUNSUITABLE, NULL, NULL, EXIT_USAGE, "it has no address of that family; tcp and udp take both" },
	{ HOY_ENOINTERFACE, NULL, "iface", EXIT_NO, "all that are there: hoy iface" },
	{ -EBADF, NULL, NULL, EXIT_UNASKED, "that stream is closed" },
	{ HOY_ECANCELED, NULL, NULL, EXIT_INTERRUPTED, NULL },
	{ HOY_EMISSING, NULL, NULL, EXIT_USAGE, address_advice },
	{ HOY_EMISSINGPORT, NULL, "head", EXIT_USAGE, "the port is missing: HOST:80, or the port of that web server" },
	{ HOY_EMISSINGPORT, NULL, NULL, EXIT_USAGE, address_advice },
	{ HOY_EMANYCOLONS, NULL, NULL, EXIT_USAGE, "an IPv6 address has brackets before its port: [::1]:1201" },
	{ HOY_EBADPORT, NULL, NULL, EXIT_USAGE, "a port is a number from 0 to 65535, or a service's name" },
	{ HOY_ENETWORK, NULL, NULL, EXIT_USAGE, "a network is tcp, tcp4, tcp6, unix or unixpacket, or for datagrams udp, udp4, udp6 or unixgram" },
	{ HOY_ENOPORT, NULL, NULL, EXIT_USAGE, "no service has that name; use the port's number" },
};

static bool is_step(const char *step, const hoy_err *err)
{
	return !step || (err->op && !strcmp(step, err->op)) || (err->call && !strcmp(step, err->call)) ||
	       (!strcmp(step, "unix") && !strncmp(err->net, step, 4));
}

static bool is_verb(const char *verb)
{
	return !verb || (running && !strcmp(verb, running->name));
}

/* Not the network failed, but the words that were given. */
static bool is_about_text(const hoy_err *err)
{
	return err->kind == HOY_ERR_ADDR || err->kind == HOY_ERR_PARSE || err->kind == HOY_ERR_NETIP;
}

struct advice advice_for(const hoy_err *err)
{
	for (const struct row *r = rows; r < rows + LEN(rows); r++)
		if (r->code == err->code && is_step(r->step, err) && is_verb(r->verb))
			return (struct advice){ r->exit, r->text };
	return is_about_text(err) ? (struct advice){ EXIT_USAGE, address_advice } : (struct advice){ EXIT_UNASKED, NULL };
}
