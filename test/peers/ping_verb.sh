#!/bin/sh
# hoy ping beside Debian's ping and fping, over a router of a network of their own: the same replies, losses, duplicates
# and errors. Its TCP and DNS probes against real servers.
. "$SOURCE/test/lib.sh"
need ping fping nft nginx socat ss unshare nsenter ip jq nsd unbound dnsmasq
if [ "$1" != inside ]; then
	unshare -n true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -n sh "$SOURCE/test/peers/ping_verb.sh" inside
fi

# here 10.9.1.1 -- 10.9.1.2 router 10.9.2.2 -- 10.9.2.1 server, and the same of IPv6
own=$(readlink /proc/self/ns/net)
# network: a further one, that of the process $network
network() {
	unshare -n sleep 1000 &
	network=$!
	until [ "$(readlink /proc/$network/ns/net)" != "$own" ] && [ "$(cat /proc/$network/comm)" = sleep ]; do sleep 0.02; done
	nsenter -t $network -n ip link set lo up
}
network; router=$network
network; server=$network
at_router() { nsenter -t "$router" -n "$@"; }
at_server() { nsenter -t "$server" -n "$@"; }
ip link set lo up
ip link add here type veth peer name west netns "$router"
at_router ip link add east type veth peer name there netns "$server"
ip address add 10.9.1.1/24 dev here; ip address add fd09:1::1/64 dev here nodad
at_router ip address add 10.9.1.2/24 dev west; at_router ip address add fd09:1::2/64 dev west nodad
at_router ip address add 10.9.2.2/24 dev east; at_router ip address add fd09:2::2/64 dev east nodad
for address in 1 4 5; do at_server ip address add 10.9.2.$address/24 dev there; done
at_server ip address add fd09:2::1/64 dev there nodad
ip link set here up; at_router ip link set west up; at_router ip link set east up; at_server ip link set there up
ip route add default via 10.9.1.2; ip -6 route add default via fd09:1::2
at_server ip route add default via 10.9.2.2; at_server ip -6 route add default via fd09:2::2
at_router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
# errors at once, and as many as are wanted
at_router sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
at_server sh -c 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'
for _ in $(seq 100); do ping -qc 1 -W 1 10.9.2.1 >/dev/null && ping -qc 1 -W 1 fd09:2::1 >/dev/null && break; sleep 0.05; done

json() { jq -c "$@" out; }
hoy_ping() { "$HOY" ping "$@" >out 2>err; code=$?; }
counts() { sed -nE 's/.* ([0-9]+) received.*, ([0-9.]+%) packet loss.*/\1 \2/p' "$1"; }

# the same hosts: as many replies from as far away, in times of the same magnitude
for host in 127.0.0.1 10.9.1.1 10.9.1.2 10.9.2.1 fd09:2::1; do
	ping -c 20 -i 0.01 $host >theirs
	hoy_ping -c 20 -i 10ms $host
	same "$host" "$code $(counts out)" "0 $(counts theirs)"
	same "$host: ttl" "$(sed -n 's/.* \(ttl=[0-9]*\).*/\1/p' out | uniq -c)" "$(sed -n 's/.* \(ttl=[0-9]*\).*/\1/p' theirs | uniq -c)"
	least() { sed -n 's/^rtt .* = \([0-9.]*\).*/\1/p' "$1"; }
	same "$host: times $(least out) and $(least theirs) ms" \
		"$(echo "$(least out) $(least theirs)" | awk '{ print $1 < 10 * $2 + 0.1 && $2 < 10 * $1 + 0.1 }')" 1
done
fping -qc 10 -p 10 10.9.2.1 10.9.2.4 10.9.2.5 >/dev/null 2>theirs
hoy_ping -c 10 -i 10ms 10.9.2.1 10.9.2.4 10.9.2.5 --json
same "several, beside fping" "$(json 'select(.type == "statistics") | [.target, .sent, .received]' | tr -d '[]"' | tr ',' ' ')" \
	"$(sed -E 's/^([0-9.]+) +: xmt.rcv.%loss = ([0-9]+).([0-9]+).0%.*/\1 \2 \3/' theirs)"

# a network: its hosts that are there
fping -aqg -r 0 -t 300 10.9.2.0/29 2>/dev/null >theirs
hoy_ping 10.9.2.0/29 -t 300ms
same "a network" "$code $(sed -n 's/.*from \(.*\): seq.*/\1/p' out | sort | tr '\n' ' ')" "5 $(sort theirs | tr '\n' ' ')"
same "a network: how many" "$(tail -n 1 out)" "10.9.2.0/29: 4 of 6 addresses replied"

# losses. rules TEXT: of the server's firewall, for what comes in
rules() {
	at_server nft flush ruleset
	[ -z "$1" ] || at_server nft "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c $1"
}
rules 'icmp type echo-request numgen inc mod 4 0 drop'
ping -c 40 -i 0.01 -W 1 10.9.2.1 >theirs
rules 'icmp type echo-request numgen inc mod 4 0 drop'
hoy_ping -c 40 -i 10ms -t 300ms 10.9.2.1
same "each fourth is lost" "$code $(counts out)" "0 $(counts theirs)"
same "each fourth is lost: its lines" "$(grep -c '^no reply' out)" 10
rules 'icmp type echo-request numgen random mod 100 < 30 drop'
ping -qc 300 -i 0.004 -W 1 10.9.2.1 >theirs
hoy_ping -qc 300 -i 4ms -t 300ms 10.9.2.1
like "three of ten are lost at random, says ping" "$(counts theirs)" ' (2[0-9]|3[0-9]|40)(\.[0-9]+)?%$'
like "three of ten are lost at random" "$(counts out)" ' (2[0-9]|3[0-9]|40)(\.[0-9]+)?%$'
rules 'icmp type echo-request drop'
ping -c 2 -i 0.1 -W 1 10.9.2.1 >/dev/null
same "all are lost" "$(hoy_ping -c 2 -i 10ms -t 200ms 10.9.2.1; echo $code)" $?
rules ''

# duplicates
at_router nft 'add table ip t; add chain ip t c { type filter hook prerouting priority 0; }; add rule ip t c iifname east icmp type echo-reply dup to 10.9.1.1 device west'
ping -c 5 -i 0.1 10.9.2.1 >theirs
hoy_ping -c 5 -i 100ms 10.9.2.1
at_router nft flush ruleset
like "duplicates, says ping" "$(cat theirs)" '\+[1-9] duplicates'
like "duplicates" "$(cat out)" '^5 packets transmitted, 5 received, \+[45] duplicates, 0% packet loss'
like "duplicates: their lines" "$(cat out)" '^64 bytes from 10\.9\.2\.1: seq=1 .* \(duplicate\)$'

# replies after their time-out: the router's address is found out a second late, and meanwhile the requests wait
at_router ip link set west arp off
ip neighbour flush dev here
(sleep 0.5; at_router ip link set west arp on) &
hoy_ping -c 12 -i 200ms -t 150ms 10.9.1.2
same "late replies" "$code $(counts out) $(($(grep -c '^no reply' out) >= 2))" "0 12 0% 1"
like "late replies: the first" "$(cat out)" '^64 bytes from 10\.9\.1\.2: seq=1 ttl=64 time=[0-9]{3,4}\.[0-9]+ ms$'

# errors: what ping calls them, in lower case, and who reports them
at_router ip route add unreachable 10.9.3.0/24
at_router ip route add prohibit 10.9.4.0/24
at_router ip -6 route add unreachable fd09:3::/64
at_router ip -6 route add prohibit fd09:4::/64
# error OURS COMMAND-LINE OF PING...: again where the router was silent, since it sends such errors only now and then
error() {
	ours=$1; shift
	for _ in 1 2 3 4 5 6; do ping -c 1 -W 1 "$@" >theirs 2>&1; grep -q '^From' theirs && break; done
	reporter=$(sed -nE 's/^From ([^ ]*):? icmp_seq.*/\1/p' theirs)
	words=$(sed -nE 's/^From [^ ]* icmp_seq=1 (.*)/\1/p' theirs | tr '[:upper:]' '[:lower:]')
	# shellcheck disable=SC2086
	for _ in 1 2 3 4 5 6; do hoy_ping -c 1 $ours; [ $code = 3 ] && break; done
	same "$*" "$code $(sed -nE 's/.*: seq=1 (.*)/\1/p' out | tr '[:upper:]' '[:lower:]')" "3 $words, reported by $reporter"
	like "$*: counted" "$(cat out)" '^1 packets transmitted, 0 received, \+1 errors, 100% packet loss'
}
error '--ttl 1 10.9.2.1' -t 1 10.9.2.1
error '10.9.3.1' 10.9.3.1
error '10.9.4.1' 10.9.4.1
error 'fd09:3::1' fd09:3::1
error 'fd09:4::1' fd09:4::1
rules 'icmp type echo-request reject with icmp type port-unreachable'
error '10.9.2.1' 10.9.2.1
rules 'icmp type echo-request reject with icmp type host-prohibited'
error '10.9.2.1' 10.9.2.1
rules ''
hoy_ping -c 1 --ttl 1 fd09:2::1
like "an exceeded hop limit" "$(cat out)" '^fd09:2::1: seq=1 hop limit exceeded, reported by fd09:1::2$'
hoy_ping -c 1 --ttl 1 10.9.2.1 --json
same "JSON" "$code $(json 'select(.type == "loss") | [.addr, .seq, .error, .from]')" '3 ["10.9.2.1",1,"time to live exceeded","10.9.1.2"]'
hoy_ping -c 1 --ttl 2 10.9.2.1
same "far enough" $code 0
hoy_ping -c 1 -t 6s 10.9.2.99
same "a host that is not there" "$code $(sed -n 1p out)" "3 10.9.2.99: seq=1 destination host unreachable, reported by 10.9.1.2"

# TCP against nginx and socat, and where nobody listens
mkdir -p site tmp
cat >nginx.conf <<CONF
daemon off; master_process off; pid tmp/pid; error_log tmp/error;
events { worker_connections 64; }
http { access_log off; client_body_temp_path tmp/a; proxy_temp_path tmp/b; fastcgi_temp_path tmp/c; uwsgi_temp_path tmp/d; scgi_temp_path tmp/e;
	server { listen 10.9.2.1:80; listen [fd09:2::1]:80; root $PWD/site; } }
CONF
nsenter -t "$server" -n nginx -p "$PWD" -c nginx.conf -e tmp/error & nginx=$!
nsenter -t "$server" -n socat TCP-LISTEN:81,bind=10.9.2.1,fork,reuseaddr /dev/null & socat=$!
for _ in $(seq 100); do [ "$(at_server ss -Hltn | wc -l)" -ge 3 ] && break; sleep 0.05; done
hoy_ping -c 5 -i 20ms tcp 10.9.2.1:80 '[fd09:2::1]:80' 10.9.2.1:81 --json
same "nginx and socat" "$code $(json 'select(.type == "statistics") | [.target, .received]' | tr '\n' ' ')" \
	'0 ["10.9.2.1:80",5] ["[fd09:2::1]:80",5] ["10.9.2.1:81",5] '
hoy_ping -c 2 -i 20ms tcp 10.9.2.1:80 10.9.2.1:82 icmp 10.9.2.1
same "nobody listens" "$code $(grep -c '^10\.9\.2\.1:82: seq=[12] connection refused$' out) $(grep -c '^64 bytes' out)" "5 2 2"
rules 'tcp dport 80 reject with icmp type host-prohibited'
hoy_ping -c 1 tcp 10.9.2.1:80
same "a host that is prohibited" "$code $(head -n 1 out)" "3 10.9.2.1:80: seq=1 no route to host"
rules 'tcp dport 80 drop'
hoy_ping -c 1 -t 300ms tcp 10.9.2.1:80
same "a firewall" "$code $(head -n 1 out)" "1 no reply from 10.9.2.1:80: seq=1"
rules ''
stop $nginx
stop $socat

# DNS: each server's response code is what dig calls it
nsenter -t "$server" -n dnsmasq -k -C /dev/null -R -h -z -a 10.9.2.1 -p 5301 --pid-file= --address=/a.example/192.0.2.1 >dnsmasq.log 2>&1 & dnsmasq=$!
printf 'server:\n ip-address: 10.9.2.1@5302\n username: ""\n chroot: ""\n zonesdir: "%s"\n database: ""\n pidfile: ""\n xfrdfile: "%s/xfrd"\n xfrdir: "%s"\n zonelistfile: "%s/zonelist"\nremote-control:\n control-enable: no\nzone:\n name: example\n zonefile: zone\n' \
	"$PWD" "$PWD" "$PWD" "$PWD" >nsd.conf
printf '$ORIGIN example.\n@ 300 SOA a b 1 1 1 1 1\n@ 300 NS a\na 300 A 192.0.2.1\n' >zone
nsenter -t "$server" -n nsd -d -c nsd.conf >nsd.log 2>&1 & nsd=$!
printf 'server:\n interface: 10.9.2.1@5303\n username: ""\n chroot: ""\n directory: "%s"\n pidfile: ""\n do-daemonize: no\n access-control: 10.9.0.0/16 allow\n local-zone: "example." static\n local-data: "a.example. 300 A 192.0.2.1"\n' \
	"$PWD" >unbound.conf
nsenter -t "$server" -n unbound -d -c unbound.conf >unbound.log 2>&1 & unbound=$!
for _ in $(seq 100); do [ "$(at_server ss -Hlun | grep -c ':530[123]')" -ge 3 ] && break; sleep 0.05; done
for port in 5301 5302 5303; do
	for name in a.example no.a.example; do
		status=$(dig @10.9.2.1 -p $port $name A +tries=1 | sed -n 's/.*status: \([A-Z]*\).*/\1/p')
		hoy_ping -c 2 -i 20ms dns @10.9.2.1:$port --query $name
		same "dns $port $name" "$code $(grep -c "^$status from 10\.9\.2\.1:$port: seq=[12] time=" out)" "0 2"
	done
done
rules 'udp dport 5302 numgen inc mod 2 0 drop'
hoy_ping -c 6 -i 20ms -t 200ms dns @10.9.2.1:5302
same "dns: half is lost" "$code $(counts out)" "0 3 50%"
rules ''
stop $dnsmasq
stop $nsd
stop $unbound
hoy_ping -c 1 dns @10.9.2.1:5301
same "dns: nobody listens" "$code $(head -n 1 out)" "3 10.9.2.1:5301: seq=1 connection refused"
kill "$router" "$server" 2>/dev/null
finish
