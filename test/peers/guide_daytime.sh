#!/bin/sh
# The guide's daytime server, in C and in Go, told by clients that nobody here wrote.
. "$SOURCE/test/lib.sh"
need go socat ncat nc telnet ss
compile DaytimeServer DaytimeClient

# digits do not matter, except how many; Go adds its monotonic clock
shape() { sed 's/ m=.*//; s/\.[0-9]*/.N/; s/[0-9]/9/g'; }

# said CLIENT TEXT: is that the time of now?
said() {
	like "$1: a time, and nothing else" "$2" '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\.[0-9]+ [+-][0-9]{4} [^ ]+( m=.*)?$'
	off=$(($(date +%s) - $(date -d "$(echo "$2" | cut -c1-19)" +%s)))
	same "$1: seconds from now" "$((off >= -1 && off <= 10))" 1
}

ask() {
	said "$1, socat" "$(socat -u TCP:127.0.0.1:$port -)"
	said "$1, ncat" "$(ncat --recv-only 127.0.0.1 $port)"
	said "$1, nc" "$(nc -N 127.0.0.1 $port </dev/null)"
	said "$1, telnet" "$(sleep 1 | telnet 127.0.0.1 $port 2>/dev/null |
		sed -n '/Escape character/{n;s/Connection closed.*//;p}')"
	said "$1, Go" "$(./go_DaytimeClient 127.0.0.1:$port)"
	said "$1, C" "$("$EXAMPLES/Deadline" 127.0.0.1:$port)"
	said "$1, hoy daytime" "$("$HOY" daytime 127.0.0.1:$port)"
}

start ./go_DaytimeServer 127.0.0.1:0
ask "Go server"
go_shape=$(./go_DaytimeClient 127.0.0.1:$port | shape)
stop $pid

start "$EXAMPLES/DaytimeServer" 127.0.0.1:0
ask "C server"
same "the same form as Go's" "$(./go_DaytimeClient 127.0.0.1:$port | shape)" "$go_shape"
for _ in $(seq 200); do socat -u TCP:127.0.0.1:$port -; echo; done >many
same "200 clients in a row" "$(shape <many | grep -cFx "$go_shape")" 200
same "address in use" "$(told "$EXAMPLES/DaytimeServer" 127.0.0.1:$port)" \
	"Fatal error: listen tcp 127.0.0.1:$port: bind: address already in use
1"
stop $pid

start "$HOY" serve daytime 127.0.0.1:0
ask "hoy serve"
stop $pid
finish
