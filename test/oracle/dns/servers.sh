# Real name servers on loopback (at: another address of it), each with the zones of zone.sh; sourced after lib.sh. A function for each writes
# its configuration and starts it on a port that is free, into the variables pid and port.
# shellcheck shell=sh
# shellcheck disable=SC2034
at=${at:-127.0.0.1}
need dig ss socat named nsd knotd unbound dnsmasq
dns=$SOURCE/test/oracle/dns
zones="hoy.example 2.0.192.in-addr.arpa 8.b.d.0.1.0.0.2.ip6.arpa"
sh "$dns/zone.sh" || { bad "no zones"; finish; }

# A port below those that the system hands out: from one of these dig now and then talks to itself.
next_port=$((20000 + $$ % 10000))
own_port() {
	while [ "$(ss -Hlntu "sport = :$next_port")" ]; do next_port=$((next_port + 1)); done
	port=$next_port next_port=$((next_port + 1))
}

# serve COMMAND...: started, and it has the zones
serve() {
	log=$(basename "$1").log
	start sh -c 'log=$1; shift; exec "$@" >"$log" 2>&1' sh "$log" "$@"
	for _ in $(seq 100); do
		[ "$(dig "@$at" -p $port +short +time=1 +tries=1 ns1.hoy.example A)" = 192.0.2.1 ] && return
		sleep 0.05
	done
	bad "$1 does not answer: $(cat "$log")"
	finish
}

# BIND looks after its users' zones more than others do, and has limits of its own for sets of records.
start_named() {
	own_port
	{
		cat <<-CONF
			options {
				directory "$PWD"; pid-file none; session-keyfile none;
				listen-on port $port { $at; }; listen-on-v6 { none; }; recursion no; notify no;
				check-names primary ignore; check-mx ignore; check-mx-cname ignore; check-srv-cname ignore;
				check-integrity no; check-sibling no; max-records-per-type 0; max-types-per-name 0;
			};
			controls { };
		CONF
		for zone in $zones; do echo "zone \"$zone\" { type primary; file \"$zone\"; };"; done
	} >named.conf
	serve named -g -n 1 -c named.conf
}

# Without rrl-ratelimit: 0 NSD leaves 200 like questions in a second unanswered, or answers them with TC.
start_nsd() {
	own_port
	{
		cat <<-CONF
			server:
			 ip-address: $at@$port
			 username: ""
			 chroot: ""
			 zonesdir: "$PWD"
			 database: ""
			 pidfile: ""
			 xfrdfile: "$PWD/xfrd"
			 xfrdir: "$PWD"
			 zonelistfile: "$PWD/zonelist"
			 rrl-ratelimit: 0
			remote-control:
			 control-enable: no
		CONF
		for zone in $zones; do printf 'zone:\n name: %s\n zonefile: %s\n provide-xfr: 127.0.0.1 NOKEY\n' "$zone" "$zone"; done
	} >nsd.conf
	serve nsd -d -c nsd.conf
}

start_knot() {
	own_port
	mkdir -p knot
	{
		cat <<-CONF
			server:
			  rundir: $PWD/knot
			  listen: $at@$port
			  udp-workers: 1
			  tcp-workers: 1
			  background-workers: 1
			log:
			  - target: stderr
			    any: error
			database:
			  storage: $PWD/knot
			template:
			  - id: default
			    storage: $PWD
			    semantic-checks: off
			    zonefile-sync: -1
			    journal-content: none
			zone:
		CONF
		for zone in $zones; do printf '  - domain: %s\n    file: %s\n' "$zone" "$zone"; done
	} >knot.conf
	serve knotd -c knot.conf
}

# start_unbound [PORT]: as a resolver that has the zones itself (RA is set, AA is not), or that asks the server at PORT
# for them and remembers what it said.
start_unbound() {
	own_port
	{
		cat <<-CONF
			server:
			 interface: $at@$port
			 port: $port
			 username: ""
			 chroot: ""
			 directory: "$PWD"
			 pidfile: ""
			 use-syslog: no
			 module-config: "iterator"
			 do-not-query-localhost: no
			 minimal-responses: no
		CONF
		for zone in $zones; do printf ' local-zone: "%s" nodefault\n' "$zone"; done
		printf 'remote-control:\n control-enable: no\n'
		for zone in $zones; do
			if [ "$1" ]; then
				printf 'stub-zone:\n name: "%s"\n stub-addr: 127.0.0.1@%s\n' "$zone" "$1"
			else
				printf 'auth-zone:\n name: "%s"\n zonefile: "%s"\n for-downstream: yes\n' "$zone" "$zone"
			fi
		done
	} >unbound.conf
	serve unbound -d -p -c unbound.conf
}

# From axfr and axfr.data, which NSD has written: see transfer.
start_dnsmasq() {
	own_port
	{
		for zone in $zones; do echo "local=/$zone/"; done
		awk -f "$dns/dnsmasq.awk" axfr.data axfr
	} >dnsmasq.conf
	serve dnsmasq -k -C dnsmasq.conf -p $port -a $at -z -R -h -x "" --log-facility=- -u "$(id -un)" --local-ttl=300
}

start_hoy() {
	own_port
	cat $zones >all.zone
	serve "$HOY" serve dns all.zone $at:$port
}

# transfer PORT: all records as dig prints them, and their data in hexadecimal
transfer() {
	for zone in $zones; do dig "@$at" -p "$1" +noall +answer +nosplit axfr "$zone"; done >axfr
	for zone in $zones; do dig "@$at" -p "$1" +noall +answer +nosplit +unknownformat axfr "$zone"; done >axfr.data
}

# The names to ask about: all that a transfer has shown, and some that are there by wildcard, differ in case, or are not there.
names() {
	awk '{ print $1 }' axfr
	cat <<-NAMES
		nothing.hoy.example.
		HOST001.HOY.example.
		mIxEd.cAsE.hoy.example.
		CHAIN1.hoy.example.
		any.wild.hoy.example.
		a.b.wild.hoy.example.
		x.there.wild.hoy.example.
		x.wildalias.hoy.example.
		ent.hoy.example.
		b.c.ent.hoy.example.
		star.hoy.example.
		x.star.hoy.example.
		_tcp.hoy.example.
		www.sub.hoy.example.
		x.host001.hoy.example.
		200.2.0.192.in-addr.arpa.
		over.there.2.0.192.in-addr.arpa.
	NAMES
}

# The files names, questions (NAME TYPE, each with each), questions.dig (the same for dig -f) and lookups (see ask.c).
write_questions() {
	names | LC_ALL=C sort -u >names
	for type in A AAAA CNAME MX NS SRV TXT PTR SOA CAA NAPTR SVCB HTTPS TLSA TYPE65280 ANY; do
		sed "s/\$/ $type/" names
	done >questions
	sed 's/\(.*\) \(.*\)/-q \1 -t \2/' questions >questions.dig
	for what in ip host cname mx ns txt srv https svcb; do sed "s/\$/ $what/" names; done >lookups
	sed -n 's/^\([0-9]*\)\.2\.0\.192\.in-addr\.arpa\.$/192.0.2.\1 addr/p' names >>lookups
	printf '2001:db8::1 addr\n2001:db8::6 addr\n::ffff:192.0.2.101 addr\n' >>lookups
}
