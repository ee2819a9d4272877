#!/bin/sh
# What the tests execute: the lines of each layer and of the command, and the public functions
# with how they ended. coverage.sh [CTEST ARGUMENT...]; -v before them lists the lines left out.
# Fails below 90 %, and for a function that was never called, or never failed although it can:
# tools/coverage.txt names those that cannot. It needs what ./check has installed.
cd "$(dirname "$0")/.." || exit 2
build=build/coverage
lines=
[ "$1" = -v ] && lines=yes && shift
mkdir -p $build || exit 2

# Whoever uses a public function gets the one of this header that calls it and has a line for
# each end: a negative number or NULL, and the rest. The library itself, known by HOY_VERSION,
# does without. What is called like a struct is no macro: the name alone would be both.
gcc -std=c11 -Iinclude -aux-info $build/declared -fsyntax-only -x c include/hoy.h || exit 2
sed -nE '/static|typedef/d; s/.*include\/hoy.* extern ([^(]*[ *])(hoy_[a-z0-9_]+) \((.*)\);.*/\1|\2|\3/p' $build/declared | awk -F'|' '
	# the types of a list, each with a name: parameters and arguments
	function take_apart(list,	i, c, depth, type) {
		parameters = arguments = type = ""
		if (list == "void") { parameters = list; return }
		for (i = n = 1; i <= length(list) + 1; i++) {
			c = substr(list, i, 1)
			depth += (c == "(") - (c == ")")
			if ((c == "," && !depth) || i > length(list)) {
				parameters = parameters (n > 1 ? ", " : "") "__typeof__(" type ") a" n
				arguments = arguments (n > 1 ? ", " : "") "a" n++
				type = ""
			} else
				type = type c
		}
	}
	BEGIN { print "#ifndef HOY_VERSION\n#include <hoy.h>" }
	{
		take_apart($3)
		type = $1; sub(/ *$/, "", type)
		print "__attribute__((always_inline)) static inline " type " seen_" $2 "(" parameters ")\n{"
		if (type == "void")
			print "\t" $2 "(" arguments "); /* + " $2 " */"
		else {
			print "\t" type " r = " $2 "(" arguments ");"
			if (type ~ /\*$/)
				print "\tif (!r)\n\t\treturn r; /* - " $2 " */"
			else if (type ~ /^(int|ssize_t|int64_t)$/)
				print "\tif (r < 0)\n\t\treturn r; /* - " $2 " */"
			print "\treturn r; /* + " $2 " */"
		}
		print "}"
		print "#define " $2 ($2 ~ /^hoy_(stats|runtime_info)$/ ? "(...) seen_" $2 "(__VA_ARGS__)" : " seen_" $2)
	}
	END { print "#endif" }' >$build/seen.h

cmake --preset coverage -DCMAKE_BUILD_TYPE=Seen -DCMAKE_C_FLAGS_SEEN="-include $PWD/$build/seen.h" >$build/log &&
	cmake --build --preset coverage >>$build/log
# shellcheck disable=SC2181
[ $? = 0 ] || { cat $build/log; exit 2; }
find $build -name '*.gcda' -delete
status=0
ctest --preset coverage "$@" || status=1	# and what was executed is told all the same

# FILE LINE COUNT for every line with code, a header's once for all who include it
find $build -name '*.gcda' -exec gcov -t {} + 2>$build/log | awk -v tree="$PWD/" '
	/^ *-: *0:Source:/ {
		file = $0; sub(/.*0:Source:/, "", file)
		if (index(file, tree) == 1) file = substr(file, length(tree) + 1)
	}
	/^ *[0-9#=][^:]*: *[1-9]/ { split($0, part, ":"); count[file " " part[2] + 0] += part[1] }
	END { for (line in count) print line, count[line] }' | sort -k1,1 -k2,2n >$build/lines
[ $lines ] && awk '$1 ~ /^(src|cmd)\// && !$3 { print $1 ":" $2 }' $build/lines

awk '
	$1 ~ /^(src|cmd)\// {
		split($1, part, "/"); layer = part[1] == "src" ? part[2] : part[1]
		all[layer]++; done[layer] += $3 > 0
		all["all"]++; done["all"] += $3 > 0
	}
	END {
		n = split("base ip os task fd sock dns net debug cmd all", order, " ")
		for (i = 1; i <= n; i++)
			printf "%-6s %5d of %5d lines, %5.1f %%\n", order[i], done[order[i]], all[order[i]],
				100 * done[order[i]] / all[order[i]]
		exit done["all"] < 0.9 * all["all"]
	}' $build/lines || status=1

# the counts by line of seen.h, the names that cannot fail, then seen.h itself
awk -v file=$build/seen.h '$1 == file { print $2, $3 }' $build/lines >$build/seen
awk '
	FILENAME ~ /seen$/ { count[$1] = $2; next }
	FILENAME ~ /txt$/ { if (/^hoy_/) excused[$1]; next }
	/\/\* [-+] hoy_/ {
		how = $(NF - 2); name = $(NF - 1)
		if (count[FNR] + 0 || (how == "-" && name in excused)) next
		print name (how == "+" ? ": no test sees it succeed" : ": no test sees it fail")
		status = 1
	}
	END { exit status }' $build/seen tools/coverage.txt $build/seen.h || status=1
exit $status
