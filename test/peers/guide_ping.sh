#!/bin/sh
# The guide's Ping, in C and in Go, of a host in a network of their own: the same bytes, and the same words when it fails.
. "$SOURCE/test/lib.sh"
need go unshare ip setpriv
if [ "$1" != inside ]; then
	unshare -n true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	compile Ping
	exec unshare -n sh "$SOURCE/test/peers/guide_ping.sh" inside
fi

own=$(readlink /proc/self/ns/net)
unshare -n sleep 1000 & host=$!
until [ "$(readlink /proc/$host/ns/net)" != "$own" ] && [ "$(cat /proc/$host/comm)" = sleep ]; do sleep 0.02; done
ip link set lo up
ip link add here type veth peer name there netns $host
ip address add 10.9.0.1/24 dev here
ip link set here up
nsenter -t $host -n sh -c 'ip address add 10.9.0.2/24 dev there; ip link set there up'
ip route add unreachable 198.51.100.1

guide='Message sent:     8 0 247 205 0 13 0 37
Message received: 0 0 255 205 0 13 0 37'
same "Go" "$(./go_Ping 10.9.0.2)" "$guide"
same "C" "$("$EXAMPLES/Ping" 10.9.0.2)" "$guide"
same "hoy ping" "$("$HOY" ping --bytes 10.9.0.2)" "$guide"
# the guide's program takes its own request for the reply there
same "C, this machine" "$("$EXAMPLES/Ping" 127.0.0.1)" "$guide"
same "hoy ping, this machine" "$("$HOY" ping --bytes 127.0.0.1)" "$guide"

for arguments in '' 'one two' a..b 198.51.100.1; do
	# shellcheck disable=SC2086
	same "arguments '$arguments'" "$(told "$EXAMPLES/Ping" $arguments | sed "s|$EXAMPLES/|./go_|")" "$(told ./go_Ping $arguments)"
done
unprivileged() { told setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$@"; }
same "without privileges" "$(unprivileged "$EXAMPLES/Ping" 10.9.0.2 | sed "s/ (.*)\$//")" "$(unprivileged ./go_Ping 10.9.0.2)"
kill $host
finish
