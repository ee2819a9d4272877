#!/bin/sh
# tools/gdb/hoy.py: lists the tasks of a server and shows the backtraces of those that wait,
# in the process and in its core; and in a task plain bt ends where the task began.
. "$SOURCE/test/lib.sh"
need gdb ss socat readelf
[ "${HOY_TEST_SCALE:-1}" = 1 ] || { echo "skipped: gdb takes minutes over a sanitizer's address space"; exit 77; }
server=$EXAMPLES/ThreadedEchoServer
readelf -S "$server" | grep -q debug_info || { echo "skipped: built without debug information"; exit 77; }

# gdb's own core writer gives up on a mapping at the first page it cannot read, as a guard is;
# protected guards are mappings of their own.
HOY_GUARD=mprotect start "$server" 127.0.0.1:0 >said
for name in first second; do
	mkfifo $name
	socat - TCP:127.0.0.1:$port <$name >$name.said &
done
exec 8>first 9>second
for client in 8 9; do echo hello >&$client; done
for name in first second; do
	for _ in $(seq 100); do grep -q hello $name.said && break; sleep 0.05; done
done

cat >every.py <<'END'
import gdb
before = gdb.execute("info registers", to_string=True)
for slot in slots():
    print("task", hex(slot))
    gdb.execute(f"hoy-bt {int(slot):#x}")
print("registers", "kept" if gdb.execute("info registers", to_string=True) == before else "changed")
END
ask() { timeout 60 gdb -nx -batch "$@" 2>&1; }
look() { ask "$@" -ex "source $SOURCE/tools/gdb/hoy.py" -ex 'info hoy-tasks' -ex 'source every.py' -ex 'hoy-bt 987654321'; }

# judge WHAT TEXT
judge() {
	like "$1, the acceptor" "$2" '^1 +main +[0-9]+ +parked +accept of fd [0-9]+ +[0-9.]+ s +serve +main '
	same "$1, the clients" "$(echo "$2" | grep -Ec '^[0-9]+ +- .* parked +read of fd [0-9]+ .* handle_client +serve \(ThreadedEchoServer\.c:[0-9]+\)$')" 2
	same "$1, the backtraces end where tasks begin" "$(echo "$2" | awk '/^#/ { last = $0 } /^(task|registers)/ {
		if (n++) print last ~ / in hoy(__|\.)entry / ? "entry" : last }')" "entry
entry
entry"
	same "$1, and have the user's functions" "$(echo "$2" | grep -Ec '^#[0-9]+ +(0x[0-9a-f]+ in )?(handle_client|serve) ')" 3
	like "$1, nothing is written" "$2" '^registers kept$'
	like "$1, an id that is none" "$2" '^no task 987654321$'
}

live=$(look -p $pid -ex 'generate-core-file core')
case $live in
*'not permitted'*) echo "skipped: ptrace is not permitted here"; exit 77 ;;
esac
judge "the process" "$live"
judge "the core" "$(look "$server" core)"
for client in 8 9; do echo again >&$client; done
for name in first second; do
	for _ in $(seq 100); do grep -q again $name.said && break; sleep 0.05; done
	same "$name is served as if nothing had been" "$(cat $name.said)" "hello
again"
done
stop $pid
exec 8>&- 9>&-

inside=$(ask -ex 'break serve' -ex run -ex bt -ex "source $SOURCE/tools/gdb/hoy.py" -ex 'info hoy-tasks' \
	-ex 'source every.py' -ex kill --args "$server" 127.0.0.1:0)
like "a breakpoint in a task" "$inside" '^#0 +serve '
same "bt ends where the task begins" "$(echo "$inside" | awk '/^#/ { last = $0 } /^id / { print last; exit }' |
	grep -Ec ' in hoy(__|\.)entry ')" 1
same "and nothing is corrupt" "$(echo "$inside" | grep -ci 'stopped:\|corrupt\|Python')" 0
like "it is listed as running" "$inside" '^1 +main +[0-9]+ +running +- '
finish
