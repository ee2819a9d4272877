#!/bin/sh
# A server whose every receive or accept fails says so, pauses for longer each time and so hardly
# uses the CPU; when the failure is over it serves again.
. "$SOURCE/test/lib.sh"
need jq socat ss cc
case $(ldd "$HOY" 2>&1) in
*libasan* | *libtsan* | *'not a dynamic'* | *statically*)
	echo "skipped: nothing can be preloaded into this build"
	exit 77
	;;
esac

# The calls fail for as long as there is a file named fail.
cat >shim.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(int error)
{
	int kept = errno, yes = access("fail", F_OK) == 0;

	errno = yes ? error : kept;
	return yes;
}

ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	return fails(ENOMEM) ? -1 : syscall(SYS_recvmsg, fd, msg, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *size)
{
	return fails(ENOMEM) ? -1 : syscall(SYS_recvfrom, fd, buf, len, flags, from, size);
}

int recvmmsg(int fd, struct mmsghdr *msgs, unsigned n, int flags, struct timespec *limit)
{
	return fails(ENOMEM) ? -1 : (int)syscall(SYS_recvmmsg, fd, msgs, n, flags, limit);
}

int accept4(int fd, struct sockaddr *from, socklen_t *size, int flags)
{
	return fails(EMFILE) ? -1 : (int)syscall(SYS_accept4, fd, from, size, flags);
}
C
cc -shared -fPIC -o shim.so shim.c || { bad "the shim does not build"; finish; }

# ticks PID: hundredths of a second of CPU that it has used
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' /proc/"$1"/stat; }
# poke: something to receive or accept, so that the failing call is made
poke() {
	case $sockets in
	-u) printf x | socat -u - "UDP:127.0.0.1:$port" ;;
	*) socat -u OPEN:/dev/null "TCP:127.0.0.1:$port" 2>/dev/null ;;
	esac
}

# troubled COMMAND...: the server starts, fails for two seconds, and must not have used more than 0.1 s of CPU for it
troubled() {
	rm -f fail
	start env LD_PRELOAD="$PWD/shim.so" "$@" >log 2>talk
	>fail
	poke
	sleep 0.2
	before=$(ticks $pid)
	sleep 2
	used=$(($(ticks $pid) - before))
	same "CPU of $*: $used ticks" "$((used <= 10 * ${HOY_TEST_SCALE:-1}))" 1
	rm -f fail
}

while read -r how server; do
	sockets=$how
	# shellcheck disable=SC2086
	troubled "$HOY" serve --json $server
	same "$server: the pauses" "$(jq -r 'select(.type == "trouble") | .pause_us' log | head -n 8 | paste -sd' ')" \
		"5000 10000 20000 40000 80000 160000 320000 640000"
	like "$server: what failed" "$(cat talk)" \
		'^hoy serve: (read udp .*: recvmsg: cannot allocate memory|accept tcp .*: accept4?: too many open files); again in 5ms$'
	kill $pid; wait $pid 2>/dev/null
done <<TABLE
-u echo udp 127.0.0.1:0
-u discard udp 127.0.0.1:0
-u daytime udp 127.0.0.1:0
-u qr 127.0.0.1:0
-u dns $SOURCE/test/zones/example.zone 127.0.0.1:0
-t dns $SOURCE/test/zones/example.zone 127.0.0.1:0
-t echo 127.0.0.1:0
TABLE

sockets=-u
troubled "$HOY" serve echo udp 127.0.0.1:0
same "it serves again" "$(printf hello | socat -t 5 -T 5 - UDP:127.0.0.1:"$port")" hello
>fail
printf x | socat -u - "UDP:127.0.0.1:$port"
sleep 0.3
kill $pid; wait $pid; same "and ends when it is asked to, also in a pause" $? 0

sockets=-t; free_port
while read -r how example; do
	sockets=$how
	troubled "$EXAMPLES/$example" "127.0.0.1:$port"
	kill $pid; wait $pid 2>/dev/null
done <<TABLE
-u UDPDaytimeServer
-u ListenPacket
-t SimpleEchoServer
-t ThreadedEchoServer
-t DaytimeServer
-t ThreadedIPEchoServer
TABLE
finish
