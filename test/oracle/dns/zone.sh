#!/bin/sh
# The zones that name servers are asked about, into the current directory: each name of a
# file is that of its zone. What the types and names can be is written out; the rest are
# many of a kind. zone.sh
set -e
soa='3600 SOA ns1.hoy.example. host\.master.hoy.example. ( 2026112501 86400 7200 2419200 600 )
@	3600 NS ns1.hoy.example.
@	3600 NS NS2.hoy.example.'

# pad COUNT CHARACTER
pad() { head -c "$1" /dev/zero | tr '\0' "$2"; }
# strings COUNT: as many strings of 255 bytes
strings() { for n in $(seq "$1"); do printf ' "%0255d"' "$n"; done; echo; }

written() {
	cat <<'ZONE'
@	300 MX 10 mail
@	300 MX 20 Mail2.EXAMPLE.net.
@	300 TXT "v=spf1 -all"
@	300 CAA 0 issue "ca.example.net; policy=ev"
@	300 HTTPS 1 . alpn=h2
ns1	300 A 192.0.2.1
ns1	300 AAAA 2001:db8::1
NS2	300 A 192.0.2.2
mail	300 A 192.0.2.3

; chains, each link before, behind and far from the next
chain1	60 CNAME chain2
chain3	61 CNAME chain4
chain2	62 CNAME chain3
chain8	63 CNAME host001
chain5	64 CNAME chain6
chain4	65 CNAME chain5
chain7	66 CNAME chain8
chain6	67 CNAME chain7
to-mx	60 CNAME mx
to-txt	60 CNAME txt
to-srv	60 CNAME _srv._tcp
to-svc	60 CNAME svc
to-six	60 CNAME six
to-none	60 CNAME nothing.here
to-empty 60 CNAME a.b.ent
to-wild	60 CNAME any.wild
to-odd	60 CNAME dot\.ted
to-itself 60 CNAME to-itself
round1	60 CNAME round2
round2	60 CNAME round1
UPPER	60 CNAME Mixed.Case

; hosts
six	300 AAAA 2001:db8::6
six	300 AAAA ::ffff:192.0.2.6
six	300 AAAA ::
six	300 AAAA 2001:db8:0:0:1::
four	0 A 0.0.0.0
four	0 A 255.255.255.255
longest-ttl 2147483647 A 192.0.2.7
Mixed.Case 300 A 192.0.2.8
a.b.c.ent 300 A 192.0.2.9
123	300 A 192.0.2.10
_under_score 300 A 192.0.2.11
-hyphen- 300 A 192.0.2.12
xn--bcher-kva 300 A 192.0.2.13
host.\050paren\) 300 A 192.0.2.14

; wildcards
*.wild	300 A 192.0.2.99
*.wild	300 TXT "a star's"
*.wild	300 MX 5 mail
there.wild 300 A 192.0.2.98
*.wildalias 300 CNAME host002
mid.*.star 300 A 192.0.2.97

; names that need escapes
dot\.ted 300 A 192.0.2.20
sp\032ace 300 A 192.0.2.21
back\\slash 300 A 192.0.2.22
quo\"te	300 A 192.0.2.23
semi\;colon 300 A 192.0.2.24
at\@	300 A 192.0.2.25
dollar\$ 300 A 192.0.2.26
nul\000	300 A 192.0.2.27
high\255\128 300 A 192.0.2.28
tab\009	300 A 192.0.2.29
com\044ma	300 A 192.0.2.30
plus\043	300 A 192.0.2.31
\039single\039 300 A 192.0.2.32
\123brace\125	300 A 192.0.2.33
sla/sh	300 A 192.0.2.34

; hosts that are no domain names, among some that are
mx	300 MX 10 mail
mx	300 MX 10 mail.example.net.
mx	300 MX 0 sp\032ace
mx	300 MX 65535 -hyphen-
mx	300 MX 5 192.0.2.1.
nullmx	300 MX 0 .
badmx	300 MX 1 at\@
sub	300 NS ns.sub
sub	300 NS ns1
sub	300 NS ns.elsewhere.example.net.
ns.sub	300 A 192.0.2.53
ns.sub	300 AAAA 2001:db8::53
_srv._tcp 300 SRV 10 60 5060 host001
_srv._tcp 300 SRV 10 20 5061 host002
_srv._tcp 300 SRV 10 0 5062 host003
_srv._tcp 300 SRV 20 0 65535 Mail2.EXAMPLE.net.
_srv._tcp 300 SRV 0 0 0 sp\032ace
_none._udp 300 SRV 0 0 0 .
ptr	300 PTR host001
ptr	300 PTR dot\.ted
ptr	300 PTR UPPER.hoy.example.

; texts
txt	300 TXT "one" two "" "three four"
txt	300 TXT "another"
txt	300 TXT ""
odd-txt	300 TXT "\"quoted\" back\\slash; semi \000\001\010\127\128\255 end"
utf8-txt 300 TXT "\195\164\226\130\172 \240\159\153\130"
spf	300 TXT "v=spf1 include:_spf.example.net " "~all"

caa	300 CAA 0 issue "ca.example.net"
caa	300 CAA 128 issuewild ";"
caa	300 CAA 255 iodef "mailto:a\"b\\c@example.net"
caa	300 CAA \# 7 01 05 5461673039
naptr	300 NAPTR 100 10 "S" "SIP+D2U" "" _srv._tcp
naptr	300 NAPTR 100 20 "u" "E2U+sip" "!^(.*)$!sip:\\1@example.net!i" .
naptr	300 NAPTR 65535 65535 "a" "\"\\ \200" "!\"\\\\.\200!\"\\!!" at\@
tlsa	300 TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
tlsa	300 TLSA 0 0 0 00
tlsa	300 TLSA 255 255 255 ( 00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff
	00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff )

svc	300 HTTPS 0 host001
svc	300 SVCB 0 .
https	300 HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1,::ffff:192.0.2.1
https	300 HTTPS 2 Mixed.Case port=8443 no-default-alpn alpn=h3
https	300 HTTPS 65535 . mandatory=alpn,port alpn=x port=0 ech=AEP+DQA/
svcb	300 SVCB 1 host001 port=53 alpn=dot
svcb	300 SVCB \# 53 00020673702061636503686f79076578616d706c6500ff0000172271756f74656422206261636b5c736c6173683b2000ffff010000
svcb	300 SVCB 16 foo.example.org. mandatory=alpn,ipv4hint alpn=h2,h3-19 ipv4hint=192.0.2.1 key667=hello key668="hello\210qoo"
svcb-alpn 300 SVCB \# 19 0001 00 0001 000c 08665c6f6f2c626172 026832
svcb-doh 300 SVCB \# 23 0001 00 0007 0010 2f646e732d71756572797b3f646e737d
svc-chain 300 HTTPS 0 svc-next
svc-next 300 CNAME https
svc-chain 300 SVCB 0 svcb-far
svcb-far 300 SVCB 0 svc-chain
svcb-new 300 SVCB 1 . mandatory=key668 key668=x
svcb-new 300 SVCB 2 host001 key668=x
raw	300 TYPE65280 \# 0
raw	300 TYPE65280 \# 4 0a000001
raw	300 TYPE65280 \# 3 ( 00 00 ff )
raw	300 TYPE65281 \# 1 00
raw-a	300 TYPE1 \# 4 c0000233
raw-mx	300 MX \# 8 000a 04 6d61696c 00
ZONE
}

# As long as labels and names can be: 63 and, with the root's, 255 bytes.
long() {
	echo "$(pad 63 x) 300 A 192.0.2.40"
	echo "$(pad 63 a).$(pad 63 b).$(pad 63 c).$(pad 49 d) 300 A 192.0.2.41"
	echo "$(pad 63 a).$(pad 63 b).$(pad 63 c).$(pad 48 e)f 300 TXT \"the other one\""
	echo "long-alias 300 CNAME $(pad 63 a).$(pad 63 b).$(pad 63 c).$(pad 49 d)"
	echo "$(for n in $(seq 120); do printf 'l.'; done)l 300 A 192.0.2.42"
}

# What no datagram of 1232 bytes holds, up to nearly what TCP does.
big() {
	for n in $(seq 150); do echo "many-a 300 A 198.51.100.$n"; done
	for n in $(seq 60); do printf 'many-aaaa 300 AAAA 2001:db8:1::%x\n' "$n"; done
	for n in $(seq 60); do echo "many-mx 300 MX $((n % 7)) mx$n.some.where.example.net."; done
	for n in $(seq 50); do echo "_many._tcp 300 SRV $((n % 3)) $((n * 1000)) $n host$(printf %03d "$n")"; done
	for n in $(seq 40); do echo "many-ptr 300 PTR host$(printf %03d "$n")"; done
	for n in $(seq 40); do echo "many-ns 300 NS ns$n.some.where.example.net."; done
	for n in 4 5 16 60; do echo "big-txt$n 300 TXT$(strings "$n")"; done
	for n in $(seq 15); do echo "huge-txt 300 TXT \"$n\"$(strings 16)"; done
	echo "to-big 300 CNAME many-a"
	echo "big-raw 300 TYPE65280 \\# 2000 $(pad 4000 5)"
	echo "big-tlsa 300 TLSA 3 0 0 $(pad 3000 a)"
}

hosts() {
	for n in $(seq 60); do
		name=host$(printf %03d "$n")
		echo "$name 300 A 192.0.2.$((n + 100))"
		[ $((n % 2)) = 0 ] || echo "$name 300 AAAA 2001:db8::$n"
		[ $((n % 5)) = 0 ] && echo "$name 300 A 203.0.113.$n" && echo "$name 300 TXT \"host $n\""
		[ $((n % 7)) = 0 ] && echo "$name 300 MX $n mail" && echo "alias$n 300 CNAME $name"
		[ $((n % 9)) = 0 ] && echo "$name $((n * 60)) HTTPS 1 . port=$n"
	done
	return 0
}

{ printf '$ORIGIN hoy.example.\n@	%s\n' "$soa"; written; long; big; hosts; } >hoy.example
{
	printf '$ORIGIN 2.0.192.in-addr.arpa.\n@	%s\n' "$soa"
	for n in $(seq 60); do echo "$((n + 100)) 300 PTR host$(printf %03d "$n").hoy.example."; done
	printf '1 300 PTR ns1.hoy.example.\n1 300 PTR www.hoy.example.\n1 300 PTR sp\\032ace.hoy.example.\n'
	printf '0/25 300 NS ns1.hoy.example.\n2 300 CNAME 2.over.there\n2.over.there 300 PTR NS2.hoy.example.\n'
} >2.0.192.in-addr.arpa
{
	printf '$ORIGIN 8.b.d.0.1.0.0.2.ip6.arpa.\n@	%s\n' "$soa"
	echo '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 300 PTR ns1.hoy.example.'
	echo '6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 300 PTR six.hoy.example.'
} >8.b.d.0.1.0.0.2.ip6.arpa
