#!/bin/sh
# Each public header compiles alone, as strict C11 and as C++11, with every compiler
# there is and no warning; and each hoy name in it, also in its comments, is known to a
# program that includes nothing else, but for what its comments say is in another header:
# "hoy_dump (hoy/debug.h)". headers.sh [TREE]
cd "${1:-$(dirname "$0")/..}/include" || exit 2
status=0 count=0

try()	# COMPILER STANDARD LANGUAGE HEADER
{
	command -v "$1" >/dev/null || return 0
	count=$((count + 1))
	printf '#include <%s>\n#include <%s>\n' "$4" "$4" |
		"$1" -std="$2" -x "$3" -I. -Wall -Wextra -Wpedantic -Wundef -Werror -fsyntax-only - || {
		echo "$4: not alone with $1 -std=$2"
		status=1
	}
}

# A program with a typedef of each name that is mentioned: not of tags, macros with arguments and environment variables.
uses()	# HEADER
{
	printf '#include <%s>\n' "$1"
	grep -oE 'hoy/\w+\.h' "$1" | sed 's/.*/#include <&>/'
	sed -E 's/"[^"]*"//g; s/\bHOY_\w+_H\b//g; s/\$HOY_\w+//g; s/(enum|struct) hoy_\w+//g' "$1" |
		grep -oE '\b(hoy|HOY)_\w*[A-Za-z0-9]\b' | sort -u |
		grep -vxF "$(sed -nE 's/^#define (\w+)\(.*/\1/p' "$1")" |
		awk -v header="$1" '{ printf "#line 1 \"%s\"\ntypedef __typeof__(%s) use%d;\n", header, $0, NR }'
}

for header in hoy.h hoy/*.h; do
	try gcc c11 c "$header"
	try g++ c++11 c++ "$header"
	try clang c11 c "$header"
	try clang++ c++11 c++ "$header"
	[ "$header" = hoy.h ] && continue
	grep -q "<$header>" hoy.h || { echo "hoy.h does not include <$header>"; status=1; }
	uses "$header" | gcc -std=gnu11 -x c -I. -fsyntax-only - || { echo "$header: mentions what it does not have, and does not say which hoy/….h has"; status=1; }
	program=../test/headers/$(basename "$header" .h).c
	[ -f "$program" ] || { echo "$header: no program ${program#../} uses it alone"; status=1; continue; }
	[ "$(grep '^#include' "$program")" = "#include <$header>" ] || { echo "${program#../}: includes more than <$header>"; status=1; }
done
# Every function that takes options takes NULL for the defaults, and a test calls it so.
for name in $(cat hoy/*.h | tr '\n' ' ' | grep -oE '\bhoy_\w+\(([^;()]|\([^;()]*\))*const hoy_(\w+_(opts|config)|dialer) \*' | sed 's/(.*//' | sort -u); do
	grep -qE "\b$name\(([^()]*, )?NULL" ../test/api/options.c || { echo "$name: test/api/options.c does not call it without options"; status=1; }
done
[ $count -gt 0 ] || { echo "no compiler"; exit 2; }
[ $status = 0 ] && echo "headers: $count compilations, no warning"
exit $status
