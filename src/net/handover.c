/*
 * From a server to its successor. The predecessor listens at a Unix socket. The successor connects and gets one message: the descriptors
 * of that socket and of all listeners, and for each a line "network address". When it serves, it writes a byte, and
 * the predecessor, which stops accepting, returns one. An end of the connection before that byte is the end of the successor.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <hoy/handover.h>
#include <hoy/unix.h>

#include "net/net.h"

enum { FDS_MOST = 253, TEXT_MOST = 32 << 10, KEY_MOST = 512 };

/* A listener of this process, under what its successor will ask for. */
struct kept {
	struct kept *next;
	hoy_listener *listener;
	char key[];
};

struct hoy_handover {
	hoy_listener *door;		/* where successors connect */
	hoy_conn *predecessor;		/* until it has let go; NULL: there is none */
	hoy_conn *successor;		/* that has not served yet when hoy_handover_wait was cancelled; NULL: there is none */
	bool is_successor, replaced, has_offered;	/* has_offered: to successor */
	struct kept *kept;
	int n;				/* descriptors from the predecessor; taken ones are -1 */
	int fds[FDS_MOST];
	char text[TEXT_MOST];		/* a line for each */
};

static int fail(int code, hoy_err *err)
{
	return hoy__fail(err, "handover", "unix", NULL, code);
}

/* ---- taking over ---- */

/* The first four bytes are the length of the lines, and the descriptors come with them. */
static int receive(hoy_handover *h, hoy_err *err)
{
	uint8_t head[4];
	size_t len;
	ssize_t n;

	h->n = FDS_MOST;
	n = hoy_unix_recv_fds(h->predecessor, head, sizeof head, h->fds, &h->n, err);
	if (n <= 0)
		h->n = 0;
	if (n < 0)
		return (int)n;
	len = n == sizeof head ? (size_t)head[2] << 8 | head[3] : TEXT_MOST;
	if (n == 0 || h->n == 0 || head[0] || head[1] || len >= TEXT_MOST)
		return fail(n == 0 ? HOY_EEOF : -EBADMSG, err);
	n = hoy_read_full(h->predecessor, h->text, len, err);
	return n < 0 ? (int)n : 0;
}

static void close_received(hoy_handover *h)
{
	for (int i = 0; i < h->n; i++)
		if (h->fds[i] >= 0)
			hoy__os_close(h->fds[i]);
	h->n = 0;
}

/* The first descriptor is the door. */
static int take_door(hoy_handover *h, hoy_err *err)
{
	h->door = hoy_listener_from_fd(h->fds[0], 0, err);
	if (!h->door)
		return err ? err->code : -EBADMSG;
	h->fds[0] = -1;
	return 0;
}

static int take_over(hoy_handover *h, hoy_err *err)
{
	int code = receive(h, err);

	h->is_successor = true;
	return code < 0 ? code : take_door(h, err);
}

/* Nobody is there, or only the file of somebody who was. */
static bool is_first(int code)
{
	return code == -ENOENT || code == -ECONNREFUSED;
}

static int begin_at(hoy_handover *h, const char *path, hoy_err *err)
{
	const hoy_listen_config lc = { .unix_mode = 0600, .unix_replace = 1 };

	h->door = hoy_listen_config_listen(&lc, "unix", path, err);
	return h->door ? 0 : -1;
}

hoy_handover *hoy_handover_open(const char *path, hoy_err *err)
{
	hoy_handover *h = hoy__alloc(sizeof *h);
	hoy_err failure;
	int code;

	if (!h) {
		fail(-ENOMEM, err);
		return NULL;
	}
	h->predecessor = hoy_dial("unix", path, &failure);
	if (h->predecessor)
		code = take_over(h, &failure);
	else
		code = is_first(failure.code) ? begin_at(h, path, &failure) : failure.code;
	if (code == 0)
		return h;
	if (err)
		*err = failure;
	hoy_handover_free(h);
	return NULL;
}

int hoy_handover_is_successor(const hoy_handover *h)
{
	return h->is_successor;
}

/* ---- listeners ---- */

static bool is_line(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) == 0 && line[len] == '\n';
}

/* The next descriptor with that line that is not taken; -1 when there is none. */
static int find(const hoy_handover *h, const char *key)
{
	const char *line = h->text;

	for (int i = 1; i < h->n && line; i++) {
		if (h->fds[i] >= 0 && is_line(line, key))
			return i;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return -1;
}

/* Several descriptors with the same line are the shards of one listener. */
static int adopt(hoy_handover *h, const char *key, const hoy_listen_config *lc, hoy_listener **l, hoy_err *err)
{
	hoy_listener **last = l;
	int i;

	*l = NULL;
	while ((i = find(h, key)) > 0) {
		*last = hoy__listener_adopt(h->fds[i], lc, err);
		if (!*last)
			return -1;
		h->fds[i] = -1;
		(*l)->is_shard = (*last)->is_shard = *last != *l;
		last = &(*last)->shard;
	}
	return 0;
}

static int keep(hoy_handover *h, const char *key, hoy_listener *l)
{
	size_t size = strlen(key) + 1;
	struct kept *k = hoy__alloc(sizeof *k + size);

	if (!k)
		return -ENOMEM;
	memcpy(k->key, key, size);
	k->listener = l;
	k->next = h->kept;
	h->kept = k;
	return 0;
}

hoy_listener *hoy_handover_listen(hoy_handover *h, const hoy_listen_config *lc, const char *network, const char *address,
				  hoy_err *err)
{
	char key[KEY_MOST];
	hoy_listener *l = NULL;
	int len = snprintf(key, sizeof key, "%s %s", network, address);

	if (len >= KEY_MOST || strchr(key, '\n')) {
		fail(-EINVAL, err);
		return NULL;
	}
	if (adopt(h, key, lc, &l, err) < 0)
		goto failed;
	if (!l && !(l = hoy_listen_config_listen(lc, network, address, err)))
		return NULL;
	if (keep(h, key, l) == 0)
		return l;
	fail(-ENOMEM, err);
failed:
	hoy_listener_free(l);
	return NULL;
}

/* The files of Unix sockets belong to one process at a time. */
static void own_files(hoy_handover *h, int own)
{
	hoy_listener_set_unlink_on_close(h->door, own, NULL);
	for (const struct kept *k = h->kept; k; k = k->next)
		hoy_listener_set_unlink_on_close(k->listener, own, NULL);
}

/* Nobody listens there any more, so a file goes, too. */
static void close_unwanted(hoy_handover *h)
{
	for (int i = 0; i < h->n; i++) {
		hoy_listener *l = h->fds[i] >= 0 ? hoy_listener_from_fd(h->fds[i], 0, NULL) : NULL;

		if (!l)
			continue;
		hoy_listener_set_unlink_on_close(l, 1, NULL);
		hoy_listener_free(l);
		h->fds[i] = -1;
	}
	close_received(h);
}

int hoy_handover_ready(hoy_handover *h, hoy_err *err)
{
	char byte = 'R';
	int code = 0;

	if (!h->predecessor)
		return 0;
	close_unwanted(h);
	if (hoy_conn_write(h->predecessor, &byte, 1, NULL) < 0)
		code = fail(HOY_EEOF, err);
	else if ((code = (int)hoy_conn_read(h->predecessor, &byte, 1, err)) == 0)
		code = fail(HOY_EEOF, err);
	hoy_conn_free(h->predecessor);
	h->predecessor = NULL;
	own_files(h, 1);
	return code < 0 ? code : 0;
}

/* ---- giving ---- */

struct offer {
	int n, fds[FDS_MOST];
	size_t len;
	uint8_t message[4 + TEXT_MOST];
};

static int add_fd(struct offer *o, hoy_listener *l, const char *key)
{
	size_t room = sizeof o->message - o->len;
	int fd, len = key ? snprintf((char *)o->message + o->len, room, "%s\n", key) : 0;

	if (o->n == FDS_MOST || (size_t)len >= room)
		return -E2BIG;
	fd = hoy__fd_export(l->fd);
	if (fd < 0)
		return fd;
	o->fds[o->n++] = fd;
	o->len += (size_t)len;
	return 0;
}

/* A listener that its owner has closed is left out. */
static int fill(struct offer *o, const hoy_handover *h)
{
	int code = add_fd(o, h->door, NULL);

	for (const struct kept *k = h->kept; k && code == 0; k = k->next)
		for (hoy_listener *l = k->listener; l && code == 0; l = l->shard)
			if ((code = add_fd(o, l, k->key)) == HOY_ECLOSED)
				code = 0;
	o->message[2] = (uint8_t)((o->len - 4) >> 8);
	o->message[3] = (uint8_t)(o->len - 4);
	return code;
}

static int offer(const hoy_handover *h, hoy_conn *successor, hoy_err *err)
{
	struct offer *o = hoy__alloc(sizeof *o);
	ssize_t n = -ENOMEM;

	if (o) {
		o->len = 4;
		n = fill(o, h);
	}
	if (n == 0)
		n = hoy_unix_send_fds(successor, o->message, o->len, o->fds, o->n, NULL);
	for (int i = 0; o && i < o->n; i++)
		hoy__os_close(o->fds[i]);
	hoy__release(o);
	return n < 0 ? fail((int)n, err) : 0;
}

/* 1 when it serves, 0 when it has ended before, whatever it did; or HOY_ECANCELED while we wait for that. */
static int serve_successor(hoy_handover *h)
{
	char byte;
	ssize_t n;

	if (!h->has_offered && offer(h, h->successor, NULL) < 0)
		return 0;
	h->has_offered = true;
	if ((n = hoy_conn_read(h->successor, &byte, 1, NULL)) != 1)
		return n == HOY_ECANCELED ? (int)n : 0;
	h->replaced = true;
	own_files(h, 0);
	hoy_listener_close(h->door, NULL);
	hoy_conn_write(h->successor, "K", 1, NULL);
	return 1;
}

static void drop_successor(hoy_handover *h)
{
	hoy_conn_free(h->successor);
	h->successor = NULL;
	h->has_offered = false;
}

/* Out of descriptors or memory, it tries again after a pause. */
static hoy_conn *accept_successor(hoy_handover *h, hoy_err *err)
{
	hoy_conn *c;

	while (!(c = hoy_listener_accept(h->door, err)) && hoy__accept_may_pass(err->code)) {
		int code = hoy_sleep(100 * HOY_MILLISECOND);

		if (code < 0) {
			fail(code, err);
			break;
		}
	}
	return c;
}

int hoy_handover_wait(hoy_handover *h, hoy_err *err)
{
	hoy_err failure;
	int code;

	while (!h->replaced) {
		if (!h->successor && !(h->successor = accept_successor(h, &failure))) {
			if (err)
				*err = failure;
			return failure.code;
		}
		if ((code = serve_successor(h)) < 0)
			return fail(code, err);
		drop_successor(h);
	}
	return 0;
}

void hoy_handover_free(hoy_handover *h)
{
	if (!h)
		return;
	for (struct kept *next; h->kept; h->kept = next) {
		next = h->kept->next;
		hoy__release(h->kept);
	}
	close_received(h);
	hoy_conn_free(h->predecessor);
	drop_successor(h);
	hoy_listener_free(h->door);
	hoy__release(h);
}
