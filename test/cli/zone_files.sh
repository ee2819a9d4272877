#!/bin/sh
# hoy serve dns: master files as they are in the wild, DNAME (RFC 6672), and what is said about mistakes.
. "$SOURCE/test/lib.sh"
need ss dig jq

serve() { start env --default-signal=INT,TERM "$HOY" serve dns "$@" >log 2>talk; }
dns() { dig @127.0.0.1 -p "$port" +norec +time=5 +tries=1 "$@"; }
short() { dns +short "$@" | sort | xargs -d '\n'; }
soa='@ 3600 IN SOA ns.example.com. host.example.com. ( 1 2h 1h 2w 1h )'

# ---- what is read: file, name, type, data ----
printf '\357\273\277%s\n@ 3600 IN NS ns.example.com.\nns 3600 IN A 192.0.2.1\n' "$soa" >bom.zone
printf '%s\r\nns 3600 IN A 192.0.2.1\r\n; a comment\r\n\r\nt 60 TXT "a;b" ( c\r\n d ) ; e\r\n' "$soa" >crlf.zone
printf '%s\nns 3600 IN A 192.0.2.1' "$soa" >nonewline.zone
printf '\357\273\277ns 60 A 192.0.2.1\n' >inner.zone
printf '%s\n$INCLUDE inner.zone\n$include "inner.zone" sub ; again\nafter 60 A 192.0.2.2\n' "$soa" >outer.zone
mkdir -p folder
printf '%s\n$INCLUDE near.zone\n' "$soa" >folder/outer.zone
printf 'ns 60 A 192.0.2.1\n' >folder/near.zone
printf '$TTL 1W2d3H4m5s\n%s\nns A 192.0.2.1\n 1m A 192.0.2.2\n' "$soa" >ttl.zone
printf '%s\nns A 192.0.2.1\n' '@ SOA ns h 1 2 3 4 600' >minimum.zone
{ echo "$soa"; printf 'ns 60 TXT'; for i in $(seq 3000); do printf ' "%s"' "$i-abcdefgh"; done; echo; } >longline.zone
{ echo "$soa"; printf '$GENERATE 1-65535 h$ 60 A 192.0.2.1\n'; } >many.zone
printf '%s\nns 300 CLASS1 type1 \\# 4 C0 000201 ; as RFC 3597 has it\nkey 300 KEY 0 3 1 AQ ( ID\n BA== )\n' "$soa" >generic.zone
{ echo "$soa"; seq 30000 | sed 's/.*/wide 60 TXT "&"/; p'; } >wide.zone	# each twice; a set that is searched name by name takes minutes
while read -r zone name type want; do
	serve $zone.zone 127.0.0.1:0 --origin example.com
	same "$zone $name $type" "$(short +tcp "$name.example.com" "$type" | cut -c1-60)" "$want"
	kill $pid; wait $pid
done <<'TABLE'
bom ns A 192.0.2.1
crlf ns A 192.0.2.1
crlf t TXT "a;b" "c" "d"
nonewline ns A 192.0.2.1
outer ns A 192.0.2.1
outer ns.sub A 192.0.2.1
outer after A 192.0.2.2
folder/outer ns A 192.0.2.1
ttl ns A 192.0.2.1 192.0.2.2
minimum ns A 192.0.2.1
longline ns TXT "1-abcdefgh" "2-abcdefgh" "3-abcdefgh" "4-abcdefgh" "5-abcde
many h65535 A 192.0.2.1
wide wide A
generic ns A 192.0.2.1
generic key KEY 0 3 1 AQIDBA==
TABLE

# ---- what the start line says ----
{ echo '$ORIGIN example.com.'; echo "$soa"; echo 'ns 60 A 192.0.2.1'; echo '$ORIGIN sub.example.com.'; echo "$soa"; } >two.zone
serve two.zone 127.0.0.1:0 --json
same "two zones" "$(cat talk)" "hoy serve: dns on tcp 127.0.0.1:$port, serving example.com. (2 records), sub.example.com. (1 record)"
same "in JSON" "$(jq -c 'select(.type == "listen") | .zones' <log)" \
	'[{"name":"example.com.","records":2},{"name":"sub.example.com.","records":1}]'
kill $pid; wait $pid
serve bom.zone 127.0.0.1:0
same "the root by accident" "$(cat talk)" "hoy serve: dns on tcp 127.0.0.1:$port, serving . (3 records)
hoy serve: the file has no \$ORIGIN, so that @ is the root; --origin example.com makes it that zone"
kill $pid; wait $pid
printf '. 60 SOA a. b. 1 2 3 4 5\n' >root.zone
serve root.zone 127.0.0.1:0
same "the root on purpose" "$(cat talk)" "hoy serve: dns on tcp 127.0.0.1:$port, serving . (1 record)"
kill $pid; wait $pid

# ---- DNAME ----
long=$(printf '%050d.%050d.%050d.%050d' 1 2 3 4)
{
	echo "$soa"
	printf '%s\n' 'd 60 DNAME Other.example.net.' 'in 70 DNAME there' 'a.there 80 A 192.0.2.1' 'loop DNAME x.loop' "long DNAME $long" \
		'to 90 CNAME a.in' 'cut NS ns.cut' 'txt TXT a'
} >dname.zone
serve dname.zone 127.0.0.1:0 --origin example.com --json
# answers NAME TYPE: status and the answer section
answers() { dns "$@" +noall +comments +answer | awk '/HEADER/ { printf "%s", $6 } /^[^;]/ { $1 = $1; printf " %s;", $0 }'; }
same "the CNAME that follows from it" "$(answers a.b.d.example.com A)" \
	"NOERROR, d.example.com. 60 IN DNAME Other.example.net.; a.b.d.example.com. 60 IN CNAME a.b.Other.example.net.;"
same "into the zone itself" "$(answers a.in.example.com A)" \
	"NOERROR, in.example.com. 70 IN DNAME there.example.com.; a.in.example.com. 70 IN CNAME a.there.example.com.; a.there.example.com. 80 IN A 192.0.2.1;"
same "to a name that is not there" "$(answers b.in.example.com A | cut -d, -f1)" NXDOMAIN
same "behind a CNAME" "$(answers to.example.com A | tr ';' '\n' | grep -c .)" 4
same "asked for the CNAME" "$(answers a.in.example.com CNAME)" \
	"NOERROR, in.example.com. 70 IN DNAME there.example.com.; a.in.example.com. 70 IN CNAME a.there.example.com.;"
same "its own name" "$(answers d.example.com A)" NOERROR,
same "asked for itself" "$(answers d.example.com DNAME)" "NOERROR, d.example.com. 60 IN DNAME Other.example.net.;"
same "too long a name" "$(answers "$long.long.example.com" A | cut -d, -f1)" YXDOMAIN
same "with its DNAME" "$(answers "$long.long.example.com" A | grep -c ' long.example.com. .* IN DNAME')" 1
like "one that leads below itself ends" "$(answers a.loop.example.com A)" '^(NOERROR|YXDOMAIN), '
kill $pid; wait $pid
same "told by its name" "$(jq -r 'select(.rcode == "YXDOMAIN") | .qtype' <log | sort -u)" A

# ---- mistakes ----
# wrong WHAT FILE... : what is said about bad.zone
wrong() { same "$1" "$(timeout 20 "$HOY" serve dns bad.zone 127.0.0.1:0 --origin example.com 2>&1; echo $?)" "hoy serve: $2
1"; }
while IFS='|' read -r line mistake; do
	printf '%s\n%b\n' "$soa" "$line" >bad.zone
	wrong "$line" "bad.zone:$mistake"
done <<'TABLE'
$GENERATE|2: $GENERATE needs a range, an owner, a type and data
$GENERATE 1 a$ A 192.0.2.$|2: '1' is no range: START-STOP or START-STOP/STEP
$GENERATE 2-1 a$ A 192.0.2.$|2: '2-1' is no range: START-STOP or START-STOP/STEP
$GENERATE 1-2/0 a$ A 192.0.2.$|2: '1-2/0' is no range: START-STOP or START-STOP/STEP
$GENERATE 1--2 a$ A 192.0.2.$|2: '1--2' is no range: START-STOP or START-STOP/STEP
$GENERATE 0-99999999999999999999 a$ A 1.2.3.4|2: '0-99999999999999999999' is no range: START-STOP or START-STOP/STEP
$GENERATE 0-2147483647 a$ A 192.0.2.1|2: $GENERATE makes more than 1048576 records
$GENERATE 1-2 a${1 A 192.0.2.1|2: $GENERATE, at 1: ${OFFSET,WIDTH,BASE} has numbers, a width up to 254 and one of d o x X n N
$GENERATE 1-2 a${0,255} A 192.0.2.1|2: $GENERATE, at 1: ${OFFSET,WIDTH,BASE} has numbers, a width up to 254 and one of d o x X n N
$GENERATE 1-2 a${0,1,b} A 192.0.2.1|2: $GENERATE, at 1: ${OFFSET,WIDTH,BASE} has numbers, a width up to 254 and one of d o x X n N
$GENERATE 1-2 a${-2} A 192.0.2.1|2: $GENERATE, at 1: with its offset a number is below 0 or above 2147483647
$GENERATE 254-256 a$ A 192.0.2.$|2: $GENERATE, at 256: no IPv4 address
$GENERATE 1-2 a$ NOTYPE x|2: 'NOTYPE' is no type of record
$GENERATE 1-2 a$ SOA a. b. 1 2 3 4 5|2: $GENERATE: a zone has one SOA
$INCLUDE|2: $INCLUDE needs a file, and may have an origin
$INCLUDE a b c|2: $INCLUDE needs a file, and may have an origin
$INCLUDE nowhere.zone|2: $INCLUDE nowhere.zone: No such file or directory
$INCLUDE folder|2: $INCLUDE folder: Is a directory
$TTL 1y|2: a time is seconds, at most 2147483647, or 1h30m
$ORIGIN a..b|2: a name has an empty label
d DNAME x.\nd DNAME y.|3: a name has one DNAME at most
d DNAME x.\na.d A 192.0.2.1|3: nothing may be below d.example.com., which has a DNAME in line 2
d DNAME x.\nd NS y.|2: a DNAME may not stand beside NS records, but at the top of a zone
x 60 CLASS3 A 192.0.2.1|2: 'CLASS3' is no type of record
x 60 A 192.0.2.1 ; \000|2: a NUL byte: this is no text
x 60 AXFR \\# 0|2: AXFR: this is no type of a record
TABLE

{ echo; echo "$soa"; echo '$INCLUDE bad2.zone'; } >bad.zone
{ echo '; bad'; echo '$INCLUDE folder/bad3.zone'; } >bad2.zone
printf 'x A 192.0.2.256\n' >folder/bad3.zone
wrong "included twice" "folder/bad3.zone:1: A: no IPv4 address, included at bad2.zone:2, included at bad.zone:3"
printf 'x CNAME a\nx A 192.0.2.1\n' >bad2.zone
wrong "found at the end, in the file included" "bad2.zone:1: a CNAME may not stand beside other records of its name"
printf '\377\376@\0 \0' >bad.zone
wrong "UTF-16" "bad.zone:1: this is UTF-16; a zone file is ASCII or UTF-8 (iconv -f UTF-16 -t UTF-8)"
printf '\376\377\0@' >bad.zone
wrong "UTF-16, the other way" "bad.zone:1: this is UTF-16; a zone file is ASCII or UTF-8 (iconv -f UTF-16 -t UTF-8)"
printf '%s\n@ NS \0ns\n' "$soa" >bad.zone
wrong "a NUL" "bad.zone:2: a NUL byte: this is no text"
printf '' >bad.zone
wrong "nothing" "bad.zone: there are no records in it"
printf '\357\273\277' >bad.zone
wrong "a byte order mark alone" "bad.zone: there are no records in it"
printf '%s\nx CNAME a\nx RRSIG CNAME 8 3 60 20300101000000 20200101000000 1 @ AQID\nx NSEC y CNAME\n' "$soa" >signed.zone
serve signed.zone 127.0.0.1:0 --origin example.com
same "a CNAME that is signed" "$(short x.example.com CNAME)" a.example.com.
kill $pid; wait $pid
finish
