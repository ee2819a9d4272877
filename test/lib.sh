# What test scripts share; they source it: . "$SOURCE/test/lib.sh"
# shellcheck shell=sh
failures=0 checks=0
export GO111MODULE=off GOFLAGS="" GOCACHE="${TMPDIR:-/tmp}/hoy-go-cache"

bad() { echo "FAIL: $*"; failures=$((failures + 1)); }

# same WHAT GOT WANT
same() {
	checks=$((checks + 1))
	[ "$2" = "$3" ] || bad "$1
  got:  $2
  want: $3"
}

# like WHAT GOT PATTERN: an extended regular expression that some line has to match
like() {
	checks=$((checks + 1))
	printf '%s\n' "$2" | grep -Eq -- "$3" || bad "$1
  got:  $2
  want: /$3/"
}

# told COMMAND...: all that it prints, and its exit code on a last line
told() {
	told=$("$@" 2>&1)
	printf '%s\n%s\n' "$told" $?
}

# need PROGRAM...: skips the script when one of them is not there
need() {
	for program; do
		command -v "$program" >/dev/null || { echo "skipped: $program is missing"; exit 77; }
	done
}

# start COMMAND...: in the background; sets pid, and port to where it listens (sockets=-u: over UDP)
start() {
	"$@" &
	pid=$! port=
	for _ in $(seq 200); do
		port=$(ss -Hlnp "${sockets:--t}" | awk -v who="pid=$pid," 'index($0, who) { n = split($4, part, ":"); print part[n]; exit }')
		[ "$port" ] && return
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	bad "$* does not listen"
	finish
}

# stop PID: a socat is asked twice, since it can miss a SIGTERM that comes while it tends to a child's end
stop() {
	again=
	[ "$(cat "/proc/$1/comm" 2>/dev/null)" = socat ] && { (sleep 3; kill "$1") >/dev/null 2>&1 & again=$!; }
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	[ -z "$again" ] || kill $again 2>/dev/null
}

# a port that was free a moment ago, for servers that cannot pick one
free_port() {
	start socat TCP-LISTEN:0,bind=127.0.0.1,fork /dev/null
	stop $pid
}

# peer PATH: a program that is unpacked under PEERS, as bin/iperf3, or else installed; without it, nothing
peer() {
	[ -x "$PEERS/usr/$1" ] && echo "$PEERS/usr/$1" && return
	command -v "${1##*/}"
}

# compile NAME...: the guide's Go programs, into the current directory
compile() {
	for program; do
		go build -o "go_$program" "$SOURCE/test/go/$program.go" || { bad "go build $program"; finish; }
	done
}

# block N LANGUAGE: the text of README's Nth fenced block of that language
block() {
	awk -v n="$1" -v fence="\`\`\`$2" '
		inside && /^```/ { exit }
		inside { print }
		$0 == fence && ++seen == n { inside = 1 }' "$SOURCE/README.md"
}

finish() {
	[ $failures = 0 ] && [ $checks -gt 0 ] && echo "$checks checks" && exit 0
	echo "$failures of $checks checks failed"
	exit 1
}
