#!/bin/sh
# What a verb advises about a failure fits the failure and the verb.
. "$SOURCE/test/lib.sh"
need jq socat ss python3

# hint COMMAND-LINE CODE ERROR ADVICE: patterns for the first line of standard error and for the second, and the exit code
hint() {
	# shellcheck disable=SC2086
	"$HOY" $1 >out 2>err </dev/null
	same "hoy $1: exit" $? "$2"
	like "hoy $1: error" "$(head -n 1 err)" "$3"
	like "hoy $1: advice" "$(sed -n 2p err)" "^  .*$4"
}

# ---- nobody there ----

free_port; closed=127.0.0.1:$port
hint "head $closed" 3 'connection refused$' 'is the web server running'
hint "daytime $closed" 3 'connection refused$' 'start a daytime server with: hoy serve daytime '
hint "daytime udp $closed" 3 'connection refused$' 'hoy serve daytime \[udp\]'
hint "echo $closed" 3 'connection refused$' 'start an echo server with: hoy serve echo '
hint "bench $closed" 3 'connection refused$' 'start an echo server with: hoy serve echo '
hint "lookup a.example. @$closed" 3 'connection refused$' 'no name server listens there'
hint "resolve ip a.example. @$closed" 3 'connection refused$' 'no name server listens there'
for verb in head daytime echo; do
	hint "$verb nosuch.invalid:80" 3 'lookup nosuch\.invalid: no such host$' 'does not exist; .*hoy lookup NAME --explain'
done
hint 'lookup nosuch.invalid' 1 'no such host$' 'no name server was asked'
hint 'resolve nosuch.invalid:80' 1 'no such host$' 'no name server was asked'
hint 'serve echo nosuch.invalid:0' 3 'no such host$' 'does not exist'
hint 'lookup a.example. @nosuch.invalid' 3 'no such host$' 'a server is an address'

# a listener whose queue is full answers no SYN
python3 - >full <<'PY' &
import socket, sys, time
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen(0)
rest = [socket.socket() for _ in range(4)]
for s in rest:
    s.setblocking(False); s.connect_ex(l.getsockname())
print(l.getsockname()[1], flush=True); time.sleep(60)
PY
full_pid=$!
until [ -s full ]; do sleep 0.02; done
for verb in head daytime echo; do
	hint "$verb 127.0.0.1:$(cat full) --timeout 300ms" 3 'dial tcp 127.*: i/o timeout$' 'does a firewall drop it\? --timeout'
done
kill $full_pid
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'exec sleep 5'
hint "head 127.0.0.1:$port --timeout 300ms" 3 'read tcp .*: i/o timeout$' 'it is connected, but no more came in time'
stop $pid

# ---- no way there, in a network of this test's own ----

if [ -z "$(ip route show default 2>/dev/null)" ] && ip route add unreachable 198.51.100.0/24 2>/dev/null; then
	ip route add prohibit 203.0.113.0/24
	for verb in head daytime echo; do
		hint "$verb 198.51.100.1:80" 3 'no route to host$' 'look with: ip route'
		hint "$verb 192.0.2.1:80" 3 'network is unreachable$' 'there is no route'
		hint "$verb 203.0.113.1:80" 4 'connect: permission denied$' 'a firewall of this machine forbids it'
	done
fi
hint 'head [fe80::1]:80' 3 'connect: (invalid argument|network is unreachable)$' '(needs its interface|no route)'

# ---- listening ----

start socat -u TCP-LISTEN:0,bind=127.0.0.1 OPEN:/dev/null
for service in echo daytime; do
	hint "serve $service 127.0.0.1:$port" 3 'address already in use$' 'ss -tulpn'
done
stop $pid
hint 'serve echo 192.0.2.1:0' 3 'cannot assign requested address$' 'no address of this machine'
hint 'serve echo udp 192.0.2.1:0' 3 'cannot assign requested address$' 'no address of this machine'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 13 ]; then
	for network in tcp udp; do
		setpriv --reuid 65534 --clear-groups --bounding-set -all --inh-caps -all "$HOY" serve daytime $network 127.0.0.1:13 2>err
		same "a port below 1024, $network" "$? $(sed -n 2p err | cut -c1-23)" "4   ports below 1024 need"
	done
fi

# ---- what is typed ----

hint 'head 127.0.0.1' 2 'missing port in address$' 'HOST:80'
hint 'echo 127.0.0.1' 2 'missing port in address$' 'HOST:PORT'
hint 'serve echo ::1:80' 2 'too many colons' 'brackets before its port: \[::1\]:1201'
hint 'head 127.0.0.1:65536' 2 'invalid port$' 'from 0 to 65535'
hint 'head 127.0.0.1:nosuch' 2 'unknown port$' "use the port's number"
hint 'daytime tpc 127.0.0.1:80' 2 'unknown network tpc$' 'udp4, udp6 or unixgram'
# URL ADDRESS: every verb that takes HOST:PORT names it
while read -r url address; do
	for verb in daytime echo 'serve echo' resolve 'resolve tcp' 'serve dns zone'; do
		"$HOY" $verb "$url" >out 2>err
		same "hoy $verb $url" "$? $(head -n 1 err)" "2 hoy ${verb%% *}: '$url' is a URL; did you mean $address?"
	done
done <<'TABLE'
http://127.0.0.1:80/path 127.0.0.1:80
http://127.0.0.1/path?q#f 127.0.0.1:80
https://www.example.com www.example.com:443
https://me:secret@[::1]:8443/ [::1]:8443
tcp://localhost:1201 localhost:1201
nosuch://localhost/ localhost
TABLE
hint 'head https://127.0.0.1/' 2 "is a URL; did you mean 127\.0\.0\.1:443\?$" 'hoy help head'
hint 'echo http://' 2 'is a URL, and not a good one' 'hoy help echo'
hint 'lookup a @https://dns.example/' 2 "is a URL; did you mean @dns\.example\?$" 'hoy help lookup'
same "ip of a URL" "$("$HOY" ip http://192.0.2.1:80/ 2>&1 | tail -n 1)" "  did you mean 192.0.2.1?"
hint 'ip merge' 2 'hoy ip merge NETWORK\|FIRST-LAST\.\.\.\|-$' 'hoy help ip'

# ---- hoy head and what web servers say ----

printf 'HTTP/1.0 200 OK\r\n\r\n' >answer
cat >web.sh <<'SCRIPT'
while read -r line && [ "$line" != "$(printf '\r')" ]; do echo "$line"; done >request
cat answer
SCRIPT
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'sh ./web.sh'; at=127.0.0.1:$port web=$pid
# ARGUMENTS | the request
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	"$HOY" head $arguments >out 2>err
	same "head $arguments" "$? $(tr -d '\r' <request | paste -sd'|')" "0 $want"
done <<TABLE
$at|HEAD / HTTP/1.0
http://$at|HEAD / HTTP/1.0|Host: $at
http://$at/a?b#c|HEAD /a?b HTTP/1.0|Host: $at
http://$at?b|HEAD /?b HTTP/1.0|Host: $at
http://$at/a --path /b --host c|HEAD /b HTTP/1.0|Host: c
TABLE
tls='speaks TLS, which hoy head does not; try: curl -I https://'
# ANSWER (printf's) | is it TLS | exit
while IFS='|' read -r answer is code; do
	printf "$answer" >answer
	"$HOY" head $at --json >out 2>err
	same "head of $answer" "$? $(grep -c "$tls" err) $(jq -c 'select(.type == "head") | .tls' out)" "$code $is $( [ $is = 1 ] && echo true || echo false)"
done <<'TABLE'
\025\003\001\000\002\002\106|1|1
\025\003\003\000\002\002\050|1|1
HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n|1|0
HTTP/1.1 400 Bad Request\r\n\r\n<title>400 The plain HTTP request was sent to HTTPS port</title>|1|0
HTTP/1.1 400 Bad Request\r\n\r\nReason: You are speaking plain HTTP to an SSL-enabled server port.|1|0
HTTP/1.1 400 Bad Request\r\n\r\nno|0|0
HTTP/1.1 200 OK\r\nLocation: HTTPS\r\n\r\n|0|0
\025\003|0|1
SSH-2.0-OpenSSH\r\n|0|1
TABLE
stop $web
if command -v openssl >/dev/null && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out cert -subj /CN=localhost 2>/dev/null; then
	start openssl s_server -accept 127.0.0.1:0 -key key -cert cert -quiet 2>/dev/null </dev/null
	"$HOY" head 127.0.0.1:"$port" >out 2>err
	same "head of openssl's server, which closes without an alert" "$? $(cat err)" \
		"1 hoy head: 127.0.0.1:$port closed without a word; does that port speak TLS?"
	stop $pid
fi
finish
