/*
 * The system's resolver against a name server of the test's: a table of system calls puts a file of the test's in the place
 * of /etc/resolv.conf, and the test's name server at port 53. The server has one answer for each type, whatever the name.
 */
#ifndef HOY_TEST_SYSTEM_NAMES_H
#define HOY_TEST_SYSTEM_NAMES_H

#include <errno.h>
#include <unistd.h>

#include "os/os.h"
#include "t.h"
#include "unit/support/name_server.h"
#include "unit/support/packet.h"

static const struct {
	uint16_t type;
	unsigned count, number[3];	/* before the target, 2 octets each */
	const char *target;
} system_answers[] = {
	{ HOY__A, 2, { 0x7f00, 0x0001 }, NULL },
	{ HOY__PTR, 0, { 0 }, "host.test." },
	{ HOY__MX, 1, { 10 }, "mail.test." },
	{ HOY__NS, 0, { 0 }, "ns1.test." },
	{ HOY__SRV, 3, { 1, 2, 5269 }, "xmpp.test." },
	{ HOY__TXT, 2, { 0x0361, 0x6263 }, NULL },	/* a string of 3: abc */
	{ HOY_TYPE_SVCB, 1, { 1 }, "." },
	{ HOY_TYPE_HTTPS, 1, { 2 }, "." },
};

static void system_answer(struct ns_query *q, void *arg)
{
	struct packet *p = calloc(1, sizeof *p);
	char name[HOY__NAME_STRLEN];

	(void)arg;
	hoy__name_text(&q->m.question.name, name);
	packet_start(p, q->m.id, HOY__QR | HOY__RD | HOY__RA, name, q->m.question.type);
	for (size_t i = 0; i < LEN(system_answers); i++) {
		size_t at;

		if (system_answers[i].type != q->m.question.type)
			continue;
		at = packet_record(p, HOY__ANSWER, name, system_answers[i].type, 300);
		for (unsigned k = 0; k < system_answers[i].count; k++)
			packet_number(p, system_answers[i].number[k], 2);
		if (system_answers[i].target)
			packet_name(p, system_answers[i].target);
		packet_close(p, at);
	}
	ns_send(q, p->data, p->len);
	free(p);
}

static char system_resolv_conf[] = "/tmp/hoy-resolv-XXXXXX";
static in_port_t system_port;

static int system_open(const char *path, int flags)
{
	if (strncmp(path, "/etc/", 5) != 0)
		return hoy__os_linux.open(path, flags);
	return strcmp(path, "/etc/resolv.conf") ? -ENOENT : hoy__os_linux.open(system_resolv_conf, flags);
}

static int system_connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	struct sockaddr_in in = *(const struct sockaddr_in *)sa;

	if (ntohs(in.sin_port) == 53)
		in.sin_port = system_port;
	return hoy__os_linux.connect(fd, (struct sockaddr *)&in, len);
}

static void system_begin(struct ns *ns)
{
	static const char text[] = "nameserver 127.0.0.1\n";
	static struct hoy__os os;
	int fd = mkstemp(system_resolv_conf);

	CHECK(write(fd, text, sizeof text - 1) > 0);
	close(fd);
	system_port = htons(ns_addr(ns).port);
	os = hoy__os_linux;
	os.open = system_open;
	os.connect = system_connect;
	hoy__os = &os;
}

static void system_end(void)
{
	unlink(system_resolv_conf);
}

#endif
