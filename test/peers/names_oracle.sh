#!/bin/sh
# Lookups as hoy and as Go's resolver do them, with the same files and the same servers: random
# configurations, names, and replies good and bad. `test/oracle/names/run COUNT` is the long one.
. "$SOURCE/test/lib.sh"
need go unshare ip nsd knotd unbound named dnsmasq dig
unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
exec sh "$SOURCE/test/oracle/names/run" "${HOY_ORACLE_COUNT:-4000}" "$BUILD"
