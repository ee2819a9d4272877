#!/bin/sh
# Standard streams: what each verb reads and writes when they are closed, full, a directory, or hold bytes that are no text.
. "$SOURCE/test/lib.sh"
need jq ss socat python3

start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port echo_pid=$pid
start "$HOY" serve daytime 127.0.0.1:0 2>/dev/null; daytime_at=127.0.0.1:$port
printf 'HTTP/1.0 200 OK\r\n\r\n' >answer
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'head -n2 >/dev/null; cat answer'; head_at=127.0.0.1:$port

# ---- writing ----

# Every verb, as text and as JSON
cat >writers <<TABLE
--help
-h
--version
help
help exit
help json
help man
$(for verb in tour ip iface check lookup resolve port serve connect listen relay daytime head echo help; do echo "$verb --help"; done)
ip 192.0.2.1 10.0.0.1
ip 192.0.2.1 --json
ip contains 10.0.0.0/8 10.1.1.1 11.1.1.1
iface
iface --json lo
check zone $SOURCE/test/zones/example.zone
ip split 192.0.2.0/24 30
ip merge 10.0.0.0/25 10.0.0.128/25
ip merge --json 10.0.0.0/25
ip grep 10.0.0.0/8
ip grep -c 10.0.0.0/8
lookup localhost
lookup localhost --json
lookup localhost --short
lookup localhost --compare
resolve 127.0.0.1:80
resolve 127.0.0.1:80 --json
port telnet ssh
port telnet --json
tour --step 1
tour --step 1 --json
tour --zone
daytime $daytime_at
daytime $daytime_at --json
head $head_at
head $head_at --json
echo $echo_at hello
echo $echo_at hello --json
serve echo 127.0.0.1:0 --json
relay 127.0.0.1:0 $echo_at --json
TABLE
# complaint WHAT CODE REASON: the exit code, and that standard error has the reason once
complaint() {
	same "$1: its exit" "$2" 3
	same "$1: why" "$(grep -c "write to standard output: $3\$" err)" 1
	same "$1: said once" "$(grep -c 'standard output' err)" 1
}
while read -r line; do
	# shellcheck disable=SC2086
	{
		echo 10.0.0.1 | timeout 20 "$HOY" $line >/dev/full 2>err
		complaint "hoy $line >/dev/full" $? 'no space left on device'
		echo 10.0.0.1 | timeout 20 "$HOY" $line >&- 2>err
		complaint "hoy $line >&-" $? 'bad file descriptor'
	}
done <writers

# nobody reads: a client dies as a filter does, also where the parent ignores the signal; a server says why
for line in --version 'help man' 'ip 192.0.2.1' 'lookup localhost' 'tour --zone' "echo $echo_at hello" "head $head_at --json"; do
	# shellcheck disable=SC2086,SC2030
	for ignored in '' PIPE; do
		rm -f code said
		( [ -z "$ignored" ] || trap '' PIPE
		{ sleep 0.1; "$HOY" $line 2>said; echo $? >code; } | true )
		until [ -s code ]; do sleep 0.02; done
		same "nobody reads $line" "$(cat code) $(grep -c write said)" "141 0"
	done
done
rm -f code said
{ sleep 0.1; "$HOY" serve echo 127.0.0.1:0 --json 2>said; echo $? >code; } | true
until [ -s code ]; do sleep 0.02; done
same "nobody reads a server's log" "$(cat code) $(cat said)" "141 hoy serve: write to standard output: broken pipe"

# a pipe in non-blocking mode that is full for a while loses nothing
cat >nonblocking.py <<'PY'
import os, subprocess, sys, time
hoy, echo_at = sys.argv[1:]
def pipe(end):
    ends = os.pipe()
    os.set_blocking(ends[end], False)
    return ends
def output(*line, **more):
    ours, theirs = pipe(1)
    child = subprocess.Popen([hoy, *line], stdout=theirs, **more)
    os.close(theirs)
    time.sleep(0.3)
    text = b"".join(iter(lambda: os.read(ours, 65536), b""))
    return child.wait(), text
def from_slow_input(*line):
    theirs, ours = pipe(0)
    child = subprocess.Popen([hoy, *line], stdin=theirs, stdout=subprocess.PIPE)
    for part in b"10.0.0.", b"1\n10.0", b".0.0/32 ":
        time.sleep(0.1)
        os.write(ours, part)
    os.close(theirs), os.close(ours)
    return child.communicate()[0], child.returncode
code, text = output("ip", "split", "10.0.0.0/16", "30")
print(code, text.count(b"\n"), text.startswith(b"10.0.0.0/30\n") and text.endswith(b"10.0.255.252/30\n"))
code, text = output("ip", "split", "10.0.0.0/16", "30", "--json")
print(code, text.count(b"\n"))
big = os.urandom(300000)
open("big", "wb").write(big)
code, text = output("echo", echo_at, stdin=open("big", "rb"))
print(code, text == big)
print(*from_slow_input("ip", "merge", "-"))
print(*from_slow_input("ip", "grep", "-c", "10.0.0.0/8"))
PY
same "pipes in non-blocking mode" "$(timeout 60 python3 nonblocking.py "$HOY" "$echo_at")" "0 16384 True
0 16385
0 True
b'10.0.0.0/31\\n' 0
b'2\\n' 0"

# nothing goes around out.c
same "no other file writes to standard output" \
	"$(cd "$SOURCE/cmd/hoy" && grep -nE '(^|[^a-z_])(printf|puts|putchar|fwrite|fflush)\(|STDOUT_FILENO|[(, ]stdout\)' ./*.c |
		grep -vE '^./(out|echo|talk|term|lookup_getent)\.c:|fileno|isatty\(|TIOCGWINSZ|ink\(stdout')" ""

# ---- reading ----

# Each verb that reads words, and what comes first on its command line for it
cat >readers <<'TABLE'
ip -
ip merge -
ip range -
ip contains 10.0.0.0/8 -
lookup a --short -
lookup --json -
resolve ip -
port -
TABLE
while read -r line; do
	# shellcheck disable=SC2086
	{
		told "$HOY" $line </ >out
		same "hoy $line </" "$(grep -c "read standard input: is a directory\$" out) $(tail -n 1 out)" "1 3"
		told "$HOY" $line <&- >out
		same "hoy $line <&-" "$(grep -c "read standard input: bad file descriptor\$" out) $(tail -n 1 out)" "1 3"
		for nothing in '' '\n' '\r\n \t\n' '# a comment\n' '\357\273\277' '\357\273\277# a comment'; do
			same "hoy $line, nothing but '$nothing'" "$(printf "$nothing" | "$HOY" $line 2>&1 | grep -v '"end"'; printf "$nothing" | "$HOY" $line >/dev/null 2>&1; echo $?)" \
				"hoy ${line%% *}: there is nothing on standard input
0"
		done
	}
done <readers
for line in 'ip grep 10.0.0.0/8' "echo $echo_at" "echo $echo_at -"; do
	# shellcheck disable=SC2086
	{
		told "$HOY" $line </ >out
		same "hoy $line </" "$(grep -c "read standard input: is a directory\$" out) $(tail -n 1 out)" "1 3"
		told "$HOY" $line <&- >out
		same "hoy $line <&-" "$(grep -c "read standard input: bad file descriptor\$" out) $(tail -n 1 out)" "1 3"
	}
done
same "grep in nothing" "$("$HOY" ip grep 10.0.0.0/8 </dev/null 2>&1; echo $?)" 1
same "echo of nothing" "$("$HOY" echo $echo_at </dev/null 2>&1; echo $?)" 0

# reads VERB-LINE INPUT WANT: all that is printed, in one line, and the exit code
reads() { same "hoy $1 <<< '$2'" "$(printf "$2" | "$HOY" $1 2>&1 | tr '\n' '~'; printf "$2" | "$HOY" $1 >/dev/null 2>&1; echo $?)" "$3"; }
# one input, however it is written
for text in '10.0.0.0/25\n10.0.0.128/25\n' '10.0.0.0/25\r\n10.0.0.128/25\r\n' '10.0.0.0/25 10.0.0.128/25' '\357\273\27710.0.0.0/25\n\n10.0.0.128/25' \
	'# two\n\t10.0.0.0/25  # one\n 10.0.0.128/25#'; do
	case $text in *'#') continue ;; esac
	reads 'ip merge -' "$text" '10.0.0.0/24~0'
	reads 'ip contains 10.0.0.0/24 -' "$text" '10.0.0.0/25: yes~10.0.0.128/25: yes~0'
done
for text in '127.0.0.1\nlocalhost' '127.0.0.1\r\nlocalhost\r\n' '\357\273\277127.0.0.1 localhost\n' '127.0.0.1 # me\n#no\n\nlocalhost'; do
	reads 'lookup --short a -' "$text" '127.0.0.1~127.0.0.1~0'
	reads 'resolve ip4 -' "$text" '127.0.0.1~127.0.0.1~0'
done
reads 'port tcp -' 'http\r\n22 https' '80~22~443~0'
same "ip of two words" "$(printf '\357\273\277192.0.2.1 ::1\r\n' | "$HOY" ip - | sed -n 's/^address *//p' | paste -sd' ')" "192.0.2.1 ::1"
# a bad word among good ones: the others are done, and the word is named
bad='ip: invalid IP address'
reads 'ip merge -' '10.0.0.1\nx\n' "hoy $bad: x~  x~   ^ unable to parse IP~1"
reads 'ip merge -' '10.0.0.1\n10.0.0.9-10.0.0.2' "hoy ip: '10.0.0.9-10.0.0.2' is no range: the first address comes first, and both are of one family~1"
reads 'ip contains 10.0.0.0/8 -' '10.0.0.1 1\0002 10.0.0.2' "10.0.0.1: yes~hoy $bad: 1?2~  1?2~     ^ unable to parse IP~10.0.0.2: yes~1"
same "ip, a bad word among good ones" "$(printf '10.0.0.1 x 10.0.0.2' | "$HOY" ip - 2>/dev/null | sed -n 's/^address *//p' | paste -sd' ')" "10.0.0.1 10.0.0.2"
reads 'lookup --short a -' '127.0.0.1 a\000b localhost' "127.0.0.1~hoy lookup: there are control characters in a name; it is not looked up~127.0.0.1~5"
reads 'resolve ip -' '127.0.0.1 a\033[2Jb ::1' "127.0.0.1~hoy resolve: lookup a?[2Jb: no such host~  no name server was asked for that~::1~5"
reads 'port -' 'ssh a\000b http' "22~hoy port: lookup ip/a?b: unknown port~  services have their names from /etc/services; a number will do as well~80~5"
# bytes are bytes to grep and echo
same "grep of bytes" "$(printf '\357\273\27710.0.0.1\0\r\nx 10.0.0.2' | "$HOY" ip grep 10.0.0.0/8 | od -An -c | tr -d ' \n')" '35727327710.0.0.1\0\r\nx10.0.0.2'
head -c 200000 /dev/urandom >bytes
same "echo of bytes" "$("$HOY" echo $echo_at <bytes | cmp - bytes && echo same)" same
same "grep of standard input as a network" "$("$HOY" ip grep - </dev/null 2>&1 | head -n 1)" \
	"hoy ip: standard input is what is searched: hoy ip grep NETWORK|FIRST-LAST... <FILE"

# ---- closed at the start ----

start "$HOY" serve echo 127.0.0.1:0 <&- >&- 2>&-
same "no standard stream is a socket" "$(readlink /proc/$pid/fd/0 /proc/$pid/fd/1 /proc/$pid/fd/2 | paste -sd' ')" "/dev/null /dev/null /dev/null"
same "and it serves" "$(printf hello | socat -t 5 - TCP:127.0.0.1:"$port")" hello
kill $pid; wait $pid; same "and ends" $? 0
same "a client with all but standard output closed" "$("$HOY" echo $echo_at hello <&- 2>&-; echo $?)" "hello
0"
finish
