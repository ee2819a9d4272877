#!/bin/sh
# Whoever starts a program that runs as somebody else does not choose how, by its environment.
. "$SOURCE/test/lib.sh"
need ss findmnt
[ "$(id -u)" = 0 ] || { echo "skipped: only root can make a program somebody else's"; exit 77; }
findmnt -no OPTIONS -T . | grep -q nosuid && { echo "skipped: the file system takes no notice of the bit"; exit 77; }

# threads PROGRAM WORKERS: how many a server has that was told to have so many workers
threads() {
	start env HOY_WORKERS="$2" "$1" serve echo 127.0.0.1:0 2>/dev/null
	sed -n 's/^Threads:[^0-9]*//p' /proc/$pid/status
	stop $pid
}
# more PROGRAM: threads that three workers more bring
more() { echo $(($(threads "$1" 5) - $(threads "$1" 2))); }

cp "$HOY" own && cp "$HOY" theirs && chown 65534 theirs && chmod 4755 theirs || exit 1
same "one's own program" "$(more ./own)" 3
same "somebody else's" "$(more ./theirs)" 0
finish
