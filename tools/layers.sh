#!/bin/sh
# A file of src/ includes only its own layer and those before it; the command, the
# examples and test/api see the public headers and nothing else. layers.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2
layers="base ip err os task fd sock dns/msg dns/conf dns/query dns net debug"
status=0

# keep WHERE PATTERN RULE: no line of the sources outside WHERE matches
keep()
{
	found=$(find src -name '*.[chS]' | grep -vE "^src/$1" | xargs grep -nE "$2")
	[ -z "$found" ] && return
	printf '%s\n' "$found" | while read -r line; do printf '%s: %s\n' "$line" "$3"; done
	status=1
}

keep 'fd/' '(^|[^a-z_])(fd|udp|tcp)->source([^a-z_]|$)' 'a descriptor is asked by hoy__fd_sys, hoy__fd_is, hoy__fd_interest'
name='([a-z_]+(->|\.))*(network|net(->|\.)name)'
keep '(os|sock)/' '(^|[^A-Z_])AF_[A-Z]' 'AF_ belongs to os and sock, elsewhere a family is 4, 6 or 0'
keep 'ip/network\.c' "$name\[|\*$name *[=!]=|str[a-z]*\($name," "the letters of a network's name are read in ip/network.c alone"

# FILE, then FILE INCLUDED for every quoted include
find src include cmd examples test -name '*.[chS]' -exec sh -c 'printf "%s\n" "$@"
	grep -HoE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"[^\"]*\"" "$@" |
		sed -E "s/:[^\"]*\"([^\"]*)\"\$/ \1/"' - {} + 2>/dev/null | sort -u | awk -v layers="$layers" '
	BEGIN { for (n = split(layers, layer, " "); n; n--) rank[layer[n]] = n }
	NF == 1 { there[$1]; next }
	{ file[++count] = $1; included[count] = $2 }

	function wrong(what) { print what; status = 1 }
	# the folder of a path below src/, as the list of layers has it
	function layer_of(path,	part) {
		split(path, part, "/")
		return part[1] "/" part[2] in rank ? part[1] "/" part[2] : part[1]
	}
	function check_source(file, name,	own, other) {
		own = layer_of(substr(file, 5))
		other = layer_of(name)
		if (!("src/" name in there))
			wrong(file ": \"" name "\" is not written from src/")
		else if (!(own in rank) || !(other in rank))
			wrong(file ": \"" name "\": a folder that is no layer")
		else if (rank[other] > rank[own])
			wrong(file ": " own " may not know " other " (\"" name "\")")
	}
	function check_user(file, name,	dir, path) {
		dir = path = file; sub(/[^\/]*$/, "", dir); sub(/[^\/]*$/, name, path)
		sub(/[^\/]+\/\.\.\//, "", path)
		if (!(path in there || (dir == "test/api/" && "test/" name in there)))
			wrong(file ": \"" name "\" is not for " dir ": only <hoy.h>")
	}
	END {
		for (i = 1; i <= count; i++)
			if (file[i] ~ /^src\//)
				check_source(file[i], included[i])
			else if (file[i] ~ /^(cmd|examples|test\/api)\//)
				check_user(file[i], included[i])
		if (count && !status)
			print "layers: every include looks down"
		exit !count || status
	}' && exit $status
