#!/bin/sh
# Prints the header that test programs include first, so that they record each public function they call, and whether it
# failed: returned a negative number or NULL. test/t.h keeps the record, tools/called.sh reads it. seen.sh [TREE]
#
# The library itself, known by HOY_VERSION, is compiled without. A function whose name is also that of a struct, and one
# with a variable list of arguments, is wrapped by a macro that only matches calls.
tree=${1:-$(dirname "$0")/..}
declared=$(mktemp) || exit 2
trap 'rm -f "$declared"' EXIT
gcc -std=c11 -I"$tree/include" -aux-info "$declared" -fsyntax-only -x c "$tree/include/hoy.h" || exit 2
sed -nE '/static|typedef/d; s/.*include\/hoy.* extern ([^(]*[ *])(hoy_[a-z0-9_]+) \((.*)\);.*/\1|\2|\3/p' "$declared" | awk -F'|' '
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
	function failed(type) {
		return type ~ /\*$/ ? "!r_" : type ~ /^(int|ssize_t|int64_t)$/ ? "r_ < 0" : "0"
	}
	BEGIN {
		print "#if !defined HOY_VERSION && !defined HOY_SEEN\n#include <hoy.h>"
		print "extern unsigned char *t_seen;	/* [2 * SEEN_x] a success, [2 * SEEN_x + 1] a failure */"
		print "#define HOY_SEEN(x, failed) __atomic_store_n(&t_seen[2 * SEEN_##x + (failed)], 1, __ATOMIC_RELAXED)"
	}
	{
		type = $1; sub(/ *$/, "", type)
		names = names "\t" "X(" $2 ", " failed(type) ") \\\n"	# 0: its type tells of no failure
		if ($3 ~ /\.\.\.|va_list/) {
			print "#define " $2 "(...) __extension__ ({ " type " r_ = " $2 "(__VA_ARGS__); HOY_SEEN(" $2 ", " failed(type) "); r_; })"
			next
		}
		take_apart($3)
		body = body "__attribute__((always_inline)) static inline " type " seen_" $2 "(" parameters ")\n{\n"
		if (type == "void")
			body = body "\t" $2 "(" arguments ");\n\tHOY_SEEN(" $2 ", 0);\n}\n"
		else
			body = body "\t" type " r_ = " $2 "(" arguments ");\n\n\tHOY_SEEN(" $2 ", " failed(type) ");\n\treturn r_;\n}\n"
		call = call "#define " $2 ($2 ~ /^hoy_(stats|runtime_info)$/ ? "(...) seen_" $2 "(__VA_ARGS__)" : " seen_" $2) "\n"
	}
	END {
		print "#define HOY_SEEN_NAMES(X) \\\n" names
		print "#define HOY_SEEN_ENUM(x, failed) SEEN_##x,\nenum { HOY_SEEN_NAMES(HOY_SEEN_ENUM) HOY_SEEN_COUNT };"
		printf "%s%s", body, call
		print "#endif"
	}'
