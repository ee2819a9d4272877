# clients.py PORT COUNT SECONDS: clients that connect, ask an echo server a few times and leave, all the time; a tenth of them
# stay. Prints how many connections there were, and "0 failed", or why some did.
import random, socket, sys, threading, time

port, count, until = int(sys.argv[1]), int(sys.argv[2]), time.monotonic() + float(sys.argv[3])
lock, failed, made = threading.Lock(), [], 0


def ask(s, make):
    word = make.randbytes(make.randint(1, 1000))
    s.sendall(word)
    back = b""
    while len(back) < len(word):
        part = s.recv(65536)
        if not part:
            raise EOFError("closed in the middle of a word")
        back += part
    if back != word:
        raise ValueError("something else came back")


def visit(make, stays):
    with socket.create_connection(("127.0.0.1", port), 20) as s:
        s.settimeout(20)
        for _ in range(make.randint(1, 4)):
            ask(s, make)
        while stays and time.monotonic() < until:
            ask(s, make)
            time.sleep(0.02)
        s.shutdown(socket.SHUT_WR)
        if s.recv(1):
            raise ValueError("a byte too many")


def client(number):
    global made
    make = random.Random(number)
    while time.monotonic() < until:
        try:
            visit(make, number % 10 == 0)
        except Exception as e:
            with lock:
                failed.append(repr(e))
        with lock:
            made += 1
        time.sleep(0.005)


threads = [threading.Thread(target=client, args=(i,)) for i in range(count)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(made, "connections", file=sys.stderr)
print("%d failed" % len(failed), *failed[:5])
