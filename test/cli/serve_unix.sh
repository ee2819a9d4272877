#!/bin/sh
# hoy serve over Unix sockets of the three kinds: each service, the file, its log, and how it ends.
. "$SOURCE/test/lib.sh"
need jq socat

# serve SERVICE NETWORK PATH [FLAG...]: waits until it says where it listens
serve() {
	: >talk
	env --default-signal=INT,TERM "$HOY" serve "$@" >log 2>talk &
	pid=$!
	for _ in $(seq 200); do
		[ -s talk ] && break
		sleep 0.05
	done
}
# ended SIGNAL: the server ends at that signal, and leaves no file
ended() {
	kill -"$1" $pid
	wait $pid
	same "exit after SIG$1" $? 0
	same "no file is left" "$(ls ./*.sock 2>/dev/null)" ""
}
daytime="^$(date +%Y)-[0-9-]{5} [0-9:]{8}\\.[0-9]{9} [+-][0-9]{4} "

serve echo unix echo.sock
same "says where it listens" "$(cat talk)" "hoy serve: echo on unix echo.sock"
same "echo" "$(printf hello | socat -t 5 - UNIX-CONNECT:echo.sock)" hello
same "hoy serve's second" "$("$HOY" serve echo unix echo.sock 2>&1 | sed 2q | tr '\n' '|')" \
	"hoy serve: listen unix echo.sock: bind: address already in use|  a running server is bound to it, see ss -xlp, or it is no socket|"
same "and the first goes on" "$(printf again | socat -t 5 - UNIX-CONNECT:echo.sock)" again
ended TERM
same "what it served" "$(tail -n 1 talk)" "hoy serve: served 2 connections, 10 bytes in, 10 out; 0 cut short"

# a server that was killed leaves its file, which the next one replaces
for network in unix unixpacket unixgram; do
	serve echo $network left.sock
	kill -KILL $pid
	wait $pid 2>/dev/null
	same "$network: the file is left" "$(ls ./*.sock)" ./left.sock
	serve discard $network left.sock --mode 0602
	same "$network: and replaced" "$(cat talk)" "hoy serve: discard on $network left.sock"
	same "$network: with permissions" "$(stat -c %a left.sock)" 602
	ended INT
done
: >file.sock
like "a file that is no socket" "$("$HOY" serve echo unix file.sock 2>&1)" 'address already in use$'
rm file.sock

serve echo unixpacket echo.sock --json
head -c 100000 /dev/urandom >message
socat -t 5 -b 200000 - UNIX-CONNECT:echo.sock,type=5 <message >back
same "a large message" "$(cmp message back && echo same)" same
ended TERM
same "its log" "$(jq -c '[.type, .network // .remote, .addr // .in_bytes, .reason // .out_bytes] | map(values)' log)" \
'["listen","unixpacket","echo.sock"]
["accept","@"]
["close","@",100000,"done"]
["drain"]
["served",100000,100000]
["end"]'

serve chargen unix chargen.sock
same "chargen" "$(socat -u UNIX-CONNECT:chargen.sock - | head -c 74 | tr -d '\r\n' | wc -c)" 72
ended TERM

serve daytime unix "$PWD/daytime.sock"
like "daytime" "$(socat -u UNIX-CONNECT:daytime.sock -)" "$daytime"
told "$HOY" daytime unix daytime.sock >out
like "hoy daytime" "$(cat out)" "$daytime"
same "hoy daytime: its exit" "$(tail -n 1 out)" 0
same "as JSON" "$("$HOY" daytime unix daytime.sock --json | jq -r 'select(.type == "daytime") | .addr')" "$PWD/daytime.sock"
ended TERM
told "$HOY" daytime unix daytime.sock >out
same "nobody there" "$(tr '\n' '|' <out)" \
	"hoy daytime: dial unix daytime.sock: connect: no such file or directory|  that socket does not exist; does its server run?|3|"

serve daytime unixpacket @hoy-serve-unix-$$
like "an abstract name" "$("$HOY" daytime unixpacket @hoy-serve-unix-$$)" "$daytime"
ended TERM

serve daytime unixgram daytime.sock --verbose
like "hoy daytime over datagrams" "$("$HOY" daytime unixgram daytime.sock)" "$daytime"
like "socat" "$(echo | socat -T 0.5 - UNIX-SENDTO:daytime.sock,bind=client.sock)" "$daytime"
rm -f client.sock
echo | socat -u - UNIX-SENDTO:daytime.sock	# it has no address, so nothing can be sent back
for _ in $(seq 100); do [ "$(grep -c 'bytes in' talk)" = 3 ] && break; sleep 0.05; done
like "who has an address" "$(sed -n 2p talk)" '^hoy serve: @hoy-[0-9]+-[0-9]+: 2 bytes in, 3[0-9] out$'
like "who has none" "$(sed -n 4p talk)" '^hoy serve: @: 1 bytes in, 0 out$'
ended TERM
like "what it served" "$(tail -n 1 talk)" '^hoy serve: served 3 datagrams, 4 bytes in, [67][0-9] out$'

serve qr unixgram qr.sock
printf '\022\064\001\000' | socat -T 0.5 - UNIX-SENDTO:qr.sock,bind=client.sock >out
same "qr" "$(od -An -tx1 out | tr -d ' ')" 12348100
rm -f client.sock
ended TERM

# a name that leads to a socket of another kind, and one that is too long
serve echo unix echo.sock
told "$HOY" daytime unixgram echo.sock >out
like "another kind" "$(cat out)" 'connect: protocol wrong type for socket$'
ended TERM
long=$(printf '%0108d' 0)
while IFS='|' read -r exit want arguments; do
	eval "told \"\$HOY\" $arguments" >out
	like "$arguments" "$(head -n 1 out)" "$want"
	same "$arguments: its exit" "$(tail -n 1 out)" "$exit"
done <<TABLE
2|listen unix $long: bind: invalid argument\$|serve echo unix $long
2|dial unix $long: connect: invalid argument\$|daytime unix $long
3|listen unix no/x: bind: no such file or directory\$|serve echo unix no/x
2|chargen is served over connections|serve chargen unixgram x.sock
2|qr is served over datagrams|serve qr unix x.sock
2|dns is served over tcp|serve dns /dev/null unix x.sock
2|'8' are no permissions|serve echo unix x.sock --mode 8
2|'1777' are no permissions|serve echo unix x.sock --mode 1777
TABLE
finish
