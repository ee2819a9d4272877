#!/bin/sh
# What the tests execute: the lines of each layer and of the command. coverage.sh [CTEST ARGUMENT...]; -v before them
# lists the lines left out. Fails below 90 %. It needs what ./check has installed. (Which public functions the tests call,
# and how these end, is checked by tools/called.sh in every build for development.)
cd "$(dirname "$0")/.." || exit 2
build=build/coverage
lines=
[ "$1" = -v ] && lines=yes && shift
mkdir -p $build || exit 2

cmake --preset coverage >$build/log &&
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

exit $status
