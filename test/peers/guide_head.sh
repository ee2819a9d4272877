#!/bin/sh
# The guide's header clients, in C and in Go, against nginx and socat: the same output.
. "$SOURCE/test/lib.sh"
need go socat ss
compile GetHeadInfo IPGetHeadInfo
nginx=$PEERS/usr/sbin/nginx
[ -x "$nginx" ] || nginx=$(command -v nginx) || { echo "skipped: nginx is missing"; exit 77; }

no_date() { grep -v '^Date:'; }

# ask WHAT: every client sees what Go's sees
ask() {
	want=$(./go_GetHeadInfo 127.0.0.1:$port | no_date)
	like "$1" "$want" '^HTTP/1\.[01] 200 OK'
	same "$1, Go by Dial" "$(./go_IPGetHeadInfo 127.0.0.1:$port | no_date)" "$want"
	same "$1, C" "$("$EXAMPLES/GetHeadInfo" 127.0.0.1:$port | no_date)" "$want"
	same "$1, C by Dial" "$("$EXAMPLES/IPGetHeadInfo" 127.0.0.1:$port | no_date)" "$want"
	same "$1, hoy head" "$("$HOY" head 127.0.0.1:$port 2>took | no_date)" "$want"
	like "$1, times" "$(cat took)" '^hoy head: connected after .*, first byte after .*, all after '
}

printf 'HTTP/1.0 200 OK\r\nServer: socat\r\nContent-Length: 0\r\n\r\n' >answer
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'head -n2 >/dev/null; cat answer'
ask socat
stop $pid

start_nginx() {
	free_port
	mkdir -p site tmp
	echo hello >site/index.html
	cat >nginx.conf <<-CONF
		daemon off; master_process off; pid tmp/pid; error_log tmp/error;
		events { worker_connections 64; }
		http {
			access_log off; client_body_temp_path tmp/a; proxy_temp_path tmp/b;
			fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
			server { listen 127.0.0.1:$port; root $PWD/site; }
		}
	CONF
	start "$nginx" -p "$PWD" -c nginx.conf -e tmp/error
}
start_nginx
ask nginx
stop $pid

# what they say when it does not work
for client in GetHeadInfo IPGetHeadInfo; do
	same "$client, nobody there" "$(told "$EXAMPLES/$client" 127.0.0.1:$port)" \
		"$(told ./go_$client 127.0.0.1:$port)"
	same "$client, no port" "$(told "$EXAMPLES/$client" 127.0.0.1)" "$(told ./go_$client 127.0.0.1)"
	same "$client, usage" "$("$EXAMPLES/$client" 2>&1 >/dev/null)" \
		"Usage: $EXAMPLES/$client host:port"
	"$EXAMPLES/$client" 2>/dev/null
	same "$client, usage, exit code" $? 1
done
finish
