/* The path of a Unix socket's address, or its name in the abstract namespace. */
#ifndef HOY_IP_PATH_H
#define HOY_IP_PATH_H

#include <stdbool.h>
#include <string.h>

#include <hoy/addr.h>

/* What a sockaddr_un holds: of a file's path with its NUL, of an abstract name without one. */
enum { HOY__SUN_PATH = 108 };

static inline bool hoy__is_unix(int kind)
{
	return kind == HOY_ADDR_UNIX || kind == HOY_ADDR_UNIXGRAM || kind == HOY_ADDR_UNIXPACKET;
}

/* At most the size of path, also when path was filled by hand without a NUL. */
static inline size_t hoy__path_len(const hoy_addr *a)
{
	if (a->path_len)
		return a->path_len < sizeof a->path ? a->path_len : sizeof a->path;
	return strnlen(a->path, sizeof a->path);
}

/* Names no file. Go takes a leading NUL as '@', too. */
static inline bool hoy__path_is_abstract(const char *path, size_t len)
{
	return len > 0 && (path[0] == '@' || path[0] == '\0');
}

static inline bool hoy__path_fits(const char *path, size_t len)
{
	return len < HOY__SUN_PATH || (len == HOY__SUN_PATH && hoy__path_is_abstract(path, len));
}

#endif
