/*
 * Five files, one way to keep up with each: a row says where it is and how large it may
 * be, a parser makes the new state beside the old one, and only then they change places.
 */
#include "dns/conf/conf.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "task/offload.h"

typedef int parse_fn(struct hoy__conf *conf, const char *text, size_t len);

/* The name of this machine: the first word of a file of /proc; "" when it cannot be read. */
static void read_hostname(const struct hoy__conf *conf, char hostname[256])
{
	const char *path = conf->hostname_path ? conf->hostname_path : "/proc/sys/kernel/hostname";
	struct hoy__file_info info;
	char *text = NULL;
	ssize_t len = hoy__file_read(path, 255, &text, &info);

	hostname[0] = 0;
	if (len > 0) {
		memcpy(hostname, text, (size_t)len);
		hostname[len] = 0;
		hostname[strcspn(hostname, "\r\n \t")] = 0;
	}
	hoy__release(text);
}

static int parse_resolv(struct hoy__conf *conf, const char *text, size_t len)
{
	char hostname[256];
	struct hoy__resolv fresh;
	int code;

	read_hostname(conf, hostname);
	if ((code = hoy__resolv_parse(&fresh, text, len, hostname)) < 0)
		return code;
	hoy__resolv_clear(&conf->resolv);
	conf->resolv = fresh;
	return 0;
}

static int parse_hosts(struct hoy__conf *conf, const char *text, size_t len)
{
	struct hoy__hosts fresh;
	int code = hoy__hosts_parse(&fresh, text, len);

	if (code < 0)
		return code;
	hoy__hosts_clear(&conf->hosts);
	conf->hosts = fresh;
	return 0;
}

static int parse_nsswitch(struct hoy__conf *conf, const char *text, size_t len)
{
	hoy__nsswitch_parse(&conf->nsswitch, text, len);
	return 0;
}

static int parse_services(struct hoy__conf *conf, const char *text, size_t len)
{
	struct hoy__services fresh;
	int code = hoy__services_parse(&fresh, text, len);

	if (code < 0)
		return code;
	hoy__services_clear(&conf->services);
	conf->services = fresh;
	return 0;
}

static int parse_protocols(struct hoy__conf *conf, const char *text, size_t len)
{
	struct hoy__services fresh;
	int code = hoy__protocols_parse(&fresh, text, len);

	if (code < 0)
		return code;
	hoy__services_clear(&conf->protocols);
	conf->protocols = fresh;
	return 0;
}

static const struct {
	const char *path;
	size_t limit;
	parse_fn *parse;
} files[HOY__CONF_FILES] = {
	[HOY__RESOLV_CONF]    = { "/etc/resolv.conf",	HOY__RESOLV_LIMIT,   parse_resolv },
	[HOY__HOSTS_FILE]     = { "/etc/hosts",		HOY__HOSTS_LIMIT,    parse_hosts },
	[HOY__NSSWITCH_CONF]  = { "/etc/nsswitch.conf",	HOY__RESOLV_LIMIT,   parse_nsswitch },
	[HOY__SERVICES_FILE]  = { "/etc/services",	HOY__SERVICES_LIMIT, parse_services },
	[HOY__PROTOCOLS_FILE] = { "/etc/protocols",	HOY__SERVICES_LIMIT, parse_protocols },
};

static int read_anew(struct hoy__conf *conf, enum hoy__conf_file file, const char *path)
{
	struct hoy__file_info info;
	char *text = NULL;
	ssize_t len = hoy__file_read(path, files[file].limit, &text, &info);
	int code;

	if (len == -ENOMEM)
		return -ENOMEM;
	code = files[file].parse(conf, text, len < 0 ? 0 : (size_t)len);
	hoy__release(text);
	return code < 0 ? code : 1;
}

struct refresh {
	struct hoy__conf *conf;
	enum hoy__conf_file file;
	bool first;
};

static int refresh(void *at)
{
	struct refresh *r = at;
	const char *path = r->conf->path[r->file] ? r->conf->path[r->file] : files[r->file].path;

	if (!hoy__file_changed(&r->conf->watch[r->file], path) && !r->first)
		return 0;
	return read_anew(r->conf, r->file, path);
}

int hoy__conf_refresh(struct hoy__conf *conf, enum hoy__conf_file file, int64_t now)
{
	struct hoy__file_watch *watch = &conf->watch[file], before = *watch;
	struct refresh r = { conf, file, .first = !watch->checked };
	int code;

	if (!hoy__file_is_due(watch, now) || (file == HOY__RESOLV_CONF && !r.first && conf->resolv.no_reload))
		return 0;
	code = hoy__offload(HOY__POOL_IO, refresh, &r);
	if (code < 0)
		*watch = before;	/* the next call tries again */
	return code;
}

void hoy__conf_forget(struct hoy__conf *conf)
{
	struct hoy__conf fresh = { .hostname_path = conf->hostname_path };

	memcpy(fresh.path, conf->path, sizeof fresh.path);
	*conf = fresh;
}

void hoy__conf_clear(struct hoy__conf *conf)
{
	hoy__resolv_clear(&conf->resolv);
	hoy__hosts_clear(&conf->hosts);
	hoy__services_clear(&conf->services);
	hoy__services_clear(&conf->protocols);
	memset(conf->watch, 0, sizeof conf->watch);
}
