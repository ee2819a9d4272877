#!/bin/sh
# hoy serve: what each service does, its limits, its log, and how it ends.
. "$SOURCE/test/lib.sh"
need jq socat ss

# serve ARGUMENTS...: starts one with its log in the file log and its talk in the file talk
serve() { start env --default-signal=INT,TERM "$HOY" serve "$@" >log 2>talk; }
# ended SIGNAL CODE: the server ends at that signal, with that exit code
ended() { kill -"$1" $pid; wait $pid; same "exit after SIG$1" $? "$2"; }
events() { jq -c "$1" <log; }

serve echo 127.0.0.1:0
like "says where it listens" "$(head -n 1 talk)" "^hoy serve: echo on tcp 127\\.0\\.0\\.1:$port\$"
same "and nothing else" "$(wc -l <talk)" 1
same "echo" "$(printf hello | socat -t 5 - TCP:127.0.0.1:$port)" hello
ended TERM 0
like "what it served" "$(tail -n 1 talk)" '^hoy serve: served 1 connection, 5 bytes in, 5 out; 0 cut short$'
same "no data on standard output" "$(cat log)" ""

serve discard 127.0.0.1:0 --json
same "discard" "$(head -c 100000 /dev/zero | socat -t 5 - TCP:127.0.0.1:$port | wc -c)" 0
ended INT 0
same "its log" "$(events '[.type, .service // .reason // .ok, .in_bytes, .out_bytes] | map(values)')" \
'["listen","discard"]
["accept"]
["close","done",100000,0]
["drain"]
["served",100000,0]
["end",true]'
same "where, in the log" "$(events 'select(.type == "listen") | [.network, .addr]')" "[\"tcp\",\"127.0.0.1:$port\"]"
same "log lines agree" "$(events 'select(.id == 1) | .remote' | sort -u | wc -l)" 1

serve chargen tcp4 127.0.0.1:0 --drain 2s
socat -u TCP:127.0.0.1:$port - | head -c 7400 >lines
same "chargen: lines of 72" "$(tr -d '\r' <lines | awk '{ print length }' | sort -u)" 72
same "chargen: the first" "$(head -n 1 lines | tr -d '\r')" \
	" !\"#\$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_\`abcdefg"
same "chargen: the second" "$(sed -n 2p lines | cut -c1-3)" "!\"#"
socat -u TCP:127.0.0.1:$port OPEN:/dev/null & client=$!
sleep 0.3
ended TERM 0
wait $client

# every address is worth a word
serve daytime tcp4 :0
like "every address" "$(sed -n 2p talk)" 'that is every address of this machine'
ended TERM 0
serve daytime '[::]:0'
like "every address" "$(sed -n 2p talk)" 'that is every address of this machine'
ended TERM 0

# limits
serve echo 127.0.0.1:0 --idle 200ms --json
sleep 3 | socat - TCP:127.0.0.1:$port >/dev/null & client=$!
for _ in $(seq 100); do grep -q '"close"' log && break; sleep 0.05; done
same "an idle client" "$(events 'select(.type == "close") | .reason')" '"idle"'
took=$(events 'select(.type == "close") | .elapsed_us')
same "after its time: $took us" "$((took >= 200000 && took < 2000000))" 1
ended TERM 0

serve echo 127.0.0.1:0 --max-conns 1 --json
mkfifo hold
socat - TCP:127.0.0.1:$port <hold >/dev/null &
exec 9>hold
until grep -q '"accept"' log; do sleep 0.02; done
(printf two; sleep 1) 9>&- | socat -t 5 - TCP:127.0.0.1:$port >second 9>&- & client=$!
sleep 0.4
same "a connection too many waits" "$(cat second)$(events 'select(.type == "accept") | .id')" 1
exec 9>&-
wait $client
same "and is served in the end" "$(cat second)" two
ended TERM 0

# a second signal leaves at once
serve echo 127.0.0.1:0 --drain 1m
sleep 5 | socat - TCP:127.0.0.1:$port >/dev/null &
sleep 0.3
kill -TERM $pid
until grep -q 'no new connections; 1 may end' talk; do sleep 0.02; done
ended INT 130

# the drain's own limit
serve echo 127.0.0.1:0 --drain 300ms --json
sleep 5 | socat - TCP:127.0.0.1:$port >/dev/null &
until grep -q '"accept"' log; do sleep 0.02; done
ended TERM 0
same "who was cut short" "$(events 'select(.type == "close" or .type == "served") | .reason // .cut')" '"drain"
1'

# what does not work
start socat -u TCP-LISTEN:0,bind=127.0.0.1 OPEN:/dev/null
same "address in use" "$(told "$HOY" serve echo 127.0.0.1:$port)" \
"hoy serve: listen tcp 127.0.0.1:$port: bind: address already in use
  see who listens there with: ss -tulpn; port 0 takes a free one
3"
stop $pid
like "a foreign address" "$(told "$HOY" serve echo 192.0.2.1:0)" 'bind: cannot assign requested address'
like "no port" "$(told "$HOY" serve echo 127.0.0.1)" 'missing port in address'
like "an unknown network" "$(told "$HOY" serve echo tcp5 :0)" 'unknown network tcp5'
like "exit code" "$(told "$HOY" serve echo tcp5 :0)" '^2$'
like "nothing" "$(told "$HOY" serve)" 'something is missing'
like "no address" "$(told "$HOY" serve echo)" 'something is missing'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null &&
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 13 ]; then
	got=$(told setpriv --reuid 65534 --clear-groups --bounding-set -all --inh-caps -all "$HOY" serve daytime 127.0.0.1:13)
	like "not permitted" "$got" 'bind: permission denied'
	like "not permitted, exit code" "$got" '^4$'
fi
finish
