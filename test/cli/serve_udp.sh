#!/bin/sh
# hoy serve over UDP: each service, whom it does not answer, its log, and how it ends.
. "$SOURCE/test/lib.sh"
need jq socat ss dig python3
export sockets=-u

serve() { start env --default-signal=INT,TERM "$HOY" serve "$@" >log 2>talk; }
ended() { kill -"$1" $pid; wait $pid; same "exit after SIG$1" $? "$2"; }
ask() { socat -T 0.5 -b 65536 - "UDP:127.0.0.1:$port$1"; }

serve echo udp 127.0.0.1:0
like "says where it listens" "$(head -n 1 talk)" "^hoy serve: echo on udp 127\\.0\\.0\\.1:$port\$"
same "echo" "$(printf hello | ask)" hello
# comes HEX: what comes back for a datagram, in hexadecimal with the length before it; "none" if nothing does
comes() {
	python3 - "$port" "$1" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(0.5)
	s.sendto(bytes.fromhex(sys.argv[2]), ("127.0.0.1", int(sys.argv[1])))
	try:
	    back = s.recv(65536)
	    print(len(back), back.hex())
	except TimeoutError:
	    print("none")
	PY
}
same "an empty datagram comes back (RFC 862)" "$(comes '')" "0 "
head -c 65507 /dev/urandom >largest
ask <largest >back
same "the largest datagram" "$(cmp largest back && echo same)" same
if [ "$(id -u)" = 0 ]; then
	same "from where services are" "$(printf hello | ask ,sourceport=1023)" ""
fi
ended TERM 0
like "what it served" "$(tail -n 1 talk)" '^hoy serve: served [34] datagrams, 65[0-9]{3} bytes in, 65512 out$'
same "no data on standard output" "$(cat log)" ""

# a reply has the address that was asked, of all that the socket has
serve echo udp :0
for address in 127.0.0.1 127.0.0.2 127.9.9.9 "[::1]"; do
	same "echo at $address" "$(printf hello | socat -T 0.5 - "UDP:$address:$port")" hello
done
ended TERM 0

serve discard udp4 127.0.0.1:0 --json
same "discard" "$(printf hello | ask)" ""
ended INT 0
same "its log" "$(jq -c '[.type, .network // .ok, .datagrams, .in_bytes, .out_bytes] | map(values)' log)" \
'["listen","udp4"]
["datagram",5,0]
["drain"]
["served",1,5,0]
["end",true]'

serve discard udp 127.0.0.1:0
same "discard of an empty datagram (RFC 863)" "$(comes '')" none
ended TERM 0
serve daytime udp 127.0.0.1:0
like "daytime for an empty datagram (RFC 867)" "$(comes '')" '^3[0-9] 32303'
ended TERM 0
serve qr 127.0.0.1:0
same "qr: a header comes back as a response" "$(comes 123401000000000000000000)" "12 123481000000000000000000"
same "qr: too short for the bit" "$(comes 1234)$(comes '')" "2 12340 "
ended TERM 0

serve daytime udp6 '[::1]:0' --verbose
told "$HOY" daytime udp "[::1]:$port" >out
like "daytime" "$(cat out)" "^$(date +%Y)-[0-9-]{5} [0-9:]{8}\\.[0-9]{9} [+-][0-9]{4} "
same "daytime: its exit" "$(tail -n 1 out)" 0
like "as JSON" "$("$HOY" daytime udp "[::1]:$port" --json | jq -r 'select(.type == "daytime") | .addr, .text')" "^\\[::1\\]:$port\$"
like "a line for each" "$(cat talk)" '^hoy serve: \[::1\]:[0-9]+: 2 bytes in, 3[0-9] out$'
ended TERM 0
told "$HOY" daytime udp "[::1]:$port" >out
like "nobody there" "$(cat out)" 'read: connection refused$'
same "nobody there: its exit" "$(tail -n 1 out)" 3

serve qr :0
like "every address" "$(sed -n 2p talk)" 'that is every address of this machine'
like "qr" "$(dig +nocookie +tries=1 +time=5 @127.0.0.1 -p "$port" guide.example)" 'status: NOERROR'
told "$HOY" serve echo udp "127.0.0.1:$port" >out
like "a taken port" "$(cat out)" 'address already in use'
same "a taken port: its exit" "$(tail -n 1 out)" 3
ended TERM 0

socat -u UDP-RECV:0,bind=127.0.0.1 OPEN:/dev/null & pid=$!
for _ in $(seq 100); do
	port=$(ss -Hulnp | awk -v who="pid=$pid," 'index($0, who) { n = split($4, part, ":"); print part[n]; exit }')
	[ "$port" ] && break
	sleep 0.05
done
told "$HOY" daytime udp "127.0.0.1:$port" --timeout 200ms >out
like "who says nothing" "$(cat out)" 'i/o timeout$'
same "who says nothing: its exit" "$(tail -n 1 out)" 3
stop $pid

while IFS='|' read -r arguments want; do
	eval "told \"\$HOY\" serve $arguments" >out
	like "serve $arguments" "$(head -n 1 out)" "$want"
	same "serve $arguments: its exit" "$(tail -n 1 out)" 2
done <<'TABLE'
chargen udp 127.0.0.1:0|chargen is served over connections
qr tcp 127.0.0.1:0|qr is served over datagrams
echo udpx 127.0.0.1:0|unknown network
TABLE
finish
