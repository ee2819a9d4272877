#!/bin/sh
# hoy bench against servers that others wrote, their own counts, and another program for the same.
. "$SOURCE/test/lib.sh"
need go socat ncat ss jq python3
nginx=$(peer sbin/nginx) wrk=$(peer bin/wrk)
[ "$nginx" ] && [ "$wrk" ] || { echo "skipped: nginx or wrk is missing"; exit 77; }
compile ThreadedEchoServer
slow=${HOY_TEST_SCALE:-1}

# bench ARGUMENTS...: exits with 0, and leaves its result in the file out
bench() {
	"$HOY" bench "$@" --json >all 2>err
	same "exit of bench $*: $(cat err)" $? 0
	jq -c 'select(.type == "bench")' all >out
	same "bench $*: all is well" "$(jq -c '[.complete, .answered > 0, .answered == .requests, .wrong, .errors]' out)" '[true,true,true,0,[]]'
}
figure() { jq "$1" out; }

# ---- echo servers ----
free_port; start ncat -l -k 127.0.0.1 "$port" -c cat
bench "127.0.0.1:$port" -c 3 -w 100ms -d 300ms
bench "127.0.0.1:$port" -c 3 -w 100ms -d 300ms -r 200 -s 5000
stop $pid
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr PIPE
bench "127.0.0.1:$port" -c 3 -w 100ms -d 300ms -s 30000
stop $pid
start ./go_ThreadedEchoServer 127.0.0.1:0 >/dev/null
bench "127.0.0.1:$port" -c 20 -w 100ms -d 300ms
bench "127.0.0.1:$port" -c 20 -w 100ms -d 300ms -r 1000 -s 700
stop $pid
sockets=-u; start socat UDP4-LISTEN:0,bind=127.0.0.1,fork PIPE; sockets=-t
bench udp "127.0.0.1:$port" -c 1 -w 100ms -d 300ms -s 1200
stop $pid
socat UNIX-LISTEN:"$PWD/socket",fork PIPE & pid=$!
until [ -S socket ]; do sleep 0.02; done
bench unix "$PWD/socket" -c 3 -w 100ms -d 300ms
stop $pid

# ---- nginx, which counts as well ----
free_port
mkdir -p site tmp
head -c 3000 /dev/urandom >site/page
cat >nginx.conf <<CONF
daemon off; master_process off; pid tmp/pid; error_log tmp/error;
events { worker_connections 256; }
http {
	log_format status '\$status \$connection_requests'; access_log tmp/access status; client_body_temp_path tmp/a; proxy_temp_path tmp/b;
	fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e; keepalive_requests 100;
	server { listen 127.0.0.1:$port; root $PWD/site; }
}
CONF
start "$nginx" -p "$PWD" -c nginx.conf -e tmp/error
bench "http://127.0.0.1:$port/page" -c 5 -w 0 -d 500ms -r 400
sleep 0.3
same 'nginx, open loop: its count' "$(grep -c '^200 ' tmp/access) $(figure .answered) $(figure .statuses.\"200\")" '200 200 200'
same 'nginx: its bodies' "$(figure '.received_bytes > 3000 * .answered and .received_bytes < 3500 * .answered')" true
: >tmp/access
bench "http://127.0.0.1:$port/page" -c 5 -w 0 -d 500ms
sleep 0.3
same 'nginx, closed loop: its count' "$(grep -c '^200 ' tmp/access)" "$(figure .answered)"
# it ends each connection with the 100th answer, and says so; the last five have nobody to connect anew for
same 'nginx: its connections' "$(grep -c ' 1$' tmp/access)" "$(($(figure .reconnects) + 5))"
"$HOY" bench "http://127.0.0.1:$port/none" -w 0 -d 200ms --json >all 2>err
same 'nginx, no such page' "$? $(jq -c 'select(.type == "bench") | .statuses == {"404": .answered}' all)" '1 true'
stop $pid

# ---- Go's server, which sends chunks when it flushes ----
cat >web.go <<'GO'
package main

import (
	"fmt"
	"net"
	"net/http"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < 5; i++ {
			fmt.Fprintln(w, "part", i)
			w.(http.Flusher).Flush()
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	panic(http.Serve(l, nil))
}
GO
go build -o web web.go || bad "go build web.go"
start ./web
bench "http://localhost:$port" -c 5 -w 100ms -d 300ms
same 'Go: chunks' "$(figure '.statuses == {"200": .answered} and .reconnects == 0')" true
stop $pid

# ---- the figures of wrk, of a server that takes 20 ms ----
start python3 "$SOURCE/test/cli/bench.py" web
bench "http://127.0.0.1:$port/slow?b" -c 4 -w 100ms -d 1s
same 'a delay of 20 ms' "$(figure ".latency.p50_us >= 20000 and .latency.p50_us < 20000 * (1 + $slow) and .answered <= 204")" true
# The two runs follow each other, so on a busy machine they may differ by chance: one of three pairs has to agree.
for _ in 1 2 3; do
	bench "http://127.0.0.1:$port/slow?b" -c 4 -w 100ms -d 1s
	LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu" "$wrk" -t 1 -c 4 -d 1s --latency "http://127.0.0.1:$port/slow?b" >theirs
	p50=$(awk '$1 == "50%" { print $2 * ($2 ~ /ms/ ? 1000 : 1000000) }' theirs)
	rate=$(awk '$1 == "Requests/sec:" { print $2 }' theirs)
	agrees=$(figure ".latency.p50_us < 1.5 * $p50 and .latency.p50_us > $p50 / 1.5 and
		.answered_per_s < 1.5 * $rate and .answered_per_s > $rate / 1.5")
	[ "$agrees" = true ] && break
done
same "the median and the rate of wrk, $p50 us and $rate/s" "$agrees" true
stop $pid
finish
