#!/bin/sh
# Raw IP in a network of its own: beside Go in both roles, with socat, and as the one that answers Debian's ping and fping.
# What hoy sends, as tshark reads it.
. "$SOURCE/test/lib.sh"
need unshare ip go socat ping fping tshark setpriv
if [ "$1" != inside ]; then
	unshare -n true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -n sh "$SOURCE/test/peers/raw_ip.sh" inside
fi
c=$BUILD/test/oracle_raw
go build -o go_ask "$SOURCE/test/oracle/raw/ask.go" || { bad "go build ask"; finish; }
ip link set lo up
tshark -i lo -w captured -q 2>/dev/null &
capture=$!
for _ in $(seq 100); do [ -s captured ] && break; sleep 0.1; done

# what becomes of a dial, a listen and a name; Go has no hint
while read -r op network address; do
	same "$op $network $address" "$("$c" try "$op" "$network" "$address")" "$(./go_ask try "$op" "$network" "$address")"
	hoy=$(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all "$c" try "$op" "$network" "$address")
	theirs=$(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all ./go_ask try "$op" "$network" "$address")
	same "$op $network $address by nobody" "$(echo "$hoy" | sed 's/ (a raw socket needs the capability CAP_NET_RAW)$//')" "$theirs"
	case $theirs in
	*permitted) like "$op $network: the hint" "$hoy" 'permitted \(a raw socket needs the capability CAP_NET_RAW\)$' ;;
	esac
done <<'END'
dial ip4:icmp 127.0.0.1
dial ip4:1 127.0.0.1
dial ip4:ICMP 127.0.0.1
dial ip4:icmp 0.0.0.0
dial ip:icmp 127.0.0.1
dial ip6:ipv6-icmp ::1
dial ip6:58 ::1
dial ip:58 ::1
dial ip6:58 ::
dial ip4 127.0.0.1
dial ip 127.0.0.1
dial ip5:icmp 127.0.0.1
dial tcp:icmp 127.0.0.1
dial ip4: 127.0.0.1
dial ip4:nosuch 127.0.0.1
dial ip4:256 127.0.0.1
dial ip4:999999999 127.0.0.1
dial ip4:-1 127.0.0.1
dial ip4:icmp ::1
dial ip6:58 127.0.0.1
dial ip4:icmp 127.0.0.1:80
dial ip4:icmp [::1]
dial ip4:icmp 192.0.2.1
packet ip4:icmp 127.0.0.1
packet ip4:icmp 0.0.0.0
packet ip4:253 127.0.0.2
packet ip6:ipv6-icmp ::1
packet ip6:58 ::
packet ip:icmp 127.0.0.1
packet ip:icmp ::1
packet ip:icmp 0.0.0.0
packet ip4 127.0.0.1
packet ip4:nosuch 127.0.0.1
packet ip6:58 127.0.0.1
packet ip4:icmp 192.0.2.1
packet ip6:58 2001:db8::1
listen ip4:icmp 127.0.0.1
listen ip4 127.0.0.1
listen ip4:nosuch 127.0.0.1
END
same "dial nowhere" "$("$c" try dial ip4:icmp "")" "$(./go_ask try dial ip4:icmp "")"
same "listen anywhere" "$("$c" try packet ip4:icmp "")" "$(./go_ask try packet ip4:icmp "")"

# the identification and the checksum of an IPv4 header are always other ones
plain() { sed -E 's/^([0-9]+ 45.{6}).{4}(.{8}).{4}/\1IIII\2SSSS/'; }

# received WHO NETWORK ADDRESS HOW ROOM: what it receives while the command on stdin runs
received() {
	: >out
	who=$1
	shift
	"$who" receive "$@" >out &
	pid=$!
	for _ in $(seq 200); do [ -s out ] && break; sleep 0.05; done
	sh >/dev/null 2>sending
	wait $pid
	cat sending
	sed 1d out | plain
}

# every receiver and sender, every way to read: the same bytes. Rooms from 20 bytes more than the payload on.
for kind in 4 6; do
	from=127.0.0.2 to=127.0.0.1
	[ $kind = 4 ] || from=::1 to=::1
	for how in read from msg; do
		for room in 100 33; do
			want=$(echo "./go_ask dial ip$kind:253 $from $to 'thirteen byte'" | received ./go_ask ip$kind:253 $to $how $room)
			like "Go's, $how ip$kind" "$want" '^[0-9]+ [0-9a-fIS]*746869727465656e2062797465 '
			for sender in "$c" ./go_ask; do
				for way in dial send; do
					same "$how ip$kind into $room, $way by $(basename $sender)" \
						"$(echo "$sender $way ip$kind:253 $from $to 'thirteen byte'" | received "$c" ip$kind:253 $to $how $room)" "$want"
				done
			done
		done
	done
	same "Go reads what hoy sends" "$(echo "$c dial ip$kind:253 $from $to 'thirteen byte'" | received ./go_ask ip$kind:253 $to msg 100)" \
		"$(echo "$c dial ip$kind:253 $from $to 'thirteen byte'" | received "$c" ip$kind:253 $to msg 100)"
	# where the room is as long as the payload, Go loses the end
	payload=746869727465656e2062797465
	same "into the payload's length, ip$kind" "$(echo "$c dial ip$kind:253 $from $to 'thirteen byte'" | received "$c" ip$kind:253 $to from 13)" \
		"13 $payload $from"

	# socat both ways; its IP4-RECV takes the header off
	at=$to
	[ $kind = 4 ] || at="[$to]"
	same "from socat, ip$kind" "$(echo "printf 'thirteen byte' | socat -u - IP$kind-SENDTO:$at:253" | received "$c" ip$kind:253 $to from 100)" \
		"13 $payload $to"
	socat -u -T 2 IP$kind-RECV:254 - >heard$kind &
	pid=$!
	for _ in $(seq 100); do [ -s heard$kind ] && break; "$c" send ip$kind:254 $from $to 'thirteen byte'; sleep 0.1; done
	stop $pid
	same "to socat, ip$kind" "$(head -c 13 heard$kind)" "thirteen byte"
done

# The kernel is silent: every reply is hoy's. With -w ping goes on until it has as many replies; without it waits for the
# last one no longer than twice the longest time so far. fping waits for each as long as its interval is, if not told otherwise.
echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all
echo 1 >/proc/sys/net/ipv6/icmp/echo_ignore_all
like "silence" "$(ping -c 1 -W 1 127.0.0.1)" ' 0 received'
"$c" answer ip4:icmp 127.0.0.1 >four &
four=$!
"$c" answer ip6:ipv6-icmp ::1 >six &
six=$!
for _ in $(seq 100); do [ -s four ] && [ -s six ] && break; sleep 0.05; done
for host in 127.0.0.1 ::1; do
	for size in 0 1 16 56 1400 20000 65507; do
		[ $host = ::1 ] && [ $size = 65507 ] && size=65487
		like "ping $host, $size bytes" "$(ping -c 3 -i 0.01 -s $size -w 10 $host)" ' [34] received, 0% packet loss'
	done
	like "ping $host, 1000 requests" "$(ping -qc 1000 -i 0.001 -w 20 $host)" ' 1000 received'
	like "fping $host" "$(fping -c 20 -p 10 -t 2000 -q $host 2>&1)" 'xmt/rcv/%loss = 20/20/0%'
	like "hoy ping $host" "$("$HOY" ping -c 20 -i 10ms $host)" ' 20 received'
done
same "the guide's bytes" "$("$HOY" ping --bytes 127.0.0.1 | head -2)" "Message sent:     8 0 247 205 0 13 0 37
Message received: 0 0 255 205 0 13 0 37"
echo '0 65535' >/proc/sys/net/ipv4/ping_group_range
same "the guide's bytes by nobody" "$(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all "$HOY" ping --bytes 127.0.0.1 | head -2)" \
	"Message sent:     8 0 247 205 0 13 0 37
Message received: 0 0 255 205 0 13 0 37"
stop $four
stop $six

sleep 0.5
kill -INT $capture
wait $capture 2>/dev/null
like "ICMP was captured" "$(tshark -n -r captured -Y 'icmp.type == 0 || icmpv6.type == 129' 2>/dev/null | wc -l)" '^[0-9]{4,}$'
same "malformed, or with a wrong checksum" "$(tshark -n -r captured -o icmp.check_checksum:TRUE -o icmpv6.check_checksum:TRUE \
	-Y '(icmp || icmpv6) && (_ws.malformed || icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad")' 2>/dev/null | head -5)" ""
finish
