/*
 * A path in /etc may be anything: a FIFO without a writer, a directory, a gigabyte. It is
 * opened without waiting, must be a regular file, and is read up to a limit whatever
 * size it claims (files of /proc claim none).
 */
#include "dns/conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <hoy/time.h>

#include "base/base.h"

enum { FIRST_ROOM = 4096 };

/* Reads on until the end: the length, or -errno. *text grows as needed. */
static ssize_t read_to_end(int fd, size_t limit, char **text)
{
	size_t room = 0, len = 0;

	for (;;) {
		ssize_t n;

		if (len == room) {
			char *more;

			room = room ? room * 2 : FIRST_ROOM;
			if (!(more = hoy__realloc(*text, room)))
				return -ENOMEM;
			*text = more;
		}
		n = hoy__os_read(fd, *text + len, room - len);
		if (n <= 0)
			return n < 0 ? n : (ssize_t)len;
		len += (size_t)n;
		if (len > limit)
			return -EFBIG;
	}
}

static int open_regular(const char *path, struct hoy__file_info *info)
{
	int code, fd = hoy__os_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fd;
	code = hoy__os_stat(fd, info);
	if (code < 0 || !info->is_regular) {
		hoy__os_close(fd);
		return code < 0 ? code : -EINVAL;
	}
	return fd;
}

ssize_t hoy__file_read(const char *path, size_t limit, char **text, struct hoy__file_info *info)
{
	int fd = open_regular(path, info);
	char *got = NULL;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read_to_end(fd, limit, &got);
	hoy__os_close(fd);
	if (len < 0)
		hoy__release(got);
	else
		*text = got;
	return len;
}

bool hoy__file_is_due(struct hoy__file_watch *watch, int64_t now)
{
	if (watch->checked && now - watch->checked < 5 * HOY_SECOND)
		return false;
	watch->checked = now;
	return true;
}

bool hoy__file_changed(struct hoy__file_watch *watch, const char *path)
{
	struct hoy__file_info info = { 0 };
	int fd = open_regular(path, &info);
	bool same;

	if (fd < 0)
		info = (struct hoy__file_info){ 0 };
	else
		hoy__os_close(fd);
	same = info.mtime_ns == watch->seen.mtime_ns && info.size == watch->seen.size &&
	       info.is_regular == watch->seen.is_regular;
	watch->seen = info;
	return !same;
}
