#!/bin/sh
# hoy top: what it shows of a busy server, in a pipe, as JSON and on a terminal, whose screen is kept here; and what can go wrong.
. "$SOURCE/test/lib.sh"
need python3 jq ss socat

slow=${HOY_TEST_SCALE:-1}
exits() {
	want=$1; shift
	"$@" >out 2>err
	same "exit of $*" $? "$want"
}

# load.py PORT IDLE BUSY: connections to an echo server, until standard input ends
cat >load.py <<'PYTHON'
import select, socket, sys
port, idle, busy = map(int, sys.argv[1:])
quiet = [socket.create_connection(("127.0.0.1", port)) for _ in range(idle)]
loud = [socket.create_connection(("127.0.0.1", port)) for _ in range(busy)]
for s in loud:
	s.sendall(b"x" * 1000)
while not select.select([0], [], [], 0)[0]:
	for s in select.select(loud, [], [], 0.1)[0]:
		s.sendall(s.recv(65536))
PYTHON
# terminal.py COLUMNS ROWS KEYS COMMAND...: runs it on a terminal of that size, types the keys, one after the other, and prints what stood on the
# other screen when it was left, or stands on the only one, then the exit status and what is left of the screen it was started on
cat >terminal.py <<'PYTHON'
import fcntl, os, pty, re, select, struct, sys, termios, time
columns, rows, keys = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode().decode("unicode_escape")
pid, fd = pty.fork()
if pid == 0:
	time.sleep(0.2)		# until the terminal has its size
	os.execvp(sys.argv[4], sys.argv[4:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
data, start, typed = b"", time.time(), 0
scale = int(os.environ.get("HOY_TEST_SCALE", 1))
while time.time() < start + 60 * scale:
	if typed < len(keys) and time.time() > start + scale * (1.4 + 0.7 * typed):
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
main, screen, row, column, left, cursor = [""], [""], 0, 0, None, True
for part in re.findall(r"\033\[[0-9;?]*[A-Za-z]|[^\033]", data.decode(errors="replace")):
	if part == "\n":
		row += 1
	elif part == "\r":
		column = 0
	elif part == "\033[H":
		row, column = 0, 0
	elif part == "\033[?1049h":
		main, screen, row, column = screen, [""], 0, 0
	elif part == "\033[?1049l":
		left, screen = screen, main
	elif part in ("\033[?25l", "\033[?25h"):
		cursor = part[-1] == "h"
	elif part == "\033[K":
		screen[row] = screen[row][:column]
	elif part == "\033[J":
		screen[row] = screen[row][:column]
		del screen[row + 1:]
	elif part.startswith("\033["):
		if part[-1] != "m":
			print("an unknown escape", repr(part))
	else:
		screen[row] = screen[row][:column].ljust(column) + part + screen[row][column + 1:]
		column += 1
	while len(screen) <= row:
		screen.append("")
	if len(screen) > rows:
		print("too many lines")
	if column > columns:
		print("too wide:", screen[row])
print("\n".join(line.rstrip() for line in (left or screen)).strip("\n"))
print("exit", code, "cursor", cursor, "left:", " ".join(screen if left else ["nothing"]).strip())
PYTHON
terminal() { env -u NO_COLOR TERM=xterm python3 terminal.py "$@" >out 2>&1; }
# a number, with its unit, is N, and so are blanks one blank
masked() { sed -E 's/[0-9]+(\.[0-9]+)*[kMGs]?/N/g; s/  */ /g; s/^ //'; }

start env HOY_DEBUG=control="$PWD/control" "$HOY" serve echo 127.0.0.1:0 >said 2>&1
server=$pid at=127.0.0.1:$port
mkfifo hold
python3 load.py "$port" 30 10 <hold &
exec 8>hold
for _ in $(seq 200); do [ "$(ss -Htn state established "( sport = :$port )" | wc -l)" = 40 ] && break; sleep 0.05; done

# ---- a busy server ----
exits 0 "$HOY" top control --once
same "the groups, in a pipe" "$(grep -vE 'waiting|running|ready' out | masked)" "hoy N, hoy N: N tasks on N workers, N connections, N stalls
runs N/s new tasks N/s in NB/s out NB/s
count state for longest runs/s function name"
like "tasks" "$(cat out)" '^hoy [0-9]+, hoy [0-9.]+: 42 tasks on [0-9]+ workers, 41 connections'
like "the one that accepts" "$(cat out)" '^ +1  waiting  accept '
like "rates" "$(sed -n 2p out)" '^runs [1-9][0-9.]*k?/s  new tasks 0/s  in [0-9.]+[kM]B/s  out [0-9.]+[kM]B/s$'
exits 0 "$HOY" top control --once --view connections
same "connections" "$(sed -n 3p out) $(grep -c " $at  *127\.0\.0\.1:" out) $(grep -c " $at  *-\$" out)" \
	"$(printf '%s\n' "$(sed -n 3p out)") 40 1"
like "their titles" "$(sed -n 3p out)" '^descriptor  network +in/s +out/s +in +out  local +remote$'
same "the busiest first" "$(awk 'NR > 3 && $4 != "-" { print ($3 != "0") }' out | uniq | tr '\n' ' ')" "1 0 "
exits 0 "$HOY" top control --once --view connections --sort descriptor --reverse
same "sorted" "$(awk 'NR > 3 { print $1 }' out)" "$(awk 'NR > 3 { print $1 }' out | sort -n)"
exits 0 "$HOY" top control --once -i 0 --view tasks --sort since
same "without rates" "$(awk 'NR > 3 && $5 ~ /s$/ { print $6 }' out | sort | uniq -c | awk '{ print $2 }' | head -n 1)" "-"
like "a task" "$(cat out)" '^ +[0-9]+ +[0-9]+  waiting  accept +[0-9.]+s +- +[0-9.]+k  [a-z_]+ +main +desc'

exits 0 "$HOY" top control --once --json
same "JSON" "$(jq -c 'select(.type == "top") | [.program, .pid == '"$server"', (.tasks | length), (.connections | length),
	([.connections[] | select(.received_bytes_per_s > 0 and .sent_bytes_per_s > 0)] | length),
	([.tasks[] | select(.waits_for == "accept" and (.detail | test("^descriptor \\d+, tcp '"$at"'$")))] | length)]' out)" '["hoy",true,42,41,10,1]'
same "JSON, the last line" "$(tail -n 1 out | jq -c '[.type, .ok, .exit]')" '["end",true,0]'
timeout -s INT $((3 * slow)) "$HOY" top control --json -i 200ms >out 2>err
like "a stream of JSON" "$(jq -r .type out | sort | uniq -c | tr -s ' \n' ' ')" '^ 1 end ([3-9]|[1-9][0-9]+) top $'
same "interrupted" "$(tail -n 1 out | jq -c '[.type, .ok, .exit]')" '["end",false,130]'
timeout -s INT $((2 * slow)) "$HOY" top control -i 200ms >out 2>err
same "pictures in a pipe follow one another, without escapes" "$(($(grep -c '^count ' out) > 2)) $(grep -c "$(printf '\033')" out)" "1 0"

# ---- its screen ----
terminal 90 12 'q' "$HOY" top control -i 500ms
same "the screen" "$(masked <out)" "hoy N, hoy N: N tasks on N workers, N connections, N stalls
runs N/s new tasks N/s in NB/s out NB/s
g groups t tasks c connections s sort on r reverse q quit
count state for longest runs/s function name
$(masked <out | sed -n '/^N [a-z]/p')
exit N cursor True left: "
like "the screen: those who read" "$(cat out)" '^ +[0-9]+  waiting  read +[0-9.]+s +[0-9.]+k?  serve_one +serve$'
like "the screen: the exit" "$(cat out)" '^exit 0 '
terminal 90 12 'tcssrgq' "$HOY" top control -i 500ms
like "keys" "$(cat out)" '^count  state'
terminal 90 12 'cq' "$HOY" top control -i 500ms
same "as many as there is room for" "$(grep -c " $at  *127" out) $(grep -c 'too many\|too wide\|unknown' out)" "7 0"
terminal 45 8 'tq' "$HOY" top control -i 500ms
same "a narrow terminal" "$(grep -c 'too many\|too wide\|unknown' out) $(grep -cE 'waiting|running|ready' out)" "0 3"
terminal 20 3 'tq' "$HOY" top control -i 500ms
same "one that is too small" "$(cat out)" "hoy top needs a larg
exit 0 cursor True left: "
terminal 80 24 '\x03' "$HOY" top control
like "Ctrl-C" "$(cat out)" '^exit 130 cursor True left: $'

# ---- by its process ----
mkdir runtime
start env HOY_DEBUG=control XDG_RUNTIME_DIR="$PWD/runtime" "$HOY" serve echo 127.0.0.1:0 >said 2>&1
other=$pid
exits 0 env XDG_RUNTIME_DIR="$PWD/runtime" "$HOY" top $other --once -i 0
like "by process" "$(cat out)" "^hoy $other, hoy [0-9.]+: [0-9]+ tasks"
exits 3 env XDG_RUNTIME_DIR="$PWD/runtime" "$HOY" top $$ --once
like "a process without one" "$(cat err)" "^hoy top: process $$ has no control socket in the usual place: start it with HOY_DEBUG=control, or "
exits 3 "$HOY" top 99999999
like "no process" "$(cat err)" '^hoy top: there is no process 99999999$'
# another's socket in its place
mv "runtime/hoy-$other.sock" runtime/kept
ln -s "$PWD/control" "runtime/hoy-$other.sock"
exits 4 env XDG_RUNTIME_DIR="$PWD/runtime" "$HOY" top $other --once
like "another process in its place" "$(cat err)" 'another process listens at the control socket'
terminal 80 24 '' sh -c "(sleep $((2 * slow)); kill $other) & exec '$HOY' top runtime/kept -i 100ms"
like "it ends meanwhile" "$(cat out)" '^exit 3 cursor True left: hoy top: the program has ended$'
exits 3 "$HOY" top runtime/kept
like "it has ended" "$(cat err)" '^hoy top: dial unix runtime/kept: connect: connection refused$'

# ---- what else can go wrong ----
exits 3 "$HOY" top ./nowhere
like "no such socket" "$(cat err)" '^hoy top: dial unix \./nowhere: connect: no such file or directory$'
exits 2 "$HOY" top
exits 2 "$HOY" top control --sort nonsense
like "no such column" "$(cat err)" "^hoy top: groups have no column 'nonsense': count, state, for, longest, runs/s, function, name\$"
exits 2 "$HOY" top control --view nonsense
exits 2 "$HOY" top "$(printf '%0200d' 0 | tr 0 x)"
for said in '' 'HTTP/1.0 400' '{"v":1' '[]' '{"v":1}' '{"v":1,"pid":3,"version":"1","tasks":[{"id":' '{"v":1,"error":"unknown request"}'; do
	printf '%s' "$said" >answer
	rm -f foreign
	socat UNIX-LISTEN:foreign SYSTEM:'cat >/dev/null; cat answer' &
	for _ in $(seq 100); do [ -S foreign ] && break; sleep 0.05; done
	exits 3 "$HOY" top ./foreign --once -i 0
	like "'$said' is no answer" "$(cat err)" '^hoy top: \./foreign: what came from there is no answer of a control socket$'
done
printf '{"v":1,"pid":999999999,"version":"1\\u001b[2J","deep":%s%s,"tasks":[{"id":1,"name":"\\u00e9\\ud83d\\n"},{}]}\n' \
	"$(printf '%0100000d' 0 | tr 0 '[')" "$(printf '%0100000d' 0 | tr 0 ']')" >answer
rm -f foreign
socat UNIX-LISTEN:foreign SYSTEM:'cat >/dev/null; cat answer' &
for _ in $(seq 100); do [ -S foreign ] && break; sleep 0.05; done
exits 0 "$HOY" top ./foreign --once -i 0
same "members that are strange, and deep" "$(cat out)" "process 999999999, hoy 1?[2J: 0 tasks on 0 workers, 0 connections, 0 stalls

count  state  for  longest  runs/s  function  name
    1  -      -          -       -  -         -
    1  -      -          -       -  -         é??"
if [ "$(id -u)" = 0 ] && chmod 755 . 2>/dev/null && setpriv --reuid 65534 --clear-groups test -x "$HOY" 2>/dev/null; then
	exits 4 setpriv --reuid 65534 --clear-groups "$HOY" top control --once
	like "another user" "$(cat err)" 'connect: permission denied$'
fi

# ---- the program goes on as if nothing had been ----
kill -0 $server
same "the server runs" $? 0
exec 8>&-
stop $server
finish
