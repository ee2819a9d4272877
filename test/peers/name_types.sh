#!/bin/sh
# Every record type, $GENERATE, and files as they are in the wild: BIND and hoy serve dns read the same file and answer
# alike, and hoy lookup shows what BIND sends as dig does. The records: test/vectors/rdata.tsv.
. "$SOURCE/test/lib.sh"
need dig ss named awk
export LC_ALL=C

# One owner for each row that BIND knows. It does not load MD and MF, and SOA only at the top;
# NSEC3 belongs to names that it hides.
awk -F '\t' 'NR > 1 && $5 == "bind" && $1 !~ /^(M[DF]|SOA|NSEC3)$/ { gsub(/\\\\/, "\\", $2); print "r" NR, 300, "IN", $1, $2 == "\\e" ? "" : $2 }' \
	"$SOURCE/test/vectors/rdata.tsv" >rows
{
	cat <<-'ZONE'
		$TTL 1h
		@ IN SOA ns host\.master ( 1 ; serial
			2h 1h30m 2w 1h ) ; the end
		@ NS ns
		ns A 192.0.2.1
		; the class and the time to live in any order, or not at all; owners that stay
		o1 300 IN A 192.0.2.2
		o2 in 5m a 192.0.2.2
		o3 A 192.0.2.2
		    AAAA 2001:db8::1
		    60 TXT unquoted "quoted ; no comment" "a\"b\\c" \065\;
		o4 CNAME @
		o5 MX 10 @ ; the origin
		*.w TXT "wild"
		"quoted owner" TXT "x"
		dot\.ted A 192.0.2.3
		\100ec A 192.0.2.4
		$ORIGIN sub
		a A 192.0.2.5
		$ORIGIN types.example.
		d DNAME target
		a.target A 192.0.2.6
		dd DNAME other.example.net.
		long DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccc.dddddddddddddddddddddddddddddddddddddddd.eeeeeeeeeeeeeeeeeeee.
		ad CNAME a.d
		$GENERATE 10-12 foo${0,2} 60 IN A 127.0.0.$
		$GENERATE 1-9/4 g$ A 192.0.2.${100}
		$GENERATE 0-2 h${-0,3,d} CNAME x${8,4,o}-${250,1,x}-${250,1,X}-\$-$$
		$GENERATE 4660-4661 n.${0,7,n}.${0,0,N}.z TXT "${0,11,N}"
		$GENERATE 3-4 m$ 5m IN MX "10 mail$"
		$GENERATE 3-3 q$ TXT "two words"
	ZONE
	printf 'crlf A 192.0.2.7\r\ntrailing A 192.0.2.8 \t \r\n'
	cat rows
	echo '8fpns2uct7fbs643thp2b77peq77k6iu NSEC3 1 1 10 D2CF 8FPNS2UCT7FBS643THP2B77PEQ77K6IV A TYPE1234'
	printf 'last A 192.0.2.9'	# and no newline
} >types.zone

own_port() {
	port=$((20000 + $$ % 10000 + $1))
	while [ "$(ss -Hlntu "sport = :$port")" ]; do port=$((port + 1)); done
}

await() {
	for _ in $(seq 200); do
		[ "$(dig @127.0.0.1 -p "$1" +short +time=1 +tries=1 ns.types.example A)" = 192.0.2.1 ] && return
		sleep 0.05
	done
	bad "no answer at port $1: $(grep -v "network unreachable" named.log | tail -n 20; cat hoy.log)"
	finish
}

own_port 0
named_port=$port
cat >named.conf <<CONF
options {
	directory "$PWD"; pid-file none; session-keyfile none; listen-on port $port { 127.0.0.1; }; listen-on-v6 { none; };
	recursion no; notify no; dnssec-validation no; check-names primary ignore; check-mx ignore; check-integrity no;
};
controls { };
zone "types.example" { type primary; file "types.zone"; };
CONF
start sh -c 'exec named -g -n 1 -c named.conf >named.log 2>&1'
named=$pid
await "$named_port"
own_port 100
hoy_port=$port
start sh -c 'exec "$0" serve dns types.zone "$1" --origin types.example >hoy.log 2>&1' "$HOY" "127.0.0.1:$port"
hoy=$pid
await "$hoy_port"

{
	awk '{ print "-q", $1 ".types.example", "-t", $4 }' rows
	for name in o1 o2 o3 o4 o5 x.w 'quoted\032owner' 'dot\.ted' dec a.sub d a.d b.d x.y.dd dd ad foo09 foo10 foo11 foo12 g1 g5 g9 \
		h000 h002 n.4.3.2.1.4.3.2.1.z n.5.3.2.1.5.3.2.1.z m3 m4 q3 crlf trailing last \
		"$(printf '%050d.%050d.%050d.%050d.long' 1 2 3 4 | cut -c1-240)"; do
		for type in A AAAA CNAME DNAME MX TXT ANY; do echo "-q $name.types.example -t $type"; done
	done
} >questions
# asked PORT OPTION...: the status of each question and its records, in any order
asked() {
	server=$1
	shift
	dig @127.0.0.1 -p "$server" +norec +noedns +tcp +keepopen +time=5 +tries=1 +nosplit +noall +comments +question +answer "$@" \
		-f questions | awk '/HEADER/ { status = $6 } /^;;/ { next } /^;/ { asked = $1 " " $3; print asked, status; next } NF { print asked, $0 }' |
		tr -s '\t ' ' ' | sort
}
checks=$((checks + 2))
asked "$named_port" >named.dig
asked "$hoy_port" >hoy.dig
cmp -s named.dig hoy.dig || bad "BIND and hoy serve dns differ: $(diff named.dig hoy.dig | cut -c1-300 | head -30)"
asked "$named_port" +unknownformat >named.dig
asked "$hoy_port" +unknownformat >hoy.dig
cmp -s named.dig hoy.dig || bad "in octets they differ: $(diff named.dig hoy.dig | cut -c1-300 | head -30)"
same "at least 300 questions" "$(($(wc -l <questions) >= 300))" 1

# what hoy lookup shows is what dig shows, whichever server has the data
same "NSEC3" "$("$HOY" lookup --raw --short nsec3 8fpns2uct7fbs643thp2b77peq77k6iu.types.example @127.0.0.1:$hoy_port)" \
	"$(dig @127.0.0.1 -p "$hoy_port" +norec +nosplit +short nsec3 8fpns2uct7fbs643thp2b77peq77k6iu.types.example)"
while read -r name _ _ type _; do
	[ "$type" != NS ] || continue	# a delegation
	want=$(dig @127.0.0.1 -p "$named_port" +norec +nosplit +short -q "$name.types.example" -t "$type")
	for port in $named_port $hoy_port; do
		same "$type" "$("$HOY" lookup --raw --short "$type" "$name.types.example." "@127.0.0.1:$port" 2>&1)" "$want"
	done
done <rows
stop $hoy
stop $named
finish
