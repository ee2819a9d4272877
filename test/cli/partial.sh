#!/bin/sh
# What came before something failed is shown, then the error, and the exit code is 5.
. "$SOURCE/test/lib.sh"
need jq socat ss python3

# server.py TEXT END [first]: for each connection reads a request, unless it speaks first, sends the file, and ends as it is told.
cat >server.py <<'PY'
import socket, struct, sys, threading, time
text, end, reads = open(sys.argv[1], "rb").read(), sys.argv[2], sys.argv[3:] != ["first"]
l = socket.create_server(("127.0.0.1", 0))
def serve(c):
    c.settimeout(30)
    if reads:
        c.recv(4096)
    c.sendall(text)
    if end == "reset":
        time.sleep(0.2)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif end == "stall":
        try:
            while c.recv(4096):
                pass
            time.sleep(5)
        except OSError:
            pass
    c.close()
while True:
    threading.Thread(target=serve, args=(l.accept()[0],), daemon=True).start()
PY
# server TEXT END [first]: sets at
server() { printf "$1" >text; shift; start python3 server.py text "$@"; at=127.0.0.1:$port server=$pid; }
# ends COMMAND...: its exit code; its output is in the files out and err
ends() { "$@" >out 2>err; echo $?; }

while IFS='|' read -r end why code; do
	server 'HTTP/1.0 200 OK\r\nServer: te' "$end"
	same "head, $end: exit" "$(ends "$HOY" head $at --timeout 500ms)" 5
	same "head, $end: what came" "$(od -An -c out | tr -d ' \n')" 'HTTP/1.0200OK\r\nServer:te\n'
	like "head, $end: when" "$(cat err)" '^hoy head: connected after .*, first byte after .*, cut off after '
	like "head, $end: why" "$(cat err)" "^hoy head: read tcp 127\\.0\\.0\\.1:[0-9]+->$at: (read: )?$why\$"
	same "head, $end: exit, JSON" "$(ends "$HOY" head $at --timeout 500ms --json)" 5
	same "head, $end: JSON" "$(jq -c 'select(.type == "head") | [.complete, .status, .text, (.error | sub(".*: "; ""))]' out)" \
		"[false,200,\"HTTP/1.0 200 OK\\r\\nServer: te\",\"$why\"]"
	same "head, $end: JSON of the error" "$(jq -c 'select(.type == "error" or .type == "end") | .code // .exit' out | paste -sd' ')" "$code 5"
	stop $server
done <<'TABLE'
stall|i/o timeout|-4096
reset|connection reset by peer|-104
close|unexpected EOF|-4109
TABLE
server 'HTTP/1.0 200 OK\r\n\r\n' stall
same "what is whole is not waited for" "$(ends "$HOY" head $at --json) $(jq -c 'select(.type == "head") | [.complete, .error]' out)" '0 [true,null]'
stop $server

# the limit of 64 KiB, and one byte less
for size in 65536 65537 200000; do
	python3 -c "print('HTTP/1.0 200 OK\r\nX: ' + 'x' * ($size - 20), end='')" >text
	start python3 server.py text close; at=127.0.0.1:$port server=$pid
	same "head of $size bytes: exit" "$(ends "$HOY" head $at)" 5
	same "head of $size bytes: what came" "$(($(wc -c <out) - 1))" 65536
	like "head of $size bytes: why" "$(cat err)" "$([ $size = 65536 ] && echo 'unexpected EOF' || echo 'line or data longer than the limit')\$"
	stop $server
done

while IFS='|' read -r end why; do
	server '2026-01-31 12' "$end" first
	same "daytime, $end: exit" "$(ends "$HOY" daytime $at --timeout 500ms)" 5
	same "daytime, $end: what came" "$(cat out)" '2026-01-31 12'
	like "daytime, $end: why" "$(cat err)" "$why\$"
	same "daytime, $end: JSON" "$(ends "$HOY" daytime $at --timeout 500ms --json; jq -c 'select(.type == "daytime") | [.complete, .text]' out)" '5
[false,"2026-01-31 12"]'
	stop $server
done <<'TABLE'
stall|i/o timeout
reset|connection reset by peer
TABLE
python3 -c 'print("x" * 4096, end="")' >text
start python3 server.py text close first
same "daytime of 4096 bytes" "$(ends "$HOY" daytime 127.0.0.1:$port; wc -c <out)" "0
4097"
stop $pid
start "$HOY" serve chargen 127.0.0.1:0 2>/dev/null
same "daytime of chargen" "$(ends "$HOY" daytime 127.0.0.1:$port; wc -c <out; sed -n 2p err)" "5
4097
  that is more than a time; is it a daytime server?"
stop $pid

server 'hel' stall
same "echo, a part: exit" "$(ends "$HOY" echo $at hello --timeout 500ms)" 5
same "echo, a part: what came" "$(cat out)" hel
same "echo, a part: JSON" "$(ends "$HOY" echo $at hello --timeout 500ms --json; jq -c 'select(.type == "echo") | [.complete, .same, .received_bytes]' out)" '5
[false,false,3]'
stop $server
server '' stall
for verb in head daytime; do
	same "$verb, nothing at all came" "$(ends "$HOY" $verb $at --timeout 300ms; cat out)" 3
done
same "echo, nothing at all came" "$(ends "$HOY" echo $at x --timeout 300ms; cat out)" 3
stop $server

# several targets of which some fail
start "$HOY" serve dns "$SOURCE/test/zones/example.zone" 127.0.0.1:0 2>/dev/null; dns=@127.0.0.1:$port
same "lookup" "$(ends "$HOY" lookup --short a ns1.example.com nothing.example.com ns2.example.com $dns; cat out; grep -c 'no such host$' err)" "5
192.0.2.1
192.0.2.2
1"
same "resolve" "$(ends "$HOY" resolve ip ns1.example.com nothing.example.com ns2.example.com $dns; cat out; grep -c 'no such host$' err)" "5
192.0.2.1
192.0.2.2
1"
# standard input that fails behind a name which was found
cat >failing.py <<'PY'
import os, pty, subprocess, sys
# the controlling end of a terminal whose other end goes away: EIO
theirs, ours = pty.openpty()
os.write(ours, b"127.0.0.1\n")
child = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
first = child.stdout.readline()
os.close(ours)
rest, said = child.communicate(timeout=20)
print(child.returncode, (first + rest).decode().strip(), said.decode().splitlines()[0] if said else "nothing")
PY
same "lookup, standard input fails later" "$(python3 failing.py "$HOY" lookup --short a -)" "5 127.0.0.1 hoy lookup: read standard input: input/output error"
same "resolve, standard input fails later" "$(python3 failing.py "$HOY" resolve ip -)" "5 127.0.0.1 hoy resolve: read standard input: input/output error"
same "grep, standard input fails later" "$(python3 failing.py "$HOY" ip grep 127.0.0.0/8)" "3 127.0.0.1 hoy ip: read standard input: input/output error"
finish
