#!/bin/sh
# Sockets of a service manager: one that starts a server ten times anew under the load of 50 clients; systemd's own tool; and
# what hoy serve says when nothing was passed.
. "$SOURCE/test/lib.sh"
need ss python3 socat

# Holds the socket, waits for READY=1 of each server before the one before it is stopped.
cat >manager.py <<'PY'
import os, signal, socket, subprocess, sys

listener = socket.create_server(("127.0.0.1", 0), backlog=256)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind("\0hoy-manager-%d" % os.getpid())
notify.settimeout(60)
print(listener.getsockname()[1], flush=True)


def start():
    pid = os.fork()
    if pid == 0:
        os.dup2(listener.fileno(), 3)
        os.set_inheritable(3, True)
        for s in (signal.SIGINT, signal.SIGTERM):
            signal.signal(s, signal.SIG_DFL)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES="echo",
                          NOTIFY_SOCKET="@hoy-manager-%d" % os.getppid())
        os.execv(sys.argv[1], [sys.argv[1], "serve", "echo", "systemd:echo", "--drain", "0"])
    told = notify.recv(4096)
    assert told == b"READY=1", told
    return pid


server = start()
for _ in range(10):
    sys.stdin.readline()
    new = start()
    os.kill(server, signal.SIGTERM)
    assert notify.recv(4096) == b"STOPPING=1"
    assert os.waitpid(server, 0)[1] == 0
    server = new
    print("replaced", flush=True)
sys.stdin.readline()
os.kill(server, signal.SIGTERM)
print("exit", os.waitpid(server, 0)[1])
PY
mkfifo orders
python3 manager.py "$HOY" <orders >log 2>talk & manager=$!
exec 9>orders
for _ in $(seq 200); do [ -s log ] && break; sleep 0.05; done
port=$(head -n 1 log)
python3 "$SOURCE/test/cli/clients.py" "$port" 50 "$((5 * ${HOY_TEST_SCALE:-1}))" >load 2>made & clients=$!
for turn in $(seq 10); do
	sleep 0.2
	echo >&9
	for _ in $(seq 400); do [ "$(grep -c replaced log)" = "$turn" ] && break; sleep 0.05; done
done
same "started anew" "$(grep -c replaced log)" 10
wait $clients
same "50 clients meanwhile" "$(cat load)" "0 failed"
like "and many connections" "$(cat made)" '^[0-9]{3,} connections'
echo >&9
wait $manager
same "the manager is content" "$?$(tail -n 1 log)" "0exit 0"
exec 9>&-

like "nothing passed" "$(told "$HOY" serve echo systemd)" 'passed no such socket'
like "nothing passed, exit code" "$(told "$HOY" serve echo systemd:web)" '^3$'
if command -v systemd-socket-activate >/dev/null; then
	free_port
	: >talk
	env --default-signal=INT,TERM systemd-socket-activate -l 127.0.0.1:$port --fdname=web "$HOY" serve echo systemd:web 2>talk & pid=$!
	for _ in $(seq 100); do grep -q Listening talk && break; sleep 0.05; done
	same "systemd-socket-activate, TCP" "$(printf hello | socat -t 5 - TCP:127.0.0.1:$port)" hello
	kill $pid
	wait $pid
	same "exit" $? 0
	: >talk
	env --default-signal=INT,TERM systemd-socket-activate -d -l 127.0.0.1:$port "$HOY" serve echo udp systemd 2>talk & pid=$!
	for _ in $(seq 100); do grep -q Listening talk && break; sleep 0.05; done
	same "systemd-socket-activate, UDP" "$(printf hello | socat -t 1 - UDP:127.0.0.1:$port)" hello
	kill $pid
	wait $pid
fi
finish
