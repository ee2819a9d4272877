#!/bin/sh
# examples/tasks: the programs that read input and end, in C and in Go on the same input.
. "$SOURCE/test/lib.sh"
need go ss python3 timeout
for program in Pipeline WorkerPool FastestMirror PortScanner; do
	go build -o "go_$program" "$SOURCE/examples/tasks/$program.go" || bad "go build $program"
done
slow=${HOY_TEST_SCALE:-1}

# both WHAT PROGRAM ARGUMENTS...: in C and in Go, with the file in; the same lines, in any order, and the same exit code
both() {
	what=$1 program=$2; shift 2
	timeout $((60 * slow)) "./go_$program" "$@" <in >theirs 2>their.err; echo "exit $?" >>theirs
	timeout $((60 * slow)) "$EXAMPLES/$program" "$@" <in >ours 2>our.err; echo "exit $?" >>ours
	same "$what" "$(sort ours)" "$(sort theirs)"
	same "$what: errors" "$(sed 's/.*\(Usage\|WorkerPool\|PortScanner\)/\1/; s/^Usage: [^ ]*/Usage:/' our.err)" \
		"$(sed 's/.*\(Usage\|WorkerPool\|PortScanner\)/\1/; s/^Usage: [^ ]*/Usage:/' their.err)"
}

# ---- Pipeline ----
: >in
both 'one prime' Pipeline 1
both '300 primes' Pipeline 300
same '300 primes' "$(tail -n 2 ours)" '1987
exit 0'
for count in 0 10001 x; do
	both "Pipeline $count" Pipeline $count
done

# ---- WorkerPool ----
for workers in 1 4 100; do
	seq 1 3000 >in
	both "$workers workers" WorkerPool $workers
	same "$workers workers: all of it" "$(wc -l <ours)" 3001
done
same '27 takes 111 steps' "$(grep '^27 ' ours)" '27 111'
: >in
both 'no input' WorkerPool 4
(seq 1 2000; echo twelve; seq 1 2000) >in
"$EXAMPLES/WorkerPool" 4 <in >ours 2>our.err
same 'a line that is no number' "$? $(cat our.err)" "1 WorkerPool: line 2001: 'twelve' is no number from 1 to 1000000000"
same 'a line that is no number: what follows it is left out' "$(($(wc -l <ours) <= 2000))" 1
# the input may be endless, and slow
(echo 5; sleep 0.5; echo 7) | "$EXAMPLES/WorkerPool" 2 >ours
same 'a slow input' "$(sort -n ours)" '5 5
7 16'
both 'no workers' WorkerPool 0

# ---- FastestMirror ----
# mirror.py DELAY WHAT: answers after so many seconds, a whole answer or half of one; prints when a client has gone away
cat >mirror.py <<'PY'
import socket, sys, time
delay, what = float(sys.argv[1]), sys.argv[2]
l = socket.create_server(("127.0.0.1", 0))
while True:
    c = l.accept()[0]
    request = b""
    while b"\r\n\r\n" not in request:
        request += c.recv(4096)
    end = time.monotonic() + delay
    while time.monotonic() < end:
        c.settimeout(max(0.001, end - time.monotonic()))
        try:
            if not c.recv(1):
                print("gone", flush=True)
                break
        except TimeoutError:
            pass
        except OSError:
            print("gone", flush=True)
            break
    else:
        body = b"from the mirror that takes %g s, of %s\n" % (delay, request.split()[1])
        answer = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        if what == "missing":
            answer = b"HTTP/1.0 404 Not Found\r\n\r\nno such file\n"
        try:
            c.sendall(answer[:-5] if what == "half" else answer)
        except OSError:
            pass
    c.close()
PY
mirror() { start python3 mirror.py "$@" >>gone; at=127.0.0.1:$port; }
mirror 0.1 whole; quick=$at
mirror 8 whole; slowest=$at
mirror 7 whole; slower=$at
mirror 0 missing; missing=$at
mirror 0 half; half=$at
free_port; nobody=127.0.0.1:$port
: >in
for program in ./go_FastestMirror "$EXAMPLES/FastestMirror"; do
	: >gone
	before=$(date +%s%N)
	"$program" /file "$slowest" "$nobody" "$missing" "$quick" "$half" "$slower" >out 2>err
	same "$program: exit" $? 0
	took=$((($(date +%s%N) - before) / 1000000))
	same "$program: the file" "$(cat out)" 'from the mirror that takes 0.1 s, of /file'
	same "$program: the winner, and why not the others" "$(sort err)" "$(printf '%s\n' "from $quick" "$missing: not a whole answer" \
		"$half: not a whole answer" "$nobody: dial tcp $nobody: connect: connection refused" | sort)"
	same "$program: it waits for no one else: $took ms" "$((took < 5000 * slow))" 1
	for _ in $(seq 100); do [ "$(wc -l <gone)" = 2 ] && break; sleep 0.05; done
	same "$program: the others were cancelled" "$(cat gone)" 'gone
gone'
	"$program" /file "$nobody" "$missing" >out 2>err
	same "$program: nobody has it" "$? $(wc -c <out) $(wc -l <err)" '1 0 2'
done

# ---- PortScanner ----
start python3 -c '
import socket, sys, time
held = []
for port in range(int(sys.argv[1]), 65000):
    try:
        held.append(socket.create_server(("127.0.0.1", port), backlog=50))
    except OSError:
        continue
    if len(held) == 3:
        break
time.sleep(600)' 23456
for _ in $(seq 100); do [ "$(ss -Hlnt 'sport >= 23456 and sport < 25000' | wc -l)" -ge 3 ] && break; sleep 0.05; done
both 'a range of 1500 ports' PortScanner 127.0.0.1 23000 24500
same 'a range of 1500 ports: the open ones' "$(grep -c '^23' ours)" 3
both 'by name' PortScanner localhost 23456 23456
both 'no such range' PortScanner 127.0.0.1 2 1
both 'no port' PortScanner 127.0.0.1 0 70000
both 'no arguments' PortScanner
finish
