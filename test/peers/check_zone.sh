#!/bin/sh
# hoy check zone beside named-checkzone, kzonecheck and nsd-checkzone: the same verdict on each of these files.
. "$SOURCE/test/lib.sh"
PATH=$PATH:$PEERS/usr/bin
need named-checkzone kzonecheck nsd-checkzone python3

soa='$TTL 300
@ IN SOA ns.example.com. host.example.com. ( 1 2h 1h 2w 1h )
@ NS ns
ns A 192.0.2.1'

# verdicts FILE: of named, knot, nsd and hoy, each yes or no
verdicts() {
	for tool in 'named-checkzone example.com' 'kzonecheck -o example.com' 'nsd-checkzone example.com' "$HOY check zone --strict --origin example.com"; do
		# shellcheck disable=SC2086
		if $tool "$1" >"said.$(basename "${tool%% *}")" 2>&1; then printf 'yes '; else printf 'no '; fi
	done
}
# "no/yes": NSD takes it
n=0
while IFS='|' read -r want lines; do
	n=$((n + 1))
	{ echo "$soa"; printf '%b\n' "$lines"; } >zone.$n
	nsd=${want#no/} want=${want%/yes}
	same "$lines" "$(verdicts zone.$n)" "$want $want $nsd $want "
done <<'TABLE'
yes|www A 192.0.2.2
yes|www A 192.0.2.2\n A 192.0.2.3\n AAAA 2001:db8::1
yes|@ MX 10 mail\nmail A 192.0.2.3
yes|t TXT "a b" c "d\\;e"
yes|a CNAME www.example.net.
yes|sub NS ns.sub\nns.sub A 192.0.2.4
yes|_sip._tcp SRV 1 2 5060 ns
yes|@ CAA 0 issue "ca.example.net"
yes|x TYPE65280 \\# 2 0102
yes|l LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
yes|h HTTPS 1 . alpn=h2,h3 port=8443
yes|d DNAME example.net.
yes|* A 192.0.2.9
yes|a.b.c.d A 192.0.2.9
yes|x 1h30m A 192.0.2.9
yes|x IN 60 A 192.0.2.9\ny 60 IN A 192.0.2.9
yes|x A ( 192.0.2.9 ) ; comment
yes|$ORIGIN sub.example.com.\nx A 192.0.2.1
no|x A 192.0.2.256
no|x A 192.0.2
no|x AAAA 2001:db8::g
no|x AAAA 192.0.2.1
no|x NOTYPE a
no|x MX mail
no/yes|x MX 65536 ns
no|x MX 10
no|x TXT "open
no/yes|x TXT ( a
no|x SRV 1 2 ns
no|x A 192.0.2.1 more
no|a..b A 192.0.2.1
no|a CNAME ns\na A 192.0.2.1
no|a CNAME ns\na CNAME ns2
no/yes|x TYPE65280 \\# 3 0102
no/yes|x CAA 256 issue "a"
no|$TTL x
no|$INCLUDE absent
no|x IN CH A 192.0.2.1
no|x DS 1 8 2 xyz
no|x HTTPS 1 . port=x
no|x SSHFP 1 1 0g
TABLE
printf '%s\n' '@ 60 NS ns' 'ns 60 A 192.0.2.1' >zone.none
same "no SOA" "$(verdicts zone.none)" "no no no no "
printf '%s\n' '@ 60 SOA ns h 1 2 3 4 5' 'ns 60 A 192.0.2.1' >zone.none
same "no NS" "$(verdicts zone.none)" "no no yes no "

# thousands of changes by chance to a good file: what hoy takes and BIND refuses, or the other way round, is counted
python3 - "$SOURCE" <<'PYTHON'
import random
random.seed(14)
good = open("zone.3").read() + "t TXT \"a b\" c\n_s._tcp SRV 1 2 3 ns\nx 60 AAAA 2001:db8::1\ny CAA 0 issue \"a\"\n"
for i in range(60):
    text = list(good)
    for _ in range(random.randrange(1, 3)):
        at = random.randrange(len(good.splitlines()[0]) + 1, len(text))
        text[at:at + random.randrange(0, 2)] = random.choice(["", " ", "\n", ".", "0", "x", "\"", "(", ")", ";", "-"])
    open("mutant.%d" % i, "w").write("".join(text))
PYTHON
differ=0
for i in $(seq 0 59); do
	set -- $(verdicts mutant.$i)
	case $1$2$3$4 in yesyesyesno|nonononyes) differ=$((differ + 1)); diff "zone.3" "mutant.$i"; cat said.hoy ;; esac
done
same "where hoy stands alone" $differ 0
finish
