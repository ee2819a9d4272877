#!/bin/sh
# What goes wrong with Unix sockets, in Go's words and in hoy's.
. "$SOURCE/test/lib.sh"
need go socat
compile UnixErrors

: >file
socat UNIX-LISTEN:stream.sock,fork /dev/null & stream=$!
socat UNIX-LISTEN:packets.sock,type=5,fork /dev/null & packets=$!
socat -u UNIX-RECV:datagrams.sock /dev/null & datagrams=$!
socat UNIX-LISTEN:stale.sock /dev/null & stale=$!
for _ in $(seq 200); do
	[ -S stream.sock ] && [ -S packets.sock ] && [ -S datagrams.sock ] && [ -S stale.sock ] && break
	sleep 0.05
done
kill -KILL $stale

# hoy VERB... NETWORK ADDRESS: the sentence
hoy() {
	verb=$1
	"$HOY" "$@" 2>&1 </dev/null | sed -n "1s/^hoy $verb: //p"
}

while read -r op network address; do
	case $op in
	dial) said=$(hoy daytime "$network" "$address") ;;
	*) said=$(hoy serve echo "$network" "$address") ;;
	esac
	want=$(./go_UnixErrors "$op" "$network" "$address")
	same "$op $network $address" "$said" "$want"
	like "$op $network $address" "$want" "^[a-z]+ $network"
done <<TABLE
dial unix no.sock
dial unix no/no.sock
dial unix file
dial unix file/no.sock
dial unix stale.sock
dial unix packets.sock
dial unix datagrams.sock
dial unixpacket stream.sock
dial unix @hoy-nobody-$$
dial unix $(printf '%0107d' 0)
dial unix $(printf '%0108d' 0)
dial unix $(printf '%0200d' 0)
dial unix @$(printf '%0108d' 0)
listen unix stream.sock
listen unix file
listen unix no/x.sock
listen unix file/x.sock
listen unix /
listen unixpacket packets.sock
listen unix $(printf '%0108d' 0)
listen unixpacket $(printf '%0200d' 0)
packet unixgram datagrams.sock
packet unixgram no/x.sock
packet unixgram $(printf '%0108d' 0)
TABLE
kill $stream $packets $datagrams
finish
