/* The guide's Listen, Dial and ListenPacket on Unix networks: the same services between the programs of one machine. */
#include <string.h>
#include <unistd.h>

#include "service.h"
#include "tour.h"

/* In the abstract namespace, where no file stays behind; this process's alone. */
static void name_of(const char *role, char name[HOY_ADDR_STRLEN])
{
	snprintf(name, HOY_ADDR_STRLEN, "@hoy-tour-%s-%ld", role, (long)getpid());
}

static enum verdict ask(struct step *s, const char *network, const char *server, hoy_conn *c, hoy_err *err)
{
	int result = -1;

	if (c) {
		hoy_conn_set_deadline(c, hoy_in(PATIENCE), NULL);
		result = ask_echo(c, "hello", err);
	}
	hoy_conn_free(c);
	if (result < 0)
		return step_failed(s, err);
	step_line(s, "%-10s %s --> hello", network, server);
	return result ? step_wrong(s, "something else came back") : STEP_OK;
}

static enum verdict connected(struct step *s, const char *network, const char *name)
{
	struct local server = { .handle = local_echo };
	enum verdict verdict;
	hoy_err err;

	if (local_start(&server, network, name, serve_each, &err) < 0)
		return step_failed(s, &err);
	verdict = ask(s, network, server.addr, hoy_dial_timeout(network, server.addr, PATIENCE, &err), &err);
	local_stop(&server);
	return verdict;
}

/* The client has a name, too, or nothing could be sent back to it. */
static enum verdict datagrams(struct step *s, const char *name)
{
	struct packets server = { .answer = find_service("echo")->answer };
	char own[HOY_ADDR_STRLEN];
	hoy_addr local, remote;
	enum verdict verdict;
	hoy_conn *c = NULL;
	hoy_err err;

	if (packets_start(&server, hoy_listen_packet("unixgram", name, &err), &err) < 0)
		return step_failed(s, &err);
	name_of("client", own);
	if (hoy_resolve_unix_addr("unixgram", own, &local, &err) == 0 &&
	    hoy_resolve_unix_addr("unixgram", name, &remote, &err) == 0)
		c = hoy_dial_unix("unixgram", &local, &remote, &err);
	verdict = ask(s, "unixgram", name, c, &err);
	packets_stop(&server);
	return verdict;
}

static enum verdict unix_sockets(struct step *s)
{
	char name[HOY_ADDR_STRLEN];
	enum verdict verdict;

	name_of("server", name);
	step_command(s, "hoy serve echo unix %s & echo hello | hoy connect unix %s", name, name);
	verdict = connected(s, "unix", name);
	if (verdict == STEP_OK)
		verdict = connected(s, "unixpacket", name);
	return verdict == STEP_OK ? datagrams(s, name) : verdict;
}

const struct tour_step tour_unix[] = {
	{ "Dial and Listen on Unix networks", "examples/guide/UnixEchoServer.c", unix_sockets },
	{ NULL, NULL, NULL }
};
