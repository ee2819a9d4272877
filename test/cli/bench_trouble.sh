#!/bin/sh
# hoy bench with servers that change, lose and double what they should echo, or end, or never answer; signals; wrong words.
. "$SOURCE/test/lib.sh"
. "$SOURCE/test/cli/bench.lib"
need jq python3 ss ip

# ---- wrong bytes, with their place ----
wrong() {
	server "$1"
	# shellcheck disable=SC2086
	bench 1 "$at" -c "$2" -w 0 -d 1s
	like "$1" "$(result .first_wrong)" "^\"$3\"\$"
	holds "$1" '.wrong > 0'
	"$HOY" bench "$at" -c "$2" -w 0 -d 1s >out 2>err
	like "$1, text" "$(cat out)" "^[0-9]+ wrong, the first: $3\$"
	stop $server
}
byte='0x[0-9a-f]{2}'
wrong corrupt 1 "connection 0, byte 100 \\(message 1\\): $byte came back for $byte"
wrong lose 1 "connection 0, byte 100 \\(message 1\\): $byte came back for $byte"
wrong double 1 "connection 0, byte 64( \\(message 1\\): $byte came back for $byte|: more came back than was sent)"
wrong swap 2 "connection [01], byte 0 \\(message 0\\): $byte came back for $byte"

# ---- failures, by kind ----
server swallow
bench 5 "$at" -c 2 -w 0 -d 1s -t 150ms
holds 'answers that do not come' '.errors[0].op == "read" and .errors[0].code == -4096 and .failed == .errors[0].count and .wrong == 0'
holds 'the time until then' '.latency.max_us >= 150000 and .answered + .failed == .requests and .reconnects > 0'
"$HOY" bench "$at" -c 2 -w 0 -d 1s -t 150ms >out 2>err
like 'answers that do not come, text' "$(cat out)" '^[0-9]+ failed: read: i/o timeout$'
stop $server
server hangup
bench 5 "$at" -c 2 -w 0 -d 1s
holds 'a server that hangs up' '.failed > 0 and ([.errors[].op] | inside(["read", "write"])) and ([.errors[].code] | inside([-4109, -104, -32]))'
stop $server
server echo
"$HOY" bench "$at" -c 2 -w 0 -d 1500ms -r 100 --json >out 2>err & client=$!
sleep 0.5
stop $server
wait $client
same 'a server that goes away: exit' $? 5
take_result
holds 'a server that goes away' '.requests == 150 and .answered > 0 and .failed > 0 and (.errors | any(.op == "dial" and .code == -111))'
bench 3 "$at"
like 'nobody there' "$(cat err)" 'nothing listens there; start an echo server with: hoy serve echo'

# ---- datagrams ----
udp() { sockets=-u; start python3 "$SOURCE/test/cli/bench.py" "$1"; sockets=-t; at=127.0.0.1:$port server=$pid; }
udp udp-swallow
bench 5 udp "$at" -c 2 -w 0 -d 1s -t 150ms
holds 'lost datagrams' '.failed > 0 and .errors[0].code == -4096 and .wrong == 0 and .answered > 0'
stop $server
udp udp-twice
bench 0 udp "$at" -c 2 -w 0 -d 300ms
holds 'doubled datagrams' '.duplicates > 0 and .wrong == 0 and .answered == .requests'
stop $server
udp udp-corrupt
bench 1 udp "$at" -c 1 -w 0 -d 1s
same 'a changed datagram' "$(result '.first_wrong | sub("0x..";"") | sub("0x..";"")')" '"connection 0, byte 71 (message 1):  came back for "'
stop $server
udp udp-short
bench 1 udp "$at" -c 1 -w 0 -d 1s
same 'a shortened datagram' "$(result .first_wrong)" '"connection 0, datagram 1: 63 bytes came back for 64"'
stop $server
free_port
bench 3 udp "127.0.0.1:$port" -w 0 -d 300ms
holds 'no server for datagrams' '.errors[0].code == -111 and .answered == 0'

# ---- signals ----
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
"$HOY" bench $echo_at -d 60s -r 100 -w 0 --json >out 2>err & client=$!
sleep 0.7
kill -QUIT $client
until [ -s out ]; do sleep 0.02; done
same 'so far' "$(jq -c '[.type, .complete, .answered > 0]' out)" '["bench",false,true]'
kill -INT $client
wait $client
same 'interrupted' $? 130
same 'interrupted: the result' "$(wc -l <out)" 3
take_result
holds 'interrupted: the result' '(.complete | not) and .answered > 0 and .elapsed_us > 100000 and .elapsed_us < 30000000 and .wrong == 0'
server swallow
"$HOY" bench "$at" -d 60s -w 0 -t 30s -c 3 --json >out 2>err & client=$!
sleep 0.7
kill -TERM $client
wait $client
same 'ended while it waits' $? 143
take_result
holds 'ended while it waits' '.reconnects == 0 and .in_flight == 3 and .failed == 0 and .latency.max_us >= 300000'
stop $server

server delay
"$HOY" bench "$at" -d 60s -w 0 -c 3 -r 300 --json >out 2>err & client=$!
sleep 1
kill -INT $client
wait $client
take_result
holds 'interrupted while it is behind' '.in_flight <= 3 and .unsent > 0 and .reconnects == 0 and .failed == 0
	and .answered + .in_flight + .unsent == .requests'
stop $server

# ---- wrong words ----
usage() {
	want=$1; shift
	"$HOY" bench "$@" >out 2>err
	same "exit of bench $*" $? 2
	like "bench $*" "$(head -n 1 err)" "$want"
}
usage 'bench speaks http, not https' https://127.0.0.1/
usage "'http://' is a URL, and not a good one" http://
usage 'a path has no spaces; write %20 for one' 'http://127.0.0.1/a b'
usage "'more' is one argument too many" http://127.0.0.1/ more
usage "'more' is one argument too many" 127.0.0.1:1 more
usage 'udp needs an address behind it' udp
usage '--size takes a number from 1 to 65507' $echo_at -s 0
usage '--connections takes a number from 1 to 65536' $echo_at -c 0
usage '--rate takes a number from 0 to 1000000' $echo_at -r 2000000
usage '--duration takes 1ms or more' $echo_at -d 0
usage '--timeout takes 1ms or more' $echo_at -t 0
usage 'missing port in address' 127.0.0.1
usage 'something is missing'
if ip route add 192.0.2.0/24 dev lo 2>/dev/null && ip address add 192.0.2.7/32 dev lo; then
	usage '192\.0\.2\.1:9 is another machine; --remote says that you may load it' udp 192.0.2.1:9
	bench 3 udp 192.0.2.7:9 -d 100ms -w 0 -c 1
	like 'an address of its own' "$(cat err)" 'connection refused$'
fi
finish
