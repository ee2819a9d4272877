#!/bin/sh
# Names in other letters beside dig, which has libidn2 too: a server sees the same question. And every verb that takes a host.
. "$SOURCE/test/lib.sh"
need dig ss jq unshare ip socat
"$HOY" lookup ü @127.0.0.1:9 2>&1 | grep -q 'without libidn2' && { echo "skipped: this command has no libidn2"; exit 77; }
if [ "$1" != inside ]; then
	unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -nm sh "$SOURCE/test/peers/idn.sh" inside
fi
ip link set lo up
printf '127.0.0.1 localhost xn--bcher-kva.example\n' >hosts
mount --bind hosts /etc/hosts || { bad "mount over /etc/hosts"; finish; }
echo '. 60 SOA ns. h. 1 2 3 4 5' >zone
start "$HOY" serve dns zone 127.0.0.1:0 --json >asked 2>/dev/null

# The server logs each name: first dig's, then hoy's.
while read -r name; do
	: >asked
	LC_ALL=C.UTF-8 dig +idnin +short +time=2 +tries=1 @127.0.0.1 -p $port "$name" A >/dev/null 2>&1
	"$HOY" lookup --raw a "$name" @127.0.0.1:$port >/dev/null 2>&1
	same "$name" "$(jq -r 'select(.type == "query") | .name' <asked | uniq -c | awk '{ print $1 }')" 2
done <<'TABLE'
bücher.example
BÜCHER.example
Straße.example
ελλάδα.gr
Ελλάδα.gr
日本語.jp
россия.рф
_sip._tcp.bücher.example
www.他们为什么不说中文.example
é.example
TABLE
stop $pid

start "$HOY" serve daytime 127.0.0.1:0 2>/dev/null; daytime=$port
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo=$port
printf 'HTTP/1.0 200 OK\r\n\r\n' >answer
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'head -n3 >request; cat answer'
same "daytime" "$("$HOY" daytime bücher.example:$daytime | wc -l)" 1
same "echo" "$("$HOY" echo bücher.example:$echo hello)" hello
same "head" "$("$HOY" head http://bücher.example:$port/ 2>/dev/null | head -n 1 | tr -d '\r')" "HTTP/1.0 200 OK"
same "and the header that it sends" "$(sed -n 2p request | tr -d '\r')" "Host: xn--bcher-kva.example:$port"
same "resolve" "$("$HOY" resolve bücher.example:80)" 127.0.0.1:80
same "ping" "$("$HOY" ping tcp -c 1 bücher.example:$echo >/dev/null 2>&1; echo $?)" 0
start "$HOY" relay 127.0.0.1:0 bücher.example:$echo 2>/dev/null
same "relay" "$("$HOY" echo 127.0.0.1:$port hello)" hello
start "$HOY" serve echo bücher.example:0 2>/dev/null
same "serve" "$("$HOY" echo 127.0.0.1:$port hello)" hello
"$HOY" help connect >/dev/null 2>&1 && same "connect" "$(echo hello | "$HOY" connect bücher.example:$echo)" hello
finish
