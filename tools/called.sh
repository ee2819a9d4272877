#!/bin/sh
# Every public function is called by tests that pass: once with success and, unless tools/called.txt names it as one that
# cannot fail, once with failure. It reads what the programs of the last run recorded (tools/seen.sh), and is skipped when
# one of them has not run since it was built, or the call may be in a test that was skipped. called.sh BUILD/test PROGRAM...
build=$1
shift
cd "$(dirname "$0")/.." || exit 2
stale=0
for program; do
	[ "$build/seen/$program" -nt "$build/$program" ] || { stale=$((stale + 1)); name=$program; }
done
[ $stale = 0 ] || { echo "skipped: run the tests first; $stale of $# have not passed since they were built, as $name"; exit 77; }
for program; do cat "$build/seen/$program"; done | sort -u >"$build/seen.all"
sed -nE 's/^	X\((hoy_\w+), (.*)\) .*/\1 \2/p' "$build/seen.h" | awk '
	$1 == "skipped" { skipped = skipped " " $2; next }
	FILENAME ~ /all$/ { seen[$1, $2]; next }
	FILENAME ~ /txt$/ { if (/^hoy_/) cannot_fail[$1]; next }
	{ functions++ }
	!(($1, "+") in seen) { print $1 ": no test sees it succeed"; missing = 1 }
	$2 != "0" && !(($1, "-") in seen) && !($1 in cannot_fail) { print $1 ": no test sees it fail"; missing = 1 }
	END {
		if (!missing)
			print "called: " functions + 0 " functions, each with every end it can have"
		if (missing && skipped)
			print "skipped: there are tests that were skipped, of" skipped
		exit missing && skipped ? 77 : missing || !functions
	}' "$build/seen.all" tools/called.txt -
