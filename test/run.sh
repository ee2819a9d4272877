#!/bin/sh
# Runs one test script in a directory of its own: run.sh SCRIPT NAME
# The script finds in its environment HOY (the command), EXAMPLES (the directory of the
# compiled examples), SOURCE (the tree) and PEERS (where foreign daemons are unpacked).
# It succeeds by exit 0, skips by printing why and exit 77. What it left running is killed.
script=$1 name=$2
export HOY EXAMPLES SOURCE PEERS HOY_SKIPS

dir=$(mktemp -d) || exit 1
log=$dir/log
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/run"

# A session of its own, so that its whole family can be ended.
(cd "$dir/run" && exec setsid sh "$script") >"$log" 2>&1 &
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
