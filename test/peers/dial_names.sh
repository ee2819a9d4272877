#!/bin/sh
# The guide's client in C and in Go, given the same names, in a network of their own: the
# same replies, the same words when it fails. There are addresses that refuse, that no
# route leads to, and that swallow whatever is sent to them.
. "$SOURCE/test/lib.sh"
need go socat unshare ip python3
if [ "$1" != inside ]; then
	unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	compile IPGetHeadInfo
	exec unshare -nm sh "$SOURCE/test/peers/dial_names.sh" inside
fi

ip link set lo up
ip link add here type veth peer name nowhere
ip address add 192.0.2.1/24 dev here
ip address add 2001:db8::1/64 dev here nodad
ip link set here up
ip link set nowhere up
ip neighbour add 192.0.2.77 lladdr 02:00:00:00:00:77 dev here
ip neighbour add 2001:db8::77 lladdr 02:00:00:00:00:77 dev here
ip route add unreachable 198.51.100.1
ip route add prohibit 198.51.100.2
ip route add blackhole 198.51.100.3

printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n192.0.2.1 filed.example\n' >hosts
printf 'hosts: files dns\n' >nsswitch.conf
for file in resolv.conf hosts nsswitch.conf; do
	[ -e /etc/$file ] || continue	# nothing to hide
	mount --bind $file /etc/$file
done
cat >nameserver.py <<'PYTHON'
import ipaddress, socket
known = {
	"web.example": ["192.0.2.1"], "six.example": ["2001:db8::1"],
	"silent-six.example": ["2001:db8::77", "192.0.2.1"], "closed-six.example": ["2001:db8::1", "192.0.2.1"],
	"silent-four.example": ["192.0.2.77", "192.0.2.1"], "far.example": ["203.0.113.1"], "none.example": [],
	"unreachable.example": ["198.51.100.1"], "prohibit.example": ["198.51.100.2"],
	"blackhole.example": ["198.51.100.3"], "detour.example": ["198.51.100.1", "192.0.2.1"],
}
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
open("ready", "w").close()
while True:
	query, peer = s.recvfrom(2048)
	labels, at = [], 12
	while query[at]:
		labels.append(query[at + 1:at + 1 + query[at]].decode())
		at += 1 + query[at]
	name, kind, end = ".".join(labels).lower(), int.from_bytes(query[at + 1:at + 3], "big"), at + 5
	rcode = 2 if name == "broken.example" else 0 if name in known else 3
	data = [a.packed for a in map(ipaddress.ip_address, known.get(name, [])) if kind == (1 if a.version == 4 else 28)]
	answers = b"".join(b"\xc0\x0c" + query[at + 1:end] + b"\0\0\0\x3c" + len(d).to_bytes(2, "big") + d for d in data)
	s.sendto(query[:2] + bytes([0x81, 0x80 | rcode, 0, 1, 0, len(data), 0, 0, 0, 0]) + query[12:end] + answers, peer)
PYTHON
python3 nameserver.py &
socat TCP4-LISTEN:80,fork,reuseaddr SYSTEM:'read -r one; read -r two; echo served over IPv4' &
socat TCP6-LISTEN:81,ipv6-v6only=1,fork,reuseaddr SYSTEM:'read -r one; read -r two; echo served over IPv6' &
for _ in $(seq 100); do [ -e ready ] && break; sleep 0.05; done
for _ in $(seq 100); do [ "$(ss -Hltn | wc -l)" -ge 2 ] && break; sleep 0.05; done

in_c() { told "$EXAMPLES/IPGetHeadInfo" "$1"; }
# Go ends no line of its own after an error
in_go() { told env GODEBUG=netdns=go ./go_IPGetHeadInfo "$1"; }
both() { same "$1" "$(in_c "$1")" "$(in_go "$1" | sed 's/^\(Fatal error: .*[^0-9]\)\([0-9]\)$/\1\n\2/')"; }

# newer Go than 1.19, and hoy, say "lookup tcp/nosuch: unknown port" and "lookup x.onion: no such host"
for address in web.example:80 web.example:81 web.example:http six.example:81 six.example:80 localhost:80 localhost:81 \
	filed.example:80 WEB.example.:80 no.such.host:80 none.example:80 broken.example:80 far.example:80 \
	unreachable.example:80 prohibit.example:80 blackhole.example:80 detour.example:80 detour.example:81 \
	closed-six.example:80 closed-six.example:82 web.example:70000 web.example "no good:80" ""; do
	both "$address"
done

# within LABEL MILLISECONDS COMMAND...: it answered, neither sooner nor much later
within() {
	what=$1 least=$2
	shift 2
	began=$(date +%s%N)
	same "$what: answer" "$("$@")" "served over IPv4
0"
	took=$((($(date +%s%N) - began) / 1000000))
	same "$what: not before $least ms, and soon ($took)" "$((took >= least && took < least + 1500))" 1
}
within "a silent IPv6 address, C" 250 in_c silent-six.example:80
within "a silent IPv6 address, Go" 300 in_go silent-six.example:80
# two of one family: hoy goes on to the next, where Go's lane waits for the kernel to give up
within "a silent IPv4 address, C" 250 in_c silent-four.example:80
finish
