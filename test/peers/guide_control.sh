#!/bin/sh
# Deadlines and keepalive of the guide, in C and in Go, seen from outside.
. "$SOURCE/test/lib.sh"
need go socat ss
compile Deadline KeepAlive

start socat -u TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:/dev/null
for program in "$EXAMPLES/Deadline" ./go_Deadline; do
	before=$(date +%s%N)
	got=$(told $program 127.0.0.1:$port 300)
	took=$((($(date +%s%N) - before) / 1000000))
	like "$program, a silent server" "$got" "^Fatal error: read tcp 127\.0\.0\.1:[0-9]+->127\.0\.0\.1:$port: i/o timeout\$"
	like "$program, exit code" "$got" '^1$'
	same "$program, not before its time, nor long after: $took ms" "$((took >= 300 && took < 2000))" 1
done

for program in "$EXAMPLES/KeepAlive" ./go_KeepAlive; do
	$program 127.0.0.1:$port &
	client=$! timer=
	for _ in $(seq 100); do
		timer=$(ss -Htnop "dport = :$port" | grep "pid=$client," | grep -o 'timer:([^)]*)')
		[ "$timer" ] && break
		sleep 0.05
	done
	like "$program, the keepalive clock of 30 s" "$timer" '^timer:\(keepalive,(30|29|28|27)sec,0\)$'
	stop $client
done
stop $pid


for program in "$EXAMPLES/KeepAlive" ./go_KeepAlive; do
	start socat -u OPEN:/dev/null TCP-LISTEN:0,bind=127.0.0.1,reuseaddr
	$program 127.0.0.1:$port
	same "$program ends with its server" $? 0
done
finish
