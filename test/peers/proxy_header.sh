#!/bin/sh
# Who the client is, when HAProxy, nginx or curl says so: the PROXY protocol in both versions, over TCP and a Unix socket, read by
# hoy serve and hoy relay.
. "$SOURCE/test/lib.sh"
need ss curl socat jq
export LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu"
nginx=$(peer sbin/nginx) haproxy=$(peer sbin/haproxy) module=$PEERS/usr/lib/nginx/modules/ngx_stream_module.so
[ -x "$nginx" ] && [ -x "$haproxy" ] || { echo "skipped: nginx or haproxy is missing"; exit 77; }

# serve LOG [NETWORK] ADDRESS: an echo server behind proxies
serve() {
	log=$1
	shift
	"$HOY" serve echo "$@" --from-proxy any --json >"$log.log" 2>"$log.err" &
	for _ in $(seq 200); do grep -qs '"listen"' "$log.log" && break; sleep 0.05; done
	servers="$servers $!"
	port=$(jq -r 'select(.type == "listen") | .addr' "$log.log" | sed 's/.*://')
}
servers=
serve one 127.0.0.1:0; one=$port
serve two 127.0.0.1:0; two=$port
serve three 127.0.0.1:0; three=$port
serve four unix "$PWD/four.sock"
free_port; in1=$port
free_port; in2=$port
free_port; in3=$port
free_port; in4=$port
free_port; web=$port
cat >haproxy.cfg <<CONF
defaults
	mode tcp
	timeout connect 5s
	timeout client 5s
	timeout server 5s
listen one
	bind 127.0.0.1:$in1
	bind [::1]:$in1
	server s 127.0.0.1:$one send-proxy
listen two
	bind 127.0.0.1:$in2
	bind [::1]:$in2
	server s 127.0.0.1:$two send-proxy-v2 check inter 100ms
listen four
	bind 127.0.0.1:$in4
	server s unix@$PWD/four.sock send-proxy-v2-ssl
CONF
start "$haproxy" -f haproxy.cfg
mkdir -p tmp
cat >nginx.conf <<CONF
load_module $module;
daemon off; master_process off; pid tmp/pid; error_log tmp/error;
events {}
http {
	access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
	server {
		listen 127.0.0.1:$web proxy_protocol;
		return 200 "\$proxy_protocol_addr:\$proxy_protocol_port\n";
	}
}
stream { server { listen 127.0.0.1:$in3; proxy_pass 127.0.0.1:$three; proxy_protocol on; proxy_half_close on; } }
CONF
start "$nginx" -p "$PWD" -c nginx.conf -e tmp/error
for _ in $(seq 200); do ss -Hltn "sport = :$in3" | grep -q . && break; sleep 0.05; done

# ask WHAT LOG ADDRESS HOST: what comes back, and whom the server has seen
ask() {
	free_port
	same "$1: the data" "$(printf hello | socat -t 5 - "TCP:$3,sourceport=$port,bind=$4")" hello
	for _ in $(seq 100); do grep -qF "\"$4:$port\"" "$2.log" && break; sleep 0.05; done
	same "$1: the client" "$(jq -r --arg who "$4:$port" 'select(.type == "accept" and .remote == $who) | .remote' "$2.log")" "$4:$port"
}
ask "HAProxy, version 1" one 127.0.0.1:$in1 127.0.0.1
ask "HAProxy, version 1, IPv6" one "[::1]:$in1" '[::1]'
ask "HAProxy, version 2" two 127.0.0.1:$in2 127.0.0.1
ask "HAProxy, version 2, IPv6" two "[::1]:$in2" '[::1]'
ask "HAProxy, version 2 with extensions, Unix socket" four 127.0.0.1:$in4 127.0.0.1
ask "nginx" three 127.0.0.1:$in3 127.0.0.1
for _ in $(seq 100); do [ "$(grep -c '"accept"' two.log)" -ge 5 ] && break; sleep 0.05; done
same "HAProxy's own checks (LOCAL)" "$(($(grep -c '"accept"' two.log) >= 5))" 1
same "which are no trouble" "$(grep -c trouble two.log)" 0

# without a header nobody is served, and the server goes on
same "no header" "$(printf 'GET / HTTP/1.0\r\n\r\n' | socat -t 2 - TCP:127.0.0.1:$one 2>/dev/null)" ""
like "no header, in words" "$(cat one.err)" ': no PROXY protocol header'
same "a malformed one" "$(printf 'PROXY TCP4 1.2.3.4\r\n' | socat -t 2 - TCP:127.0.0.1:$one 2>/dev/null)" ""
like "a malformed one, in words" "$(cat one.err)" ': malformed PROXY protocol header'
ask "HAProxy after that" one 127.0.0.1:$in1 127.0.0.1

# curl through hoy relay, which tells nginx in the other version
start "$HOY" relay 127.0.0.1:0 127.0.0.1:$web --from-proxy 127.0.0.0/8 --proxy-protocol v2 2>relay.err
at=127.0.0.1:$port
for _ in 1 2 3; do
	free_port
	same "curl, relay, nginx" "$(curl -s --haproxy-protocol --local-port "$port" "http://$at/")" "127.0.0.1:$port"
done
same "curl without the header" "$(curl -s "http://$at/" || echo refused)" refused
same "not a trusted network" "$(start "$HOY" relay 127.0.0.1:0 127.0.0.1:$web --from-proxy 192.0.2.0/24,2001:db8::1 2>>relay.err
	curl -s --haproxy-protocol "http://127.0.0.1:$port/" || echo refused; stop $pid)" refused
like "a network that is none" "$(told "$HOY" serve echo 127.0.0.1:0 --from-proxy 127.0.0.1,x)" "'x' is no network"
# shellcheck disable=SC2086
kill $servers
finish
