#!/bin/sh
# hoy ip beside the tools that people use today: grepcidr, ipcalc and sipcalc.
. "$SOURCE/test/lib.sh"
need grepcidr ipcalc sipcalc jq python3

# networks and lines by chance, the same each time
python3 - <<'PYTHON'
import random
random.seed(14)
octet = lambda: random.choice([10, 192, 0, 255, 172, 16, random.randrange(256)])
ip4 = lambda: ".".join(str(octet()) for _ in range(4))
group = lambda: random.choice(["0", "db8", "ffff", "%x" % random.randrange(65536)])
ip6 = lambda: "2001:db8:" + ":".join(group() for _ in range(6))
with open("list", "w") as f:
    for _ in range(400):
        print(f"{ip4()}/{random.randrange(8, 33)}", file=f)
        print(f"{ip6()}/{random.randrange(40, 129)}", file=f)
with open("lines", "w") as f:
    for _ in range(20000):
        print("a line with", random.choice([ip4, ip6, lambda: "no address"])(), "in it", file=f)
PYTHON
grepcidr -f list lines >theirs
"$HOY" ip grep -f list lines >ours
same "the lines of grepcidr" "$(diff theirs ours | head -5)" ""
checks=$((checks + 1))
[ "$(wc -l <ours)" -gt 1000 ] || bad "only $(wc -l <ours) lines match"
# grepcidr -v leaves out lines without any address
grep -v 'no address' lines >addresses
grepcidr -v -f list addresses >theirs
"$HOY" ip grep -v -f list addresses >ours
same "and the others" "$(diff theirs ours | head -5)" ""
same "how many" "$("$HOY" ip grep -c -f list lines)" "$(grepcidr -c -f list lines)"

for network in 10.1.2.3/8 192.0.2.77/24 172.16.5.9/20 198.51.100.6/30 203.0.113.9/27 10.0.0.0/12; do
	facts=$("$HOY" ip --json $network | jq -r 'select(.type == "address") | "\(.network) \(.first) \(.last) \(.addresses) \(.hosts)"')
	same "ipcalc of $network" "$(ipcalc -n -b $network | awk '$1 == "Network:" { n = $2 } $1 == "Broadcast:" { b = $2 } $1 == "Hosts/Net:" { h = $2 } END { print n, b, h }')" \
		"$(echo "$facts" | awk '{ print $1, $3, $5 }')"
	same "sipcalc of $network" "$(sipcalc $network | awk -F '\t- ' '/^Network address/ { n = $2 } /^Broadcast address/ { b = $2 } /^Addresses in network/ { a = $2 } END { print n, b, a }')" \
		"$(echo "$facts" | awk '{ print $2, $3, $4 }')"
done
for mask in 255.255.240.0 0xfffff000; do
	same "mask $mask" "$("$HOY" ip 10.9.8.7/$mask | sed -n 's/^network  *//p')" "$(sipcalc 10.9.8.7 $mask | awk -F '\t- ' '/^Network address/ { print $2 "/20" }')"
done
same "wildcard" "$("$HOY" ip 10.9.8.7/0.0.15.255 | sed -n 's/^network  *//p')" "$(ipcalc -n -b 10.9.8.7/0.0.15.255 | awk '$1 == "Network:" { print $2 }')"

# By hosts: ipcalc 0.42 numbers its networks as they were asked for, prints wrong lengths for them, and sorts what is left.
for sizes in '50 20 10' '10 50 20' '100 60 12 12 2' '5'; do
	# shellcheck disable=SC2086
	"$HOY" ip split --hosts 192.168.1.0/24 $sizes >ours
	# shellcheck disable=SC2086
	ipcalc -n -b 192.168.1.0/24 -s $sizes >theirs
	same "split by $sizes hosts" "$(awk '/hosts/ { sub("/.*", "", $1); print $1 }' ours | sort)" \
		"$(awk '/^[0-9]+\. Requested/ { asked = 1 } asked && $1 == "Network:" { sub("/.*", "", $2); print $2; asked = 0 }' theirs | sort)"
	same "what is left" "$(awk '/left/ { print $1 }' ours | sort)" "$(sed '1,/^Unused/d' theirs | grep . | sort)"
done
finish
