#!/bin/sh
# Every query that hoy sends, as tshark reads it: nothing malformed, nothing strange, and the questions that were asked.
. "$SOURCE/test/lib.sh"
need awk tshark dumpcap
. "$SOURCE/test/oracle/dns/servers.sh"
dumpcap -q -i lo -c 1 -a duration:1 -w probe.pcap >probe.log 2>&1 ||
	{ echo "skipped: no capturing here: $(grep -v '^$' probe.log | head -2)"; exit 77; }

start_nsd
server=$pid
transfer $port
write_questions
dumpcap -q -B 64 -i lo -f "port $port" -w queries.pcap >capture.log 2>&1 &
capture=$!
for _ in $(seq 100); do grep -q '^File:' capture.log && break; sleep 0.05; done
for network in udp tcp; do
	"$BUILD/test/ask" 127.0.0.1:$port $network <questions >/dev/null
	"$BUILD/test/ask" 127.0.0.1:$port $network <lookups >/dev/null
done
# a query that promises a question and has none, so that it is seen that this would be seen
printf '\0\1\1\0\0\1\0\0\0\0\0\0' | socat -u - UDP:127.0.0.1:$port
sleep 0.5
kill -INT $capture
wait $capture
stop $server

grep '^Packets received/dropped' capture.log
like "no packet is lost" "$(cat capture.log)" '^Packets received/dropped.*: [0-9]*/0 '

# a line for each frame with queries, of which a segment may have several; the planted one aside
tshark -n -r queries.pcap -d udp.port==$port,dns -d tcp.port==$port,dns -Y "dns.flags.response == 0" -T fields \
	-e ip.proto -e udp.length -e dns.qry.name -e dns.qry.type -e dns.qry.class -e dns.rr.udp_payload_size \
	-e _ws.expert.group -e _ws.expert.message >frames 2>/dev/null
planted='^17	20	'
like "what is malformed is seen" "$(grep "$planted" frames)" 'Malformed'
grep -v "$planted" frames >queries
# 33554432: remarks on the order of packets and on ports that traceroute uses too
same "malformed or strange" "$(awk -F '\t' '{ gsub(/33554432|,/, "", $7) } $7' queries | head -5)" ""
same "over UDP each has its OPT record" "$(awk -F '\t' '$1 == 17 { print $6 }' queries | sort -u)" 1232

# the questions that were asked, but for names with escapes, which tshark does not write
awk -F '\t' '{
	n = split($3, name, ","); split($4, type, ","); split($5, class, ",")
	for (i = 1; i <= n; i++) print $1, name[i], type[i], class[i]
}' queries | LC_ALL=C sort -u >seen
awk 'BEGIN {
	n = split("A 1 NS 2 CNAME 5 SOA 6 PTR 12 MX 15 TXT 16 AAAA 28 SRV 33 NAPTR 35 TLSA 52 SVCB 64 HTTPS 65 " \
		"TYPE65280 65280 ANY 255 CAA 257", of, " ")
	for (i = 1; i < n; i += 2) number[of[i]] = of[i + 1]
}
$1 ~ /^[A-Za-z0-9._-]*$/ {
	sub(/\.$/, "", $1)
	print 17, $1, number[$2], "0x0001"
	print 6, $1, number[$2], "0x0001"
}' questions | LC_ALL=C sort -u >asked
same "as many questions as were asked" "$(($(wc -l <asked) > 6000))" 1
same "asked and not seen" "$(LC_ALL=C comm -23 asked seen | head -20)" ""
echo "$(wc -l <queries) frames with queries, $(wc -l <asked) questions"
finish
