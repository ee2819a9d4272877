#!/bin/sh
# The guide's programs on Unix networks, in C and in Go, client and server in both roles, and against socat, ncat and nc.
. "$SOURCE/test/lib.sh"
need go socat ncat nc ss cmp
compile UnixEchoServer UnixEchoClient UnixgramEchoServer UnixgramEchoClient

# begin COMMAND...: in the background, until a socket has the name $address
begin() {
	"$@" &
	pid=$!
	for _ in $(seq 200); do
		ss -Hlxa | grep -qF " $address " && return
		kill -0 $pid 2>/dev/null || break
		sleep 0.05
	done
	bad "$* does not listen"
	finish
}

# ask PROGRAM: the server at $address of $network, by clients of every origin
ask() {
	same "$1, C" "$(told "$EXAMPLES/UnixEchoClient" $network $address 'one line')" "one line
0"
	same "$1, Go" "$(told ./go_UnixEchoClient $network $address 'one line')" "one line
0"
	case $address in
	@*) socat=ABSTRACT-CONNECT:${address#@} ;;
	*) socat=UNIX-CONNECT:$address ;;
	esac
	[ $network = unixpacket ] && socat=$socat,type=5
	same "$1, socat" "$(printf 'one line' | socat -t 5 - $socat)" "one line"
	[ $network = unix ] || return
	socat -t 5 - $socat <big >back
	same "$1, 300,000 random bytes, socat" "$(cmp big back 2>&1)" ""
	[ -S $address ] || return
	same "$1, ncat" "$(printf 'one line' | ncat -U $address)" "one line"
	same "$1, nc" "$(printf 'one line' | nc -N -U $address)" "one line"
}

head -c 300000 /dev/urandom >big
for network in unix unixpacket; do
	for address in $network.sock @hoy-guide-$$; do
		for program in ./go_UnixEchoServer "$EXAMPLES/UnixEchoServer"; do
			begin $program $network $address
			ask "$program $network $address"
			used=$(told $program $network $address)
			like "$program, a name in use" "$used" "listen $network $address: bind: address already in use"
			stop $pid
			rm -f $network.sock
			gone=$(told ${program%Server}Client $network $address x)
			like "$program, no server" "$gone" "dial $network $address: connect: "
			echo "$used$gone" >said.${program##*/}
		done
		same "$network $address, the words of C and Go" "$(cat said.UnixEchoServer)" "$(cat said.go_UnixEchoServer)"
	done
done

for address in gram.sock @hoy-guide-$$; do
	for program in ./go_UnixgramEchoServer "$EXAMPLES/UnixgramEchoServer"; do
		begin $program $address
		same "$program $address, C" "$(told "$EXAMPLES/UnixgramEchoClient" $address 'one line')" "one line
0"
		same "$program $address, Go" "$(told ./go_UnixgramEchoClient $address 'one line')" "one line
0"
		if [ $address = gram.sock ]; then
			printf nobody | socat -u - UNIX-SENDTO:$address	# without a name, so without an answer
			same "$program, socat" "$(printf 'one line' | socat -t 1 - UNIX-SENDTO:$address,bind=client.sock)" "one line"
			rm -f client.sock
		fi
		used=$(told $program $address)
		like "$program, a name in use" "$used" "listen unixgram $address: bind: address already in use"
		stop $pid
		rm -f gram.sock
		gone=$(told ${program%Server}Client $address x)
		echo "$used$gone" | sed 's/client-[0-9]*/client-N/' >said.${program##*/}
	done
	same "unixgram $address, the words of C and Go" "$(cat said.UnixgramEchoServer)" "$(cat said.go_UnixgramEchoServer)"
done
finish
