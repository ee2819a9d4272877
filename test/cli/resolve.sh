#!/bin/sh
# hoy resolve and hoy port: Go's addresses and ports, by the system's names and by a server's.
. "$SOURCE/test/lib.sh"
need jq ss

start "$HOY" serve dns "$SOURCE/test/zones/example.zone" 127.0.0.1:0 2>/dev/null; dns=127.0.0.1:$port

# ARGUMENTS | what comes, one line each, and the exit code
while IFS='|' read -r arguments want; do
	# shellcheck disable=SC2086
	same "$arguments" "$("$HOY" $arguments 2>/dev/null | tr '\n' ' ')$("$HOY" $arguments >/dev/null 2>&1; echo $?)" "$want"
done <<TABLE
resolve localhost:http|127.0.0.1:80 0
resolve tcp6 [::1]:80|[::1]:80 0
resolve 127.0.0.1|127.0.0.1 0
resolve ::1|::1 0
resolve fe80::1%lo|fe80::1%lo 0
resolve :80|:80 0
resolve udp [fe80::1%lo]:domain|[fe80::1%lo]:53 0
resolve ip4:icmp 127.0.0.1|127.0.0.1 0
resolve ip6:58 ::1|::1 0
resolve /run/a.sock|/run/a.sock 0
resolve unix @a /b|@a /b 0
resolve unixgram c|c 0
resolve tcp 127.0.0.1:80 [::1]:81|127.0.0.1:80 [::1]:81 0
resolve www.example.com:80 @$dns|192.0.2.80:80 0
resolve ip6 ns1.example.com @$dns|2001:db8::1 0
resolve @$dns ip ns1.example.com|192.0.2.1 0
resolve @localhost:$port ip ns1.example.com|192.0.2.1 0
resolve ip4 nothing.example.com @$dns|1
resolve tcp6 127.0.0.1:80|1
resolve tcp 127.0.0.1:nosuch|1
resolve tcp 127.0.0.1:65536|1
resolve nosuch.invalid|1
resolve tcp 127.0.0.1:80 127.0.0.1:nosuch|127.0.0.1:80 5
resolve ip www.example.org @$dns|3
resolve ip www.example.com nothing.example.com @$dns|192.0.2.80 5
resolve ip www.example.com @nosuch.invalid|3
resolve tcp 127.0.0.1|2
resolve [::1|2
resolve ip4:nosuch 127.0.0.1|2
resolve tcp|2
resolve @$dns|2
resolve ip www.example.com @|2
resolve ip www.example.com @192.0.2.1:0|2
resolve ip www.example.com @192.0.2.1:x:y|2
port telnet|23 0
port tcp telnet|23 0
port udp domain|53 0
port tcp4 HTTP https|80 443 0
port 8080|8080 0
port udp telnet|1
port nosuch|1
port 65536|1
port -- -1|1
port http nosuch|80 5
port tcp|2
port unix http|2
TABLE

free_port; nobody=127.0.0.1:$port
same "nobody is asked at a closed port" "$("$HOY" resolve ip www.example.com @"$nobody" 2>&1; echo $?)" \
	"hoy resolve: lookup www.example.com on $nobody: connection refused
  no name server listens there; ask another one with @SERVER
3"
same "not there" "$("$HOY" resolve ip nothing.example.com @"$dns" 2>&1)" \
	"hoy resolve: lookup nothing.example.com on $dns: no such host
  NXDOMAIN: that name does not exist"
same "not of this family" "$("$HOY" resolve ip6 ns2.example.com @"$dns" 2>&1)" \
	"hoy resolve: lookup ns2.example.com on $dns: no such host
  NOERROR: the name exists, but has no such records"
same "a mistyped network" "$("$HOY" port tpc telnet 2>&1)" \
	"hoy port: lookup ip/tpc: unknown port
  services have their names from /etc/services; a number will do as well
  did you mean the network tcp?
23"
like "a network alone" "$("$HOY" resolve tcp 2>&1)" '^hoy resolve: tcp is a network, and an address is missing'

same "JSON" "$("$HOY" resolve --json [fe80::1%lo]:80 ::1 /x @"$dns" | jq -c 'del(.v, .t)')" \
'{"type":"resolved","network":"tcp","address":"[fe80::1%lo]:80","addr":"[fe80::1%lo]:80","ip":"fe80::1","port":80,"zone":"lo"}
{"type":"resolved","network":"ip","address":"::1","addr":"::1","ip":"::1","zone":""}
{"type":"resolved","network":"unix","address":"/x","addr":"/x","path":"/x"}
{"type":"end","ok":true,"exit":0}'
same "port as JSON" "$("$HOY" port tcp telnet nosuch --json 2>/dev/null | jq -c 'del(.v, .t)')" \
'{"type":"port","network":"tcp","service":"telnet","port":23}
{"type":"error","code":-4107,"text":"lookup tcp/nosuch: unknown port"}
{"type":"end","ok":false,"exit":5}'
finish
