#!/bin/sh
# hoy check zone: every mistake with its place, no mistake twice for one reason, and exit codes.
. "$SOURCE/test/lib.sh"
need jq

soa='@ 3600 IN SOA ns.example.com. host.example.com. ( 1 2h 1h 2w 1h )
@ 60 NS ns
ns 60 A 192.0.2.1'
check() { told "$HOY" check zone --origin example.com "$@"; }
# finds LINES [MISTAKE...]: of bad.zone, which is the SOA and the lines; places count from the first of these
finds() {
	lines=$1; shift
	{ echo "$soa"; printf '%b\n' "$lines"; } >bad.zone
	want=$(for mistake; do echo "$mistake"; done)
	got=$("$HOY" check zone --origin example.com bad.zone 2>talk | sed -n 's/^bad\.zone:\([0-9]*\)/\1/p' | awk -F: '{ print $1 - 3 substr($0, length($1) + 1) }')
	same "$lines" "$got" "$want"
	if [ $# -gt 0 ]; then
		s=s; [ $# = 1 ] && s=
		same "$lines: how many" "$(cat talk)" "hoy check: bad.zone: $# mistake$s"
	fi
}

same "the project's own" "$("$HOY" check zone "$SOURCE/test/zones/example.zone" | tail -n 2 | sed 's|.*/||')" "example.zone: example.com., 100 records
example.zone: 2.0.192.in-addr.arpa., 3 records"
echo "$soa" >good.zone
same "a good one" "$(check good.zone)" "good.zone: example.com., 3 records
0"
same "as JSON" "$("$HOY" check zone good.zone --origin example.com --json | jq -c 'del(.t)')" '{"v":1,"type":"zone","file":"good.zone","name":"example.com.","records":3}
{"v":1,"type":"end","ok":true,"exit":0}'

finds 'x 60 A 192.0.2.256\ny 60 AAAA ::x\nz 60 NOTYPE a' "1: A: no IPv4 address" "2: AAAA: no IPv6 address" "3: 'NOTYPE' is no type of record"
finds 'x 60 A 192.0.2.256\n 60 A 192.0.2.1\n 60 A x' "1: A: no IPv4 address" "3: A: no IPv4 address"
# what continues a wrong name, a wrong entry or a missing time is not wrong as well
finds 'a..b 60 A 192.0.2.1\n 60 A 192.0.2.300\n 60 MX x\nc 60 A x' "1: a name has an empty label" "4: A: no IPv4 address"
finds 'x 60 TXT ( "open\n "a"\n )\n\ny 60 TXT "open\nz 60 A x' "1: a quoted string is not closed on its line" \
	"5: a quoted string is not closed on its line" "6: A: no IPv4 address"
finds 'x 60 A 192.0.2.1 )\nz 60 A x' "1: a ) without its (" "2: A: no IPv4 address"
finds '$TTL 1y\n$ORIGIN a..b\n$NOTHING\n$INCLUDE absent.zone\n$GENERATE 1-3 h$ 60 A x\nz 60 A x' "1: a time is seconds, at most 2147483647, or 1h30m" \
	"2: a name has an empty label" "3: there is no directive '\$NOTHING'" "4: \$INCLUDE absent.zone: No such file or directory" \
	"5: \$GENERATE, at 1: no IPv4 address" "6: A: no IPv4 address"
finds 'z 60 CNAME a\nz 60 A 192.0.2.1\nd 60 DNAME x.\na.d 60 A 192.0.2.1\nexample.org. 60 A 192.0.2.1\nz 60 A x' "6: A: no IPv4 address" \
	"4: nothing may be below d.example.com., which has a DNAME in line 6" "1: a CNAME may not stand beside other records of its name" \
	"5: the record lies in no zone: no SOA at its name or above it"
finds 'x 60 TXT ( a' "1: a ( is not closed"
printf 'a 60 A 192.0.2.1\nb 60 A 192.0.2.1\nc 60 A 192.0.2.1\n' >bad.zone
same "no SOA: once" "$(check bad.zone 2>&1 | wc -l)" 3
printf '@ SOA ns h 1 2 3 4\n@ NS ns\nns A 192.0.2.1\n' >bad.zone
same "a wrong SOA: once" "$(check bad.zone)" "bad.zone:1: SOA: the record is not complete
hoy check: bad.zone: 1 mistake
1"
printf 'ns A 192.0.2.1\nmx A 192.0.2.1\n@ 60 SOA ns h 1 2 3 4 5\n' >bad.zone
same "no time to live: once" "$(check bad.zone | head -n 1; check bad.zone | tail -n 2)" "bad.zone:1: no time to live: the record has none, and there is no \$TTL
hoy check: bad.zone: 1 mistake
1"
printf 'x 60 A 192.0.2.256\n@ 60 NS a..b\n' >inner.zone
{ echo "$soa"; printf '$INCLUDE inner.zone\nz 60 A x\n'; } >bad.zone
same "included, and behind" "$(check bad.zone | sed -n 1,3p)" \
	"inner.zone:1: A: no IPv4 address, included at bad.zone:4
inner.zone:2: NS: a name has an empty label, included at bad.zone:4
bad.zone:5: A: no IPv4 address"
same "JSON of mistakes" "$("$HOY" check zone bad.zone --origin example.com --json 2>/dev/null | jq -c 'select(.type == "mistake") | [.file, .line_number, .what]')" \
'["inner.zone",1,"A: no IPv4 address"]
["inner.zone",2,"NS: a name has an empty label"]
["bad.zone",5,"A: no IPv4 address"]'
{ echo "$soa"; seq 3000 | sed 's/.*/h& 60 A x/'; } >bad.zone
same "a thousand are enough" "$(check bad.zone | tail -n 2; "$HOY" check zone bad.zone 2>/dev/null | wc -l)" "hoy check: bad.zone: 1000 mistakes; the rest of it was not read
1
1000"
printf '' >bad.zone
same "nothing" "$(check bad.zone)" "bad.zone: there are no records in it
hoy check: bad.zone: 1 mistake
1"

# warnings
warns() {
	lines=$1; shift
	{ echo "$soa"; printf '%b\n' "$lines"; } >odd.zone
	want=$(for warning; do echo "$warning"; done)
	same "$lines" "$("$HOY" check zone --origin example.com odd.zone | sed -n 's/^odd\.zone:\([0-9]*\): warning//p')" "$want"
	same "$lines: exit" "$("$HOY" check zone --origin example.com odd.zone >/dev/null; echo $?)" 0
	[ $# = 0 ] || same "$lines: strict" "$("$HOY" check zone --origin example.com --strict odd.zone >/dev/null; echo $?)" 1
}
warns '@ 60 MX 1 mail\n@ 60 MX 2 mail.example.org.\n_a._tcp 60 SRV 1 2 3 srv\n_b._tcp 60 SRV 0 0 0 .' ': mail.example.com. has no address' ': srv.example.com. has no address'
warns '@ 60 MX 1 mail\nmail 60 CNAME ns' ': mail.example.com. is an alias, which may not stand here'
warns '@ 60 MX 1 mail\n* 60 A 192.0.2.1'
warns '@ 60 MX 1 mail.sub\nsub 60 NS ns.elsewhere.example.'
warns 'sub 60 NS ns.sub' ': ns.sub.example.com. has no address'
warns 'sub 60 NS ns.sub\nns.sub 60 AAAA 2001:db8::1'
warns 'sub 60 NS ns.other\nother 60 NS ns.example.org.'
sed 2d good.zone >odd.zone
same "no name server" "$(check odd.zone)" "odd.zone:1: warning: example.com. has no NS records
odd.zone: example.com., 2 records
0"

# exit codes
same "no file" "$(check absent.zone)" "hoy check: absent.zone: No such file or directory
3"
same "a directory" "$(check . | tail -n 1)" 3
same "one of two cannot be read" "$(check absent.zone good.zone | tail -n 1)" 5
same "one of three is wrong" "$(check absent.zone good.zone bad.zone | tail -n 1)" 1
same "a wrong origin" "$("$HOY" check zone --origin a..b good.zone 2>&1 | head -n 1)" "hoy check: --origin takes a domain name, not 'a..b'"
same "another word" "$(told "$HOY" check zne good.zone | sed -n '1p;$p')" "hoy check: there is no 'check zne'; did you mean 'check zone'?
2"
same "no file named" "$(told "$HOY" check zone | tail -n 1)" 2
finish
