#!/bin/sh
# hoy iface: what it shows for people and for scripts, and what it says when there is no such interface.
. "$SOURCE/test/lib.sh"
need jq

same "loopback" "$("$HOY" iface lo | head -n 2)" "1: lo: up|loopback|running, mtu 65536
  address  127.0.0.1/8"
same "all of them have loopback" "$("$HOY" iface | grep -c '^1: lo: ')" 1
same "by index" "$("$HOY" iface 1)" "$("$HOY" iface lo)"
same "named on standard input" "$(echo 'lo # comment' | "$HOY" iface -)" "$("$HOY" iface lo)"
like "its group" "$("$HOY" iface lo)" '^  group    224\.0\.0\.1$'
same "IPv4 only" "$("$HOY" iface lo -4 --json | jq -c 'select(.type == "interface") | [.addresses, .groups]')" '[["127.0.0.1/8"],["224.0.0.1"]]'
same "both" "$("$HOY" iface lo -4 -6)" "$("$HOY" iface lo)"
same "nothing of IPv4" "$("$HOY" iface lo -6 | grep -c '[0-9]\.[0-9]')" 0
same "JSON" "$("$HOY" iface lo --json | jq -c 'select(.type == "interface") | [.name, .index, .flags, .mtu_bytes, .hardware]')" \
	'["lo",1,["up","loopback","running"],65536,null]'

same "none of that name" "$(told "$HOY" iface eth99)" "hoy iface: lookup eth99: no such network interface
  all that are there: hoy iface
1"
same "as JSON" "$("$HOY" iface eth99 --json 2>/dev/null | jq -c 'select(.type == "error") | .text')" '"lookup eth99: no such network interface"'
for wrong in "" 0 4000000000 99999999999999999999 a-name-that-is-far-too-long-for-an-interface 1x ' lo' lo/; do
	"$HOY" iface -- "$wrong" >out 2>err
	same "exit of iface '$wrong'" "$? $(cat out)" "1 "
done
"$HOY" iface lo eth99 >out 2>err; same "one of two" "$? $(head -n 1 out)" "5 1: lo: up|loopback|running, mtu 65536"
"$HOY" iface - </dev/null >out 2>err; same "nobody named one" $? 0
"$HOY" iface - <&- >out 2>err; same "without standard input" $? 3
finish
