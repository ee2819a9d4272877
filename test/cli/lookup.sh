#!/bin/sh
# hoy lookup: what is found in a zone, in every form; and each way in which a server can fail.
. "$SOURCE/test/lib.sh"
need jq ss socat xxd script dig

start "$HOY" serve dns "$SOURCE/test/zones/example.zone" 127.0.0.1:0 2>/dev/null; at=127.0.0.1:$port zone=@$at

lookup() { "$HOY" lookup "$@"; }
# code ARGUMENTS...: the exit code
code() { lookup "$@" >/dev/null 2>&1; echo $?; }

# ARGUMENTS | the data, one record after the other
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	same "$arguments" "$(lookup --short $zone $arguments 2>/dev/null | sort | paste -sd'|')" "$want"
done <<'TABLE'
ns1.example.com|192.0.2.1|2001:db8::1
a ns1.example.com|192.0.2.1
ns1.example.com AAAA|2001:db8::1
www.example.com|192.0.2.80|192.0.2.81
mx example.com|10 mail.example.com.|20 mail2.example.net.
15 example.com|10 mail.example.com.|20 mail2.example.net.
NS example.com|ns1.example.com.|ns2.example.com.
cname chain.example.com|web.example.com.
cname web.example.com|web.example.com.
txt txt.example.com|hello worldplainwith "quotes", ; and ä
srv _xmpp-server._tcp.example.com|5 0 5269 xmpp.example.com.
_xmpp-server._tcp.example.com|5 0 5269 xmpp.example.com.
srv xmpp-server tcp example.com|5 0 5269 xmpp.example.com.
192.0.2.80|web.example.com.
-x 192.0.2.80|web.example.com.
ptr 192.0.2.80|web.example.com.
ptr 80.2.0.192.in-addr.arpa|web.example.com.
--raw 192.0.2.80|web.example.com.
soa example.com|ns1.example.com. host\.master.example.com. 2026112401 86400 7200 2419200 600
https svc.example.com|1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 key65400="x,y"
caa caa.example.com|0 issue "ca.example.net; policy=ev"
naptr naptr.example.com|100 10 "S" "SIP+D2U" "" _sip._udp.example.com.
tlsa tlsa.example.com|3 1 1 0123456789ABCDEF00FF
TYPE65280 raw.example.com|\# 4 0A000001
any ns1.example.com|192.0.2.1|2001:db8::1
--type a ns1.example.com ns2.example.com|192.0.2.1|192.0.2.2
mx ns example.com|10 mail.example.com.|20 mail2.example.net.|ns1.example.com.|ns2.example.com.
+short +tcp a ns1.example.com|192.0.2.1
TABLE
same "a text over TCP" "$(lookup --short txt big.example.com "$zone" | tr -d '\n' | wc -c)" 2000
same "names from a pipe" "$(printf 'ns1.example.com\n\n# no name\n  ns2.example.com  \n' | lookup -s a - "$zone" | tr '\n' ' ')" \
	"192.0.2.1 192.0.2.2 "
like "control characters" "$(printf 'a\033[2Jb\n' | lookup - "$zone" 2>&1; echo $?)" '^hoy lookup: there are control characters in a name'
same "the table" "$(lookup ns1.example.com "$zone" 2>/dev/null)" "ns1.example.com  A     1h  192.0.2.1
ns1.example.com  AAAA  1h  2001:db8::1"
same "a service" "$(lookup https svc.example.com "$zone" 2>/dev/null)" \
	"svc.example.com  HTTPS  1h  1 svc.example.com.; port 8443; h2, h3; try 192.0.2.1, 192.0.2.2"
same "a service's alias" "$(lookup https apex.example.com "$zone" 2>/dev/null)" \
	"apex.example.com  HTTPS  1h  2 web.example.com.; h3 only; try 2001:db8::1; ECH, 3 bytes
apex.example.com  HTTPS  1h  0 demand.example.com.; where the alias leads"
like "where it leads" "$(lookup https apex.example.com "$zone" 2>&1 >/dev/null)" \
	"^  apex\\.example\\.com, an alias of demand\\.example\\.com\\.: from $at, [0-9.]+(us|ms); 1 left out, they demand what hoy does not know\$"
same "for scripts it stays a record" "$(lookup --short svcb svcb.example.com "$zone")" "0 web.example.com."
same "no such service" "$(code svcb svc.example.com "$zone")" 1
# raw is what dig shows
while read -r name type; do
	same "raw $name $type" "$(lookup --raw "$name" "$type" "$zone" 2>/dev/null | grep -v '^;' | sort)" \
		"$(dig @127.0.0.1 -p "$port" +noall +answer +authority +additional "$name" "$type" | grep -v '^;' | tr -s '\t ' ' ' | sort)"
done <<'TABLE'
www.example.com A
www.example.com AAAA
www.sub.example.com A
example.com MX
example.com ANY
txt.example.com TXT
big.example.com TXT
svc.example.com HTTPS
naptr.example.com NAPTR
raw.example.com TYPE65280
nothing.example.com SOA
many.example.com A
TABLE
same "raw, as a zone file" "$(lookup --raw www.example.com "$zone" 2>/dev/null)" "; answer
www.example.com. 60 IN CNAME web.example.com.
web.example.com. 3600 IN A 192.0.2.80
web.example.com. 3600 IN A 192.0.2.81"
like "raw, what says no" "$(lookup --raw mx web.example.com "$zone" 2>/dev/null | sed -n 1,2p | tr '\n' ' ')" \
	'^; authority example\.com\. 600 IN SOA ns1'
like "an alias" "$(lookup www.example.com "$zone" 2>&1 >/dev/null)" \
	"^  www\\.example\\.com, an alias of web\\.example\\.com\\.: from $at, [0-9.]+(us|ms)\$"
like "no alias" "$(lookup cname web.example.com "$zone" 2>&1 >/dev/null)" 'web\.example\.com, no alias: from'
like "the hosts file" "$(lookup localhost 2>&1)" '^  localhost: from the hosts file, '
like "a literal" "$(lookup a 192.0.2.9 2>&1)" '^192\.0\.2\.9  A  -  192\.0\.2\.9$'
same "colour on a terminal" "$(TERM=xterm script -qec "'$HOY' lookup a ns1.example.com $zone" /dev/null | grep -c "$(printf '\033')")" 2

# exit codes
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	same "exit of $arguments" "$(code $arguments)" "$want"
done <<TABLE
$zone nothing.example.com|1
$zone mx web.example.com|1
$zone caa web.example.com|1
$zone --raw aaaa nothing.example.com|1
$zone aaaa ns2.example.com|1
$zone -x example.com|1
$zone www.example.org|3
$zone ns1.example.com nothing.example.com|5
$zone a mx ns1.example.com|5
$zone www.example.org nothing.example.com|3
nosuch.invalid|1
ns1.example.com @nosuch.invalid|3
ns1.example.com @|2
ns1.example.com @1.2.3.4:99999|2
ns1.example.com @a:b:c|2
mx|2
$zone|2
srv $(printf %0250d 0) tcp example.com|2
--type nosuch example.com|2
-x a 192.0.2.1|2
+trace example.com|2
+raw example.com|2
--wait 1 example.com|2
TABLE
# the search list, and how many dots a name has that is asked for as it is first
asked() { lookup --explain --short a "$@" "$zone" 2>&1 | sed -n 's/.* asks for \([^ ]*\)\.$/\1/p' | paste -sd' '; }
same "search: in order, up to the first that is there" "$(asked www --search nothing.example.com,example.com,sub.example.com)" "www.nothing.example.com www.example.com"
same "search, with blanks" "$(asked web --search ' sub.example.com  example.com,')" "web.sub.example.com web.example.com"
same "no search list" "$(asked www --search '')" "www"
same "a dot: as it is first" "$(asked a.b --search example.com)" "a.b a.b.example.com"
same "two dots wanted" "$(asked a.b --search example.com --ndots 2)" "a.b.example.com a.b"
same "no dot wanted" "$(asked www --search example.com --ndots 0)" "www www.example.com"
same "a final dot" "$(asked a.b. --search example.com --ndots 5)" "a.b"
same "raw is one question" "$(asked --raw www --search example.com)" ""
same "the port of a server without one" "$(lookup --short a ns1.example.com @127.0.0.1 -p "$port")" 192.0.2.1
same "and of one with" "$(lookup --short a ns1.example.com "$zone" -p 9)" 192.0.2.1
like "no server of the family" "$(lookup -6 a ns1.example.com "$zone" 2>&1; echo $?)" '^  there is no name server of that family to ask; '
# refuses MESSAGE ARGUMENT...
refuses() {
	want=$1; shift
	same "lookup $*" "$(told "$HOY" lookup "$@" | sed -n '1p;$p')" "hoy lookup: $want
2"
}
refuses "--ndots takes a number from 0 to 15, not '16'" --ndots 16 x
refuses "--ndots takes a number from 0 to 15, not ''" --ndots '' x
refuses "--ndots takes a number from 0 to 15, not '-1'" --ndots -1 x
refuses '-4 and -6 leave no way to ask' -4 -6 x
refuses '-p is the port of an @SERVER, and none is given' -p 53 x
refuses "--port takes a number from 0 to 65535, not '65536'" -p 65536 x
refuses '--search takes 16 domains at most' --search "$(seq -s , 17)" x
same "a type as a name" "$(lookup mx. "$zone" 2>&1 | head -n 1)" "hoy lookup: lookup mx. on $at: server misbehaving"
like "a type and no name" "$(lookup mx 2>&1)" "^hoy lookup: a name is missing: mx is a type of record; a host of that name is written 'mx\\.'\$"
for type in dnskey KEY loc ds uri spf a6 null nxt nsap-ptr openpgpkey type65280 257; do
	like "$type is no host" "$(lookup @127.0.0.1:9 "$type" 2>&1; echo $?)" "^hoy lookup: a name is missing: $type is a type of record; "
done
for type in opt IXFR tsig tkey nxname type0; do
	like "$type is no question" "$(lookup "$type" example.com @127.0.0.1:9 2>&1)" "^hoy lookup: there are no records of type .* to ask for; a host of that name is written '$type\\.'\$"
done
same "no name" "$(lookup a..b "$zone" 2>&1)" "hoy lookup: lookup a..b: no such host
  no name server was asked for that"
for pasted in https://ns1.example.com/path?q#f http://me@ns1.example.com:80/ ns1.example.com:443 ns1.example.com/x me@ns1.example.com; do
	like "pasted $pasted" "$(lookup "$pasted" "$zone" 2>&1)" 'did you mean the host ns1\.example\.com\?'
done
like "other letters" "$(lookup bücher.example "$zone" 2>&1)" 'xn--bcher-kva\.example'
like "a mistyped type" "$(lookup mxx example.com "$zone" 2>&1)" 'did you mean the type MX\?'
like "letters swapped" "$(lookup dnskye example.com "$zone" 2>&1)" 'did you mean the type DNSKEY\?'
like "one of dig's words" "$(lookup +raw example.com 2>&1)" "'\\+raw' is written --raw here"
same "no such name" "$(lookup nothing.example.com "$zone" 2>&1)" \
	"hoy lookup: lookup nothing.example.com on $at: no such host
  NXDOMAIN: that name does not exist"
same "no such data" "$(lookup mx web.example.com "$zone" 2>&1)" \
	"hoy lookup: lookup web.example.com on $at: no such host
  NOERROR: the name exists, but has no such records"

# JSON
json() { lookup --json "$@" 2>/dev/null | jq -c 'del(.v, .t, .took_us, .at_us, .id)'; }
same "JSON" "$(json mx example.com "$zone")" \
'{"type":"record","name":"example.com","owner":"example.com","section":"answer","rrtype":"MX","ttl_s":3600,"data":"10 mail.example.com.","pref":10,"host":"mail.example.com."}
{"type":"record","name":"example.com","owner":"example.com","section":"answer","rrtype":"MX","ttl_s":3600,"data":"20 mail2.example.net.","pref":20,"host":"mail2.example.net."}
{"type":"lookup","name":"example.com","qtype":"MX","result":"ok","source":"dns","server":"'"$at"'","rcode":"NOERROR","asked":"example.com.","canonical":"example.com.","records":2,"dropped":0,"authenticated":false}
{"type":"end","ok":true,"exit":0}'
same "JSON of no data" "$(json aaaa www.example.com "$zone" | jq -c 'select(.type == "lookup") | [.qtype, .result, .rcode, .records]')" \
	'["AAAA","nodata","NOERROR",0]'
same "JSON of SRV" "$(json _xmpp-server._tcp.example.com "$zone" | jq -c 'select(.type == "record") | [.priority, .weight, .port, .host]')" \
	'[5,0,5269,"xmpp.example.com."]'
same "JSON of TXT" "$(json txt txt.example.com "$zone" | jq -r 'select(.type == "record") | .text')" 'hello worldplainwith "quotes", ; and ä'

# the story
like "explained" "$(lookup ns1.example.com "$zone" --explain 2>&1 >/dev/null | tr '\n' '~')" \
	"asks for ns1\\.example\\.com\\.~.*-> udp $at  A ns1.*-> udp $at  AAAA ns1.*<- udp $at  A NOERROR .*<- udp $at  AAAA NOERROR .*found \\(dns\\); 2 packets sent, 2 received, 0 unanswered~\$"
same "TCP after what was cut off" "$(json txt big.example.com "$zone" --explain | jq -r 'select(.type == "trace") | "\(.event) \(.network // "")"' | tr '\n' ' ')" \
	"name  sent udp received udp truncated udp sent tcp received tcp done  "
same "TCP only" "$(json a ns1.example.com "$zone" --tcp --explain | jq -r 'select(.event == "sent") | .network')" tcp
same "a hosts file that has it" "$(json a localhost --explain | jq -r 'select(.type == "trace") | "\(.event) \(.source) \(.result)"')" \
	"source hosts ok
done hosts ok"
like "a server by name" "$(lookup a ns1.example.com "@localhost:$port" --explain 2>&1)" \
	"the server localhost:$port is 127\\.0\\.0\\.1:$port, by the system's resolver"

# servers that fail: the head of the reply to each query is FLAGS and counts, the question is returned without its OPT
cat >reply <<'SCRIPT'
q=$(dd bs=4096 count=1 2>/dev/null | xxd -p | tr -d '\n')
id=$(expr substr "$q" 1 4) opt=$(expr substr "$q" 21 4)
question=${q#????????????????????????}
[ "$opt" = 0001 ] && question=${question%??????????????????????}
case $1 in
plain)	flags=8181; [ "$opt" = 0001 ] || flags=8183 ;;
forged)	printf '%s%s' "$(printf '%04x' $(((0x$id + 1) % 65536)))" "81800001000000000000$question" | xxd -r -p
	exit ;;
cut)	printf '%s8180' "$id" | xxd -r -p; exit ;;
bogus)	printf '%s%s' "$id" "81820001000000000001${question}00002904d0000000000014000f001000066e6f20445320666f72201b5b316d" | xxd -r -p
	exit ;;
half)	flags=8182; case $question in *00010001)
		printf '%s%s' "$id" "81800001000100000000${question}c00c000100010000003c0004c0000201" | xxd -r -p
		exit ;;
	esac ;;
*)	flags=$1 ;;
esac
printf '%s%s%s%s' "$id" "$flags" 0001000000000000 "$question" | xxd -r -p
SCRIPT
# failing HOW: a server that replies so, in the variable bad; patience is long where a reply counts, for socat is slow
failing() {
	sockets=-u start socat UDP-RECVFROM:0,bind=127.0.0.1,fork "SYSTEM:sh ./reply $1"
	bad=127.0.0.1:$port patience=10s
	case $1 in cut | forged) patience=300ms ;; esac
}
said() { lookup a x.example. "@$bad" --wait $patience --attempts 1 "$@" 2>&1 >/dev/null; }

while read -r how exit result text; do
	failing "$how"
	same "$how: exit" "$(code a x.example. "@$bad" --wait $patience --attempts 1)" "$exit"
	same "$how: JSON" "$(json a x.example. "@$bad" --wait $patience --attempts 1 | jq -r 'select(.type == "lookup") | .result')" "$result"
	same "$how: an rcode in JSON" "$(json a x.example. "@$bad" --wait $patience --attempts 1 | jq -r 'select(.type == "lookup") | has("rcode")')" \
		"$([ "$result" = timeout ] && echo false || echo true)"
	like "$how: said" "$(said)" "$text"
	stop $pid
done <<'TABLE'
8182 3 servfail ^  SERVFAIL: the server could not find out
8185 3 refused ^  REFUSED: the server does not answer that
8184 3 refused ^  NOTIMP: the server
8183 1 nxdomain ^  NXDOMAIN: that name does not exist
8180 1 nodata ^  NOERROR: the name exists, but has no such records
plain 1 nxdomain ^  NXDOMAIN: that name does not exist
cut 3 timeout ^  nothing came in time
forged 3 timeout ^  nothing came in time
TABLE
failing bogus
same "a reason" "$(said | head -n 1)" "hoy lookup: lookup x.example. on $bad: server misbehaving (DNSSEC Bogus: no DS for \\027[1m)"
same "a reason, raw" "$(said --raw | head -n 1)" "$(said | head -n 1)"
same "a reason in JSON" "$(json a x.example. "@$bad" --attempts 1 | jq -c 'select(.type == "lookup") | [.extended_code, .extended, .extra_text]')" \
	'[6,"DNSSEC Bogus","no DS for \\027[1m"]'
like "a reason in the story" "$(said --explain)" '   the server adds: DNSSEC Bogus: no DS for .027\[1m$'
same "a reason in the story, as JSON" "$(json a x.example. "@$bad" --attempts 1 --explain | jq -r 'select(.event == "received") | .extended')" "DNSSEC Bogus"
stop $pid
failing half
same "a family without an answer" "$(lookup -s x.example. "@$bad" --wait 10s --attempts 1 2>&1)" "192.0.2.1
hoy lookup: x.example.: no server answered for IPv6 (AAAA): server misbehaving; there may be more addresses"
same "and in JSON" "$(json x.example. "@$bad" --wait 10s --attempts 1 | jq -c 'select(.type == "lookup") | [.result, .rcode, .missing, .missing_result, .records]')" \
	'["ok","NOERROR","AAAA","servfail",1]'
same "no family is missing from one" "$(json a x.example. "@$bad" --wait 10s --attempts 1 | jq -c 'select(.type == "lookup") | has("missing")')" false
stop $pid
failing plain
like "without EDNS" "$(said --explain)" 'the server does not take EDNS: asks again without'
stop $pid
failing forged
like "a forgery" "$(said --explain)" '<- udp .*: ignored, no reply to the question'
stop $pid
sockets=-u start socat -u UDP-RECV:0,bind=127.0.0.1 OPEN:/dev/null; bad=127.0.0.1:$port patience=300ms
like "silence" "$(said --explain)" '!  udp .*  A: no answer in time'
same "three rounds" "$(json a x.example. "@$bad" --wait 100ms --attempts 3 --explain | jq -r 'select(.type == "trace") | .event' | tr '\n' ' ')" \
	"name sent timeout sent timeout sent timeout source done "
like "the other server answers" "$(lookup -s a ns1.example.com "@$bad" "$zone" --wait 200ms)" '^192\.0\.2\.1$'
begin=$(date +%s%N)
same "a limit for everything" "$(lookup x.example. "@$bad" --timeout 300ms 2>&1; echo $?)" "hoy lookup: lookup x.example.: i/o timeout
  nothing came in time; is a name server there? ask another with @SERVER, or wait longer with --timeout
3"
took=$((($(date +%s%N) - begin) / 1000000))
same "and it is kept" "$([ $took -ge 290 ] && [ $took -lt 3000 ] && echo yes)" yes
stop $pid
free_port
same "nobody there" "$(lookup x.example. "@127.0.0.1:$port" 2>&1 | head -n 1)" \
	"hoy lookup: lookup x.example. on 127.0.0.1:$port: connection refused"
finish
