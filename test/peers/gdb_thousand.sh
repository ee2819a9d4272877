#!/bin/sh
# tools/gdb/hoy.py: a thousand tasks that wait for ten reasons, each with its backtrace, in the process and in its core. Task N has the frame
# numbered (number=N), and within that waits as kind N % 10 of parked.c.
. "$SOURCE/test/lib.sh"
need gdb readelf
[ "${HOY_TEST_SCALE:-1}" = 1 ] || { echo "skipped: gdb takes minutes over a sanitizer's address space"; exit 77; }
readelf -S "$BUILD/test/peer_parked" | grep -q debug_info || { echo "skipped: built without debug information"; exit 77; }

mkfifo input
HOY_GUARD=mprotect "$BUILD/test/peer_parked" 1000 <input >said &
pid=$!
exec 8>input
for _ in $(seq 200); do grep -q parked said && break; sleep 0.05; done
all() { timeout 100 gdb -nx -batch "$@" -ex "source $SOURCE/tools/gdb/hoy.py" -ex 'info hoy-tasks' -ex 'hoy-apply all bt' 2>&1; }
# judge WHAT TEXT
judge() {
	same "$1, the reasons" "$(echo "$2" | sed -nE 's/^[0-9]+ +waits +[0-9]+ +parked +([a-z ]*[a-z])( of (0x[0-9a-f]+|fd [0-9]+))? +[0-9.]+ s +task +start_all .*/\1/p' |
		sort | uniq -c | awk '{ n = $1; $1 = ""; print substr($0, 2) ": " n }')" "accept: 1
chan: 100
cond: 100
lock: 99
mutex: 100
read: 100
rwlock: 100
select: 100
semaphore: 100
sleep: 100
wait group: 100"
	same "$1, the backtraces" "$(echo "$2" | awk '
		BEGIN { split("channel in_select mutex rwlock condition semaphore group time datagram connection", kind, " ") }
		/^Task / { name = "" }
		/^#[0-9]+ .* in wait_/ { name = $0; sub(/.* in wait_(for_)?/, "", name); sub(/ .*/, "", name) }
		/^#[0-9]+ .* in numbered \(number=/ {
			n = $0; sub(/.*number=/, "", n); n += 0
			right += name == kind[n % 10 + 1] && !seen[n]++ && n < 1000
		}
		/^#[0-9]+ .* in hoy(__|\.)entry / { ends++ }
		END { print right " right, " ends " whole" }')" "1000 right, 1001 whole"
}
live=$(all -p $pid -ex 'generate-core-file core')
case $live in
*'not permitted'*) echo "skipped: ptrace is not permitted here"; exit 77 ;;
esac
judge "the process" "$live"
judge "the core" "$(all "$BUILD/test/peer_parked" core)"
rm -f core
exec 8>&-
wait $pid
same "the program goes on" $? 0
finish
