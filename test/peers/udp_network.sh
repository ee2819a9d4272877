#!/bin/sh
# UDP messages, multicast, broadcast and path MTU between two network namespaces, with Go, socat and tshark beside hoy.
. "$SOURCE/test/lib.sh"
need unshare nsenter ip go socat tshark
if [ "$1" != inside ]; then
	unshare -n true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -n sh "$SOURCE/test/peers/udp_network.sh" inside
fi
ask=$BUILD/test/oracle_udp
go build -o go_ask "$SOURCE/test/oracle/udp/ask.go" || { bad "go build ask"; finish; }

ip link set lo up
unshare -n sleep 600 &
there=$!
sleep 0.2
far() { nsenter -t $there -n "$@"; }
if ! ip link add near type veth peer name far netns $there; then echo "skipped: no veth interfaces"; exit 77; fi
ip addr add 192.0.2.1/24 dev near
far ip addr add 192.0.2.2/24 dev far
far ip addr add 192.0.2.3/24 dev far
ip addr add 2001:db8::1/64 dev near nodad
far ip addr add 2001:db8::2/64 dev far nodad
ip link set near up
far ip link set lo up
far ip link set far up
for _ in $(seq 50); do ip -6 addr show dev near tentative | grep -q inet6 || break; sleep 0.1; done
nsenter -t $there -n tshark -i far -w captured -q 2>/dev/null &
capture=$!
for _ in $(seq 100); do [ -s captured ] && break; sleep 0.1; done

# The same calls, the same results. Ports differ.
facts() { "$1" facts | sed 's/:[0-9][0-9]*/:PORT/g'; }
same "messages and refusals are Go's" "$(facts "$ask")" "$(facts ./go_ask)"

# waits FILE: until its program says that it listens
waits() {
	for _ in $(seq 100); do [ -s "$1" ] && return; sleep 0.05; done
	bad "$1: not listening"
}

# heard WHAT WANT COMMAND...: what the program in the far network receives when the commands on stdin have run
heard() {
	what=$1 want=$2
	shift 2
	: >out
	far "$@" >out 2>&1 &
	pid=$!
	waits out
	while read -r line; do eval "$line"; done
	wait $pid
	same "$what" "$(sed 1d out)" "$want"
}

for group in 239.1.2.3 ff05::1234; do
	case $group in
	*:*) at="[$group]" from=2001:db8::1 kind=6 to="[$group]" ;;
	*) at=$group from=192.0.2.1 kind=4 to=$group ;;
	esac
	from=$([ $kind = 4 ] && echo $from || ip -6 route get ff05::1234 oif near | sed 's/.* src \([^ ]*\) .*/\1/')
	by=",ip-multicast-if=192.0.2.1"
	[ $kind = 4 ] || by=",setsockopt-int=41:17:$(ip -o link show near | cut -d: -f1)"
	echo "one from $from
two from $from
three from $from" >want
	for listener in "$ask" ./go_ask; do
		heard "$group: $(basename "$listener") listens" "$(cat want)" "$listener" listen far "$at:5000" 3 <<-END
		"$ask" send near "$at:5000" one
		./go_ask send near "$at:5000" two
		printf three | socat -u - "UDP$kind-DATAGRAM:$to:5000$by"
		END
	done
	heard "$group: all fields" "one from $from to $group by far ttl 1" "$ask" watch far "$at:5000" 1 <<-END
	"$ask" send near "$at:5000" one
	END
	# the other way
	join=ip-add-membership=239.1.2.3:192.0.2.2
	[ $kind = 4 ] || join="ipv6-join-group=[ff05::1234]:far"
	nsenter -t $there -n socat -u "UDP$kind-RECV:5001,$join" CREATE:socat_got &
	pid=$!
	for _ in $(seq 100); do far ss -Hulnp | grep -q 5001 && break; sleep 0.05; done
	"$ask" send near "$at:5001" "to socat"
	for _ in $(seq 100); do [ -s socat_got ] && break; sleep 0.05; done
	stop $pid
	same "$group: socat receives" "$(cat socat_got)" "to socat"
	rm -f socat_got
	same "$group: loop" "$("$ask" quiet near "$at:5002")" "at first: 0
looped: 1
left: 0"
done

# of two senders one is heard
: >out
"$ask" watch near 232.1.1.1:5003 2 192.0.2.3 >out 2>&1 &
pid=$!
waits out
for text in a b; do
	for source in 192.0.2.2 192.0.2.3; do
		printf "$text $source" | far socat -u - "UDP4-DATAGRAM:232.1.1.1:5003,bind=$source,ip-multicast-if=192.0.2.2"
	done
done
wait $pid
same "one source" "$(sed 1d out)" "a 192.0.2.3 from 192.0.2.3 to 232.1.1.1 by near ttl 1
b 192.0.2.3 from 192.0.2.3 to 232.1.1.1 by near ttl 1"

# broadcast to the network and to all, received by socat
rm -f socat_got
nsenter -t $there -n socat -u UDP4-RECV:5004 CREATE:socat_got &
pid=$!
for _ in $(seq 100); do far ss -Hulnp | grep -q 5004 && break; sleep 0.05; done
"$ask" broadcast 192.0.2.255:5004 "to the network, "
ip route add default dev near
"$ask" broadcast 255.255.255.255:5004 "to all"
for _ in $(seq 100); do grep -q all socat_got 2>/dev/null && break; sleep 0.05; done
stop $pid
same "broadcast" "$(cat socat_got)" "to the network, to all"

# the reply to a broadcast has the server's own address
for network in udp4 udp; do
	: >talk
	nsenter -t $there -n "$HOY" serve echo $network :5007 2>talk &
	pid=$!
	waits talk
	for address in 192.0.2.255 255.255.255.255 192.0.2.3; do
		same "$network, a reply to $address" "$(printf hello | socat -T1 - "UDP4-DATAGRAM:$address:5007,broadcast")" hello
	done
	[ $network = udp4 ] || same "$network, a reply between link-local addresses" \
		"$(printf hello | socat -T1 - "UDP6:[$(far ip -6 -o addr show dev far scope link | sed 's/.*inet6 \([^/]*\).*/\1/')%near]:5007")" hello
	stop $pid
done

# many datagrams in one message, whatever the path takes: the MTU is 1500, then 1280
nsenter -t $there -n socat -u UDP6-RECV:5009,ipv6only=0 /dev/null &
sink=$!
for mtu in 1500 1280; do
	ip link set near mtu $mtu
	far ip link set far mtu $mtu
	for gro in "" gro; do
		for segment in 64 1232 1400 3000; do
			heard "MTU $mtu, segments of $segment, $gro" \
				"$(((12000 + segment - 1) / segment)) datagrams of up to $segment bytes" \
				"$ask" count 192.0.2.2:5005 12000 $gro <<-END
			"$ask" series 192.0.2.2:5005 12000 $segment
			END
		done
	done
	same "MTU $mtu" "$("$ask" mtu 192.0.2.2:5009 2000)" "mtu $mtu
fragmented: 2000
not: message too long
shorter: $((mtu - 48))"
	same "MTU $mtu, IPv6" "$("$ask" mtu "[2001:db8::2]:5009" 2000)" "mtu $mtu
fragmented: 2000
not: message too long
shorter: $((mtu - 48))"
done

stop $sink
sleep 0.5
kill $capture
wait $capture 2>/dev/null
kill $there
packets=$(tshark -r captured -Y udp 2>/dev/null | wc -l)
[ "$packets" -gt 50 ] || bad "only $packets packets of UDP captured"
same "no malformed packet" "$(tshark -r captured -Y '_ws.malformed || udp.length.bad' 2>/dev/null)" ""
finish
