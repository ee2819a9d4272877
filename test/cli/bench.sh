#!/bin/sh
# hoy bench: against servers that echo, stall, lose, corrupt and hang up, and web servers with every kind of answer.
. "$SOURCE/test/lib.sh"
need jq python3 ss ip
slow=${HOY_TEST_SCALE:-1}

# bench EXIT ARGUMENTS...: --json into the file out
bench() {
	want=$1; shift
	"$HOY" bench "$@" --json >out 2>err
	same "exit of bench $*" $? "$want"
}
# result FILTER: of the line with the result
result() { jq -c 'select(.type == "bench")' out | tail -n 1 | jq -c "$1"; }
# holds WHAT FILTER
holds() {
	checks=$((checks + 1))
	[ "$(result "$2")" = true ] || bad "$1: not $2
  $(result . | cut -c 1-2000)"
}
server() { start python3 "$SOURCE/test/cli/bench.py" "$1"; at=127.0.0.1:$port server=$pid; }
short='-w 20ms -d 200ms'

# ---- echo over every network ----
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
sockets=-u start "$HOY" serve echo udp 127.0.0.1:0 2>/dev/null; udp_at=127.0.0.1:$port
for network in unix unixpacket unixgram; do
	"$HOY" serve echo $network "$PWD/$network" 2>/dev/null &
done
until [ -S unix ] && [ -S unixpacket ] && [ -S unixgram ]; do sleep 0.02; done
for target in "$echo_at" "tcp4 $echo_at" "tcp localhost:${echo_at#*:}" "udp $udp_at" "unix $PWD/unix" "unixpacket $PWD/unixpacket" \
	"unixgram $PWD/unixgram"; do
	for load in '-c 3' '-c 3 -r 300 -s 1001' '-c 1 -s 1'; do
		# shellcheck disable=SC2086
		bench 0 $target $load $short
		holds "$target $load" '.answered > 0 and .answered == .requests and .wrong == 0 and .errors == [] and .complete'
		holds "$target $load: bytes" '.sent_bytes == .received_bytes and .sent_bytes == .answered * .size_bytes'
		holds "$target $load: percentiles" '.latency | .p50_us <= .p90_us and .p90_us <= .p99_us and .p99_us <= ."p99.9_us"
			and ."p99.9_us" <= .max_us and .mean_us <= .max_us'
		holds "$target $load: histogram" '([.histogram[].count] | add) == .requests and .histogram[-1].to_us >= .latency.max_us
			and .histogram[0].count > 0'
	done
done
# shellcheck disable=SC2086
bench 0 $echo_at -c 2 -s 65507 $short
holds 'large messages' '.answered > 0 and .wrong == 0 and .sent_bytes == .answered * 65507'
# shellcheck disable=SC2086
bench 0 $echo_at -c 200 $short
holds 'many connections' '.answered >= 200 and .wrong == 0 and .reconnects == 0'

# ---- the open loop asks at its rate, however that divides ----
for load in '-r 100 -c 7' '-r 250 -c 1' '-r 3 -c 10'; do
	# shellcheck disable=SC2086
	bench 0 $echo_at $load -d 1s -w 200ms
	holds "as many as are due, $load" '.requests == .rate and .answered == .rate and .loop == "open"'
	holds "its length, $load" ".elapsed_us >= 1000000 and .elapsed_us < 1000000 * (1 + $slow)"
done

# ---- text ----
# shellcheck disable=SC2086
LC_ALL=C.UTF-8 "$HOY" bench $echo_at $short >out
same 'the load' "$(sed -n '1,2p' out)" "tcp $echo_at, messages of 64 bytes, 10 connections
closed loop: each connection asks again once it has its answer, so a slow server is asked less"
like 'the counts' "$(sed -n 3p out)" '^[0-9]+ requests in [0-9]+ms, [0-9]+ answered: [0-9.]+/s, [0-9.]+ MB/s out, [0-9.]+ MB/s in$'
like 'the times' "$(sed -n 4p out)" '^latency    p50 [0-9.]+  p90 [0-9.]+  p99 [0-9.]+  p99\.9 [0-9.]+  max [0-9.]+  mean [0-9.]+ ms$'
like 'the histogram' "$(tail -n +6 out)" '^  to +[0-9]+(us|ms) +[0-9]+ +[0-9]+\.[0-9]{2}%  ████'
# shellcheck disable=SC2086
LC_ALL=C "$HOY" bench $echo_at $short -r 200 >out
like 'the open loop' "$(sed -n 2p out)" '^open loop: 200 requests/s, latency from the moment each was due$'
like 'how late it was itself' "$(cat out)" '^sent late  p50 [0-9.]+ .* ms$'
like 'the histogram in ASCII' "$(cat out)" '^  to +[0-9]+(us|ms) +[0-9]+ +[0-9]+\.[0-9]{2}%  ###'

# ---- latency is measured right ----
server delay
bench 0 "$at" -c 4 -w 100ms -d 1s
holds 'a delay of 50 ms, closed loop' ".latency.p50_us >= 50000 and .latency.p50_us < 50000 * (1 + $slow) and .answered <= 84"
bench 0 "$at" -c 4 -w 100ms -d 1s -r 40
holds 'a delay of 50 ms, open loop' ".latency.p50_us >= 50000 and .latency.p50_us < 50000 * (1 + $slow) and .answered == 40"
bench 5 "$at" -c 1 -w 0 -d 1s -r 40
holds 'a rate that is twice what it can' '.requests == 40 and .unsent >= 15 and .answered + .unsent == 40 and .latency.max_us > 400000'
like 'a rate that is twice what it can' "$(cat err)" 'did not keep up with the rate'
stop $server

# A server that stops for one second of two: what was due then waits for the rest of that second. The closed loop asks once
# in that second, and has nothing to show but its maximum.
server stall
bench 0 "$at" -c 4 -r 200 -w 300ms -d 2s
holds 'a stall, open loop' '.requests == 400 and .answered == 400 and .latency.max_us >= 900000'
holds 'a stall, open loop: the percentiles show it' '.latency.p90_us >= 600000 and .latency.p99_us >= 900000'
stop $server
server stall
bench 0 "$at" -c 4 -w 300ms -d 2s
holds 'a stall, closed loop: only the longest' ".latency.max_us >= 900000 and .latency.p90_us < 300000 * $slow"
stop $server

# ---- wrong bytes, with their place ----
wrong() {
	server "$1"
	# shellcheck disable=SC2086
	bench 1 "$at" -c "$2" -w 0 -d 300ms -t 5s
	like "$1" "$(result .first_wrong)" "^\"$3\"\$"
	holds "$1" '.wrong > 0'
	"$HOY" bench "$at" -c "$2" -w 0 -d 300ms >out 2>err
	like "$1, text" "$(cat out)" "^[0-9]+ wrong, the first: $3\$"
	stop $server
}
byte='0x[0-9a-f]{2}'
wrong corrupt 1 "connection 0, byte 1000 \\(message 15\\): $byte came back for $byte"
wrong lose 1 "connection 0, byte 1000 \\(message 15\\): $byte came back for $byte"
wrong double 1 "connection 0, byte 64( \\(message 1\\): $byte came back for $byte|: more came back than was sent)"
wrong swap 2 "connection [01], byte 0 \\(message 0\\): $byte came back for $byte"

# ---- failures, by kind ----
server swallow
bench 5 "$at" -c 2 -w 0 -d 600ms -t 150ms
holds 'answers that do not come' '.errors[0].op == "read" and .errors[0].code == -4096 and .failed == .errors[0].count and .wrong == 0'
holds 'the time until then' '.latency.max_us >= 150000 and .answered + .failed == .requests and .reconnects > 0'
"$HOY" bench "$at" -c 2 -w 0 -d 600ms -t 150ms >out 2>err
like 'answers that do not come, text' "$(cat out)" '^[0-9]+ failed: read: i/o timeout$'
stop $server
server hangup
bench 5 "$at" -c 2 -w 0 -d 600ms
holds 'a server that hangs up' '.failed > 0 and ([.errors[].op] | inside(["read", "write"])) and ([.errors[].code] | inside([-4109, -104, -32]))'
stop $server
server echo
"$HOY" bench "$at" -c 2 -w 0 -d 1500ms -r 100 --json >out 2>err & client=$!
sleep 0.5
stop $server
wait $client
same 'a server that goes away: exit' $? 5
holds 'a server that goes away' '.requests == 150 and .answered > 0 and .failed > 0 and (.errors | any(.op == "dial" and .code == -111))'
bench 3 "$at"
like 'nobody there' "$(cat err)" 'nothing listens there; start an echo server with: hoy serve echo'

# ---- datagrams ----
udp() { sockets=-u; start python3 "$SOURCE/test/cli/bench.py" "$1"; sockets=-t; at=127.0.0.1:$port server=$pid; }
udp udp-swallow
bench 5 udp "$at" -c 2 -w 0 -d 600ms -t 150ms
holds 'lost datagrams' '.failed > 0 and .errors[0].code == -4096 and .wrong == 0 and .answered > 0'
stop $server
udp udp-twice
bench 0 udp "$at" -c 2 -w 0 -d 300ms
holds 'doubled datagrams' '.duplicates > 0 and .wrong == 0 and .answered == .requests'
stop $server
udp udp-corrupt
bench 1 udp "$at" -c 1 -w 0 -d 300ms
same 'a changed datagram' "$(result '.first_wrong | sub("0x..";"") | sub("0x..";"")')" '"connection 0, byte 583 (message 9):  came back for "'
stop $server
udp udp-short
bench 1 udp "$at" -c 1 -w 0 -d 300ms
same 'a shortened datagram' "$(result .first_wrong)" '"connection 0, datagram 9: 63 bytes came back for 64"'
stop $server
free_port
bench 3 udp "127.0.0.1:$port" -w 0 -d 300ms
holds 'no server for datagrams' '.errors[0].code == -111 and .answered == 0'

# ---- HTTP ----
server web
while read -r kind exit filter; do
	bench "$exit" "http://$at/$kind?b#c" -c 2 -w 0 -d 200ms -t 2s
	holds "http, $kind" "$filter"
	same "http, $kind: the sum" "$(result '.protocol == "http" and (.answered + .failed == .requests)')" true
done <<'TABLE'
length 0 .statuses == {"200": .answered} and .reconnects == 0 and .answered > 0
twice-the-same 0 .statuses == {"200": .answered} and .reconnects == 0
chunked 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
chunked-and-length 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
announced 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
no-content 0 .statuses == {"204": .answered} and .reconnects == 0
missing 1 .statuses == {"404": .answered} and .wrong == 0
close 0 .statuses == {"200": .answered} and .reconnects >= .answered - 2 and .failed == 0
old 0 .statuses == {"200": .answered} and .reconnects >= .answered - 2 and .failed == 0
old-kept 0 .statuses == {"200": .answered} and .reconnects == 0
third 0 .statuses == {"200": .answered} and .failed == 0 and .reconnects >= .answered / 3 - 2 and .reconnects <= .answered / 3
other 1 (.first_wrong | test("answer 0: not HTTP/1.1$"))
two-lengths 1 (.first_wrong | test("a Content-Length that is no number, or two that differ$"))
bad-length 1 (.first_wrong | test("a Content-Length that is no number, or two that differ$"))
more 1 (.first_wrong | test("bytes follow it that belong to no answer$"))
bad-chunk 1 (.first_wrong | test("a chunk without a length$"))
long-chunk 1 (.first_wrong | test("a chunk that is longer than it says$"))
long-line 1 (.first_wrong | test("a line is longer than 16 KiB$"))
cut 3 .answered == 0 and .errors[0].op == "read" and .errors[0].code == -4109
cut-chunk 3 .answered == 0 and .errors[0].op == "read" and .errors[0].code == -4109
TABLE
bench 1 "http://$at/missing?b" -w 0 -d 100ms
like 'a page that is missing' "$(cat err)" 'most answers are errors'
bench 0 "http://$at/close?b" -w 0 -d 200ms
like 'no keep-alive' "$(cat err)" 'the server keeps no connection alive'
bench 1 "$at" -w 0 -d 100ms
like 'a web server is no echo server' "$(cat err)" 'that is a web server; try: hoy bench http://ADDRESS/'
stop $server

# ---- signals ----
"$HOY" bench $echo_at -d 60s -r 100 -w 0 --json >out 2>err & client=$!
sleep 0.7
kill -QUIT $client
until [ -s out ]; do sleep 0.02; done
same 'so far' "$(jq -c '[.type, .complete, .answered > 0]' out)" '["bench",false,true]'
kill -INT $client
wait $client
same 'interrupted' $? 130
same 'interrupted: the result' "$(wc -l <out)" 3
holds 'interrupted: the result' '(.complete | not) and .answered > 0 and .elapsed_us > 500000 and .elapsed_us < 30000000 and .wrong == 0'
server swallow
"$HOY" bench "$at" -d 60s -w 0 -t 30s -c 3 --json >out 2>err & client=$!
sleep 0.7
kill -TERM $client
wait $client
same 'ended while it waits' $? 143
holds 'ended while it waits' '.in_flight == 3 and .failed == 0 and .latency.max_us >= 300000'
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
