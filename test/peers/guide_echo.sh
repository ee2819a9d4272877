#!/bin/sh
# The guide's three echo servers, in C and in Go, against clients that nobody here wrote.
. "$SOURCE/test/lib.sh"
need go socat ncat nc telnet ss cmp
compile SimpleEchoServer ThreadedEchoServer ThreadedIPEchoServer EchoClient
head -c 300000 /dev/urandom >big

ask() {
	same "$1, socat" "$(printf 'one line' | socat -t 5 - TCP:127.0.0.1:$port)" "one line"
	same "$1, ncat" "$(printf 'one line' | ncat 127.0.0.1 $port)" "one line"
	same "$1, nc" "$(printf 'one line' | nc -N 127.0.0.1 $port)" "one line"
	same "$1, Go client" "$(./go_EchoClient 127.0.0.1:$port 'one line')" "one line"
	same "$1, hoy echo" "$("$HOY" echo 127.0.0.1:$port one line)" "one line"
	like "$1, telnet" "$( (sleep 0.3; echo 'one line'; sleep 0.5) | telnet 127.0.0.1 $port 2>/dev/null | tr -d '\r')" \
		'^one line$'
	socat -t 5 - TCP:127.0.0.1:$port <big >back
	same "$1, 300,000 random bytes, socat" "$(cmp big back 2>&1)" ""
	"$HOY" echo 127.0.0.1:$port <big >back
	same "$1, 300,000 random bytes, hoy echo" "$? $(cmp big back 2>&1)" "0 "
}

# While a first client is there: is a second one answered? Prints what it got, then what
# it got once the first has left.
second_client() {
	mkfifo hold
	socat -t 0.2 - TCP:127.0.0.1:$port <hold >first &
	exec 9>hold
	echo one >&9
	until grep -q one first; do sleep 0.02; done
	(printf two; sleep 1.5) 9>&- | socat -t 5 - TCP:127.0.0.1:$port >second 9>&- &
	last=$!
	sleep 0.7
	cat second
	exec 9>&-
	rm hold
	wait $last
	printf ', '
	cat second
}

for server in SimpleEchoServer ThreadedEchoServer ThreadedIPEchoServer; do
	case $server in
	Simple*) turns=', two' ;;
	*) turns='two, two' ;;
	esac
	for program in ./go_$server "$EXAMPLES/$server"; do
		start $program 127.0.0.1:0 >said
		ask "$program"
		same "$program, the second client" "$(second_client)" "$turns"
		stop $pid
		head -n 4 said >"said.${program##*/}"
	done
	same "$server prints the same" "$(cat said.$server)" "$(cat said.go_$server)"
done
finish
