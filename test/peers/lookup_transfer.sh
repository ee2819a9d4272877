#!/bin/sh
# hoy lookup axfr beside dig, from NSD, Knot and BIND; and what came, served by hoy serve dns.
. "$SOURCE/test/lib.sh"
need dig nsd knotd named ss jq
. "$SOURCE/test/oracle/dns/servers.sh"

# A zone of many messages beside the usual ones
zones="$zones big.example"
{
	printf '%s\n' '$ORIGIN big.example.' '@ 3600 SOA ns h 1 2 3 4 5' '@ 60 NS ns' 'ns 60 A 192.0.2.1'
	seq 20000 | sed 's/.*/h& 60 TXT "a text of some length, so that the zone does not fit into one message" "&"/'
} >big.example

# dig 9.18 has no name for dohpath
view() { grep -v '^;' | tr -s ' \t' ' ' | sed 's/ key7="/ dohpath="/'; }
hoy() { "$HOY" lookup axfr "$@" "@127.0.0.1:$port"; }

# compare SERVER: each zone record by record, in the order of the transfer
compare() {
	for zone in $zones; do
		dig @127.0.0.1 -p $port +noall +answer +nosplit axfr $zone | view >dig
		hoy $zone 2>talk | view >hoy
		# BIND, and sometimes NSD, send the records of a zone in an order that may change from transfer to transfer
		same "$1: the first and the last of $zone" "$(sed -n '1p;$p' hoy)" "$(sed -n '1p;$p' dig)"
		sort dig >dig.sorted; sort hoy >hoy.sorted
		checks=$((checks + 1))
		cmp -s dig.sorted hoy.sorted || bad "$1 $zone: $(diff dig.sorted hoy.sorted | cut -c1-200 | head -6)"
		like "$1: how many of $zone" "$(cat talk)" "^hoy lookup: $zone: $(wc -l <dig) records from 127\.0\.0\.1:$port, "
	done
	same "$1: JSON" "$(hoy hoy.example --json | jq -c 'select(.type == "transfer") | [.name, .result, .complete, .records]')" \
		"[\"hoy.example\",\"ok\",true,$("$HOY" lookup --short axfr hoy.example "@127.0.0.1:$port" | wc -l)]"
	hoy other.example >out 2>talk
	same "$1: a zone that it does not have" "$? $(cat out) $(head -n 1 talk)" "3  hoy lookup: lookup other.example on 127.0.0.1:$port: server misbehaving"
	like "$1: and why" "$(sed -n 2p talk)" '^  (REFUSED|NOTAUTH): '
}

start_nsd
compare nsd
# what came is a zone file: serve it, and ask both
hoy hoy.example >copy.zone 2>/dev/null
nsd_port=$port nsd=$pid
start "$HOY" serve dns copy.zone 127.0.0.1:0 2>/dev/null
for type in A MX TXT SVCB CAA; do
	for name in hoy.example mail.hoy.example ns1.hoy.example; do
		same "$name $type of the copy" "$(dig @127.0.0.1 -p $port +short +nosplit $name $type | sort)" \
			"$(dig @127.0.0.1 -p $nsd_port +short +nosplit $name $type | sort)"
	done
done
hoy hoy.example >out 2>talk
same "hoy serve dns does not give zones away" "$? $(cat out)" "3 "
stop $pid
stop $nsd

start_knot
stop $pid
# a transfer has to be allowed there
sed -i 's/^  - domain: \(.*\)$/  - domain: \1\n    acl: all/; s/^template:/acl:\n  - id: all\n    action: transfer\n    address: 127.0.0.1\ntemplate:/' knot.conf
serve knotd -c knot.conf
compare knot
stop $pid

start_named
compare named
# a server that ends in the middle
stop $pid
start socat -t 5 TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,fork SYSTEM:'head -c 31 >/dev/null; exit'
hoy hoy.example >out 2>talk
same "it closes without a word" "$? $(cat out) $(head -n 1 talk)" "3  hoy lookup: lookup hoy.example on 127.0.0.1:$port: unexpected EOF"
stop $pid
start socat -t 5 TCP-LISTEN:0,bind=127.0.0.1,reuseaddr,fork SYSTEM:'sleep 5'
hoy hoy.example --timeout 300ms >out 2>talk
same "it is silent" "$? $(head -n 1 talk)" "3 hoy lookup: lookup hoy.example on 127.0.0.1:$port: i/o timeout"
stop $pid
finish
