/* The system's files as the resolver sees them, read again when they change. */
#ifndef HOY_DNS_CONF_H
#define HOY_DNS_CONF_H

#include "dns/conf/file.h"
#include "dns/conf/hosts.h"
#include "dns/conf/nsswitch.h"
#include "dns/conf/resolv.h"
#include "dns/conf/services.h"

enum hoy__conf_file {
	HOY__RESOLV_CONF, HOY__HOSTS_FILE, HOY__NSSWITCH_CONF, HOY__SERVICES_FILE, HOY__PROTOCOLS_FILE,
	HOY__CONF_FILES
};

/* All zero is ready: set paths, or leave them NULL for the usual ones. One caller at a time. */
struct hoy__conf {
	const char *path[HOY__CONF_FILES];
	const char *hostname_path;	/* the file with the machine's name */

	struct hoy__resolv resolv;
	struct hoy__hosts hosts;
	struct hoy__nsswitch nsswitch;
	struct hoy__services services, protocols;
	struct hoy__file_watch watch[HOY__CONF_FILES];
};

/*
 * Brings one file up to date: at most every five seconds, when its time or size has
 * changed, and resolv.conf never again once it has the option no-reload. What cannot be read, is
 * too large or no regular file counts as empty. 1 when it was read anew, 0 when there was
 * nothing to do, -ENOMEM: then what was known before is still there.
 */
int hoy__conf_refresh(struct hoy__conf *conf, enum hoy__conf_file file, int64_t now);
void hoy__conf_clear(struct hoy__conf *conf);
/* As if nothing had been read yet, whatever state it is in; the memory is lost. */
void hoy__conf_forget(struct hoy__conf *conf);

#endif
