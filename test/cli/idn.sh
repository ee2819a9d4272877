#!/bin/sh
# Names in other letters: their xn-- form is asked for where the command has libidn2, and named where it has not.
. "$SOURCE/test/lib.sh"
need ss jq

{ echo '$ORIGIN example.'; echo '@ 60 SOA ns h 1 2 3 4 5'; echo '$ORIGIN xn--bcher-kva.example.'; echo '@ 60 A 192.0.2.7'; echo '_sip._tcp 60 SRV 1 2 3 @'; } >zone
start "$HOY" serve dns zone 127.0.0.1:0 2>/dev/null; zone=@127.0.0.1:$port
ascii=$(dirname "$HOY")/hoy-ascii
[ -x "$ascii" ] || ascii=$HOY	# then the command itself has no libidn2

# form NAME: the form that the build without libidn2 wants
form() {
	"$ascii" lookup "$1" @127.0.0.1:9 2>&1 | LC_ALL=C sed -n '1s/^hoy lookup: .*: names in other letters are asked for in their xn-- form, \(here \([^ ]*\) (this hoy was built without libidn2)\|and \(this has none\)\)$/\2\3/p'
}
while read -r name want; do
	same "the form of $name" "$(form "$name")" "$want"
done <<'TABLE'
bücher.example xn--bcher-kva.example
BÜCHER.example xn--bcher-kva.example
bücher.example. xn--bcher-kva.example.
www.bücher.example www.xn--bcher-kva.example
_sip._tcp.bücher.example _sip._tcp.xn--bcher-kva.example
faß.de xn--fa-hia.de
ü xn--tda
Ελλάδα.gr xn--hxakic4aa.gr
日本語.jp xn--wgv71a119e.jp
россия.рф xn--h1alffa9f.xn--p1ai
他们为什么不说中文.example xn--ihqwcrb4cv8a8dqg056pqjye.example
почемужеонинеговорятпорусски.example xn--b1abfaaepdrnnbgefbadotcwatmq2g4l.example
ααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααα.gr this has none
日本語。jp this has none
TABLE
same "bytes that are no UTF-8" "$(form "$(printf 'b\374cher.example')")" "this has none"
same "cut in the middle" "$(form "$(printf 'b\303')")" "this has none"
for n in $(seq 50 70); do
	name=$(printf "%0${n}d" 1)ü.example
	"$ascii" lookup "$name" @127.0.0.1:9 >out 2>&1
	same "a long one, $n" $? 1
done
"$ascii" lookup bücher.example "$zone" >out 2>&1; same "exit of lookup" $? 1
for line in 'resolve bücher.example:80' 'daytime bücher.example:80' 'echo bücher.example:80 x' 'head bücher.example:80' \
	'head http://bücher.example/x' 'ping bücher.example' 'ping tcp bücher.example:80' "lookup a x @bücher.example" \
	'lookup x --search bücher.example' 'serve echo bücher.example:0' 'relay 127.0.0.1:0 bücher.example:80'; do
	# shellcheck disable=SC2086
	timeout 20 "$ascii" $line </dev/null >out 2>err
	same "hoy $line" "$? $(cat out) $(grep -c 'here xn--bcher-kva.example (this hoy was built without libidn2)$' err)" "2  1"
done
[ "$ascii" = "$HOY" ] && finish

while read -r name; do
	same "libidn2 has the same form of $name" "$("$HOY" lookup --json --raw a "$name" @127.0.0.1:9 2>/dev/null | jq -r 'select(.type == "lookup") | .name')" "$(form "$name")"
done <<'TABLE'
bücher.example
www.bücher.example.
_sip._tcp.bücher.example
faß.de
ü
ελλάδα.gr
日本語.jp
россия.рф
他们为什么不说中文.example
почемужеонинеговорятпорусски.example
TABLE
lookup() { "$HOY" lookup "$@" "$zone"; }
for name in bücher.example BÜCHER.Example bu$(printf '\314\210')cher.example bücher。example; do
	same "found: $name" "$(lookup --short a "$name")" 192.0.2.7
done
same "a service" "$(lookup --short srv sip tcp bücher.example)" "1 2 3 xn--bcher-kva.example."
same "from standard input" "$(printf 'bücher.example\na\342\230\203b.example\nxn--bcher-kva.example\n' | lookup --short a - 2>talk; echo $?)" "192.0.2.7
192.0.2.7
5"
like "one that is none" "$(cat talk)" '^hoy lookup: a☃b\.example: string contains a disallowed character$'
same "search" "$(lookup --short a bücher --search example)" 192.0.2.7
same "resolve" "$("$HOY" resolve tcp4 bücher.example:80 "$zone")" 192.0.2.7:80
like "a server" "$("$HOY" lookup a x @bücher.invalid 2>&1)" 'lookup xn--bcher-kva\.invalid'
for line in 'daytime bücher.invalid:80' 'echo bücher.invalid:80 x' 'head bücher.invalid:80' 'head http://bücher.invalid/x' \
	'ping bücher.invalid' 'ping tcp bücher.invalid:80' 'serve echo bücher.invalid:0'; do
	# shellcheck disable=SC2086
	like "hoy $line" "$(timeout 20 "$HOY" $line 2>&1 </dev/null)" 'lookup xn--bcher-kva\.invalid'
done
same "a path stays" "$("$HOY" daytime unix ./bücher 2>&1 | head -n 1)" "hoy daytime: dial unix ./bücher: connect: no such file or directory"
finish
