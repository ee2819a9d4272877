#!/bin/sh
# What the built libraries define and ask for: the shared one exports exactly what the
# public headers declare, the static one adds only hoy__ names, and neither asks the C
# library to look up names. symbols.sh BUILD [TREE]
build=$1 tree=${2:-$(dirname "$0")/..}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
status=0

# wrong MESSAGE: the standard input should have been empty
wrong() { sed "s|^|$1: |" | grep . && status=1; }

nm -D --defined-only "$build"/libhoy.so | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$dir/exported"
# _.stapsdt.base: all static probes of a program share it; __x86_return_thunk: gcc gave it the name, it is weak
nm -g --defined-only "$build"/libhoy.a 2>/dev/null | awk 'NF == 3 && $3 !~ /^(_\.stapsdt\.base|__x86_return_thunk)$/ { print $3 }' | sort -u >"$dir/static"
# gcc tells every function it saw declared, with the file it stands in; variables are read by sight
gcc -std=c11 -I"$tree/include" -aux-info "$dir/seen" -fsyntax-only -x c "$tree/include/hoy.h" || exit 2
{
	sed -nE '/static|typedef/d; s/.*\/include\/hoy.* extern [^(]*\b(hoy_[a-z0-9_]+) \(.*/\1/p' "$dir/seen"
	cat "$tree"/include/hoy/*.h | tr '\n' ' ' | grep -oE '\bextern [^;()"]*;' |
		sed -E 's/extern (const )?(struct )?[a-z0-9_]+ //' | grep -oE '\bhoy_[a-z0-9_]+'
} | sort -u >"$dir/declared"
for list in exported static declared; do
	[ -s "$dir/$list" ] || { echo "nothing is $list: what was checked?"; exit 2; }
done

comm -13 "$dir/declared" "$dir/exported" >"$dir/list"; wrong "exported but not declared" <"$dir/list"
comm -23 "$dir/declared" "$dir/exported" >"$dir/list"; wrong "declared but not exported" <"$dir/list"
grep -v '^hoy_' "$dir/static" >"$dir/list"; wrong "a name that is not hoy's in libhoy.a" <"$dir/list"
nm -u "$build"/libhoy.a 2>/dev/null | awk '{ print $2 }' |
	grep -E '^(getaddrinfo|getnameinfo|gethostby|getservby|getprotoby|getnetby|res_|__res_|ns_|dn_)' |
	sort -u >"$dir/list"; wrong "asks the C library for names" <"$dir/list"
readelf -d "$build"/libhoy.so | grep -q 'SONAME.*\[libhoy\.so\.0\.[0-9]*\]' || { echo "SONAME is not libhoy.so.0.N"; status=1; }
readelf -d "$build"/libhoy.so | grep -q 'FLAGS_1.*NODELETE' || { echo "dlclose would unload it"; status=1; }
readelf -lW "$build"/libhoy.so | grep -q 'GNU_STACK.*RW ' || { echo "the stack would be executable"; status=1; }
readelf -d "$build"/libhoy.so | grep NEEDED | grep -vE 'libc\.so|ld-linux|libpthread' >"$dir/list"; wrong "needs more than libc" <"$dir/list"
[ $status = 0 ] && echo "symbols: $(wc -l <"$dir/exported") exported, as declared"
exit $status
