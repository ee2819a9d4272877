#!/bin/sh
# hoy iface beside ip(8) and Go's net, in a network of its own with interfaces of several kinds. An interface that was
# just made gets its addresses, groups and flags a little later, hence each comparison is tried until it settles.
. "$SOURCE/test/lib.sh"
need unshare ip jq go python3
if [ "$1" != inside ]; then
	unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	compile Interfaces
	exec unshare -nm sh "$SOURCE/test/peers/iface.sh" inside
fi

# settles WHAT FILE COMMAND...: the command prints what is in the file, which ours fills
settles() {
	what=$1 theirs=$2
	for _ in $(seq 60); do
		$theirs >want 2>&1; ours >got 2>&1
		cmp -s want got && break
		sleep 0.1
	done
	same "$what" "$(cat got)" "$(cat want)"
}

hoy_json() { "$HOY" iface --json "$@" | jq -c 'select(.type == "interface")'; }

# One line for each fact, as test/go/Interfaces.go writes them. Go 1.19 has no flag for what is running.
as_go() {
	jq -r '.index as $i | "\(.index) \(.name) \(.mtu_bytes) \(.flags - ["running"] | if . == [] then "0" else join("|") end) \(.hardware // "")",
		(.addresses[] | "\($i) address \(.)"), (.groups[] | "\($i) group \(.)")'
}

beside_go() {
	ours() { hoy_json | as_go; }
	settles "$1, beside Go" ./go_Interfaces
}

# ip has no flag for what is running, and shows the address of loopback, which is zero.
ip_addr() {
	ip -j addr | jq -c '.[] | select(.ifindex) | [.ifindex, .ifname, .mtu, ([.flags[] | ascii_downcase |
		if . == "pointopoint" then "pointtopoint" else . end |
		select(IN("up", "broadcast", "loopback", "pointtopoint", "multicast"))] | sort),
		(.address // "" | select(. != "00:00:00:00:00:00") // ""), ([.addr_info[] | select(.local) | "\(.local)/\(.prefixlen)"] | sort)]'
}
ip_maddr() {
	ip -j maddr | jq -c '.[] | [.ifindex, ([.maddr[] | select(.family == "inet" or .family == "inet6") | .address] | sort)] | select(.[1] != [])'
}
# IFF_RUNNING by SIOCGIFFLAGS
running() {
	python3 -c 'import fcntl, socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for index, name in sorted(socket.if_nameindex()):
    if struct.unpack_from("16xH", fcntl.ioctl(s, 0x8913, struct.pack("256s", name.encode())))[0] & 0x40:
        print(name)'
}
beside_ip() {
	ours() { hoy_json | jq -c '[.index, .name, .mtu_bytes, (.flags - ["running"] | sort), .hardware // "", (.addresses | sort)]'; }
	settles "$1, beside ip addr" ip_addr
	ours() { hoy_json | jq -c '[.index, (.groups | sort)] | select(.[1] != [])'; }
	settles "$1, beside ip maddr" ip_maddr
	ours() { hoy_json | jq -r 'select(.flags | index("running")) | .name'; }
	settles "$1, what is running" running
}

# make ARGUMENTS...: ip link add; not every kernel has every kind
make() { ip link add "$@" 2>/dev/null || echo "this kernel makes no such interface: $*"; }

both() {
	beside_go "$1"
	beside_ip "$1"
}

both "nothing but loopback, which is down"
same "its flags" "$(hoy_json lo | jq -c .flags)" '["loopback"]'
ip link set lo up
both "loopback"
ip link add here address 02:00:5e:10:00:01 mtu 1400 type veth peer name there
ip addr add 192.0.2.1/24 dev here
ip addr add 192.0.2.65/26 dev here
ip addr add 2001:db8::1/64 nodad dev here
ip addr add 10.0.0.1 peer 10.0.0.2/32 dev there
both "a pair that is down"
ip link set here up
ip link set there up
both "a pair"
make silent type dummy
make bridge type bridge
make tagged link here type vlan id 7
make point type ipip local 192.0.2.1 remote 192.0.2.2
ip link set silent mtu 9000 up 2>/dev/null
ip link set bridge up 2>/dev/null
ip link set tagged up 2>/dev/null
ip addr add 198.51.100.1/30 dev tagged 2>/dev/null
ip maddr add 239.1.2.3 dev here 2>/dev/null
both "several kinds"
index=$(ip -j link show here | jq '.[0].ifindex')
same "by name" "$(hoy_json here | as_go)" "$(./go_Interfaces | grep "^$index ")"
same "by index" "$(hoy_json "$index" | jq -r .name)" here
ip link add name 1 type veth peer name other
same "an interface whose name is a number" "$(hoy_json 1 | jq -r .name)" 1
ip link del other
same "that index again" "$(hoy_json 1 | jq -r .name)" lo
for i in $(seq 60); do echo "link add name m$i type veth peer name n$i"; echo "addr add 10.9.$i.1/24 dev m$i"; done | ip -batch - >/dev/null
both "more than one message of the kernel holds"
unshare -n "$HOY" iface >out
same "another network" "$(head -n 1 out; grep -c '^[0-9]' out)" "1: lo: loopback, mtu 65536
1"
finish
