#!/bin/sh
# hoy relay between programs that others wrote: iperf3, openssl s_server and s_client, curl, nginx and HAProxy behind it.
. "$SOURCE/test/lib.sh"
need ss curl openssl
export LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu"
iperf3=$(peer bin/iperf3) nginx=$(peer sbin/nginx) haproxy=$(peer sbin/haproxy)

# relay UPSTREAM [FLAG...]: starts one, and sets at to where it listens
relay() {
	start "$HOY" relay 127.0.0.1:0 "$@" 2>>relay.err
	at=127.0.0.1:$port
}

# ---- iperf3: a control connection and several of data, in both directions; it checks what arrives ----
free_port; start "$iperf3" -s -B 127.0.0.1 -p "$port" >iperf3.out 2>&1
relay "127.0.0.1:$port"
for way in '' -R --bidir; do
	# shellcheck disable=SC2086
	"$iperf3" -c 127.0.0.1 -p "${at##*:}" -P 3 -n 8M $way >out 2>&1
	same "iperf3 -P 3 $way" $? 0
	like "iperf3 -P 3 $way" "$(cat out)" '^iperf Done'
done
stop $pid

# ---- TLS, whose records must arrive whole, and whose end is told ----
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>/dev/null
head -c 3000000 /dev/urandom >page
free_port; start openssl s_server -accept "127.0.0.1:$port" -cert cert.pem -key key.pem -WWW -quiet
relay "127.0.0.1:$port"
curl -sk "https://$at/page" | cmp - page
same "curl, a TLS server of openssl's" $? 0
printf 'GET /page HTTP/1.0\r\n\r\n' | openssl s_client -connect "$at" -quiet -ign_eof 2>/dev/null | tail -c 3000000 | cmp - page
same "openssl s_client and s_server" $? 0

# ---- nginx, and HAProxy before it ----
mkdir -p tmp
free_port; web=$port
free_port; known=$port
cat >nginx.conf <<CONF
daemon off; master_process off; pid tmp/pid; error_log tmp/error;
events {}
http {
	access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
	server { listen 127.0.0.1:$web; root $PWD; }
	server {
		listen 127.0.0.1:$known proxy_protocol;
		return 200 "\$proxy_protocol_addr:\$proxy_protocol_port \$proxy_protocol_server_addr:\$proxy_protocol_server_port\n";
	}
}
CONF
start "$nginx" -p "$PWD" -c nginx.conf -e tmp/error
free_port; front=$port
free_port; told=$port
cat >haproxy.cfg <<CONF
defaults
	mode http
	timeout connect 5s
	timeout client 5s
	timeout server 5s
listen web
	bind 127.0.0.1:$front
	server nginx 127.0.0.1:$web
frontend told
	bind 127.0.0.1:$told accept-proxy
	http-request return status 200 content-type text/plain lf-string "%[src]:%[src_port] %[dst]:%[dst_port]\n"
CONF
start "$haproxy" -f haproxy.cfg
for upstream in "$web" "$front"; do
	relay "127.0.0.1:$upstream"
	for _ in 1 2 3; do
		curl -s "http://$at/page" -o one "http://$at/page" -o other	# the second on the same connection
		cmp one page && cmp other page
		same "curl, $upstream" $? 0
	done
done

# ---- who the client is: the PROXY protocol, to both and in both versions ----
for upstream in "$known" "$told"; do
	for version in v1 v2; do
		relay "127.0.0.1:$upstream" --proxy-protocol $version
		free_port
		same "the client's address, $version" "$(curl -s --local-port "$port" "http://$at/")" "127.0.0.1:$port $at"
	done
done
finish
