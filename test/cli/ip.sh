#!/bin/sh
# hoy ip: what it shows, what it computes, and what it says about texts that are no address.
. "$SOURCE/test/lib.sh"
need jq

# gives WANT EXIT ARGUMENTS...: standard output and exit code; standard error is in the file err
gives() {
	want=$1 code=$2; shift 2
	got=$("$HOY" ip "$@" 2>err)
	same "exit of ip $*" $? "$code"
	same "ip $*" "$got" "$want"
}

gives 'address    192.168.1.3
class      private, global unicast
mask       255.255.255.0 = ffffff00 = /24, the default of its class
network    192.168.1.0/24
range      192.168.1.0 - 192.168.1.255
broadcast  192.168.1.255
reverse    3.1.168.192.in-addr.arpa.
bits       11000000.10101000.00000001|00000011' 0 192.168.1.3
gives 'address    2001:db8::1
class      global unicast, documentation (RFC 3849)
mask       ffffffff000000000000000000000000 = /32
network    2001:db8::/32
range      2001:db8:: - 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff
reverse    1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.
bits       0010000000000001:0000110110111000|0000000000000000:0000000000000000:0000000000000000:0000000000000000:0000000000000000:0000000000000001' 0 2001:db8::1/32

same "as JSON" "$("$HOY" ip --json 10.1.2.3/23 ::1 | jq -c 'select(.type == "address") | [.ip, .network, .first, .last, .broadcast, .default_mask]')" \
'["10.1.2.3","10.1.2.0/23","10.1.2.0","10.1.3.255","10.1.3.255",false]
["::1","::1/128","::1","::1",null,false]'
same "JSON of a mistake" "$("$HOY" ip --json 1.2.3.256 2>/dev/null | jq -c 'select(.type == "error") | [.text, .reason, .offset]')" \
	'["1.2.3.256","IPv4 field has value >255",6]'

# a mark under the wrong character
gives '' 1 192.0.2
same "short" "$(cat err)" 'hoy ip: invalid IP address: 192.0.2
  192.0.2
         ^ IPv4 address too short'
gives '' 1 10.0.0.1/33
same "length" "$(cat err)" 'hoy ip: netip.ParsePrefix("10.0.0.1/33"): prefix length out of range
  10.0.0.1/33
           ^ prefix length out of range'
gives '' 1 1::2::3
like "two gaps" "$(cat err)" '^ {7}\^ multiple :: in address$'

gives '' 1 10.0.0.256/8
like "field" "$(cat err)" '^ {9}\^ IPv4 field has value >255$'
gives '' 1 'fe80::1%eth0'
like "zone" "$(cat err)" '^ {9}\^ unexpected zone$'
gives '' 1 "$(printf '1.2\033.\303\251.4')"
same "not ASCII" "$(sed 1d err)" '  1.2?.?.4
     ^ unexpected character'
gives '' 1 ''
like "nothing at all" "$(cat err)" '^  \^ unable to parse IP$'
gives '' 2 contain 10.0.0.0/8 10.1.2.3
like "a word misspelt" "$(cat err)" "did you mean 'ip contains'"
gives '' 2 -v 10.0.0.1

gives '10.1.2.3: yes' 0 contains 10.0.0.0/8 10.1.2.3
gives '10.1.2.3: yes
11.0.0.0: no' 1 contains 10.0.0.0/8 10.1.2.3 11.0.0.0
gives '10.1.0.0/16: yes' 0 contains 10.0.0.0/8 10.1.0.0/16
gives '10.0.0.0/7: no' 1 contains 10.0.0.0/8 10.0.0.0/7
gives '::ffff:10.1.2.3: yes
::ffff:10.0.0.0/100: no
::ffff:0:0/96: no' 1 contains ::ffff:10.0.0.0/104 ::ffff:10.1.2.3 ::ffff:10.0.0.0/100 ::ffff:0:0/96
gives '' 2 contains 10.0.0.0/8
gives '' 2 contains 10.0.0.0/8 x
gives '192.168.1.0/26
192.168.1.64/26
192.168.1.128/26
192.168.1.192/26' 0 split 192.168.1.77/24 26
gives '' 2 split 192.168.1.0/24 23
gives '' 2 split 192.168.1.0/24 2x
gives '' 2 split 0.0.0.0/0 ''
gives '' 2 split 192.168.1.0/24 ' +26'
same "split of very many, into head" "$("$HOY" ip split ::/0 /64 | head -n 2 | tail -n 1)" 0:0:0:1::/64
gives '10.0.0.0/23
10.0.4.0/24' 0 merge 10.0.1.0/24 10.0.0.0/25 10.0.0.128/25 10.0.4.0/24 10.0.4.7
gives '10.0.0.1/32
10.0.0.2/31
10.0.0.4/31
10.0.0.6/32' 0 range 10.0.0.1-10.0.0.6
gives '' 2 range 10.0.0.6-10.0.0.1
gives '' 2 range 10.0.0.1-::1
gives '' 2 merge
gives '' 2 merge nonsense

printf '%s\n' 'GET / from 10.1.2.3:8080' 'from 11.0.0.1' 'got [fe80::1]:22.' 'address 10.9.9.9.' 'none' >log
grep_log() { "$HOY" ip grep "$@" <log; }
same "grep" "$(grep_log 10.0.0.0/8 fe80::/10)" "$(sed -n '1p;3,4p' log)"
same "grep -v" "$(grep_log -v 10.0.0.0/8 fe80::/10)" "$(sed -n '2p;5p' log)"
same "grep -c" "$(grep_log -c 10.0.0.0/8)" 2
same "grep of a range" "$(grep_log 11.0.0.0-11.0.0.9)" 'from 11.0.0.1'
same "grep as JSON" "$(grep_log --json 11.0.0.1 | jq -c 'select(.type == "line") | [.line_number, .ip, .line]')" \
	'[2,"11.0.0.1","from 11.0.0.1"]'
grep_log 192.0.2.0/24 >out; same "grep without a find" $? 1
grep_log 10.0.0.0/8 >out; same "grep with a find" $? 0
grep_log 10.0.0.0/99 >out 2>&1; same "grep of no network" $? 2
grep_log 10.0.0.9-10.0.0.1 >out 2>&1; same "grep of no range" $? 2

# finds WANT TEXT: 1 when grep finds an address in the text, whose escapes are printf's, else 0
finds() {
	same "grep in: $2" "$(printf '%b\n' "$2" | "$HOY" ip grep -c 10.0.0.0/8 fe80::/10 ::1)" "$1"
}
for text in src:10.0.0.1 addr:fe80::1 ip:::1 10.0.0.1/8 10.0.0.1:http 10.0.0.1:80:10.9.9.9 '[::ffff:10.0.0.1]:80' fe80::1%eth0 \
	'192.0.2.1,10.0.0.1' '"10.0.0.1"' '10.0.0.1: refused' 'to fe80::1:' '10.0.0.1\r' 'bin\0000 10.0.0.1' '\0377\035110.0.0.1\0351'; do
	finds 1 "$text"
done
for text in x10.0.0.1 10.0.0.1x a10.0.0.1 1.10.0.0.1 10.0.0.1.example v_10.0.0.1 fe80::1x ns::1 ::1::2 10.0.0.256 10.0.0 \
	std::list 10.0.0.01 ; do
	finds 0 "$text"
done
same "JSON of bytes that are no text" "$(printf '\377\0"10.0.0.1\r\n' | "$HOY" ip grep --json 10.0.0.1 | jq -r 'select(.type == "line") | .line' | od -An -tx1 | tr -d ' \n')" \
	efbfbd002231302e302e302e310d0a
same "a line without an end, and an endless one" "$( (yes 1 | head -c 3000000 | tr -d '\n'; printf ' 10.0.0.1') | "$HOY" ip grep 10.0.0.0/8 | wc -c)" 1500009
same "a million lines" "$(seq 1000000 | sed 's/\(.*\)\(..\)/10.\2.0.1 \1/' | "$HOY" ip grep -c 10.99.0.0/16)" 10000
"$HOY" ip grep 10.0.0.0/8 </ >out 2>err; same "grep in a directory" "$? $(cat err)" "3 hoy ip: read standard input: is a directory"
"$HOY" ip grep 10.0.0.0/8 <&- >out 2>err; same "grep without standard input" $? 3
yes 10.0.0.1 | timeout 10 "$HOY" ip grep 10.0.0.0/8 >/dev/full 2>err; same "grep into a full disk" $? 3
same "grep into head" "$(yes 10.0.0.1 | timeout 10 "$HOY" ip grep 10.0.0.0/8 | head -n 1)" 10.0.0.1

# the guide's programs
same "IP" "$("$EXAMPLES/IP")" "$(printf 'fc00::\n10.123.0.12\n10.255.0.0')"
same "ParseIP" "$("$EXAMPLES/ParseIP")" "$(printf '192.0.2.1\n2001:db8::68\n<nil>')"
same "Mask 192.168.1.3" "$("$EXAMPLES/Mask" 192.168.1.3)" "$(printf 'Address is 192.168.1.3\nMask is ffffff00, 24 ones of 32 bits\nNetwork is 192.168.1.0')"
same "Mask of IPv6" "$("$EXAMPLES/Mask" 2404:6800:4007:818::2004 64 | tail -n 1)" 'Network is 2404:6800:4007:818::'
same "Mask of a bad address" "$("$EXAMPLES/Mask" 192.0.2 2>&1)" 'Fatal error: invalid IP address: 192.0.2'
same "CIDR" "$("$EXAMPLES/CIDR" 127.0.0.1/23)" "$(printf 'Address is 127.0.0.1\nNetwork is 127.0.0.0/23\nMask is fffffe00')"
same "CIDR of a bad text" "$("$EXAMPLES/CIDR" 127.0.0.1 2>&1)" 'Fatal error: invalid CIDR address: 127.0.0.1'
finish
