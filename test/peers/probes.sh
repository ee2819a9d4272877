#!/bin/sh
# The static probes: readelf finds those that doc/tracing.md lists, and gdb stops at each, where the arguments are what
# the document says.
. "$SOURCE/test/lib.sh"
need readelf gdb socat ss

cache() { sed -n "s/^$1:[A-Z]*=//p" "$BUILD/CMakeCache.txt"; }
documented=$(sed -n 's/^| `\([a-z_]*\)`.*/\1/p' "$SOURCE/doc/tracing.md" | sort)
# shellcheck disable=SC2046 # the flags are several words
echo '#include <sys/sdt.h>' | "$(cache CMAKE_C_COMPILER)" $(cache CMAKE_C_FLAGS) -E - >/dev/null 2>&1 || documented=
same "the probes in the command" "$(readelf -nW "$HOY" | awk '/Provider: / { hoy = /: hoy$/ } /Name: / && hoy { print $2 }' | sort -u)" "$documented"
[ "$documented" ] || finish
[ "${HOY_TEST_SCALE:-1}" = 1 ] || finish	# gdb takes minutes over a sanitizer's address space

# a line for each probe that is hit, with its arguments
while read -r probe format arguments; do
	printf 'break -probe-stap hoy:%s\ncommands\nsilent\nprintf "%s %s\\n", %s\ncontinue\nend\n' $probe $probe "$format" "$arguments"
done >commands <<'END_OF_LIST'
task_start %d-%d $_probe_arg0!=0,$_probe_arg1!=0
task_end %d $_probe_arg1
park %d $_probe_arg1&255
wake %d $_probe_arg1
dial %s-%d-%d (char*)$_probe_arg0,$_probe_arg1!=0,$_probe_arg2
accept %d-%d $_probe_arg0>2,$_probe_arg1>2
read %d-%d $_probe_arg0>2,$_probe_arg1
write %d-%d $_probe_arg0>2,$_probe_arg1
lookup_begin %s (char*)$_probe_arg1
lookup_end %s-%d (char*)$_probe_arg1,$_probe_arg2
END_OF_LIST
trace() { timeout 60 gdb -nx -batch -x commands -ex run --args "$@" 2>&1; }

start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr EXEC:cat
client=$(trace "$HOY" echo localhost:$port hello)
case $client in
*'not permitted'*) echo "skipped: ptrace is not permitted here"; exit 77 ;;
esac
like "a task starts" "$client" '^task_start 1-1$'
like "and ends" "$client" 'task_end 0$'
like "a lookup begins" "$client" '^lookup_begin localhost$'
like "and ends" "$client" '^lookup_end localhost-0$'
like "a dial" "$client" '^dial tcp-1-0$'
like "a write" "$client" '^write 1-[56]$'
like "a read" "$client" '^read 1-[56]$'
like "a wait for a read" "$client" '^park 1$'
like "and its end" "$client" '^wake 0$'
refused=$(free_port; trace "$HOY" echo 127.0.0.1:"$port" hello)
like "a dial that is refused" "$refused" '^dial tcp-1--111$'
finish
