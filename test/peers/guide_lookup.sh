#!/bin/sh
# The guide's lookups in C and in Go side by side, in a network of their own: the records of
# the guide from hoy's name server, then from unbound, and everything that can be wrong.
. "$SOURCE/test/lib.sh"
need go unshare ip unbound ss
programs="LookupIP LookupHost LookupAddr LookupCNAME LookupMX LookupNS LookupSRV LookupTXT LookupPort ResolveIPAddr ResolveAddr"
if [ "$1" != inside ]; then
	unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	# shellcheck disable=SC2086
	compile $programs
	exec unshare -nm sh "$SOURCE/test/peers/guide_lookup.sh" inside
fi

# a way to every address, though nobody is there: else the order of families is left to chance in Go
ip link set lo up
ip link add here type veth peer name nowhere
ip address add 192.0.2.1/24 dev here
ip address add 2001:db8::1/64 dev here nodad
ip link set here up
ip link set nowhere up
ip route add default dev here
ip -6 route add default dev here
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n192.0.2.9 filed.example nick\n' >hosts
printf 'hosts: files dns\n' >nsswitch.conf
for file in resolv.conf hosts nsswitch.conf; do
	[ -e /etc/$file ] || continue	# nothing to hide
	mount --bind $file /etc/$file
done
"$HOY" tour --zone >guide.zone

# unbound wants a file for each zone, and a root to know what there is not
zones=$(sed -n 's/^\$ORIGIN \(.*\)\.$/\1/p' guide.zone)
for zone in $zones; do
	awk -v origin="$zone." '$1 == "$TTL" { print } $1 == "$ORIGIN" { here = $2 == origin } here' guide.zone >"$zone.zone"
done
echo '. 300 IN SOA ns.invalid. host.invalid. 1 900 900 1800 60
. 300 IN NS ns.invalid.' >root.zone
{
	printf 'server:\n interface: 127.0.0.1\n username: ""\n chroot: ""\n directory: "%s"\n pidfile: ""\n' "$PWD"
	printf ' use-syslog: no\n verbosity: 0\n module-config: "iterator"\n num-threads: 1\n rrset-roundrobin: no\n'
	printf 'remote-control:\n control-enable: no\n'
	printf 'auth-zone:\n name: "."\n zonefile: "root.zone"\n for-downstream: no\n fallback-enabled: no\n'
	for zone in $zones; do
		printf 'auth-zone:\n name: "%s"\n zonefile: "%s.zone"\n for-downstream: no\n fallback-enabled: no\n' "$zone" "$zone"
	done
} >unbound.conf

# both WHERE PROGRAM ARGUMENT...: the same output, words of failure (but for the socket's ports), and exit code
both() {
	where=$1 program=$2
	shift 2
	same "$program $*, $where" "$(told "$EXAMPLES/$program" "$@")" "$(told env GODEBUG=netdns=go "./go_$program" "$@" |
		sed 's/: read udp [^ ]*: read: /: /')"
}

# newer Go than 1.19, and hoy, say "lookup tcp/nosuch: unknown port"
look_up() {
	while read -r program arguments; do
		eval "both '$1' $program $arguments"
	done <<'TABLE'
LookupIP
LookupIP ghs.google.com.
LookupIP WWW.GOOGLE.COM
LookupIP research.swtch.com
LookupIP several.guide.example
LookupIP gmail.com
LookupIP no.such.google.com
LookupIP no.such.host
LookupIP localhost
LookupIP filed.example
LookupIP nick
LookupIP 192.0.2.1
LookupIP fe80::1%lo
LookupIP "no good"
LookupIP ""
LookupHost
LookupHost nick
LookupHost gmail.com
LookupHost no.such.google.com
LookupHost 2001:db8::1
LookupAddr
LookupAddr 192.0.2.9
LookupAddr 127.0.0.1
LookupAddr 8.8.8.4
LookupAddr 192.0.2.200
LookupAddr 2001:db8::1
LookupAddr 8.8.8
LookupAddr google.com
LookupCNAME
LookupCNAME www.google.com
LookupCNAME api.yellowduck.be
LookupCNAME gmail.com
LookupCNAME no.such.google.com
LookupCNAME no.such.host
LookupMX
LookupMX gmail.com
LookupMX google.com.
LookupMX no.such.google.com
LookupMX no.such.host
LookupMX ..
LookupNS
LookupNS google.com
LookupNS www.google.com
LookupNS no.such.google.com
LookupSRV
LookupSRV nothing tcp google.com
LookupSRV "" "" _xmpp-server._tcp.google.com
LookupSRV xmpp-server udp google.com
LookupSRV xmpp-server tcp no.such.host
LookupTXT
LookupTXT google.com
LookupTXT no.such.host
LookupPort
LookupPort udp domain
LookupPort tcp 70000
LookupPort tcp -1
LookupPort tcp 0080
LookupPort tcp HTTP
LookupPort icmp telnet
ResolveIPAddr
ResolveIPAddr ip4
ResolveIPAddr ip6
ResolveIPAddr ip6 several.guide.example
ResolveIPAddr ip no.such.google.com
ResolveIPAddr ip6 192.0.2.1
ResolveIPAddr ip fe80::1%lo
ResolveIPAddr tcp www.google.com
ResolveIPAddr ipx www.google.com
ResolveAddr tcp www.google.com:80
ResolveAddr tcp6 www.google.com:http
ResolveAddr tcp4 127.0.0.1:22
ResolveAddr tcp [::1]:23
ResolveAddr tcp :80
ResolveAddr tcp 192.0.2.1:http
ResolveAddr tcp 198.51.100.1:80
ResolveAddr tcp www.google.com
ResolveAddr tcp gmail.com:80
ResolveAddr tcp no.such.host:80
ResolveAddr tcp [::1:80
ResolveAddr tcp6 192.0.2.1:80
ResolveAddr udp [2001:db8::1]:domain
ResolveAddr udp [fe80::1%lo0]:53
ResolveAddr udp 0.0.0.0:80
ResolveAddr udp [::]:80
ResolveAddr udp4 [2001:db8::1]:53
ResolveAddr ip ""
ResolveAddr ip ::
ResolveAddr ip 0.0.0.0
ResolveAddr ip6 www.google.com
ResolveAddr unix /tmp/socket
ResolveAddr unixgram @abstract
ResolveAddr unixpacket relative
ResolveAddr tcpx :80
TABLE
}

# what the guide prints, or today's Go: with the final dot
guide() {
	while IFS='|' read -r command want; do
		same "$command, $1" "$(cd "$EXAMPLES" && eval "./$command" | tr '\n' ' ')" "$want "
	done <<'TABLE'
LookupAddr|dns.google.
LookupCNAME|ghs.google.com.
LookupCNAME www.google.com|www.google.com.
LookupCNAME api.yellowduck.be|jono01.jono-fotografie.be.
LookupMX|smtp.google.com. 10
LookupNS|ns3.google.com. ns2.google.com. ns1.google.com. ns4.google.com.
LookupSRV| cname: _xmpp-server._tcp.google.com.   xmpp-server.l.google.com.:5269:5:0 alt1.xmpp-server.l.google.com.:5269:20:0 alt3.xmpp-server.l.google.com.:5269:20:0 alt2.xmpp-server.l.google.com.:5269:20:0 alt4.xmpp-server.l.google.com.:5269:20:0
LookupTXT|v=spf1 redirect=_spf.google.com globalsign-smime-dv=CDYX+XFHUw2wml6/Gb8+59BsH31KzUr6c1l2BPvqKX8=
LookupPort|23
ResolveIPAddr|172.217.25.164
ResolveIPAddr ip6 www.google.com|2404:6800:4006:801::2004
TABLE
}

start "$HOY" serve dns guide.zone 127.0.0.1:53 2>log
look_up "hoy serve dns"
guide "hoy serve dns"
stop "$pid"
start unbound -d -p -c unbound.conf
look_up unbound
guide unbound
stop "$pid"
look_up "nobody there"
finish
