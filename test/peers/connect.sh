#!/bin/sh
# hoy connect and hoy listen against socat and ncat, in both roles.
. "$SOURCE/test/lib.sh"
need ss socat ncat

head -c 3000000 /dev/urandom >large
printf 'from the client\n' >client; printf 'from the server\n' >server

# meet WHAT INPUT_OF_SERVER INPUT_OF_CLIENT: what arrived, of got1 at the server and got2 at the client
meet() {
	cmp "$3" got1 && cmp "$2" got2
	same "$1" $? 0
}

# listening INPUT COMMAND...: starts a server with that input; sets server_pid
listening() {
	input=$1; shift
	"$@" <"$input" >got1 2>err & server_pid=$!
}

await_port() {
	until ss -Hln "$1" | grep -q ":$2 "; do kill -0 $server_pid || break; sleep 0.02; done
}

for data in small large; do
	case $data in small) from_server=server from_client=client ;; *) from_server=large from_client=large ;; esac

	free_port
	listening $from_server "$HOY" listen "127.0.0.1:$port"; await_port -t "$port"
	timeout 60 socat -t 10 - "TCP:127.0.0.1:$port" <$from_client >got2; wait $server_pid
	meet "socat to hoy listen, $data" $from_server $from_client

	free_port
	listening $from_server socat -t 10 - "TCP-LISTEN:$port,bind=127.0.0.1"; await_port -t "$port"
	timeout 60 "$HOY" connect "127.0.0.1:$port" <$from_client >got2; wait $server_pid
	meet "hoy connect to socat, $data" $from_server $from_client

	free_port
	listening $from_server "$HOY" listen "127.0.0.1:$port"; await_port -t "$port"
	timeout 60 ncat 127.0.0.1 "$port" <$from_client >got2; wait $server_pid
	meet "ncat to hoy listen, $data" $from_server $from_client

	free_port
	listening $from_server ncat -l 127.0.0.1 "$port"; await_port -t "$port"
	timeout 60 "$HOY" connect "127.0.0.1:$port" <$from_client >got2; wait $server_pid
	meet "hoy connect to ncat, $data" $from_server $from_client
done

# Unix sockets: streams, packets of socat's seqpacket, and datagrams between named sockets
listening server "$HOY" listen unix "$PWD/a.sock"; until [ -S a.sock ]; do sleep 0.02; done
timeout 60 socat -t 10 - UNIX-CONNECT:a.sock <client >got2; wait $server_pid
meet 'socat to hoy listen unix' server client
listening server socat -t 10 - UNIX-LISTEN:b.sock; until [ -S b.sock ]; do sleep 0.02; done
timeout 60 "$HOY" connect unix "$PWD/b.sock" <client >got2; wait $server_pid
meet 'hoy connect unix to socat' server client
listening server socat -t 10 - UNIX-LISTEN:c.sock,type=5; until [ -S c.sock ]; do sleep 0.02; done
timeout 60 "$HOY" connect unixpacket "$PWD/c.sock" <client >got2; wait $server_pid
meet 'hoy connect unixpacket to socat' server client
listening /dev/null timeout 5 socat -u UNIX-RECV:d.sock -; until [ -S d.sock ]; do sleep 0.02; done
"$HOY" connect unixgram "$PWD/d.sock" --linger 100ms <client >got2; until [ -s got1 ]; do kill -0 $server_pid || break; sleep 0.02; done
kill $server_pid; wait $server_pid
meet 'hoy connect unixgram to socat' /dev/null client

# UDP, whose end is silence
free_port
listening server "$HOY" listen udp "127.0.0.1:$port" --linger 500ms; await_port -u "$port"
timeout 20 socat -t 1 - "UDP:127.0.0.1:$port" <client >got2; wait $server_pid
meet 'socat to hoy listen udp' server client
free_port
listening server timeout 5 socat -T 1 - "UDP-LISTEN:$port,bind=127.0.0.1"; await_port -u "$port"
"$HOY" connect udp "127.0.0.1:$port" --linger 500ms <client >got2; wait $server_pid
meet 'hoy connect udp to socat' server client
free_port
listening server ncat -u -l 127.0.0.1 "$port" -i 1; await_port -u "$port"
"$HOY" connect udp "127.0.0.1:$port" --linger 500ms <client >got2; wait $server_pid
meet 'hoy connect udp to ncat' server client
finish
