#!/bin/sh
# README's lines for a program of one's own, as they stand, with a home directory made for them: nothing warns, the
# programs echo, and nothing is written outside the prefix and the build directory. Then the other ways to use what was
# installed: consumer/run.sh.
. "$SOURCE/test/lib.sh"
need tar socat readelf nm
unset CMAKE_C_COMPILER_LAUNCHER PKG_CONFIG_PATH CMAKE_PREFIX_PATH LD_LIBRARY_PATH
export HOME="$PWD/home"

mkdir home hoy own
tar -C "$SOURCE" --exclude=./build --exclude=./.git -cf - . | tar -C hoy -xf -
echo 'exit 0' >hoy/tools/install.sh	# ./check has installed all
block 1 sh >lines.sh
block 2 sh >cmake.sh
block 1 c | tee hoy/echo.c >own/echo.c
block 1 cmake >own/CMakeLists.txt
: >before

# lines DIRECTORY SCRIPT: all of them succeed, and the compiler and the linker are silent
lines()
{
	(cd "$1" && sh -e "../$2") >log 2>warnings || { cat log warnings; bad "README's lines fail: $2"; finish; }
	same "$2 warns" "$(cat warnings)" ""
}
lines hoy lines.sh
lines own cmake.sh

for program in hoy/echo hoy/echo-static own/build/echo; do
	start $program
	same "$program echoes" "$(printf 'hello\n' | socat -t2 - TCP:127.0.0.1:"$port")" hello
	stop "$pid"
done
like "echo uses the shared library" "$(readelf -d hoy/echo)" 'NEEDED.*\[libhoy\.so\.0\.1\]'
same "echo-static needs a library" "$(readelf -d hoy/echo-static | grep NEEDED)" ""
same "written outside" "$(find . -newer before -type f | grep -vE '^\./(home/\.local|hoy/build|own/build|hoy/echo(-static)?$|log$|warnings$)')" ""

# What a static link takes up: machine code, with no names but the public ones, in well under a second.
archive=home/.local/lib/libhoy.a
same "intermediate code in the archive" "$(readelf -SW $archive | grep -F .gnu.lto_)" ""
same "other names in the archive" "$(nm -g --defined-only $archive | awk 'NF == 3 { print $3 }' | grep -vE '^hoy_[a-z0-9]|^_\.stapsdt\.base$')" ""
# A call that HOT functions seldom make, and that is not COLD, becomes part of each.
same "functions over 24 KiB" "$(nm -S $archive | awk 'NF == 4 && tolower($3) == "t" && $2 > "0000000000006000" { print $4 }')" ""
export PKG_CONFIG_PATH="$HOME/.local/lib/pkgconfig"
# shellcheck disable=SC2046
link() { cc -static -o linked hoy/echo.c $(pkg-config --static --cflags --libs hoy); }
spent=$( (link; times) | awk 'END { split($1 $2, t, /[ms]/); print int((t[1] * 60 + t[2] + t[3] * 60 + t[4]) * 1000) }')
[ "$spent" -lt $((1000 * ${HOY_TEST_SCALE:-1})) ] || bad "a static link takes $spent ms of CPU time"
text() { size "$1" | awk 'NR == 2 { print $1 }'; }
# shellcheck disable=SC2046
cc -static -Wl,--gc-sections -o collected hoy/echo.c $(pkg-config --static --cflags --libs hoy)
[ "$(text collected)" -lt $(($(text linked) - 100000)) ] || bad "--gc-sections leaves out less than 100 kB"

[ $failures = 0 ] || finish
BUILD=$PWD/hoy/build/release exec sh "$SOURCE/test/consumer/run.sh"
