#!/bin/sh
# Deadlines and keepalive of the guide, seen from outside.
. "$SOURCE/test/lib.sh"
need socat ss

start socat -u TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:/dev/null
before=$(date +%s%N)
got=$(told "$EXAMPLES/Deadline" 127.0.0.1:$port 300)
took=$((($(date +%s%N) - before) / 1000000))
like "a silent server" "$got" "^Fatal error: read tcp 127\.0\.0\.1:[0-9]+->127\.0\.0\.1:$port: i/o timeout\$"
like "exit code" "$got" '^1$'
same "not before its time, nor long after: $took ms" "$((took >= 300 && took < 2000))" 1

"$EXAMPLES/KeepAlive" 127.0.0.1:$port &
client=$!
for _ in $(seq 100); do
	timer=$(ss -Htnop "dport = :$port" | grep "pid=$client," | grep -o 'timer:([^)]*)')
	[ "$timer" ] && break
	sleep 0.05
done
like "the keepalive clock of 30 s" "$timer" '^timer:\(keepalive,(30|29|28|27)sec,0\)$'
stop $pid
stop $client

start socat -u OPEN:/dev/null TCP-LISTEN:0,bind=127.0.0.1,reuseaddr
"$EXAMPLES/KeepAlive" 127.0.0.1:$port
same "KeepAlive ends with its server" $? 0
finish
