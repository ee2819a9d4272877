# bench.py MODE: on a free port of 127.0.0.1, an echo server that does what it should not, or ("web") a web server that has for
# GET /KIND?b the answers below.
import re, socket, sys, threading, time

mode = sys.argv[1]
stalls = []		# when the stall of one second begins
swapping = threading.Barrier(2)
swapped = {}
count = 0


def stall():
    if not stalls:
        stalls.append(time.monotonic() + 1.2)
    left = stalls[0] + 1 - time.monotonic()
    if 0 < left <= 1:
        time.sleep(left)


def echo(c, number):
    at = answers = 0
    while data := c.recv(65536):
        back = bytearray(data)
        if mode == "delay":
            time.sleep(0.05)
        if mode == "stall":
            stall()
        if mode in ("corrupt", "lose") and at <= 100 < at + len(data):
            if mode == "corrupt":
                back[100 - at] ^= 1
            else:
                del back[100 - at]
        if mode == "double":
            back += back[-1:]
        if mode == "swap":
            swapped[number % 2] = back
            swapping.wait(10)
            back = swapped[1 - number % 2]
            swapping.wait(10)
        if mode == "swallow" and answers % 3 == 2:
            back = b""
        if mode == "hangup" and answers % 3 == 2:
            return
        at += len(data)
        answers += 1
        c.sendall(back)


def datagrams(s):
    seen = 0
    while True:
        data, peer = s.recvfrom(65536)
        seen += 1
        if mode == "udp-swallow" and seen % 3 == 0:
            continue
        if mode == "udp-corrupt" and seen == 2:
            data = data[:7] + bytes([data[7] ^ 1]) + data[8:]
        if mode == "udp-short" and seen == 2:
            data = data[:-1]
        s.sendto(data, peer)
        if mode == "udp-twice":
            s.sendto(data, peer)


OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "length": OK + b"Content-Length: 5\r\n\r\nhello",
    "twice-the-same": OK + b"content-length: 5\r\nContent-Length:5\r\n\r\nhello",
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
    "chunked-and-length": OK + b"Content-Length: 3\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "announced": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "missing": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno",
    "close": OK + b"Connection: keep, close\r\nContent-Length: 2\r\n\r\nok",
    "old": b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "old-kept": b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok",
    "other": b"220 smtp.example.com ESMTP\r\n",
    "two-lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "bad-length": OK + b"Content-Length: -5\r\n\r\nhello",
    "more": OK + b"Content-Length: 5\r\n\r\nhello, and more",
    "bad-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
    "long-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
    "long-line": OK + b"X: " + b"x" * 20000 + b"\r\n\r\n",
    "cut": OK + b"Content-Length: 50\r\n\r\nhello",
    "cut-chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n50\r\nhello",
    "slow": OK + b"Content-Length: 2\r\n\r\nok",
    "third": OK + b"Content-Length: 2\r\n\r\nok",
}
ENDS = {"close", "old", "cut", "cut-chunk", "other"}


def web(c):
    asked = 0
    while True:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            more = c.recv(65536)
            if not more:
                return
            data += more
            if not data.startswith(b"GET "):
                break
        request = re.match(rb"GET /([a-z-]*)\?b HTTP/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\n([^\n]+\r\n)*\r\n$", data)
        if not request:
            c.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        kind = request[1].decode()
        asked += 1
        if kind == "slow":
            time.sleep(0.02)
        c.sendall(ANSWERS[kind])
        if kind in ENDS or (kind == "third" and asked == 3):
            return


def serve(c, number):
    try:
        with c:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            web(c) if mode == "web" else echo(c, number)
    except (OSError, threading.BrokenBarrierError):
        pass


if mode.startswith("udp-"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    datagrams(s)
listener = socket.create_server(("127.0.0.1", 0))
while True:
    conn = listener.accept()[0]
    threading.Thread(target=serve, args=(conn, count), daemon=True).start()
    count += 1
