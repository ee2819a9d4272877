#!/bin/sh
# What hoy lookup asks of real name servers by its flags, beside dig: signatures, the server's name, the family and port.
. "$SOURCE/test/lib.sh"
need dig knotd nsd named ss jq
. "$SOURCE/test/oracle/dns/servers.sh"

# view: the records, one blank between words, sorted; the ids of signatures' keys and their times are in the text
view() { grep -v '^;' | tr -s ' \t' ' ' | sort; }

# names_itself SERVER NAME: what dig and hoy are told it is called
names_itself() {
	same "$1: NSID in hexadecimal" "$("$HOY" lookup --nsid --json ns1.hoy.example @127.0.0.1:$port | jq -r 'select(.type == "lookup") | .nsid_hex')" \
		"$(dig @127.0.0.1 -p $port +nsid ns1.hoy.example | sed -n 's/^; NSID: \(.*\) (.*/\1/p' | tr -d ' ')"
	like "$1: and as text" "$("$HOY" lookup --nsid ns1.hoy.example @127.0.0.1 -p $port 2>&1)" "; it calls itself $2\$"
	same "$1: not unless asked" "$("$HOY" lookup ns1.hoy.example @127.0.0.1 -p $port 2>&1 | grep -c 'calls itself')" 0
}

own_port
mkdir -p knot
cat >knot.conf <<CONF
server:
  rundir: $PWD/knot
  listen: [ 127.0.0.1@$port, ::1@$port ]
  nsid: "knot at \$work"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: $PWD/knot
log:
  - target: stderr
    any: error
policy:
  - id: plain
    algorithm: ecdsap256sha256
    single-type-signing: on
    zone-max-ttl: 1h
    rrsig-lifetime: 30d
    rrsig-refresh: 7d
template:
  - id: default
    storage: $PWD
    semantic-checks: off
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
    dnssec-signing: on
    dnssec-policy: plain
zone:
  - domain: hoy.example
    file: hoy.example
CONF
serve knotd -c knot.conf
for _ in $(seq 100); do
	[ "$(dig @127.0.0.1 -p $port +short hoy.example DNSKEY)" ] && break
	sleep 0.1
done
names_itself knot 'knot\\032at\\032\$work'
for type in SOA NS DNSKEY MX ANY; do
	same "signatures of $type" "$("$HOY" lookup --dnssec $type hoy.example @127.0.0.1:$port 2>/dev/null | view)" \
		"$(dig @127.0.0.1 -p $port +dnssec +noall +answer +authority +additional +nosplit hoy.example $type | view)"
done
same "of what is not there" "$("$HOY" lookup --dnssec nothing.hoy.example @127.0.0.1:$port 2>/dev/null | view)" \
	"$(dig @127.0.0.1 -p $port +dnssec +noall +answer +authority +additional +nosplit nothing.hoy.example | view)"
checks=$((checks + 1))
[ "$("$HOY" lookup --dnssec soa hoy.example @127.0.0.1:$port 2>/dev/null | grep -c RRSIG)" -gt 0 ] || bad "there is no signature"
same "none without the flag" "$("$HOY" lookup --raw soa hoy.example @127.0.0.1:$port 2>/dev/null | grep -c RRSIG)" 0
like "over IPv6" "$("$HOY" lookup -6 a ns1.hoy.example @127.0.0.1 @::1 -p $port 2>&1)" "from \[::1\]:$port"
like "over IPv4" "$("$HOY" lookup -4 a ns1.hoy.example @::1 @127.0.0.1 -p $port 2>&1)" "from 127\.0\.0\.1:$port"
stop $pid

start_nsd
stop $pid
sed 's/^server:$/server:\n nsid: "ascii_an nsd"/' nsd.conf >nsd2.conf
serve nsd -d -c nsd2.conf
names_itself nsd 'an\\032nsd'
stop $pid

start_named
stop $pid
sed 's/^options {$/options { server-id "a-bind";/' named.conf >named2.conf
serve named -g -n 1 -c named2.conf
names_itself named a-bind
finish
