#!/bin/sh
# hoy lookup beside the C library, in a network and with a configuration of their own: the
# search list, the hosts file, and every address of the zone.
. "$SOURCE/test/lib.sh"
need getent unshare ip jq ss
if [ "$1" != inside ]; then
	unshare -nm true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -nm sh "$SOURCE/test/peers/lookup_getent.sh" inside
fi

ip link set lo up
printf 'nameserver 127.0.0.1\nsearch nowhere.test example.com\noptions timeout:1 attempts:1\n' >resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n192.0.2.200 filed.example.com filed\n' >hosts
printf 'hosts: files dns\n' >nsswitch.conf
for file in resolv.conf hosts nsswitch.conf; do
	[ -e /etc/$file ] || continue	# nothing to hide
	mount --bind $file /etc/$file || { bad "mount over /etc/$file"; finish; }
done
# the root is in the zone too, so that what is not there is not refused
{ cat "$SOURCE/test/zones/example.zone"; echo '. 60 SOA ns.example.com. host.example.com. 1 2 3 4 5'; } >zone
start "$HOY" serve dns zone 127.0.0.1:53 2>/dev/null; server=$pid
sed 's/192\.0\.2\.81/192.0.2.82/' zone >other
start "$HOY" serve dns other 127.0.0.1:1053 2>/dev/null

lookup() { "$HOY" lookup "$@"; }

# the search list
same "by the search list" "$(lookup -s www)" "192.0.2.80
192.0.2.81"
like "as which name" "$(lookup www 2>&1)" \
	'^  www, as www\.example\.com\., an alias of web\.example\.com\.: from 127\.0\.0\.1:53, '
same "which names are asked for" "$(lookup a www --explain --json | jq -r 'select(.event == "name" or .event == "source") | "\(.event) \(.name)"')" \
	"source www
name www.nowhere.test.
name www.example.com.
source www"
same "a final dot" "$(lookup a www. --explain --json 2>/dev/null | jq -r 'select(.event == "name") | .name')" www.
same "the hosts file comes first" "$(lookup filed --json | jq -r 'select(.type == "lookup") | .source')" hosts
same "not for a server's answer" "$(lookup filed @127.0.0.1 --json 2>/dev/null | jq -r 'select(.type == "lookup") | .result')" nxdomain

# hoy and getaddrinfo find the same
for name in ns1.example.com www.example.com chain.example.com many.example.com www filed filed.example.com localhost \
	x.wild.example.com nothing.example.com ns1.sub.example.com 192.0.2.1 ::1; do
	# what is an address means its names to lookup, and its types only are compared
	for type in '' a aaaa; do
		case $name$type in 192.0.2.1|::1) continue ;; esac
		# shellcheck disable=SC2086
		same "$type $name" "$(lookup --compare $type $name >out 2>err; echo $?; grep '^!' out)" 0
	done
done
same "sixty" "$(lookup --compare many.example.com 2>/dev/null | grep -c '^= many')" 60
like "said" "$(lookup --compare ns1.example.com 2>&1)" \
	'^hoy lookup: ns1\.example\.com A\+AAAA: hoy 2 in [0-9.a-z]+, getent 2 in [0-9.a-z]+, they agree$'

# and differ where Go and the C library do: inet_aton's ways to write an address are none to Go
same "0x7f.1" "$(lookup --compare 0x7f.1 2>/dev/null; echo $?)" "! 0x7f.1  127.0.0.1  in getent; not in hoy
1"
same "another server" "$(lookup --compare www.example.com @127.0.0.1:1053 2>/dev/null; echo $?)" \
"= www.example.com  192.0.2.80
! www.example.com  192.0.2.81  in hoy, getent; not in 127.0.0.1:1053
! www.example.com  192.0.2.82  in 127.0.0.1:1053; not in hoy, getent
1"
same "as JSON" "$(lookup --compare a www.example.com @127.0.0.1:1053 --json | jq -c 'select(.type == "compare") | .verdict, [.sides[] | [.from, .result, (.data | sort)]]')" \
'"differ"
[["hoy","ok",["192.0.2.80","192.0.2.81"]],["getent","ok",["192.0.2.80","192.0.2.81"]],["127.0.0.1:1053","ok",["192.0.2.80","192.0.2.82"]]]'
same "two servers" "$(lookup --compare txt txt.example.com @127.0.0.1 @127.0.0.1:1053 >out 2>err; echo $?; wc -l <out)" "0
1"
same "no such name and no such data" "$(lookup --compare mx nothing.example.com @127.0.0.1 2>&1 >/dev/null; lookup --compare mx ns1.example.com @127.0.0.1 2>&1)" \
	"hoy lookup: nothing.example.com MX: hoy nxdomain, 127.0.0.1:53 nxdomain, they agree
hoy lookup: ns1.example.com MX: hoy nodata, 127.0.0.1:53 nodata, they agree"
same "nothing to compare with" "$(lookup --compare mx example.com >/dev/null 2>&1; echo $?)" 2
like "no server is asked for localhost" "$(lookup --compare localhost @127.0.0.1 2>&1; echo $?)" \
	'getent 2 in [0-9.a-z]+, 127\.0\.0\.1:53 not asked for it, they agree$'
same "several names" "$(lookup --compare ns1.example.com 0x7f.1 >/dev/null 2>&1; echo $?)" 5

# a child that does not end, one that cannot do it, and none
mkdir slow odd none
printf '#!/bin/sh\necho $$ >child\nexec sleep 60\n' >slow/getent
printf '#!/bin/sh\nexit 64\n' >odd/getent
chmod +x slow/getent odd/getent
hoy=$(command -v "$HOY")
same "a child that hangs" "$(PATH=$PWD/slow:$PATH "$hoy" lookup --compare localhost --timeout 300ms 2>&1 >/dev/null | sed 's/hoy 2 in [^,]*/hoy 2/')" \
	"hoy lookup: localhost A+AAAA: hoy 2, getent timeout, which is no comparison
hoy lookup: getent: i/o timeout
  getent asks the C library; libc-bin or musl-utils has it"
kill -0 "$(cat child)" 2>/dev/null && bad "the child is still there"
like "a child that cannot" "$(PATH=$PWD/odd:$PATH "$hoy" lookup --compare localhost 2>&1)" '^hoy lookup: getent: operation not supported'
like "no such program" "$(PATH=$PWD/none "$hoy" lookup --compare localhost 2>&1)" '^hoy lookup: getent: no such file or directory$'
stop $server
finish
