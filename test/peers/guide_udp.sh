#!/bin/sh
# The guide's UDP programs, in C and in Go, against each other and against other programs.
. "$SOURCE/test/lib.sh"
need go socat ncat nc dig ss
compile UDPDaytimeServer UDPDaytimeClient ListenPacket UDPClient MultiSocketServer
export sockets=-u

# digits do not matter, except how many; Go adds its monotonic clock
shape() { sed 's/ m=.*//; s/\.[0-9]*/.N/; s/[0-9]/9/g'; }

said() {
	like "$1: a time, and nothing else" "$2" '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]+ [+-][0-9]{4} [^ ]+( m=.*)?$'
}

ask() {
	said "$1, socat" "$(echo anything | socat -T1 - UDP:127.0.0.1:$port)"
	said "$1, ncat" "$( (echo anything; sleep 1) | ncat -u -i 3 127.0.0.1 $port)"
	said "$1, nc" "$(echo anything | nc -u -w 1 127.0.0.1 $port)"
	said "$1, Go" "$(./go_UDPDaytimeClient 127.0.0.1:$port)"
	said "$1, C" "$("$EXAMPLES/UDPDaytimeClient" 127.0.0.1:$port)"
	said "$1, hoy daytime" "$("$HOY" daytime udp 127.0.0.1:$port)"
}

start ./go_UDPDaytimeServer 127.0.0.1:0
ask "Go server"
go_shape=$(./go_UDPDaytimeClient 127.0.0.1:$port | shape)
stop $pid
# nobody is there any more: the same words, but for the client's own port
refused() { told "$@" 2>&1 | sed 's/->/ to /; s/127.0.0.1:[0-9]* to/CLIENT to/'; }
same "nobody there" "$(refused "$EXAMPLES/UDPDaytimeClient" 127.0.0.1:$port)" "$(refused ./go_UDPDaytimeClient 127.0.0.1:$port)"

start "$EXAMPLES/UDPDaytimeServer" 127.0.0.1:0
ask "C server"
same "the same form as Go's" "$(./go_UDPDaytimeClient 127.0.0.1:$port | shape)" "$go_shape"
same "address in use" "$(told "$EXAMPLES/UDPDaytimeServer" 127.0.0.1:$port)" "$(told ./go_UDPDaytimeServer 127.0.0.1:$port)"
stop $pid
start "$HOY" serve daytime udp 127.0.0.1:0 2>/dev/null
ask "hoy serve daytime"
same "the same form as Go's" "$(./go_UDPDaytimeClient 127.0.0.1:$port | shape)" "$go_shape"
stop $pid
# every address, one socket for both families
start "$EXAMPLES/UDPDaytimeServer" :0
said "over IPv4" "$(./go_UDPDaytimeClient 127.0.0.1:$port)"
said "over IPv6" "$(./go_UDPDaytimeClient "[::1]:$port")"
stop $pid

# several sockets, one of them for IPv6, each of which answers while the others wait
for program in "$EXAMPLES/MultiSocketServer" ./go_MultiSocketServer; do
	start $program 127.0.0.1:0 "[::1]:0" 127.0.0.2:0
	for _ in $(seq 100); do
		addresses=$(ss -Hulnp | awk -v who="pid=$pid," 'index($0, who) { print $4 }' | sort)
		[ "$(echo "$addresses" | wc -l)" = 3 ] && break
		sleep 0.05
	done
	same "$program, its sockets" "$(echo "$addresses" | sed 's/:[0-9]*$//' | paste -sd' ')" "127.0.0.1 127.0.0.2 [::1]"
	for address in $addresses $addresses; do
		said "$program, $address, Go" "$(./go_UDPDaytimeClient "$address")"
		said "$program, $address, C" "$("$EXAMPLES/UDPDaytimeClient" "$address")"
		said "$program, $address, socat" "$(echo anything | socat -T1 - "UDP:$address")"
	done
	same "$program, an address in use" "$(told "$program" 127.0.0.1:0 "$address")" "Fatal error: listen udp $address: bind: address already in use
1"
	stop $pid
done

# a query comes back as a reply without answers, so dig is content with it
query() { dig +nocookie +tries=1 +time=5 +noall +comments +question @127.0.0.1 -p $port guide.example A | sed 's/id: [0-9]*/id: N/'; }
long() { printf '%01000d' 0 | socat -T1 -b 4096 - UDP:127.0.0.1:$port,sourceport="$1" | od -c | head -3; }
start ./go_ListenPacket 127.0.0.1:0
go_reply=$(query)
go_long=$(long 0)
stop $pid
start "$EXAMPLES/ListenPacket" 127.0.0.1:0
like "dig is answered" "$(query)" 'status: NOERROR'
same "as by Go" "$(query)" "$go_reply"
same "any datagram" "$(long 0)" "$go_long"
same "one too short" "$(printf ab | socat -T1 - UDP:127.0.0.1:$port)" ab
stop $pid
start "$HOY" serve qr 127.0.0.1:0 2>/dev/null
same "hoy serve qr, as Go" "$(query)" "$go_reply"
same "hoy serve qr, one too short" "$(printf ab | socat -T1 - UDP:127.0.0.1:$port)" ab
stop $pid

# the client reads, gives up, and says hello
for program in "$EXAMPLES/UDPClient" ./go_UDPClient; do
	socat -u -T5 UDP-RECV:0,bind=127.0.0.1 STDOUT >hello &
	pid=$!
	sleep 0.3
	port=$(ss -Hulnp | awk -v who="pid=$pid," 'index($0, who) { n = split($4, part, ":"); print part[n]; exit }')
	like "$program, its read" "$($program 127.0.0.1:$port 2>&1)" '^read udp 127.0.0.1:[0-9]+->127.0.0.1:[0-9]+: i/o timeout$'
	for _ in $(seq 50); do [ -s hello ] && break; sleep 0.05; done
	same "$program, its hello" "$(cat hello)" "Hello from client"
	stop $pid
done
finish
