#!/bin/sh
# README on a bare Debian 12: ./try, and the lines for a program of one's own, each in a new root directory with the smallest
# system and git. It takes root and a network: ./check --all. The packages come from where this machine gets its own;
# build/fresh keeps them, and the root directory, packed.
. "$SOURCE/test/lib.sh"
kept=$SOURCE/build/fresh
if [ -z "$FRESH" ]; then
	need debootstrap unshare ip apt-get apt-config
	[ "$(id -u)" = 0 ] || { echo "skipped: only root can make a root directory"; exit 77; }
	mkdir -p "$kept/archives/partial"
	FRESH=$(mktemp -d "$kept/XXXXXX") && export FRESH || exit 1
	trap 'rm -rf "$FRESH"' EXIT
	trap 'exit 1' INT TERM HUP
	unshare --mount --pid --fork --kill-child sh "$0"	# its mounts and processes end with it
	exit
fi
cd "$FRESH" || exit 1

# pack: makes the root directory that each case starts from
pack()
{
	# shellcheck disable=SC2016 # apt-get's variable
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Origin: Debian' | head -1)
	debootstrap --variant=minbase --include=git --cache-dir="$kept/archives" bookworm packed "$mirror" >log 2>&1 || return
	cp /etc/hosts packed/etc/
	apt-config dump | grep -i '^Acquire::[a-z]*::Proxy' >packed/etc/apt/apt.conf.d/proxy
	tar -C packed -cf "$kept/part" . && mv "$kept/part" "$kept/bookworm.tar"
}

# unpack ROOT: the system, and this tree in /home/me/hoy
unpack()
{
	root=$1
	mkdir -p "$root" && tar -C "$root" -xf "$kept/bookworm.tar" && mkdir -p "$root/home/me/hoy" || exit 1
	tar -C "$SOURCE" --exclude=./build --exclude=./.git -cf - . | tar -C "$root/home/me/hoy" -xf -
	cp /etc/resolv.conf "$root/etc/"
	mount -t proc proc "$root/proc" && mount --bind "$kept/archives" "$root/var/cache/apt/archives" || exit 1
}

# inside [-USER] DIRECTORY COMMANDS: by a shell in the root, which sees nothing of this machine's environment
inside()
{
	case $1 in -*) as=--userspec=${1#-}; shift ;; *) as=--userspec=0 ;; esac
	chroot "$as" "$root" env -i HOME=/home/me PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		${http_proxy:+http_proxy="$http_proxy"} sh -ec "cd '/home/me/$1'; $2"
}

# succeeds WHAT DIRECTORY COMMANDS: inside; sets said
succeeds()
{
	began=$(date +%s)
	said=$(inside "$2" "$3" 2>&1) || { echo "$said"; bad "$1"; finish; }
	checks=$((checks + 1))
	echo "$1: $(($(date +%s) - began)) s"
}

# echoes PROGRAM: with a network of its own, where README's port is free
echoes()
{
	# shellcheck disable=SC2016 # the inner shell's
	same "$1 echoes" "$(unshare --net sh -c 'ip link set lo up
		chroot "$0" "/home/me/$1" &
		for _ in $(seq 100); do
			chroot "$0" /home/me/.local/bin/hoy echo 127.0.0.1:1201 hello 2>&1 | grep -x hello && break
			sleep 0.1
		done
		kill $!' "$root" "$1")" hello
}

# untouched WHAT PATTERN: nothing is written since before, but for what packages bring, and PATTERN in /home/me
untouched()
{
	same "written by $1" "$(find "$root" -xdev -newer before -type f | grep -vE "^$root/(var|etc|tmp|home/me/($2))")" ""
}

[ -e "$kept/bookworm.tar" ] || pack || { cat log; bad "no root directory could be made"; finish; }

unpack try
: >before
like "without root and sudo" "$(inside -1000 hoy ./try 2>&1)" 'as root, run apt-get install gcc libc6-dev cmake ninja-build'
succeeds ./try hoy ./try
like "the tour's end" "$said" '^29 steps, 29 ok, 0 wrong'
untouched ./try 'hoy/build'

unpack lines
block 1 c >lines/home/me/hoy/echo.c
mkdir lines/home/me/own
cp lines/home/me/hoy/echo.c lines/home/me/own/
block 1 cmake >lines/home/me/own/CMakeLists.txt
: >before
succeeds "README's lines" hoy "$(block 1 sh)"
echoes hoy/echo
echoes hoy/echo-static
succeeds "README's lines for CMake" own "$(block 2 sh)"
echoes own/build/echo
untouched "README's lines" '\.local|hoy/build|own/build|hoy/echo(-static)?$'
# shellcheck disable=SC2016 # the inner shell's
succeeds "as root into /usr/local" hoy 'cmake --install build/release >/dev/null; ldconfig
	cc -o echo echo.c $(pkg-config --cflags --libs hoy)'
echoes hoy/echo
finish
