#!/bin/sh
# Each public header compiles alone, as strict C11 and as C++11, with every compiler
# there is and no warning. headers.sh [TREE]
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

for header in hoy.h hoy/*.h; do
	try gcc c11 c "$header"
	try g++ c++11 c++ "$header"
	try clang c11 c "$header"
	try clang++ c++11 c++ "$header"
	[ "$header" = hoy.h ] || grep -q "<$header>" hoy.h || { echo "hoy.h does not include <$header>"; status=1; }
done
[ $count -gt 0 ] || { echo "no compiler"; exit 2; }
[ $status = 0 ] && echo "headers: $count compilations, no warning"
exit $status
