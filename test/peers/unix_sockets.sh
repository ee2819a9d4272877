#!/bin/sh
# Unix sockets with programs that others wrote: socat of every kind in both roles, ncat, and curl and nginx over a path.
. "$SOURCE/test/lib.sh"
need socat ncat curl ss
export LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu"
nginx=$(peer sbin/nginx)

# await PATH: until the socket is there; @NAME: in the abstract namespace
await() {
	for _ in $(seq 200); do
		ss -Hxl | grep -qF " $1 " && return
		sleep 0.05
	done
	bad "nobody listens at $1"
	finish
}
# background COMMAND...: sets pid
background() {
	"$@" 2>>background.err &
	pid=$!
}

# ---- hoy serves: streams, sequences of messages, abstract names ----
for address in stream.sock @hoy-peers-$$; do
	background "$HOY" serve echo unix $address
	await $address
	case $address in
	@*) client=ABSTRACT-CONNECT:${address#@} ;;
	*) client=UNIX-CONNECT:$address ;;
	esac
	head -c 3000000 /dev/urandom >data
	socat -t 10 - "$client" <data >back
	same "socat, unix $address" "$(cmp data back && echo same)" same
	[ $address = stream.sock ] && same "ncat" "$(printf hello | ncat -U stream.sock)" hello
	kill $pid
done

background "$HOY" serve echo unixpacket packets.sock
await packets.sock
same "socat, unixpacket" "$(printf 'a message' | socat -t 5 - UNIX-CONNECT:packets.sock,type=5)" "a message"
kill $pid

background "$HOY" serve echo unixgram datagrams.sock
for _ in $(seq 200); do [ -S datagrams.sock ] && break; sleep 0.05; done
same "socat, unixgram" "$(printf 'a datagram' | socat -T 0.5 - UNIX-SENDTO:datagrams.sock,bind=mine.sock)" "a datagram"
kill $pid
rm -f mine.sock

# ---- socat serves ----
background socat UNIX-LISTEN:theirs.sock,fork SYSTEM:date
await theirs.sock
like "hoy daytime, unix" "$("$HOY" daytime unix theirs.sock)" "$(date +%Y)"
stop $pid
rm -f theirs.sock
background socat ABSTRACT-LISTEN:theirs-$$,fork SYSTEM:date
await @theirs-$$
like "hoy daytime, an abstract name" "$("$HOY" daytime unix @theirs-$$)" "$(date +%Y)"
stop $pid
background socat UNIX-LISTEN:theirs.sock,type=5,fork SYSTEM:date
await theirs.sock
like "hoy daytime, unixpacket" "$("$HOY" daytime unixpacket theirs.sock)" "$(date +%Y)"
stop $pid
rm -f theirs.sock
background socat UNIX-RECVFROM:theirs.sock,fork SYSTEM:date
for _ in $(seq 200); do [ -S theirs.sock ] && break; sleep 0.05; done
like "hoy daytime, unixgram" "$("$HOY" daytime unixgram theirs.sock)" "$(date +%Y)"
stop $pid
rm -f theirs.sock
background ncat -lkU theirs.sock -c date
await theirs.sock
like "hoy daytime, a server of ncat's" "$("$HOY" daytime unix theirs.sock)" "$(date +%Y)"
kill $pid

# ---- the web over a path: curl, hoy, nginx ----
mkdir -p tmp
cat >nginx.conf <<CONF
daemon off; master_process off; pid tmp/pid; error_log tmp/error;
events {}
http {
	access_log off; client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
	server { listen unix:$PWD/nginx.sock; root $PWD; }
}
CONF
background "$nginx" -p "$PWD" -c nginx.conf -e tmp/error
server=$pid
await "$PWD/nginx.sock"
background "$HOY" relay unix web.sock unix nginx.sock
await web.sock
curl -s --unix-socket web.sock http://hoy/data | cmp - data
same "curl --unix-socket, hoy, nginx at a path" $? 0
seq 40 >many
for _ in $(seq 40); do printf 'url = "http://hoy/many"\n'; done >urls
same "40 at once" "$(curl -s -Z --unix-socket web.sock -K urls | wc -l)" 1600
kill $pid $server
finish
