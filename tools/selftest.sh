#!/bin/sh
# Does each check see what it is there for? A violation is planted in a copy, and the
# check must fail and name it. selftest.sh BUILD
build=$1 tools=$(cd "$(dirname "$0")" && pwd) tree=$(dirname "$0")/..
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
status=0 count=0

# caught TEXT COMMAND...: the command fails, and says TEXT
caught()
{
	text=$1
	shift
	count=$((count + 1))
	if "$@" >"$dir/said" 2>&1; then
		echo "$* did not fail"
		status=1
	elif ! grep -q "$text" "$dir/said"; then
		echo "$* failed, but not for \"$text\":"
		cat "$dir/said"
		status=1
	fi
}

compile() { mkdir -p "$(dirname "$1")" && gcc -std=c11 -fPIC -x c -c -o "$1" -; }

mkdir "$dir/tree"
cp -r "$tree/src" "$tree/include" "$dir/tree/"
mkdir -p "$dir/tree/src/net" "$dir/tree/src/util" "$dir/tree/cmd/hoy" "$dir/tree/test/api"
: >"$dir/tree/src/net/planted.h"
: >"$dir/tree/src/util/planted.h"
plant() { printf '%s\n' "$2" >"$dir/tree/$1"; }

plant src/base/planted.c '#include "net/planted.h"'
caught 'base may not know net' "$tools/layers.sh" "$dir/tree"
plant src/base/planted.c '#include "util/planted.h"'
caught 'a folder that is no layer' "$tools/layers.sh" "$dir/tree"
plant src/base/planted.c '#include "base.h"'
caught 'not written from src/' "$tools/layers.sh" "$dir/tree"
plant src/dns/msg/planted.c '#include "dns/query/cache.h"'
caught 'dns/msg may not know dns/query' "$tools/layers.sh" "$dir/tree"
rm "$dir/tree/src/dns/msg/planted.c"
rm "$dir/tree/src/base/planted.c"
while read -r rule line; do
	plant src/dns/planted.c "$line"
	caught "planted.c:1:.*: $rule" "$tools/layers.sh" "$dir/tree"
done <<'END'
a int number(hoy_conn *c) { return c->fd->source.sys; }
a bool readable(struct hoy__fd *fd) { return hoy__source_maybe(&fd->source, HOY__IN, 0); }
AF_ int v6(struct s *s) { return s->family == AF_INET6; }
the bool udp(const char *network) { return network[0] == 'u'; }
the bool udp(const char *network) { return *network == 'u'; }
the bool udp(struct s *s) { return strncmp(s->network, "udp", 3) == 0; }
the bool v6(const struct hoy__network *net) { return strchr(net->name, '6'); }
END
rm "$dir/tree/src/dns/planted.c"
plant src/net/planted.h '#include "net/other.h"'
plant src/net/other.h '#include "net/planted.h"'
caught 'src/net/planted.h' "$tools/circles.sh" "$dir/tree"
rm "$dir/tree/src/net/other.h"
: >"$dir/tree/src/net/planted.h"
plant cmd/hoy/planted.c '#include "os/os.h"'
caught 'is not for cmd' "$tools/layers.sh" "$dir/tree"

while read -r what line; do
	plant src/net/planted.c "$line"
	caught "planted.c:1: .* by hoy__moment_$what" "$tools/clock.sh" "$dir/tree"
done <<'END'
add int64_t late(int64_t now, int64_t d) { return now + d; }
add int64_t late(struct s *s) { return s->grace + hoy__coarse_now(); }
add void late(struct s *s) { s->x.until += s->delay; }
add int64_t late(hoy_duration d) { return hoy_now().ns + d; }
add void late(struct s *s) { s->deadline[HOY__IN] = /* + */ s->deadline[HOY__OUT] + 1; }
sub int64_t left(int64_t deadline, int64_t now) { return deadline - now; }
sub int64_t left(int64_t end) { return end - hoy__os_monotonic(); }
timespec struct timespec t = { .tv_sec = until / HOY_SECOND, .tv_nsec = until % HOY_SECOND };
END
while read -r line; do
	plant src/net/planted.c "$line"
	caught 'planted.c:1: a moment tested for 0' "$tools/clock.sh" "$dir/tree"
done <<'END'
bool never(struct s *s) { return !s->deadline[HOY__IN]; }
bool past(int64_t deadline) { return deadline && deadline <= hoy__coarse_now(); }
bool is_set(const hoy_dialer *d) { return d->deadline.ns != 0; }
END
plant src/net/planted.c 'int64_t ago(struct s *s, int64_t now) { return now - s->since; }	/* now + d */'
"$tools/clock.sh" "$dir/tree" >"$dir/said" || { cat "$dir/said"; status=1; }
rm "$dir/tree/src/net/planted.c"

plant include/hoy/planted.h 'int hoy_planted(int class);'
caught 'planted.h: not alone with g++' "$tools/headers.sh" "$dir/tree"
plant include/hoy/planted.h 'hoy_ip hoy_planted(void);'
caught 'planted.h: not alone with gcc' "$tools/headers.sh" "$dir/tree"
caught 'does not include <hoy/planted.h>' "$tools/headers.sh" "$dir/tree"
caught 'no program test/headers/planted.c' "$tools/headers.sh" "$dir/tree"
plant include/hoy/planted.h 'void *hoy_planted(void);	/* to be given to hoy_free */'
caught 'planted.h: mentions what it does not have' "$tools/headers.sh" "$dir/tree"
plant include/hoy/planted.h '#include <hoy/conn.h>
int hoy_planted(hoy_conn *c, const hoy_dialer *d);'
caught 'hoy_planted: test/api/options.c does not call it' "$tools/headers.sh" "$dir/tree"
mkdir "$dir/tree/test/headers"
plant test/headers/planted.c '#include <hoy.h>'
caught 'planted.c: includes more' "$tools/headers.sh" "$dir/tree"

mkdir "$dir/build"
cp "$build/libhoy.a" "$dir/build/"
echo 'int getaddrinfo(void); int planted(void) { return getaddrinfo(); } int hoy_planted(void) { return 0; }' |
	compile "$dir/planted.o"
ar r "$dir/build/libhoy.a" "$dir/planted.o" 2>/dev/null
gcc -shared -o "$dir/build/libhoy.so" "$dir/planted.o"
caught 'exported but not declared: hoy_planted' "$tools/symbols.sh" "$dir/build" "$tree"
caught 'declared but not exported: hoy_dial' "$tools/symbols.sh" "$dir/build" "$tree"
caught 'not hoy.s in libhoy.a: planted' "$tools/symbols.sh" "$dir/build" "$tree"
caught 'asks the C library for names: getaddrinfo' "$tools/symbols.sh" "$dir/build" "$tree"
caught 'dlclose would unload it' "$tools/symbols.sh" "$dir/build" "$tree"
caught 'SONAME is not' "$tools/symbols.sh" "$dir/build" "$tree"

echo 'int read(void); int planted(void) { return read(); }' | compile "$dir/objects/net/planted.c.o"
caught 'net/planted.c asks for read' "$tools/objects.sh" "$dir/objects"
echo '#include <errno.h>
int planted(void) { return errno; }' | compile "$dir/objects/net/planted.c.o"
caught 'asks for __errno_location' "$tools/objects.sh" "$dir/objects"
echo '#include <stdlib.h>
void *planted(void) { return malloc(1); }' | compile "$dir/objects/net/planted.c.o"
caught 'asks for malloc' "$tools/objects.sh" "$dir/objects"
caught 'what was checked' "$tools/objects.sh" "$dir/build"

objects=$build/CMakeFiles/hoy_objects.dir/src
printf '	{ "hoy_conn_fd", open },\n' >"$dir/tree/test/api/cancel_planted.c"
mkdir -p "$dir/tree/test/unit"
: >"$dir/tree/test/unit/net_cancel_planted.c"
caught 'hoy_sleep can wait, by hoy__park: no row' "$tools/waits.sh" "$objects" "$dir/tree"
caught 'hoy_conn_read can wait' "$tools/waits.sh" "$objects" "$dir/tree"
caught 'waits.txt: hoy_conn_fd has a row' "$tools/waits.sh" "$objects" "$dir/tree"

mkdir -p "$dir/tree/doc" "$dir/tree/test/oracle/names/drive" "$dir/tree/test/vectors" "$dir/tree/examples/guide"
touch "$dir/tree/examples/guide/Planted.c" "$dir/tree/examples/guide/README.md"
echo 'Of the 2 items, 1 have a name of their own, 0 are part of another, 0 have no meaning in C.' >"$dir/tree/README.md"
echo '	{class: "purpose", id: "planted", holds:' >"$dir/tree/test/oracle/names/drive/rules.go"
printf 'package\tgroup\titem\nnet\tConn\tfield/method Conn.Close() error\nnet\tDialer\tfield/method Dialer.Timeout\n' >"$dir/tree/test/vectors/go_surface.tsv"
while IFS=/ read -r row want; do
	plant doc/go.md "$row"
	caught "$want" "$tools/go.sh" "$dir/tree"
done <<'END'
| `Conn.Close` | `hoy_planted_close` | name |/go.md:1:.*hoy_planted_close
| `Conn.Close` | `hoy_conn_close` | somehow |/go.md:1: how
| `Conn.Close` | | name |/go.md:1: by which name
| `Conn.Close` | `close` | name |/go.md:1:.*not a name of hoy: close
| `Dialer.Timeout` | `hoy_dialer.planted` | name |/go.md:1:.*planted
| `Conn.Clos` | `hoy_conn_close` | name |/Conn.Clos: no item
| `Conn.Close` | `hoy_conn_close` | name |/Dialer.Timeout: no row
| `Conn.Close` | `hoy_conn_close` | folded |/README.md does not say
| `Conn.Close` | `hoy_conn_close` | name |/Planted.c: no test
| `Conn.Close` | `hoy_conn_close` | name |/Planted.c: not in
| `Conn.Close` | `hoy_conn_close` | name |/'planted' is no row
END

mkdir -p "$dir/build/seen"
"$tools/seen.sh" "$dir/tree" >"$dir/build/seen.h"
touch -d '1 hour ago' "$dir/build/program"
echo 'hoy_dial +' >"$dir/build/seen/program"
caught 'hoy_dial: no test sees it fail' "$tools/called.sh" "$dir/build" program
caught 'hoy_listen: no test sees it succeed' "$tools/called.sh" "$dir/build" program
echo 'skipped program' >>"$dir/build/seen/program"
caught 'skipped, of program' "$tools/called.sh" "$dir/build" program
touch -d '2 hours ago' "$dir/build/seen/program"
caught 'skipped: run the tests first' "$tools/called.sh" "$dir/build" program

# What a test script leaves running ends with it.
echo 'sleep 1000 & echo $! >"$LEFT"' >"$dir/leaves.sh"
LEFT=$dir/left sh "$tools/../test/run.sh" "$dir/leaves.sh" leaves
sleep 0.1
case $(ps -o stat= -p "$(cat "$dir/left")") in
'' | Z*) count=$((count + 1)) ;;
*) echo "a test's processes outlive it"; kill "$(cat "$dir/left")"; status=1 ;;
esac

[ $status = 0 ] && echo "selftest: $count planted violations caught"
exit $status
