#!/bin/sh
# SIGTERM under load: whoever was connected gets every byte back, and the exit is 0.
. "$SOURCE/test/lib.sh"
need ss jq python3

cat >clients.py <<'PY'
import os, random, signal, socket, sys, threading, time
port, server, count = int(sys.argv[1]), int(sys.argv[2]), 50
ready, stop = threading.Barrier(count + 1), threading.Event()
lost = []

def client(number):
    make = random.Random(number)
    try:
        s = socket.create_connection(("127.0.0.1", port), 5)
        s.settimeout(10)
        rounds = 0
        while rounds < 400:
            word = make.randbytes(make.randint(1, 2000))
            s.sendall(word)
            back = b""
            while len(back) < len(word):
                part = s.recv(65536)
                if not part:
                    raise EOFError("the server closed in the middle of a word")
                back += part
            if back != word:
                raise ValueError("something else came back")
            rounds += 1
            if rounds == 50:
                ready.wait()        # everyone is in the middle of it
            time.sleep(0.001)
        s.shutdown(socket.SHUT_WR)
        if s.recv(1):
            raise ValueError("a byte too many")
    except Exception as e:
        lost.append("client %d: %r" % (number, e))
        ready.abort()

threads = [threading.Thread(target=client, args=(i,)) for i in range(count)]
for t in threads: t.start()
try:
    ready.wait(20)
except threading.BrokenBarrierError:
    pass
os.kill(server, signal.SIGTERM)
time.sleep(0.2)
try:
    socket.create_connection(("127.0.0.1", port), 1)
    lost.append("a new client was accepted after the signal")
except ConnectionRefusedError:
    pass
for t in threads: t.join()
print("\n".join(lost) or "nothing lost")
PY

start env --default-signal=INT,TERM "$HOY" serve echo 127.0.0.1:0 --json --drain 20s >log 2>talk
same "50 clients in flight" "$(python3 clients.py $port $pid)" "nothing lost"
wait $pid
same "exit" $? 0
same "the log agrees" "$(jq -c 'select(.type == "served") | [.conns, .cut, .in_bytes == .out_bytes]' log)" '[50,0,true]'
same "50 were open when the signal came" "$(jq -c 'select(.type == "drain") | .conns' log)" 50
finish
