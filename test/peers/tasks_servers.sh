#!/bin/sh
# examples/tasks: the servers, in C and in Go, with ncat and socat as clients.
. "$SOURCE/test/lib.sh"
need go ss python3 ncat socat timeout
for program in ChatServer GracefulShutdown; do
	go build -o "go_$program" "$SOURCE/examples/tasks/$program.go" || bad "go build $program"
done

# awaits FILE PATTERN: a line that matches, within ten seconds
awaits() {
	for _ in $(seq 200); do
		grep -Eq "$2" "$1" 2>/dev/null && return
		sleep 0.05
	done
	bad "no /$2/ in $1: $(tail -n 3 "$1")"
}

# ---- ChatServer ----
chat() {
	program=$1
	start "$program" 127.0.0.1:0; server=$pid at=127.0.0.1:$port
	rm -f to.* heard.*
	mkfifo to.anna to.ben
	ncat 127.0.0.1 "$port" <to.anna >heard.anna & anna=$!
	exec 7>to.anna
	echo anna >&7
	awaits heard.anna '^anna joined$'
	socat - "TCP:$at" <to.ben >heard.ben & ben=$!
	exec 8>to.ben
	echo ben >&8
	awaits heard.anna '^ben joined$'
	echo 'hello, all' >&7
	awaits heard.ben '^anna: hello, all$'
	printf 'hello\nanna\n' >&8
	awaits heard.anna '^ben: anna$'
	printf 'carl\nonly passing\n' | ncat 127.0.0.1 "$port" >"carl.${program##*/}"
	awaits heard.anna '^carl left$'
	# one that reads nothing, while others say more than its buffers hold
	python3 - "$port" <<-'PY' >stuck &
		import socket, sys, time
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"stuck\n")
		time.sleep(600)
	PY
	stuck=$!
	awaits heard.anna '^stuck joined$'
	python3 - "$port" <<-'PY' >talker
		import socket, sys, time
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 30)
		s.sendall(b"talker\n")
		heard, said, line = b"", 0, b"x" * 400 + b"\n"
		end = time.monotonic() + 60
		while b"stuck left\n" not in heard and time.monotonic() < end:
		    s.settimeout(30)
		    s.sendall(line * 30)
		    said += 30
		    s.settimeout(0.01)
		    try:
		        heard = heard[-20:] + s.recv(1 << 20)
		    except TimeoutError:
		        pass
		s.settimeout(30)
		s.sendall(b"last words\n")
		while not heard.endswith(b"talker: last words\n"):
		    heard = heard[-20:] + s.recv(1 << 20)
		print("stuck left" if time.monotonic() < end else "stuck stayed", said)
	PY
	like "$program: a client that does not read is cut off" "$(cat talker)" '^stuck left [0-9]+$'
	said=$(cut -d' ' -f3 talker)
	awaits heard.anna '^talker: last words$'
	awaits heard.ben '^talker: last words$'
	same "$program: the others have lost nothing" "$(grep -c '^talker: x*$' heard.anna) $(grep -c '^talker: x*$' heard.ben)" "$said $said"
	exec 7>&- 8>&-
	kill $stuck $anna $ben
	wait $stuck $anna $ben 2>/dev/null
	stop $server
	# of what was said before, everything, in order
	sed '/^stuck joined$/,$d' heard.anna >"anna.${program##*/}"
	sed '/^stuck joined$/,$d' heard.ben >"ben.${program##*/}"
}
for program in ./go_ChatServer "$EXAMPLES/ChatServer"; do
	chat "$program"
done
same 'what anna hears' "$(cat anna.ChatServer)" 'anna joined
ben joined
anna: hello, all
ben: hello
ben: anna
carl joined
carl: only passing
carl left'
same 'what ben hears' "$(cat ben.ChatServer)" "$(tail -n +2 anna.ChatServer)"
same 'what carl hears' "$(cat carl.ChatServer)" 'carl joined
carl: only passing'
for who in anna ben carl; do
	same "what $who hears in Go" "$(cat $who.go_ChatServer)" "$(cat $who.ChatServer)"
done

# ---- GracefulShutdown ----
shutdown() {
	program=$1
	start "$program" 127.0.0.1:0 >said; server=$pid at=127.0.0.1:$port
	same "$program: an answer" "$(printf '20\n10\n' | timeout 20 socat -t 10 - "TCP:$at")" 'done 20
done 10
bye'
	(sleep 20) | socat -t 10 - "TCP:$at" >idle & idle=$!
	(echo 1000; sleep 20) | socat -t 10 - "TCP:$at" >busy & busy=$!
	(echo 60000; sleep 20) | socat -t 10 - "TCP:$at" >endless & endless=$!
	for _ in $(seq 100); do
		[ "$(ss -Hnt state established "sport = $port" | wc -l)" = 3 ] && break
		sleep 0.02
	done
	sleep 0.3
	before=$(date +%s%N)
	kill -TERM $server
	awaits idle '^bye$'
	same "$program: no one is accepted any more" "$(timeout 5 ncat 127.0.0.1 "$port" </dev/null >/dev/null 2>&1 && echo accepted)" ''
	wait $server
	same "$program: exit" $? 0
	took=$((($(date +%s%N) - before) / 1000000))
	awaits busy '^bye$'
	awaits endless '^bye$'
	same "$program: no request" "$(cat idle)" bye
	same "$program: an answer under way is finished" "$(cat busy)" 'done 1000
bye'
	same "$program: but not one that takes for ever" "$(cat endless)" bye
	same "$program: which took $took ms" "$((took > 1000 && took < 6000 * ${HOY_TEST_SCALE:-1}))" 1
	same "$program: its last words" "$(cat said)" 'all clients have left'
	kill $idle $busy $endless 2>/dev/null
	wait $idle $busy $endless 2>/dev/null
}
for program in ./go_GracefulShutdown "$EXAMPLES/GracefulShutdown"; do
	shutdown "$program"
done
finish
