/*
 * A chat: what one member says is sent to all. The first line that a client sends is its name.
 *
 *	ChatServer ADDRESS
 *
 * Each member has a task that reads and one that writes, and before the writer a queue with a limit. Who speaks waits while
 * a queue is full. A member whose queue stays full for a second does not read, and is cut off: hoy_conn_close ends what
 * both its tasks wait for. So a slow reader holds up the room once, and never makes it keep all that is said.
 */
#include <err.h>
#include <hoy.h>
#include <stdio.h>
#include <string.h>

enum { QUEUE = 64 };

#define PATIENCE HOY_SECOND

struct line {
	size_t len;
	char text[512];
};

struct member {
	hoy_conn *conn;
	hoy_chan *lines;		/* for its writer */
	char name[32];
	int is_cut_off;
	struct member *next;
};

static struct {
	hoy_mutex lock;
	struct member *members;
} room;

static void send_line(struct member *m, const struct line *l)
{
	hoy_case cases[] = { HOY_SEND(m->lines, l), HOY_UNTIL(hoy_in(PATIENCE)) };

	if (m->is_cut_off || hoy_select(cases, 2, NULL) == 0)
		return;
	m->is_cut_off = 1;
	hoy_conn_close(m->conn, NULL);
}

static void say(const struct member *from, const char *what, const char *text)
{
	struct line l;

	l.len = (size_t)snprintf(l.text, sizeof l.text - 1, "%s%s%s", from->name, what, text);
	if (l.len >= sizeof l.text - 1)
		l.len = sizeof l.text - 2;
	l.text[l.len++] = '\n';
	hoy_mutex_lock(&room.lock);
	for (struct member *m = room.members; m; m = m->next)
		send_line(m, &l);
	hoy_mutex_unlock(&room.lock);
}

static void join(struct member *m)
{
	hoy_mutex_lock(&room.lock);
	m->next = room.members;
	room.members = m;
	hoy_mutex_unlock(&room.lock);
	say(m, " joined", "");
}

static void leave(struct member *m)
{
	struct member **at = &room.members;

	hoy_mutex_lock(&room.lock);
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	hoy_mutex_unlock(&room.lock);
	say(m, " left", "");
}

static int write_lines(void *arg)
{
	struct member *m = arg;
	struct line l;

	while (hoy_chan_recv(m->lines, &l) == 0 && hoy_conn_write(m->conn, l.text, l.len, NULL) >= 0)
		continue;
	return 0;
}

static void read_lines(struct member *m, hoy_reader *r)
{
	char *line;

	if (hoy_reader_line(r, &line, NULL, NULL) != 1)
		return;
	snprintf(m->name, sizeof m->name, "%s", line);
	join(m);
	while (hoy_reader_line(r, &line, NULL, NULL) == 1)
		say(m, ": ", line);
	leave(m);
}

/* A member lies on its task's stack: the group sees to it that its writer ends before. */
static void serve_member(hoy_conn *c, void *unused)
{
	struct member m = { .conn = c, .lines = hoy_chan_new(sizeof(struct line), QUEUE) };
	hoy_reader *r = hoy_reader_new(c, 0, NULL);
	hoy_group *g = hoy_group_new();

	(void)unused;
	if (m.lines && r && g && hoy_group_go(g, write_lines, &m) == 0) {
		read_lines(&m, r);
		hoy_chan_close(m.lines);	/* what is queued is still sent, but not for long to one that does not read */
		hoy_conn_set_write_deadline(c, hoy_in(HOY_SECOND), NULL);
		hoy_group_wait(g);
	}
	hoy_group_free(g);
	hoy_reader_free(r);
	hoy_chan_free(m.lines);
}

static int run(void *address)
{
	char text[HOY_ERR_STRLEN];
	hoy_err err;
	hoy_listener *l = hoy_listen("tcp", address, &err);

	if (!l || hoy_serve(l, serve_member, NULL, NULL, &err) < 0)
		errx(1, "%s", hoy_err_string(&err, text));
	hoy_listener_free(l);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(1, "Usage: %s ADDRESS", argv[0]);
	return hoy_run(run, argv[1]);
}
