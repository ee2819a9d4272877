#!/bin/sh
# Why real name servers have no answer (RFC 8914): what hoy tells is what dig reads, over UDP and over TCP.
. "$SOURCE/test/lib.sh"
need dig dnsmasq jq unbound

# agree SERVER NAME: the code and its name, as dig has them in "; EDE: 14 (Not Ready)"
agree() {
	want=$(dig @127.0.0.1 -p "$port" +nocookie +tries=1 "$2" A | sed -n 's/^; EDE: \([0-9]* ([^)]*)\).*/\1/p')
	like "$1: dig sees a reason" "$want" '^[0-9]+ \('
	for network in "" --tcp; do
		same "$1 $network" "$("$HOY" lookup --json $network a "$2." "@127.0.0.1:$port" 2>/dev/null |
			jq -r 'select(.type == "lookup") | "\(.extended_code) (\(.extended))"')" "$want"
		like "$1 $network: said" "$("$HOY" lookup $network a "$2." "@127.0.0.1:$port" 2>&1 | head -n 1)" \
			"server misbehaving \\(${want#*\(}"
	done
}

# nobody to ask
free_port
start dnsmasq -k -C /dev/null -p $port -a 127.0.0.1 -z -R -h --log-facility=- -u "$(id -un)" 2>/dev/null
agree dnsmasq nothing.example
stop $pid

# somebody who may not ask
free_port
cat >unbound.conf <<CONF
server:
 interface: 127.0.0.1@$port
 port: $port
 access-control: 127.0.0.0/8 refuse
 username: ""
 chroot: ""
 directory: "$PWD"
 pidfile: ""
 use-syslog: no
 ede: yes
remote-control:
 control-enable: no
CONF
start unbound -d -p -c unbound.conf 2>/dev/null
agree unbound nothing.example
stop $pid
finish
