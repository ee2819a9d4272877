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
count      256 addresses, 254 of them for hosts
reverse    3.1.168.192.in-addr.arpa.
bits       11000000.10101000.00000001|00000011' 0 192.168.1.3
gives 'address    2001:db8::1
class      global unicast, documentation (RFC 3849)
mask       ffffffff000000000000000000000000 = /32
network    2001:db8::/32
range      2001:db8:: - 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff
count      79228162514264337593543950336 addresses = 2^96
reverse    1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.
bits       0010000000000001:0000110110111000|0000000000000000:0000000000000000:0000000000000000:0000000000000000:0000000000000000:0000000000000001' 0 2001:db8::1/32

same "as JSON" "$("$HOY" ip --json 10.1.2.3/23 ::1 | jq -c 'select(.type == "address") | [.ip, .network, .first, .last, .broadcast, .default_mask]')" \
'["10.1.2.3","10.1.2.0/23","10.1.2.0","10.1.3.255","10.1.3.255",false]
["::1","::1/128","::1","::1",null,false]'
same "JSON of a mistake" "$("$HOY" ip --json 1.2.3.256 2>/dev/null | jq -c 'select(.type == "error") | [.text, .reason, .offset]')" \
	'["1.2.3.256","IPv4 field has value >255",6]'

# counts REST-OF-LINE ARGUMENT: how many addresses there are
counts() { same "addresses of $2" "$("$HOY" ip "$2" | sed -n 's/^count  *//p')" "$1"; }
counts '1 address' 192.0.2.1/32
counts '2 addresses' 192.0.2.0/31
counts '4 addresses, 2 of them for hosts' 192.0.2.0/30
counts '4294967296 addresses, 4294967294 of them for hosts' 0.0.0.0/0
counts '1 address' ::1
counts '18446744073709551616 addresses = 2^64' 2001:db8::/64
counts '340282366920938463463374607431768211456 addresses = 2^128' ::/0
same "addresses as JSON" "$("$HOY" ip --json ::/0 10.0.0.1/8 | sed -n 's/.*\("addresses":[0-9]*\).*/\1/p')" \
	'"addresses":340282366920938463463374607431768211456
"addresses":16777216'

# masks in every customary form
for mask in 24 255.255.255.0 ffffff00 FFFFFF00 0xffffff00 0XFFFFFF00 0.0.0.255 0x000000ff; do
	same "mask $mask" "$("$HOY" ip "10.1.2.3/$mask" | sed -n 's/^network  *//p')" 10.1.2.0/24
	[ $mask = 24 ] || same "mask $mask behind a blank" "$("$HOY" ip 10.1.2.3 $mask | sed -n 's/^network  *//p')" 10.1.2.0/24
	same "contains with mask $mask" "$("$HOY" ip contains 10.1.2.0/$mask 10.1.2.3/$mask)" "10.1.2.3/$mask: yes"
	same "merge with mask $mask" "$("$HOY" ip merge 10.1.2.0/$mask 10.1.3.0/$mask)" 10.1.2.0/23
done
same "every length as a mask" "$(for n in $(seq 0 32); do
	mask=$("$HOY" ip 255.255.255.255/$n | sed -n 's/^mask  *\([0-9.]*\) = \([0-9a-f]*\) .*/\1 \2/p')
	for form in $mask; do "$HOY" ip "1.2.3.4/$form" | grep -c "^mask .* /$n\$"; done
done | sort | uniq -c | tr -s ' ')" " 66 1"
same "hexadecimal of IPv6" "$("$HOY" ip 2001:db8::1/ffffffff000000000000000000000000 | sed -n 's/^network  *//p')" 2001:db8::/32
same "two addresses that are no masks" "$("$HOY" ip 10.1.2.3 255.255.255.255 0.0.0.0 | grep -c '^address ')" 3
for wrong in 255.0.255.0 ff00ff00 0x10000000 255.255.255 1.2.3.4 ffff:: 0xff 255.255.255.0/24 33 -1 ''; do
	"$HOY" ip "10.1.2.3/$wrong" >out 2>err
	same "mask $wrong" "$? $(cat out) $(sed -n '$s/^ *\^.*/a mark/p' err)" "1  a mark"
done
gives '' 1 10.0.0.1/255.0.255.0
same "mask with a gap" "$(cat err)" 'hoy ip: invalid mask: 10.0.0.1/255.0.255.0
  10.0.0.1/255.0.255.0
           ^ a mask is 24, 255.255.255.0, ffffff00 or 0.0.0.255'
gives '' 1 ::1/255.0.0.0

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
gives '192.168.1.0/26     50 of 62 hosts
192.168.1.64/27    20 of 30 hosts
192.168.1.96/28    10 of 14 hosts
192.168.1.112/28   left, 16 addresses
192.168.1.128/25   left, 128 addresses' 0 split 192.168.1.0/24 10 50 20
gives '10.0.0.0/25        126 of 126 hosts
10.0.0.128/25      100 of 126 hosts' 0 split 10.0.0.9/24 100 126
gives '10.0.0.0/30        1 of 2 hosts
10.0.0.4/30        left, 4 addresses
10.0.0.8/29        left, 8 addresses' 0 split -H 10.0.0.0/28 1
gives '' 2 split --hosts 2001:db8::/64 18446744073709551615
gives '2001:db8::/116     4000 of 4095 hosts
2001:db8::1000/122 50 of 63 hosts
2001:db8::1040/122 left, 64 addresses
2001:db8::1080/121 left, 128 addresses
2001:db8::1100/120 left, 256 addresses
2001:db8::1200/119 left, 512 addresses
2001:db8::1400/118 left, 1024 addresses
2001:db8::1800/117 left, 2048 addresses' 0 split 2001:db8::/115 4000 50
gives '' 1 split 192.168.1.0/24 128 1
like "too small" "$(cat err)" '^hoy ip: 192\.168\.1\.0/24 is too small: 1 of the 2 networks fit, largest first; there is no room for 1 hosts$'
gives '' 1 split 192.168.1.0/24 --hosts 255
gives '255.255.255.252/30 2 of 2 hosts' 0 split 255.255.255.252/30 --hosts 2
for wrong in '5 x' '5 0' '5 -1' '5 1000000000000000000000'; do
	# shellcheck disable=SC2086
	gives '' 2 split 10.0.0.0/8 -- $wrong
done
same "split by hosts as JSON" "$("$HOY" ip split --json 10.0.0.0/28 2 5 | jq -c 'select(.network) | [.type, .network, .hosts_wanted, .hosts, .addresses]')" \
	'["network","10.0.0.0/29",5,6,null]
["network","10.0.0.8/30",2,2,null]
["left","10.0.0.12/30",null,null,4]'
gives '192.168.1.0/25
192.168.1.128/25' 0 split 192.168.1.0/24 255.255.255.128
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

# files, lists, and which network it was
printf '10.9.8.7 and 192.0.2.9\nnone\n' >more
printf '\357\273\277# blocked\r\n10.0.0.0/8 ; a comment\r\n  10.1.0.0/255.255.0.0\t11.0.0.0-11.0.0.9 # more\n' >list
grep_files() { "$HOY" ip grep "$@" </dev/null; }
same "grep in a file" "$(grep_files 10.0.0.0/8 log)" "$(sed -n '1p;4p' log)"
same "grep in two" "$(grep_files 10.9.0.0/16 log more)" "log:address 10.9.9.9.
more:10.9.8.7 and 192.0.2.9"
same "grep -n in two" "$(grep_files -n 10.9.0.0/16 more log)" "more:1:10.9.8.7 and 192.0.2.9
log:4:address 10.9.9.9."
same "grep -c in two" "$(grep_files -c 10.9.0.0/16 11.0.0.1 more log)" "more:1
log:2"
same "grep -vn" "$(grep_files -vn 10.0.0.0/8 more)" "2:none"
same "grep -o" "$(grep_files -o 0.0.0.0/0 ::/0 log more)" "log:10.1.2.3
log:11.0.0.1
log:fe80::1
log:10.9.9.9
more:10.9.8.7
more:192.0.2.9"
same "grep -o of several in one run" "$(printf '10.0.0.1:10.0.0.2:80,10.0.0.3;::1 10.0.0.4\n' | "$HOY" ip grep -o 10.0.0.0/8 ::1)" "10.0.0.1
10.0.0.2
10.0.0.3
::1
10.0.0.4"
same "grep -f" "$(grep_files -f list log)" "$(sed -n '1,2p;4p' log)"
same "which network: the narrowest" "$(grep_files -w -n -f list log)" "1:10.1.0.0/255.255.0.0 $(sed -n 1p log)
2:11.0.0.0-11.0.0.9 from 11.0.0.1
4:10.0.0.0/8 address 10.9.9.9."
same "which, and only that" "$(grep_files -ow -f list log)" "10.1.0.0/255.255.0.0 10.1.2.3
11.0.0.0-11.0.0.9 11.0.0.1
10.0.0.0/8 10.9.9.9"
same "which, as JSON" "$(grep_files --json -f list 192.0.2.0/24 log more | jq -c 'select(.type == "line") | [.file, .line_number, .ip, .network]')" \
	'["log",1,"10.1.2.3","10.1.0.0/255.255.0.0"]
["log",2,"11.0.0.1","11.0.0.0-11.0.0.9"]
["log",4,"10.9.9.9","10.0.0.0/8"]
["more",1,"10.9.8.7","10.0.0.0/8"]'
same "each address, as JSON" "$(grep_files --json -o 192.0.2.0/24 ::ffff:10.0.0.0/104 more | jq -c 'select(.type == "match") | [.line_number, .ip, .network]')" \
	'[1,"10.9.8.7","::ffff:10.0.0.0/104"]
[1,"192.0.2.9","192.0.2.0/24"]'
same "counts as JSON" "$(grep_files --json -c 10.0.0.0/8 log more | jq -c 'select(.type == "count") | [.file, .lines]')" '["log",2]
["more",1]'
same "a list on standard input" "$("$HOY" ip grep -c -f - log <list)" 3
same "standard input among files" "$("$HOY" ip grep -c 10.0.0.0/8 more - <log)" "more:1
-:2"
echo 10.0.0.1 >10.0.0.1
same "a file that is called like a network" "$(grep_files 10.0.0.0/8 ./10.0.0.1)" 10.0.0.1
same "nested and crossing ranges" "$(printf '%s\n' 10.0.0.5 10.0.0.15 10.0.0.25 10.0.0.35 10.0.1.0 | "$HOY" ip grep -ow 10.0.0.0-10.0.0.20 10.0.0.10-10.0.0.30 10.0.0.12-10.0.0.13 10.0.0.0/26)" \
"10.0.0.0-10.0.0.20 10.0.0.5
10.0.0.10-10.0.0.30 10.0.0.15
10.0.0.10-10.0.0.30 10.0.0.25
10.0.0.0/26 10.0.0.35"
# says EXIT FIRST-LINE ARGUMENT...
says() {
	code=$1 want=$2; shift 2
	grep_files "$@" >out 2>err
	same "grep $*" "$? $(head -n 1 err)" "$code $want"
}
says 5 'hoy ip: absent: no such file or directory' 10.0.0.0/8 log absent
same "the others are searched" "$(grep -c ^log: out)" 2
says 3 'hoy ip: .: is a directory' 10.0.0.0/8 .
says 2 'hoy ip: invalid IP address: absent' 10.0.0.0/8 absent
like "and it says what else was tried" "$(cat err)" '^hoy ip: nor is there a file of that name$'
says 2 'hoy ip: -o shows addresses that match, -v lines without any' -o -v 10.0.0.0/8 log
same "a list on standard input, and nothing to search" "$(echo 10.0.0.0/8 | told "$HOY" ip grep -f -)" "hoy ip: standard input has the networks: name the files to search
  see: hoy help ip
2"
says 2 'hoy ip: a network is missing: hoy ip grep NETWORK|FIRST-LAST... [FILE...]'
says 2 'hoy ip: a network is missing: hoy ip grep NETWORK|FIRST-LAST... [FILE...]' log
says 3 'hoy ip: absent: no such file or directory' -f absent log
printf '10.0.0.0/8\n\n10.0.0.0/33 x\n' >list
says 2 'hoy ip: netip.ParsePrefix("10.0.0.0/33"): prefix length out of range' -f list log
same "every mistake of a list, with its line" "$(grep -c 'hoy ip: line 3 of list$' err) $(cat out)" "2 "
: >list
says 1 'hoy ip: there is nothing in list' -f list log
for flag in -c -v -o -n -w '-f list'; do
	# shellcheck disable=SC2086
	gives '' 2 $flag 10.0.0.1
done
gives '' 2 contains -H 10.0.0.0/8 10.0.0.1

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
