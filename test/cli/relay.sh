#!/bin/sh
# hoy relay: half-closes, resets at every stage, slow readers, silent clients, and what it says at the end.
. "$SOURCE/test/lib.sh"
need ss jq python3 socat

# ---- half-close, both ways: the client's end reaches the server, which then answers ----
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr EXEC:'sort -r'; up=$port up_pid=$pid
start "$HOY" relay 127.0.0.1:0 "127.0.0.1:$up" --json >log 2>err; at=$port relay_pid=$pid
like 'where it listens' "$(cat err)" "^hoy relay: relay on tcp 127\.0\.0\.1:$at to tcp 127\.0\.0\.1:$up\$"
for _ in 1 2 3; do
	same 'the answer to the end' "$(printf 'a\nb\nc\n' | socat -t 10 - "TCP:127.0.0.1:$at" | tr '\n' ' ')" 'c b a '
done

# ---- an upstream that does not listen: the client is reset, and the relay says why ----
stop $up_pid
same 'no upstream' "$(python3 - "$at" <<'PY'
import socket, sys
try:
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
    print("got", s.recv(1))
except ConnectionResetError:
    print("reset")
PY
)" reset
like 'no upstream, why' "$(cat err)" "^hoy relay: dial tcp 127\.0\.0\.1:$up: connect: connection refused\$"
kill -TERM $relay_pid; wait $relay_pid
same 'its exit' $? 0
like 'the sum' "$(cat err)" '^hoy relay: served 4 connections, 18 bytes in, 18 out; 0 cut short$'
same 'as JSON' "$(jq -c 'select(.type == "close") | [.id, .in_bytes, .out_bytes, .reason]' log | tr '\n' ' ')" \
	'[1,6,6,"done"] [2,6,6,"done"] [3,6,6,"done"] [4,0,0,"connection refused"] '
same 'as JSON, the sum' "$(jq -c 'select(.type == "served") | [.conns, .in_bytes, .out_bytes]' log)" '[4,18,18]'
same 'as JSON, where to' "$(jq -r 'select(.type == "listen") | .upstream' log)" "tcp 127.0.0.1:$up"

# ---- Unix sockets on either side ----
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
"$HOY" relay unix "$PWD/front.sock" "$echo_at" 2>/dev/null & front=$!
until [ -S front.sock ]; do sleep 0.05; done
start "$HOY" relay 127.0.0.1:0 unix "$PWD/front.sock" 2>/dev/null
same 'over Unix sockets' "$(echo through | socat -t 10 - "TCP:127.0.0.1:$port")" through
stop $pid; stop $front

# ---- resets, slow readers, silence ----
cat >clients.py <<'PY'
import hashlib, os, resource, socket, struct, subprocess, sys, threading, time
hoy = sys.argv[1]
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

def connect(port):
    s = socket.create_connection(("127.0.0.1", port), 20)
    s.settimeout(60)
    return s

def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()

class Relay:
    """One that passes on to a listener of ours."""
    def __init__(self, *flags):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.settimeout(60)
        up = self.listener.getsockname()[1]
        self.process = subprocess.Popen([hoy, "relay", "127.0.0.1:0", "127.0.0.1:%d" % up, *flags], stderr=subprocess.PIPE, text=True)
        self.port = int(self.process.stderr.readline().split(" to ")[0].rsplit(":", 1)[1])
    def pair(self):
        client = connect(self.port)
        server = self.listener.accept()[0]
        server.settimeout(60)
        return client, server
    def memory(self):
        for line in open("/proc/%d/status" % self.process.pid):
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))
    def end(self):
        self.process.terminate()
        return self.process.stderr.read(), self.process.wait()

def ended(s):
    """How a connection ended: everything before is read."""
    try:
        while s.recv(65536):
            pass
        return "end"
    except ConnectionResetError:
        return "reset"

def expect(what, got, want):
    print("%s: %s" % (what, "ok" if got == want else "got %r, want %r" % (got, want)))

r = Relay("-n", "0")

# a reset of either side resets the other: before any byte, in the middle, with data waiting, and after a half-close
for whose in (0, 1):
    for stage in ("at once", "in the middle", "with data waiting"):
        pair = r.pair()
        mine, other = pair[whose], pair[not whose]
        if stage != "at once":
            mine.sendall(b"x")
            other.recv(1)
        if stage == "with data waiting":
            other.settimeout(0.3)
            try:
                while True:
                    other.sendall(bytes(1 << 20))
            except socket.timeout:
                other.settimeout(60)
        reset(mine)
        expect("reset %s, %d" % (stage, whose), ended(other), "reset")
        other.close()
client, server = r.pair()
client.shutdown(socket.SHUT_WR)
expect("half-close", server.recv(1), b"")
reset(client)
try:        # whatever the server says now, its connection ends
    while True:
        server.sendall(b"x")
        time.sleep(0.01)
except OSError:
    expect("reset after a half-close", True, True)
server.close()

# 64 MiB against a reader of 4 KiB at a time
client, server = r.pair()
data, digest, size = os.urandom(1 << 20), hashlib.sha256(), 0
sender = threading.Thread(target=lambda: (([client.sendall(data) for _ in range(64)]), client.shutdown(socket.SHUT_WR)))
sender.start()
while part := server.recv(4096):
    digest.update(part)
    size += len(part)
sender.join()
expect("64 MiB", (size, digest.hexdigest()), (64 << 20, hashlib.sha256(data * 64).hexdigest()))
expect("and what is left of the memory", r.memory() < 64 << 10, True)
client.close()
server.close()

# 2,000 silent clients and a good one
time.sleep(0.2)
memory, descriptors = r.memory(), r.descriptors()
silent = [r.pair() for _ in range(2000)]
client, server = r.pair()
for i in range(200):
    client.sendall(b"%8d" % i)
    expect("the good one", server.recv(8), b"%8d" % i) if i == 199 else server.recv(8)
    server.sendall(b"ok")
    client.recv(2)
each = (r.memory() - memory) * 1024 / 2001
print("idle pair: %d bytes" % each)
expect("an idle pair holds no buffer", each < (16 << 10) * (1 if os.environ.get("HOY_TEST_SCALE", "1") == "1" else 4), True)
expect("and two descriptors", r.descriptors() - descriptors, 2 * 2001)
for pair in silent:
    pair[0].close()
    pair[1].close()
client.close()
server.close()
for _ in range(200):
    if r.descriptors() <= descriptors:
        break
    time.sleep(0.05)
expect("all are given back", r.descriptors() <= descriptors, True)
expect("its exit", r.end()[1], 0)

# one idle limit for both directions
r = Relay("--idle", "300ms")
client, server = r.pair()
start = time.monotonic()
for _ in range(4):
    time.sleep(0.15)
    server.sendall(b"x")
    client.recv(1)
expect("silence ends it", (ended(client), ended(server), time.monotonic() - start > 0.7), ("end", "end", True))

# a signal: what is connected goes on, and what is stuck ends with the limit
r.end()
r = Relay("--drain", "500ms")
client, server = r.pair()
client.sendall(b"x")
server.recv(1)
client.settimeout(0.3)
try:
    while True:
        client.sendall(bytes(1 << 20))
except socket.timeout:
    pass
text, code = r.end()
expect("it ends although a server does not read", (code, "1 cut short" in text), (0, True))
PY
python3 clients.py "$HOY" >clients.out 2>&1
same 'clients.py' $? 0
same 'clients.py: all went well' "$(grep -v ': ok$' clients.out | grep -v '^idle pair')" ''
grep '^idle pair' clients.out

# ---- what is wrong with the arguments ----
# ---- datagrams: a session for each sender ----
sockets=-u
start "$HOY" serve echo udp 127.0.0.1:0 2>/dev/null; up=$port
start "$HOY" relay udp 127.0.0.1:0 udp "127.0.0.1:$up" --idle 500ms 2>udp.err; udp_pid=$pid
sockets=-t
same 'datagrams' "$(python3 - "$port" "/proc/$udp_pid/fd" <<'PY'
import os, socket, sys, time
clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(50)]
def descriptors():
    return len(os.listdir(sys.argv[2]))
before, right = descriptors(), 0
for turn in range(3):
    for i, c in enumerate(clients):
        c.settimeout(20)
        c.sendto(b"%d of %d" % (turn, i), ("127.0.0.1", int(sys.argv[1])))
    for i, c in enumerate(clients):
        right += c.recv(100) == b"%d of %d" % (turn, i)
sessions = descriptors() - before
for _ in range(200):
    if descriptors() <= before:
        break
    time.sleep(0.05)
print(right, sessions, descriptors() - before)
PY
)" '150 50 0'
stop $udp_pid
like 'datagrams, the sum' "$(cat udp.err)" '^hoy relay: served 150 datagrams, [0-9]+ bytes in, [0-9]+ out$'

for line in '' ':0' 'tcp :0' ':0 tcp' ':0 :1 :2 :3' 'udp :0 :1' ':0 udp :1' 'udp :0 udp :1 --proxy-protocol v1' ':0 http://127.0.0.1:1/'; do
	# shellcheck disable=SC2086
	"$HOY" relay $line >out 2>&1
	same "hoy relay $line" $? 2
done
finish
