#!/bin/sh
# A server replaces itself ten times under the load of 50 clients: no connection fails, the old ones end, and the last one
# removes its file.
. "$SOURCE/test/lib.sh"
need ss python3

# the process that listens at $port
listener() { ss -Hltnp "sport = :$port" | sed -n 's/.*pid=\([0-9]*\),fd.*/\1/p' | tail -n 1; }
door=$PWD/door
start env --default-signal=HUP,INT,TERM "$EXAMPLES/HandoverEcho" 127.0.0.1:0 "$door"
first=$pid
same "the file is its owner's alone" "$(stat -c %a door)" 600
python3 "$SOURCE/test/cli/clients.py" $port 50 "$((6 * ${HOY_TEST_SCALE:-1}))" >talk 2>made & clients=$!
sleep 0.3
old=$first replaced=0
for _ in $(seq 10); do
	kill -HUP "$old"
	for _ in $(seq 200); do
		pids=$(ss -Hltnp "sport = :$port" | grep -o 'pid=[0-9]*' | cut -c5- | sort -u)
		new=$(printf '%s\n' "$pids" | grep -vx "$old")
		[ "$new" ] && [ "$new" = "$pids" ] && break
		sleep 0.05
	done
	[ "$new" ] && [ "$new" = "$pids" ] && [ "$new" != "$old" ] && replaced=$((replaced + 1))
	old=$new
done
same "replaced" $replaced 10
wait $clients
same "50 clients meanwhile" "$(cat talk)" "0 failed"
like "and many connections" "$(cat made)" '^[0-9]{3,} connections'
wait $first
same "the first ended well" $? 0
kill -TERM "$old"
for _ in $(seq 200); do [ -e "$door" ] || break; sleep 0.05; done
same "the last removes its file" "$(ls door 2>&1 | grep -c 'No such')" 1
finish
