#!/bin/sh
# Every kind of question and every lookup, for each name of three zones, over UDP and TCP: what hoy is told by real
# name servers must be what dig is told by them. The zones: test/oracle/dns/zone.sh.
. "$SOURCE/test/lib.sh"
need awk python3
. "$SOURCE/test/oracle/dns/servers.sh"
export LC_ALL=C

start_nsd
transfer $port
write_questions
same "at least 200 names" "$(($(wc -l <names) >= 200))" 1

# told_by_dig OPTION...: sorted lines. No cookies: they would only make dig's questions longer than hoy's.
told_by_dig() {
	dig @127.0.0.1 -p $port +time=5 +tries=1 +nocookie +noad +noidnin +noidnout +nosplit \
		+noall +comments +question +answer +authority +additional "$@" -f questions.dig | awk -f "$dns/dig.awk" | view | sort
}
told_by_hoy() { "$BUILD/test/ask" 127.0.0.1:$port "$@" <questions | view | sort; }
view() { cat; }

# agree WHAT: the files dig and hoy
agree() {
	checks=$((checks + 1))
	[ "$(awk '$3 == "status" || $3 == "failed:"' dig | wc -l)" = "$(wc -l <questions)" ] || bad "$1: dig has no answer to each question"
	cmp -s dig hoy || bad "$1: $(diff dig hoy | grep -c '^[<>]') lines differ: $(diff dig hoy | cut -c1-300 | head -20)"
}

# compare SERVER NETWORK [DIG'S OPTION...]
compare() {
	server=$1 network=$2
	shift 2
	told_by_dig "$@" >dig
	told_by_hoy $network >hoy
	agree "$server over $network"
	"$BUILD/test/ask" 127.0.0.1:$port $network <lookups >found
	python3 "$dns/lookups.py" dig found >verdict || bad "$server over $network: $(cut -c1-300 verdict | head -20)"
	echo "$server $network: $(wc -l <questions) questions, $(grep -c ' [123] ' dig) records; $(tail -n 1 verdict)"
	cp dig "dig.$server"
}

# BIND points only to what has the very case of its own name, which random case has by chance; and then it is as typed.
compare_folded() {
	view() { tr '[:upper:]' '[:lower:]'; }
	told_by_dig >dig
	told_by_hoy mixed >hoy
	agree "$1, letters in random case"
	view() { cat; }
}

compare nsd udp
compare nsd mixed
compare nsd tcp +tcp +keepopen
told_by_dig +unknownformat >dig
told_by_hoy data >hoy
agree "nsd, the data in hexadecimal"
nsd_port=$port nsd=$pid

start_dnsmasq
compare dnsmasq udp
compare dnsmasq mixed
compare dnsmasq tcp +tcp	# closes a connection after a hundred questions, which is too much for dig
stop $pid

for server in knot unbound named hoy; do
	start_$server
	compare $server udp
	if [ $server = named ]; then compare_folded named; else compare $server mixed; fi
	compare $server tcp +tcp +keepopen
	stop $pid
done

# hoy serve dns beside BIND, but for the loops, which BIND calls failures: the same answers, in whatever case
answers() { awk '$1 !~ /^(round.|to-itself)\./ && $3 != 2 && $3 != 3' "$1" | tr A-Z a-z | sort -u; }
same "BIND and hoy serve dns" "$(answers dig.hoy >hoy; answers dig.named | diff - hoy | cut -c1-300 | head -20)" ""

# unbound once more, now asking NSD and remembering, so times to live differ; it would ask the servers of the world for
# what is delegated
start_unbound $nsd_port
for file in questions questions.dig lookups; do
	grep -v '0/25\.2\.\|\<sub\.hoy\|many-ns\.' $file >less
	mv less $file
done
view() { sed 's/^\([^ ]* [^ ]* [123] [^ ]*\) [0-9]* /\1 TTL /'; }
compare unbound udp
compare unbound tcp +tcp +keepopen
stop $pid
stop $nsd
finish
