#!/bin/sh
# Runs one test script in a directory of its own: run.sh SCRIPT NAME
# The script finds in its environment HOY (the command), EXAMPLES (the directory of the
# compiled examples), SOURCE (the tree) and PEERS (where foreign daemons are unpacked).
# It succeeds by exit 0, skips by printing why and exit 77. What it left running is killed.
# Where that is allowed it has a network of its own, with no more than loopback: ports that
# it used up, or left in TIME_WAIT by the thousand, are then nobody else's trouble.
script=$1 name=$2
export HOY EXAMPLES SOURCE PEERS HOY_SKIPS

dir=$(mktemp -d) || exit 1
log=$dir/log
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/run"

alone=
unshare -n ip link set lo up 2>/dev/null && alone='unshare -n'

# A session of its own, so that its whole family can be ended.
# shellcheck disable=SC2016,SC2086 # the inner shell's; nothing, or two words
(cd "$dir/run" && exec setsid $alone sh -c '[ -z "$1" ] || ip link set lo up; exec sh "$0"' "$script" "$alone") >"$log" 2>&1 &
child=$!
trap 'kill -s KILL -- -$child 2>/dev/null; rm -rf "$dir"; exit 1' INT TERM HUP
wait $child
code=$?
kill -s KILL -- -$child 2>/dev/null
cat "$log"
if [ $code = 77 ] && [ "$CI" = true ] && ! grep -q "^$name " "$HOY_SKIPS"; then
	echo "FAIL: this skip is not in test/skips.txt"
	exit 1
fi
exit $code
