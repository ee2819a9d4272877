#!/bin/sh
# The command's contract, verb by verb: what it does in a pipe, on a terminal, without
# colour, as JSON, with a wrong flag, a wrong value, and when nobody reads its output.
. "$SOURCE/test/lib.sh"
need jq script socat ss

start env HOY_DEBUG=control=control "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
start "$HOY" serve daytime 127.0.0.1:0 2>/dev/null; daytime_at=127.0.0.1:$port
printf 'HTTP/1.0 200 OK\r\nServer: socat\r\n\r\n' >answer
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'head -n2 >/dev/null; cat answer'; head_at=127.0.0.1:$port
free_port; nobody_at=127.0.0.1:$port

esc=$(printf '\033')

# exits WANT COMMAND...: the exit code; output in the files out and err
exits() {
	want=$1; shift
	"$@" >out 2>err
	same "exit of $*" $? "$want"
}

json_lines() {
	same "$1: every line is JSON with v, type and t" "$(jq -c 'select(.v == 1 and (.type | type) == "string" and
		(.t | test("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z$")))' <out 2>&1 | wc -l)" "$(wc -l <out)"
	same "$1: the last line" "$(tail -n 1 out | jq -c '[.type, .ok, .exit]')" "[\"end\",$2,$3]"
}

# verb NAME ARGUMENTS...: works in every surrounding
verb() {
	name=$1
	exits 0 "$HOY" "$@"
	same "$name: no escapes in a pipe" "$(grep -c "$esc" out err | tr '\n' ' ')" "out:0 err:0 "
	checks=$((checks + 1))
	[ -s out ] || bad "$name printed nothing"

	exits 0 "$HOY" "$@" --json
	json_lines "$name" true 0

	exits 0 script -qec "'$HOY' $*" /dev/null
	checks=$((checks + 1))
	[ -s out ] || bad "$name printed nothing on a terminal"
	exits 0 env NO_COLOR=1 script -qec "'$HOY' $*" /dev/null
	same "$name: NO_COLOR" "$(grep -c "$esc" out)" 0
	exits 0 script -qec "'$HOY' $* --color never" /dev/null
	same "$name: --color never" "$(grep -c "$esc" out)" 0

	exits 2 "$HOY" "$@" --jsno
	like "$name, wrong flag" "$(cat err)" "^hoy $name: unknown flag --jsno; did you mean --json\\?\$"
	exits 2 "$HOY" "$@" --color blue
	like "$name, wrong value" "$(cat err)" "^hoy $name: --color takes auto\\|always\\|never, not 'blue'\$"
	exits 2 "$HOY" "$@" --color
	exits 2 "$HOY" "$@" --json=1
	exits 2 "$HOY" "$@" -Q
	same "$name: nothing on standard output" "$(cat out)" ""

	rm -f code said
	{ sleep 0.2; "$HOY" "$@" 2>said; echo $? >code; } | true
	until [ -s code ]; do sleep 0.02; done
	same "$name: nobody reads" "$(cat code)" 141
	same "$name: and it says nothing about it" "$(grep -v connected said)" ""
	"$HOY" "$@" >/dev/full 2>err
	same "$name: a full disk" $? 3
	like "$name: a full disk" "$(cat err)" '(write to standard output: |write: no space left)'

	exits 0 "$HOY" "$name" --help
	like "$name: --help" "$(head -n 1 out)" "^Usage: hoy $name \\[flags\\]"
	cp out help
	exits 0 "$HOY" help "$name"
	same "$name: hoy help says the same" "$(cat out)" "$(cat help)"
}

verb ip 192.168.1.3
verb check zone "$SOURCE/test/zones/example.zone"
verb iface lo
verb lookup localhost
verb resolve 127.0.0.1:80
verb port telnet
verb tour --step 1
verb daytime $daytime_at
verb head $head_at
verb echo $echo_at hello
verb ping -c 1 tcp $echo_at
verb bench $echo_at -c 2 -w 0 -d 50ms
verb top ./control --once --interval 1ms

# every verb of the overview, also those that a test of their own runs: the help, and a wrong command line
for name in $("$HOY" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	exits 0 "$HOY" "$name" --help
	like "$name: --help" "$(head -n 1 out)" "^Usage: hoy $name \\[flags\\]"
	same "$name: the parts of its help" "$(grep -cE '^(Flags:|Examples:|Exit \(all: hoy help exit\):)$' out)" 3
	like "$name: its first example" "$(sed -n '/^Examples:/{n;p}' out)" "^  .*hoy $name"
	like "$name: exit 0" "$(sed '1,/^Exit/d' out)" '^  0 '
	same "$name: no line of the help is too wide" "$(sed '/^Flags:/,/^Examples:/d' out | awk 'length > 100' | head -n 1)" ""
	cp out help
	exits 0 "$HOY" help "$name"
	same "$name: hoy help says the same" "$(cat out)" "$(cat help)"
	[ "$name" = help ] || like "$name: in the manual" "$(cat "$SOURCE/man/hoy.1.scd")" "^## hoy $name "
	exits 2 "$HOY" "$name" --jsno
	like "$name, wrong flag" "$(cat err)" "^hoy $name: unknown flag --jsno; did you mean --json\\?\$"
	exits 2 "$HOY" "$name" --color blue
	exits 2 "$HOY" "$name" --json=1
	exits 2 "$HOY" "$name" -Q
	same "$name: nothing on standard output" "$(cat out)" ""
	# each flag that takes a value says so without one
	for flag in $(sed -n 's/^  .. *\(--[a-z0-9-]*\) [A-Z].*/\1/p' help); do
		exits 2 "$HOY" "$name" "$flag"
		like "$name $flag without a value" "$(cat err)" "^hoy $name: $flag needs a value: $flag [A-Z]"
	done
	for flag in $(sed -n 's/^  .. *\(--[a-z0-9-]*\) DURATION.*/\1/p' help); do
		exits 2 "$HOY" "$name" "$flag" 5
		like "$name $flag 5" "$(cat err)" "^hoy $name: $flag takes a duration such as 5s, 200ms or 1m30s, not '5'\$"
	done
done

# every wait has a timeout, shown with its default
for name in daytime head echo connect relay bench; do
	like "$name: its timeout" "$("$HOY" $name --help)" '--timeout DURATION .*\(default 5s\)'
done
like "ping: its timeout" "$("$HOY" ping --help)" '--timeout DURATION .*\(default 1s\)'
like "lookup: its timeout" "$("$HOY" lookup --help)" '--timeout DURATION .*\(default 15s\)'
like "resolve: its timeout" "$("$HOY" resolve --help)" '--timeout DURATION .*\(default 15s\)'
like "serve: its limits" "$("$HOY" serve --help)" '--idle DURATION .*\(default 5m\)'
like "serve: its limits" "$("$HOY" serve --help)" '--max-conns N .*\(default 1024\)'

# what the verbs say
exits 0 "$HOY" echo $echo_at hello 'my  world'
same "echo" "$(cat out)" "hello my  world"
exits 0 "$HOY" echo $echo_at -- --json
same "after --" "$(cat out)" "--json"
printf 'from a pipe' | "$HOY" echo $echo_at >out
same "standard input" "$? $(cat out)" "0 from a pipe"
printf 'from a pipe' | "$HOY" echo $echo_at - >out
same "standard input as -" "$? $(cat out)" "0 from a pipe"
exits 0 "$HOY" echo $echo_at -t200ms </dev/null
exits 0 "$HOY" echo --json $echo_at hello
same "echo, JSON" "$(jq -c 'select(.type == "echo") | [.addr, .same, .sent_bytes, .received_bytes]' out)" \
	"[\"$echo_at\",true,6,6]"
exits 1 "$HOY" echo $daytime_at hello
like "echo of a server that does not" "$(cat err)" '^hoy echo: 127\.0\.0\.1:[0-9]+ sent back something else'
exits 0 "$HOY" head $head_at --json
same "head, JSON" "$(jq -c 'select(.type == "head") | [.http, .status, .text, .size_bytes]' out)" \
	'[true,200,"HTTP/1.0 200 OK\r\nServer: socat\r\n\r\n",34]'
exits 1 "$HOY" head $daytime_at
like "head of what is no web server" "$(cat err)" 'answered, but not in HTTP'
exits 1 "$HOY" head $daytime_at --json
json_lines "a no" false 1

# what they say when it does not work
for name in daytime head echo; do
	exits 3 "$HOY" $name $nobody_at
	like "$name, nobody there" "$(head -n 1 err)" "^hoy $name: dial tcp $nobody_at: connect: connection refused\$"
	like "$name, what to do" "$(sed -n 2p err)" '^  nothing listens there'
	exits 3 "$HOY" $name $nobody_at --json
	json_lines "$name, nobody there" false 3
	same "$name, the error" "$(jq -r 'select(.type == "error") | .code, .text' out)" "-111
dial tcp $nobody_at: connect: connection refused"
	exits 2 "$HOY" $name 127.0.0.1
	like "$name, no port" "$(cat err)" 'address 127\.0\.0\.1: missing port in address'
	exits 2 "$HOY" $name
	like "$name, no address" "$(cat err)" "^hoy $name: something is missing: hoy $name (\\[NETWORK\\] )?ADDRESS"
	exits 2 "$HOY" $name $nobody_at --timeout 5
	like "$name, a bare number" "$(cat err)" "^hoy $name: --timeout takes a duration such as 5s, 200ms or 1m30s, not '5'\$"
done
exits 2 "$HOY" daytime $nobody_at more
exits 2 "$HOY" head $head_at --path 'a b'
exits 2 "$HOY" tour --step -1
exits 2 "$HOY" tour --step 99
exits 2 "$HOY" tour --step one
exits 2 "$HOY" tour more

start socat -t 5 TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'exec sleep 5'
for name in daytime head echo; do
	exits 3 "$HOY" $name 127.0.0.1:$port --timeout 200ms </dev/null
	like "$name, a silent server" "$(head -n 1 err)" "^hoy $name: read tcp 127.0.0.1:[0-9]+->127.0.0.1:$port: i/o timeout\$"
	like "$name, what to do" "$(sed -n 2p err)" '--timeout'
done
stop $pid

# what a stranger sends: JSON stays JSON, and a terminal sees no control characters
printf 'a\377b\033[2J"\\\303\251\355\240\200' >nasty
start socat -U TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:nasty
exits 0 "$HOY" daytime 127.0.0.1:$port --json
json_lines "nasty bytes" true 0
same "nasty bytes, JSON" "$(head -n 1 out | jq .text)" "$(printf '"a\357\277\275b\\u001b[2J\\"\\\\é\357\277\275\357\277\275\357\277\275"')"
stop $pid
start socat -U TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:nasty
exits 0 script -qec "'$HOY' daytime 127.0.0.1:$port" /dev/null
same "nasty bytes, terminal" "$(grep -c "$esc" out) $(grep -cF '\x1b[2J' out)" "0 1"
exits 0 "$HOY" daytime 127.0.0.1:$port
same "nasty bytes, pipe" "$(head -c -1 out | cmp - nasty 2>&1)" ""
stop $pid

# durations, in Go's syntax
for good in 5s 1.5s .5s 1m30s 900ms 1h 900000us 900000µs +2s; do
	exits 0 "$HOY" daytime $daytime_at --timeout $good
done
for wrong in '' 5 s -1s 1x 1s5 1..5s 99999999999h '1 s' 5S; do
	exits 2 "$HOY" daytime $daytime_at --timeout "$wrong"
done

# the command itself
exits 2 "$HOY"
like "no verb" "$(cat err)" '^Usage: hoy VERB'
exits 0 "$HOY" --help
exits 0 "$HOY" -h
exits 0 "$HOY" --version
like "version" "$(cat out)" '^hoy [0-9]+\.[0-9]+\.[0-9]+$'
exits 2 "$HOY" --nonsense
exits 2 "$HOY" daytme
like "a mistyped verb" "$(cat err)" "^hoy: there is no verb 'daytme'; did you mean 'daytime'\\?\$"
exits 2 "$HOY" xyzzy
like "no verb of that kind" "$(cat err)" "^hoy: there is no verb 'xyzzy'\$"
exits 2 "$HOY" serve ecko 127.0.0.1:0
like "a mistyped word" "$(cat err)" "^hoy serve: there is no 'serve ecko'; did you mean 'serve echo'\\?\$"
for topic in '' help exit json man; do
	# shellcheck disable=SC2086
	exits 0 "$HOY" help $topic
done
exits 2 "$HOY" help exti
like "help on a mistyped topic" "$(cat err)" "did you mean 'exit'\\?"
exits 2 "$HOY" help --json

# Ctrl-C ends a client that waits, as the shell expects
start socat -u TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr OPEN:/dev/null
env --default-signal=INT "$HOY" daytime 127.0.0.1:$port & client=$!
sleep 0.3
kill -INT $client
wait $client
same "interrupted" $? 130
finish
