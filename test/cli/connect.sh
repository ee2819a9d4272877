#!/bin/sh
# hoy connect and hoy listen against each other: every network, both directions, half-closes, files, pipes, terminals.
. "$SOURCE/test/lib.sh"
need ss jq script python3

head -c 5000000 /dev/urandom >large
printf 'from the client\n' >client; printf 'from the server\n' >server

# await_listener NETWORK: until hoy listen, which was started just now with err as its standard error, says where; sets at
await_listener() {
	until at=$(sed -n "s/^hoy listen: on $1 //p" err 2>/dev/null); [ "$at" ]; do
		kill -0 $listener 2>/dev/null || break
		sleep 0.02
	done
	rm -f err	# for the next one
}

# pair WHAT INPUT_OF_LISTEN INPUT_OF_CONNECT NETWORK ADDRESS [FLAG...]: both end, and each gets what the other one sends
pair() {
	what=$1 in1=$2 in2=$3 network=$4 address=$5; shift 5
	"$HOY" listen "$network" "$address" "$@" <"$in1" >got1 2>err & listener=$!
	await_listener "$network"
	timeout 60 "$HOY" connect "$network" "$at" "$@" <"$in2" >got2 2>err2
	same "$what: exit of connect" "$? $(cat err2)" '0 '
	wait $listener
	same "$what: exit of listen" $? 0
	cmp "$in2" got1 && cmp "$in1" got2
	same "$what: what arrived" $? 0
}

for network in tcp tcp4 unix unixpacket; do
	case $network in unix*) address=$PWD/$network.sock ;; *) address=127.0.0.1:0 ;; esac
	pair "$network" server client $network "$address"
done
for network in tcp unix; do
	case $network in unix*) address=$PWD/large.sock ;; *) address=127.0.0.1:0 ;; esac
	pair "$network, 5 MB up" /dev/null large $network "$address"
	pair "$network, 5 MB down" large /dev/null $network "$address"
	pair "$network, 5 MB both ways" large large $network "$address"
done
pair 'udp' server client udp 127.0.0.1:0 --linger 300ms

mkfifo never
exec 9<>never	# an input that never ends

# a client that half-closes first, and a server that takes its time
"$HOY" listen 127.0.0.1:0 >got1 2>err </dev/null & listener=$!
await_listener tcp
(printf 'slow\n'; sleep 2; printf 'but sure\n') | "$HOY" connect "$at" --linger 5s >got2 2>&1
wait $listener
same 'input that comes after the peer has ended' "$(cat got1)" "slow
but sure"
# and one whose input never ends does not wait for it for ever
"$HOY" listen 127.0.0.1:0 <server >/dev/null 2>err & listener=$!
await_listener tcp
same 'an input that never ends' "$(timeout 10 "$HOY" connect "$at" --linger 200ms <never 2>&1)" 'from the server'
wait $listener

# standard input and output are a terminal: its mode is as before, while it runs and afterwards
cat >terminal.py <<'PY'
import fcntl, os, pty, subprocess, sys, time
main, side = pty.openpty()
before = fcntl.fcntl(side, fcntl.F_GETFL)
p = subprocess.Popen([sys.argv[1], "connect", sys.argv[2]], stdin=side, stdout=side, stderr=side)
os.write(main, b"typed\n")
text = b""
while text.count(b"typed") < 2:        # the terminal's own echo, and the server's
    text += os.read(main, 1000)
during = fcntl.fcntl(side, fcntl.F_GETFL)
os.write(main, b"\x04")
print(p.wait(10), before == during == fcntl.fcntl(side, fcntl.F_GETFL))
PY
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
same 'a terminal' "$(timeout 20 python3 terminal.py "$HOY" "$echo_at")" '0 True'

# files, a pipe that is closed, and what is said
same 'a pipe whose reader ends' "$( (timeout 10 "$HOY" connect "$echo_at" <large 2>err; echo $? >code) | head -c 10 | wc -c; cat code)" "10
141"
"$HOY" connect "$echo_at" --json <client >out 2>err
same 'as JSON' "$(jq -c '[.type, .text // .sent_bytes // .ok // .network]' out | tr '\n' ' ')" \
	'["connect","tcp"] ["data","from the client\n"] ["done",16] ["end",true] '
same 'to a directory' "$("$HOY" connect "$echo_at" </ 2>&1; echo $?)" 'hoy connect: read standard input: is a directory
3'
same 'with closed input' "$("$HOY" connect "$echo_at" <&- 2>&1 | head -n 1)" 'hoy connect: read standard input: bad file descriptor'
like 'said with -v' "$("$HOY" connect -v "$echo_at" <client 2>&1 >/dev/null)" '^hoy connect: 16 bytes sent, 16 received in '
free_port
same 'nobody listens' "$("$HOY" connect "127.0.0.1:$port" </dev/null 2>&1 | head -n 1; "$HOY" connect "127.0.0.1:$port" </dev/null 2>/dev/null; echo $?)" \
	"hoy connect: dial tcp 127.0.0.1:$port: connect: connection refused
3"
same 'nobody comes' "$("$HOY" listen 127.0.0.1:0 --timeout 100ms </dev/null 2>err; echo $?)" 3
same 'silence' "$(timeout 10 "$HOY" connect "$echo_at" --idle 200ms <never 2>err; echo $?)" 3
stop $pid

# a reset in the middle: what came before it is shown
cat >reset.py <<'PY'
import socket, struct, sys, time
l = socket.create_server(("127.0.0.1", 0))
print(l.getsockname()[1], flush=True)
c = l.accept()[0]
c.sendall(b"partly\n")
time.sleep(0.3)
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.close()
PY
python3 reset.py >reset.port & 
until [ -s reset.port ]; do sleep 0.02; done
same 'a reset' "$("$HOY" connect "127.0.0.1:$(cat reset.port)" <never 2>err; echo $?)" 'partly
5'
for line in 'connect' 'listen' 'connect tcp' 'connect :1 :2' 'listen udp :1 2' 'connect http://127.0.0.1/'; do
	# shellcheck disable=SC2086
	"$HOY" $line </dev/null >out 2>&1
	same "hoy $line" $? 2
done
finish
