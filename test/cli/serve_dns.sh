#!/bin/sh
# hoy serve dns: what a master file may look like, and what dig and kdig get for it.
. "$SOURCE/test/lib.sh"
need jq ss dig kdig socat xxd

serve() { start env --default-signal=INT,TERM "$HOY" serve dns "$@" >log 2>talk; }
dns() { dig @127.0.0.1 -p "$port" +norec +time=5 +tries=1 "$@"; }
# short NAME TYPE...: the data, sorted
short() { dns +short "$@" | sort; }
# status NAME TYPE...: rcode, flags, and how many records there are in each section but the OPT
status() {
	dns "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p; s/^;; flags: \(.*\); QUERY: 1, ANSWER: \([0-9]*\), AUTHORITY: \([0-9]*\), .*/\1 \2 \3/p' | tr '\n' ' '
}

serve "$SOURCE/test/zones/example.zone" 127.0.0.1:0 --json
like "where, and what" "$(cat talk)" \
	"^hoy serve: dns on tcp 127\\.0\\.0\\.1:$port, serving example\\.com\\. \\(100 records\\), 2\\.0\\.192\\.in-addr\\.arpa\\. \\(3 records\\)\$"
same "in JSON" "$(jq -r 'select(.type == "listen") | .zones[].name' <log | tr '\n' ' ')" "example.com. 2.0.192.in-addr.arpa. "

while read -r name type want; do
	same "$name $type" "$(short "$name.example.com" "$type" | tr '\n' '|')" "$want"
	same "$name $type over TCP" "$(short +tcp "$name.example.com" "$type" | tr '\n' '|')" "$want"
done <<'TABLE'
ns1 A 192.0.2.1|
NS1 aaaa 2001:db8::1|
ns2 A 192.0.2.2|
ns3 A 192.0.2.3|
www A 192.0.2.80|192.0.2.81|web.example.com.|
chain A 192.0.2.80|192.0.2.81|web.example.com.|www.example.com.|
chain CNAME www.example.com.|
txt TXT "hello world" "plain" "with \"quotes\", ; and \195\164" ""|
_xmpp-server._tcp SRV 5 0 5269 xmpp.example.com.|
x.wild A 192.0.2.99|
x.y.wild A 192.0.2.99|
svc HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 key65400="x,y"|
svcb SVCB 0 web.example.com.|
bytes HTTPS 1 . alpn="h2,a\\,b" port=443|
caa CAA 0 issue "ca.example.net; policy=ev"|
caabytes CAA 1 Tag09 ""|
naptr NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp.example.com.|
tlsa TLSA 3 1 1 0123456789ABCDEF00FF|
raw TYPE65280 \# 4 0A000001|
rawa A 192.0.2.7|
dot\.ted A 192.0.2.8|
out A www.example.org.|
TABLE
same "MX" "$(short example.com MX)" "10 mail.example.com.
20 mail2.example.net."
same "SOA" "$(short example.com SOA)" "ns1.example.com. host\\.master.example.com. 2026112401 86400 7200 2419200 600"
same "reverse" "$(short -x 192.0.2.80)" web.example.com.
same "ANY" "$(short ns1.example.com ANY)" "192.0.2.1
2001:db8::1"
same "kdig" "$(kdig @127.0.0.1 -p "$port" +short svc.example.com HTTPS)" \
	'1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 key65400="x,y"'

same "an answer" "$(status ns1.example.com A)" "NOERROR qr aa 1 0 "
same "RD is returned" "$(status ns1.example.com A +rec)" "NOERROR qr aa rd 1 0 "
same "no such data" "$(status ns1.example.com MX)" "NOERROR qr aa 0 1 "
same "a name with only names below" "$(status b.c.example.com A)" "NOERROR qr aa 0 1 "
same "no such name" "$(status nothing.example.com A)" "NXDOMAIN qr aa 0 1 "
same "a wildcard's own name has its data only" "$(status wild.example.com A)" "NOERROR qr aa 0 1 "
same "a wildcard, another type" "$(status x.wild.example.com MX)" "NOERROR qr aa 0 1 "
same "a wildcard that has nothing" "$(status x.bare.example.com A)" "NOERROR qr aa 0 1 "
same "below a name that is there no wildcard counts" "$(status x.ns1.example.com A)" "NXDOMAIN qr aa 0 1 "
same "a CNAME to nothing" "$(status dangling.example.com A)" "NXDOMAIN qr aa 1 1 "
same "a CNAME to itself" "$(status loop.example.com A)" "NOERROR qr aa 1 0 "
same "two CNAMEs to each other" "$(status round.example.com A)" "NOERROR qr aa 2 0 "
same "a cut" "$(status www.sub.example.com A)" "NOERROR qr 0 1 "
same "its glue" "$(dns www.sub.example.com A | grep -c '^ns.sub.example.com.*192.0.2.53')" 1
same "another zone" "$(status www.example.org A)" "REFUSED qr 0 0 "
same "another class" "$(status example.com CH TXT)" "REFUSED qr 0 0 "
same "a transfer" "$(status +tcp example.com AXFR 2>&1 | grep -c SOA)" 0
same "negative time to live" "$(dns nothing.example.com A | awk '$4 == "SOA" { print $2 }')" 600
same "EDNS version 1" "$(dns +edns=1 +noednsneg example.com SOA | grep -o 'status: [A-Z]*')" "status: BADVERS"
same "opcode" "$(dns +opcode=2 example.com SOA | grep -o 'status: [A-Z]*')" "status: NOTIMP"

# what does not fit is asked again over TCP, and is whole there
same "cut at 1232" "$(status +ignore big.example.com TXT)" "NOERROR qr aa tc 0 0 "
same "cut at 512" "$(status +ignore +noedns many.example.com A)" "NOERROR qr aa tc 0 0 "
same "not cut at 1232" "$(status +ignore many.example.com A)" "NOERROR qr aa 60 0 "
same "whole over TCP" "$(short many.example.com A +noedns | wc -l)" 60
same "eight long strings" "$(short big.example.com TXT | tr -cd a-h | wc -c)" 2000

# over TCP many queries on one connection; and bytes that are no queries
query() { printf '%s01000001000000000000036e7331076578616d706c6503636f6d0000010001' "$1" | xxd -r -p; }
{ for id in 0001 0002 0003; do printf '\0\041'; query $id; done; } >three
same "pipelined" "$(socat -t 5 - TCP:127.0.0.1:"$port" <three | xxd -p | tr -d '\n' | grep -o '000[123]85' | tr '\n' ' ')" \
	"000185 000285 000385 "
same "a question twice" "$(printf '%s' 000101000002000000000000 | xxd -r -p | socat -t 1 - UDP:127.0.0.1:"$port" | xxd -p)" \
	000181010000000000000000
same "a reply is no question" "$(printf '%s' 000181000001000000000000 | xxd -r -p | socat -t 0.5 - UDP:127.0.0.1:"$port" | xxd -p)" ""
for n in $(seq 50); do head -c $((n * 7)) /dev/urandom | socat -u - UDP:127.0.0.1:"$port"; done
head -c 20000 /dev/urandom | socat -t 1 - TCP:127.0.0.1:"$port" >/dev/null 2>&1
same "still there" "$(short ns1.example.com A)" 192.0.2.1
kill -TERM $pid; wait $pid; same "ends" $? 0
same "its log" "$(jq -c 'select(.type == "query" and .name == "tlsa.example.com.") | [.network, .qtype, .rcode]' <log | sort -u)" \
	'["tcp","TLSA","NOERROR"]
["udp","TLSA","NOERROR"]'

# wrong TEXT MISTAKE: a zone file, and what is said about it
wrong() {
	printf "$1" >bad.zone
	same "$1" "$(timeout 10 "$HOY" serve dns bad.zone 127.0.0.1:0 2>&1; echo $?)" "hoy serve: bad.zone$2
1"
}
soa='e. 60 SOA n.e. h.e. 1 2 3 4 5\n'
wrong '' ': there are no records in it'
wrong 'e. 60 A 192.0.2.1' ':1: the record lies in no zone: no SOA at its name or above it'
wrong "$soa\ne. 60 A 192.0.2.256" ':3: A: no IPv4 address'
wrong "${soa}e. 60 AAAA 192.0.2.1" ':2: AAAA: no IPv6 address'
wrong "${soa}e. 60 A" ':2: A: the record is not complete'
wrong "${soa}e. 60 A 192.0.2.1 x" ':2: A: there is more than the record takes'
wrong "${soa}e. 60 MX 65536 m.e." ':2: MX: a number from 0 to 65535 belongs here'
wrong "${soa}e. 60 MX 1 a..b." ':2: MX: a name has an empty label'
wrong "${soa}e. 60 NOTYPE x" ":2: 'NOTYPE' is no type of record"
wrong "${soa}e. 60 OPT x" ":2: OPT: this is no type of a record"
wrong "${soa}e. 60 CH A 192.0.2.1" ':2: only class IN is served'
wrong "${soa}e. 60 TXT \"open" ':2: a quoted string is not closed on its line'
wrong "${soa}e. 60 TXT ( open" ':2: a ( is not closed'
wrong "${soa}e. 60 TXT )" ':2: a ) without its ('
wrong "${soa}e. 60 TXT \\\\256" ':2: TXT: a bad escape: \DDD up to 255, or \ and a character'
wrong "${soa}e. 60 TXT $(head -c 256 /dev/zero | tr '\0' x)" ':2: TXT: a string is longer than 255 bytes'
wrong "${soa}$(head -c 64 /dev/zero | tr '\0' x).e. 60 A 192.0.2.1" ':2: a label is longer than 63 bytes'
wrong "${soa}e. 60 TYPE65280 \\\\# 3 00ff" ':2: TYPE65280: \# has another length than it says'
while read -r type length hex; do
	wrong "${soa}x.e. 60 $type \\\\# $length $hex" ":2: $type: these bytes are no data of this type"
done <<'TABLE'
A 3 c00002
A 5 c000020101
AAAA 4 c0000201
NS 4 0a000001
NS 2 0161
NS 2 c00c
NS 2 0000
MX 2 000a
SOA 21 000000000001000000020000000300000004000000
TXT 2 0561
TXT 0
HTTPS 4 00010001
HTTPS 7 00010000010004
HTTPS 11 0001000003000000010000
CAA 1 00
TABLE
wrong "${soa}e. 60 TYPE65280 x" ':2: TYPE65280: data of this type is written as \# LENGTH HEX'
wrong "${soa}e. 60 TLSA 1 1 1 0" ':2: TLSA: half a byte of hexadecimal digits'
wrong "${soa}e. 60 HTTPS 1 . port=1 port=2" ':2: HTTPS: a parameter stands there twice'
wrong "${soa}e. 60 HTTPS 1 . port=x" ':2: HTTPS: port needs a number'
wrong "${soa}e. 60 HTTPS 1 . ipv4hint=::1" ':2: HTTPS: a hint is of the other family'
wrong "${soa}e. 1x A 192.0.2.1" ':2: a time is seconds, at most 2147483647, or 1h30m'
wrong "${soa}e. 60 CNAME x.e." ':2: a CNAME may not stand beside other records of its name'
wrong "${soa}e. 60 SOA n.e. h.e. 2 2 3 4 5" ':2: the zone has a SOA already, in line 1'
wrong '  60 A 192.0.2.1' ':1: the first record needs a name'
wrong 'e. A 192.0.2.1' ':1: no time to live: the record has none, and there is no $TTL'
wrong '$NOTHING 1' ":1: there is no directive '\$NOTHING'"
wrong '$TTL' ':1: $TTL takes one argument'
like "an endless \$INCLUDE" "$(printf '$INCLUDE bad.zone' >bad.zone; "$HOY" serve dns bad.zone 2>&1)" \
	'^hoy serve: bad.zone:1: \$INCLUDE inside \$INCLUDE, more than 8 deep, included at bad.zone:1, '

# files that include files, each with an origin; and --origin
printf '%s\n' '@ 60 SOA ns h 1 2 3 4 5' '$INCLUDE inner.zone in' 'last A 192.0.2.2' >outer.zone
printf '%s\n' 'host A 192.0.2.1' '$ORIGIN else.where.' >inner.zone
serve outer.zone 127.0.0.1:0 --origin example.net
same "included" "$(short host.in.example.net A)" 192.0.2.1
same "behind it" "$(short last.example.net A)" 192.0.2.2
kill -TERM $pid; wait $pid
# over UDP a reply has the address that was asked
serve "$SOURCE/test/zones/example.zone" :0
same "asked at another address" "$(dig @127.0.0.2 -p "$port" +norec +time=2 +tries=1 +short ns1.example.com A)" 192.0.2.1
stop $pid
finish
