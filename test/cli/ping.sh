#!/bin/sh
# hoy ping on a machine of its own: what it prints, as text, JSON and graph; its exit codes, limits and signals.
. "$SOURCE/test/lib.sh"
need jq socat ss unshare ip setpriv python3
if [ "$1" != inside ]; then
	unshare -n true 2>/dev/null || { echo "skipped: no network of one's own here"; exit 77; }
	exec unshare -n sh "$SOURCE/test/cli/ping.sh" inside
fi

ip link set lo up
ip link add here type veth peer name nowhere
ip address add 192.0.2.1/24 dev here
ip address add 2001:db8::1/64 dev here nodad
ip link set here up
ip link set nowhere up
silent=192.0.2.77
ip neighbour add $silent lladdr 02:00:00:00:00:77 dev here
ip neighbour add 2001:db8::77 lladdr 02:00:00:00:00:77 dev here
ip route add unreachable 198.51.100.1
slow=${HOY_TEST_SCALE:-1}

# exits WANT COMMAND...: the exit code; output in the files out and err
exits() {
	want=$1; shift
	"$@" >out 2>err
	same "exit of $*" $? "$want"
}
ping() { want=$1; shift; exits "$want" "$HOY" ping "$@"; }
json() { jq -c "$@" out; }
time='[0-9]+\.[0-9]{3}'

# the guide's lines
guide='Message sent:     8 0 247 205 0 13 0 37
Message received: 0 0 255 205 0 13 0 37'
ping 0 --bytes 127.0.0.1
same "the guide's bytes" "$(cat out err)" "$guide"
ping 0 --bytes 127.0.0.1 --json
same "the guide's bytes, JSON" "$(json 'select(.message) | [.type, .addr, (.message | join(" "))]')" \
	'["sent","127.0.0.1","8 0 247 205 0 13 0 37"]
["received","127.0.0.1","0 0 255 205 0 13 0 37"]'
ping 0 --bytes ::1
like "an IPv6 request" "$(cat out)" '^Message sent:     128 0( [0-9]+){2} 0 13 0 37$'
like "an IPv6 reply" "$(cat out)" '^Message received: 129 0( [0-9]+){2} 0 13 0 37$'
ping 1 --bytes $silent -t 100ms
same "no reply" "$(cat out)" "$(echo "$guide" | head -n 1)"
ping 2 --bytes 127.0.0.1 127.0.0.2
ping 2 --bytes tcp 127.0.0.1:1

# one host
ping 0 127.0.0.1 -c 3 -i 20ms
same "lines" "$(grep -cE "^64 bytes from 127\.0\.0\.1: seq=[1-3] ttl=64 time=$time ms\$" out)" 3
like "the counts" "$(cat out)" '^3 packets transmitted, 3 received, 0% packet loss, time [0-9]+ms$'
like "the times" "$(cat out)" "^rtt min/avg/max/stddev = $time/$time/$time/$time ms, p50/p95/p99 = $time/$time/$time ms\$"
like "the host" "$(cat out)" '^--- 127\.0\.0\.1 ping statistics ---$'
ping 0 127.0.0.1 -c 1 -s 1000 --ttl 3 -q
same "quiet" "$(grep -c 'bytes from' out)" 0
ping 0 127.0.0.1 -c 1 -s 0
like "no data" "$(cat out)" '^8 bytes from'
ping 0 -c 1 -s 65507 127.0.0.1
like "much data" "$(cat out)" '^65515 bytes from'
ping 0 -c 2 -i 10ms localhost -4
like "a name" "$(cat out)" '^64 bytes from localhost \(127\.0\.0\.1\): seq=2 ttl=64'
ping 0 -c 1 ::1
like "IPv6" "$(cat out)" '^64 bytes from ::1: seq=1 ttl=64'
ping 0 -c 300 -i 1ms -q -t 500ms 127.0.0.1
like "many" "$(cat out)" '^300 packets transmitted, 300 received, 0% packet loss'

# JSON
ping 0 127.0.0.1 ::1 -c 2 -i 20ms --json
same "JSON: replies" "$(json 'select(.type == "reply" and .rtt_us >= 0 and .rtt_us < 1000000 and .size_bytes == 64 and .ttl == 64
	and (.duplicate | not)) | [.target, .probe, .addr, .from, .seq]' | sort)" '["127.0.0.1","icmp","127.0.0.1","127.0.0.1",1]
["127.0.0.1","icmp","127.0.0.1","127.0.0.1",2]
["::1","icmp","::1","::1",1]
["::1","icmp","::1","::1",2]'
same "JSON: statistics" "$(json 'select(.type == "statistics" and .min_us <= .avg_us and .avg_us <= .max_us and .p50_us <= .p95_us)
	| [.target, .sent, .received, .lost, .errors, .duplicates, .out_of_order, .pending]')" '["127.0.0.1",2,2,0,0,0,0,0]
["::1",2,2,0,0,0,0,0]'
same "JSON: each line" "$(json 'select(.v == 1 and .type and .t) | 1' | wc -l)" "$(wc -l <out)"
same "JSON: the last line" "$(tail -n 1 out | jq -c '[.type, .ok, .exit]')" '["end",true,0]'
ping 1 $silent -c 2 -i 20ms -t 50ms --json
same "JSON: losses" "$(json 'select(.type == "loss") | [.addr, .seq, .error]')" '["192.0.2.77",1,null]
["192.0.2.77",2,null]'

# networks
ping 0 127.0.0.0/29
same "its hosts" "$(sed -n 's/.* from \(.*\): seq.*/\1/p' out | sort | tr '\n' ' ')" \
	"127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4 127.0.0.5 127.0.0.6 "
same "its sum" "$(tail -n 1 out)" "127.0.0.0/29: 6 of 6 addresses replied"
ping 0 127.0.0.4/31
same "two addresses" "$(tail -n 1 out)" "127.0.0.4/31: 2 of 2 addresses replied"
ping 0 127.0.0.9/32 ::1/128
like "one address" "$(cat out)" '^::1/128: 1 of 1 addresses replied$'
ping 5 192.0.2.0/30 -t 200ms
same "some reply" "$(cat out | sed 's/time=.*//')" "64 bytes from 192.0.2.1: seq=1 ttl=64 
192.0.2.0/30: 1 of 2 addresses replied"
ping 0 192.0.2.0/30 -t 200ms --need 1
ping 5 192.0.2.0/30 -t 200ms --need 2
ping 0 127.1.0.0/20 -q
same "a large one" "$(tail -n 1 out)" "127.1.0.0/20: 4094 of 4094 addresses replied"
for wrong in 127.0.0.0/15 2001:db8::/64 127.0.0.0/33 127.0.0.0/ 127.0.0/24; do
	ping 2 "$wrong"
done
ping 2 127.0.0.0/16 127.1.0.0/16

# no reply, an error, a name that is none, and some of each
ping 1 $silent -c 2 -i 20ms -t 100ms
same "no reply" "$(grep -c '^no reply from 192\.0\.2\.77: seq=[12]$' out)" 2
like "no reply: the counts" "$(cat out)" '^2 packets transmitted, 0 received, 100% packet loss, time'
same "no reply: no times" "$(grep -c rtt out)" 0
ping 1 2001:db8::77 -c 1 -t 100ms
ping 3 198.51.100.1 -c 1 -t 100ms
like "unreachable" "$(cat err)" '^hoy ping: ping ip4:icmp 198\.51\.100\.1: connect: no route to host$'
ping 3 203.0.113.1 -c 1 -t 100ms
like "no route" "$(cat err out)" 'network is unreachable'
ping 1 a..b -c 1
like "no name" "$(cat err)" '^hoy ping: lookup a\.\.b: no such host$'
ping 5 127.0.0.1 a..b $silent -c 1 -t 100ms
ping 0 127.0.0.1 a..b $silent -c 1 -t 100ms --need 1
ping 2 -4 -6 127.0.0.1
ping 5 -4 127.0.0.1 ::1 -c 1
like "the other family" "$(cat err)" '^hoy ping: address ::1: no suitable address found$'
printf 'tcp 127.0.0.1:1 # nobody\nicmp\n127.0.0.1\n' | "$HOY" ping -c 1 - >out 2>&1
same "words from standard input" $? 5

# wrong words
ping 2
ping 2 tcp
ping 2 http://127.0.0.1:8080/
like "a URL" "$(cat err)" 'did you mean 127\.0\.0\.1, or tcp 127\.0\.0\.1:8080'
ping 2 127.0.0.1:80
like "a port" "$(cat err)" 'hoy ping tcp 127\.0\.0\.1:80'
ping 2 @127.0.0.1
like "a server" "$(cat err)" 'hoy ping dns @127\.0\.0\.1'
ping 2 tcp 127.0.0.1
ping 2 tcp 127.0.0.1:nosuchservice
ping 2 dns @
ping 2 127.0.0.1 -i 0
ping 2 127.0.0.1 -t 0
ping 2 127.0.0.1 -t 1h
ping 2 127.0.0.1 --need 2
ping 2 127.0.0.1 --graph --json
# shellcheck disable=SC2046
ping 2 $(seq -f 127.0.%g.1 0 255) 127.1.0.1
like "too many for no end" "$(cat err)" '257 targets are more than the 256 that are probed at once; give --count'
ping 2 127.0.0.1 -s 65508
ping 2 127.0.0.1 --ttl 256

# deadlines
before=$(date +%s%N)
ping 0 -w 300ms -i 50ms 127.0.0.1
took=$((($(date +%s%N) - before) / 1000000))
same "a deadline: $took ms" "$((took >= 240 && took < 1000 * slow))" 1
before=$(date +%s%N)
ping 1 -w 200ms -t 10s $silent -i 1s
took=$((($(date +%s%N) - before) / 1000000))
same "a deadline comes before the time-out: $took ms" "$((took >= 180 && took < 1000 * slow))" 1
for flag in timeout:1s lookup:10s deadline:0s interval:1s; do
	like "--help tells of its waits" "$("$HOY" ping --help)" "--${flag%:*} DURATION .*\\(default ${flag#*:}\\)"
done

# privileges
unprivileged() { setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$@"; }
exits 4 unprivileged "$HOY" ping -c 1 127.0.0.1
like "not permitted" "$(head -n 1 err)" '^hoy ping: .*operation not permitted \('
like "what to do" "$(cat err)" 'net\.ipv4\.ping_group_range'
like "or that" "$(cat err)" 'cap_net_raw'
exits 4 unprivileged "$HOY" ping --bytes 127.0.0.1
exits 4 unprivileged "$HOY" ping -c 1 127.0.0.1 --json
same "not permitted, JSON" "$(json 'select(.type == "error") | .code')" -1
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
exits 0 unprivileged "$HOY" ping --bytes 127.0.0.1
same "the guide's bytes without privileges" "$(cat out err)" "$guide"
exits 0 unprivileged "$HOY" ping -c 2 -i 20ms 127.0.0.1 ::1
echo '1 0' >/proc/sys/net/ipv4/ping_group_range

# tcp
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr /dev/null
server=$pid at=127.0.0.1:$port
ping 0 tcp $at -c 3 -i 20ms
same "tcp" "$(grep -cE "^connection from $at: seq=[123] time=$time ms\$" out)" 3
exits 0 unprivileged "$HOY" ping tcp localhost:"$port" -4 -c 1
like "tcp by name" "$(cat out)" "^connection from localhost:$port \\($at\\): seq=1 time="
ping 0 tcp :"$port" -4 -c 1 --json
same "tcp: JSON" "$(json 'select(.type == "reply") | [.target, .probe, .addr, .seq, .ttl]')" "[\":$port\",\"tcp\",\"$at\",1,null]"
stop $server
ping 3 tcp $at -c 2 -i 20ms
same "tcp refused" "$(grep -c "^$at: seq=[12] connection refused\$" out)" 2
ping 1 tcp $silent:80 -c 2 -i 20ms -t 100ms
same "tcp silent" "$(grep -c "^no reply from $silent:80: seq=[12]\$" out)" 2

# dns
printf '$ORIGIN example.com.\n@ 300 SOA a b 1 1 1 1 1\n@ 300 NS a\na 300 A 192.0.2.1\n' >zone
start "$HOY" serve dns zone 127.0.0.1:0 2>/dev/null
server=$pid at=127.0.0.1:$port
ping 0 dns @$at -c 2 -i 20ms
same "dns" "$(grep -cE "^REFUSED from $at: seq=[12] time=$time ms\$" out)" 2
ping 0 dns $at -c 1 --query a.example.com --json
same "dns: a name" "$(json 'select(.type == "reply") | [.target, .probe, .addr, .what]')" "[\"$at\",\"dns\",\"$at\",\"NOERROR\"]"
ping 0 dns @localhost:"$port" -c 1 --query no.example.com
like "dns: no such name is a reply" "$(cat out)" "^NXDOMAIN from @localhost:$port \\($at\\): seq=1 time="
stop $server
ping 3 dns @$at -c 1
like "dns refused" "$(cat out)" "^$at: seq=1 connection refused\$"
ping 1 dns @$silent -c 1 -t 100ms
like "dns silent" "$(cat out)" "^no reply from @$silent \\($silent:53\\): seq=1\$"

# signals
# signalled SIGNAL...: sends each in its turn to an endless run, once it shows another reply
signalled() {
	: >out
	env --default-signal=INT,QUIT "$HOY" ping -i 20ms 127.0.0.1 $json >out 2>err &
	client=$!
	for signal; do
		seen=$(grep -c seq out)
		for _ in $(seq 500); do [ "$(grep -c seq out)" -gt "$seen" ] && break; sleep 0.02; done
		kill -"$signal" $client
	done
	wait $client
	code=$?
}
json=
signalled INT
same "Ctrl-C" "$code $(grep -c 'ping statistics ---' out)" "130 1"
like "Ctrl-C: no loss" "$(cat out)" ' 0% packet loss'
signalled QUIT QUIT TERM
same "Ctrl-\\ goes on" "$code $(grep -c 'ping statistics ---' out)" "143 3"
json=--json
signalled QUIT INT
same "JSON" "$code $(json 'select(.type == "statistics") | .received > 0' | tr '\n' ' ')" "130 true true "
same "JSON: the last line" "$(tail -n 1 out | jq -c '[.type, .ok, .exit]')" '["end",false,130]'
# nobody reads: a second Ctrl-C ends what the first could not
env --default-signal=INT,PIPE "$HOY" ping -i 1ms 127.0.0.1 --json 2>err | sleep 30 &
for _ in $(seq 200); do client=$(ss -Hwnp 2>/dev/null | sed -n 's/.*"hoy",pid=\([0-9]*\).*/\1/p' | head -n 1); [ "$client" ] && break; sleep 0.02; done
sleep $((2 * slow))
kill -INT "$client"
sleep 0.3
kill -INT "$client"
for _ in $(seq 100); do kill -0 "$client" 2>/dev/null || break; sleep 0.05; done
kill -0 "$client" 2>/dev/null
same "a second Ctrl-C" $? 1

# the graph, elsewhere than on a terminal
LC_ALL=C exits 0 "$HOY" ping --graph -c 5 -i 10ms 127.0.0.1
same "the graph is one picture" "$(grep -c '0.000 +[.:|]*$' out) $(grep -c '^64 bytes' out)" "1 5"
same "and no escapes" "$(grep -c "$(printf '\033')" out)" 0
LC_ALL=C.UTF-8 exits 1 "$HOY" ping --graph -c 3 -i 10ms -t 50ms $silent -q
like "losses" "$(cat out)" '0\.000 ┤×××$'

# the graph on a terminal, of which python has the other end
cat >terminal.py <<'PYTHON'
# terminal.py COLUMNS ROWS KEYS COMMAND...: runs it on a terminal of that size, types the keys, one after each half
# second, and prints what stands on the screen in the end; complains of lines that are too wide.
import fcntl, os, pty, re, select, struct, sys, termios, time
columns, rows, keys = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode().decode("unicode_escape")
pid, fd = pty.fork()
if pid == 0:
	time.sleep(0.2)		# until the terminal has its size
	os.execvp(sys.argv[4], sys.argv[4:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
data, start, typed = b"", time.time(), 0
while time.time() < start + 60:
	if typed < len(keys) and time.time() > start + 0.7 + 0.5 * typed:
		os.write(fd, keys[typed].encode())
		typed += 1
	if select.select([fd], [], [], 0.05)[0]:
		try:
			more = os.read(fd, 65536)
		except OSError:
			break
		if not more:
			break
		data += more
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
screen, top, row, column, saved = [""], 0, 0, 0, 0	# top: the first line that has not been scrolled away
for part in re.findall(r"\033\[[0-9;?]*[A-Za-z]|\033[78]|[^\033]", data.decode(errors="replace")):
	if part == "\n":
		row += 1
	elif part == "\r":
		column = 0
	elif part == "\0337":
		saved = row - top
	elif part == "\0338":
		row, column = saved + top, 0
	elif part.startswith("\033["):
		if part[-1] == "A":
			if int(part[2:-1]) >= rows:
				print("up by more than the screen has:", part[2:])
			row -= int(part[2:-1])
		elif part[-1] == "K":
			screen[row] = screen[row][:column]
		elif part[-1] == "J":
			screen[row] = screen[row][:column]
			del screen[row + 1:]
		elif part[-1] != "m":
			print("an unknown escape", repr(part))
	else:
		screen[row] = screen[row][:column].ljust(column) + part + screen[row][column + 1:]
		column += 1
	while len(screen) <= row:
		screen.append("")
	top = max(top, row - rows + 1)
picture = [line for line in screen if not line.startswith(("rtt ", "--- ")) and "packet loss" not in line]
for line in picture:
	if len(line) > columns:
		print("too wide:", line)
print("\n".join(line.rstrip() for line in screen).strip("\n"))
print("exit", code, "escapes", len(re.findall(rb"\033\[[0-9;]*m", data)), "pictures", data.count(b"\033[J"))
PYTHON
terminal() { env -u NO_COLOR LC_ALL=C.UTF-8 TERM=xterm python3 terminal.py "$@" >out 2>&1; }
figures='loss [0-9.]+%  last [0-9.]+  p50 [0-9.]+  p95 [0-9.]+  p99 [0-9.]+  max [0-9.]+ ms'

terminal 80 24 '' "$HOY" ping --graph -c 12 -i 60ms 127.0.0.1
like "a graph" "$(cat out)" "^127\\.0\\.0\\.1  $figures\$"
like "a graph: bars" "$(cat out)" '^   0\.000 ┤[▁▂▃▄▅▆▇█]{12}$'
same "a graph: no other lines" "$(grep -c 'bytes from' out) $(grep -c '┤' out)" "0 2"
like "a graph: the statistics" "$(cat out)" '^12 packets transmitted, 12 received'
like "a graph: several pictures, in colour" "$(cat out)" '^exit 0 escapes [1-9][0-9]* pictures [1-9]'
terminal 80 24 '' env NO_COLOR=1 "$HOY" ping --graph -c 3 -i 60ms 127.0.0.1
like "NO_COLOR" "$(cat out)" '^exit 0 escapes 0 pictures'
LC_ALL=C terminal 80 24 '' env LC_ALL=C "$HOY" ping --graph -c 3 -i 60ms 127.0.0.1
like "without Unicode" "$(cat out)" '^   0\.000 \+[.:|]{3}$'
terminal 12 5 '' "$HOY" ping --graph -c 40 -i 20ms 127.0.0.1 $silent -t 100ms
same "a narrow terminal" "$(grep -cE 'too wide|up by|unknown' out)" 0
like "a narrow terminal: bars" "$(cat out)" '^[▁▂▃▄▅▆▇█]{12}$'
terminal 60 10 '' "$HOY" ping --graph -c 3 -i 60ms 127.0.0.0/28
like "a low terminal" "$(cat out)" '^and more, for which there is no room$'
same "a low terminal: no line twice" "$(grep -c '^127\.0\.0\.1  ' out) $(grep -c 'up by' out)" "1 0"
terminal 80 24 '\x1c\x1c\x03' "$HOY" ping --graph -i 50ms 127.0.0.1
same "Ctrl-\\ twice, then Ctrl-C" "$(grep -c 'ping statistics ---' out) $(grep -c '┤' out)" "3 6"
like "its exit" "$(cat out)" '^exit 130 '
finish
