#!/bin/sh
# What is said of Go is complete. Each item of its net and net/netip (test/vectors/go_surface.tsv) has one row in doc/go.md,
# which says how it is there; what a row names in C is declared in include/; README has the three counts; every rule of
# the comparison with Go has its row; and each program of the guide is there in both languages. go.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2
items=test/vectors/go_surface.tsv
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# "method (*Addr) Is4() bool" of net/netip is netip.Addr.Is4
awk -F'\t' 'NR > 1 {
	item = $3
	sub(/^field\/method |^(func|const|var|type|method) /, "", item)
	gsub(/^\(\*?|\)/, "", item)
	if ($3 ~ /^method/)
		sub(/ /, ".", item)
	sub(/[ (].*/, "", item)
	print ($1 == "net/netip" ? "netip." : "") item
}' $items | sort >"$work/items"
# NUMBER of the line, item, what it is in C, how: of the tables of net and netip
awk -F' *\\| *' '/^## Beside/ { exit } /^\| `/ { gsub(/`/, "", $2); print NR "\t" $2 "\t" $3 "\t" $4 }' doc/go.md >"$work/rows"
cut -f2 "$work/rows" | sort >"$work/named"
count() { awk -F'\t' -v how="$1" '$4 ~ "^" how "(;|$)"' "$work/rows" | wc -l; }
sum="Of the $(wc -l <"$work/items") items, $(count name) have a name of their own, $(count folded) are part of another, $(count none) have no meaning in C."
{
	[ -s "$work/items" ] || echo "no items in $items"
	comm -23 "$work/items" "$work/named" | sed 's/$/: no row in doc\/go.md/'
	comm -13 "$work/items" "$work/named" | sed 's/$/: no item of Go.s net, or a second row/'
	awk -F'\t' '$4 !~ /^(name|folded|none)(;|$)/ { print "doc/go.md:" $1 ": how is it there?" }
		$4 ~ /^name/ && $3 == "" { print "doc/go.md:" $1 ": by which name?" }' "$work/rows"
	# a name, or the field of a struct
	awk -F' *\\| *' '/^\| (`|[A-Za-z])/ {
		n = split($3, part, "`")
		for (i = 2; i <= n; i += 2) {
			name = part[i]
			if (name ~ /^hoy_[a-z0-9_]+\.[a-z0-9_]+$/)
				sub(/(.*)\./, "((&*)0)->", name)
			if (name ~ /hoy|HOY|^struct/)
				printf "#line %d \"doc/go.md\"\ntypedef __typeof__(%s) use_%d_%d;\n", NR, name, NR, i
			else if (/^\| `/)
				print "#line " NR " \"doc/go.md\"\n#error not a name of hoy: " name
		}
	}' doc/go.md | sed 's/((\(hoy_[a-z0-9_]*\)\.\*)0)/((\1 *)0)/; 1i #include <hoy.h>' |
		gcc -std=gnu11 -Iinclude -x c -fsyntax-only - 2>&1 | grep 'error:'
	grep -qF "$sum" README.md || echo "README.md does not say: $sum"
	sed -n 's/.*{class: "[^"]*", id: "\([^"]*\)".*/\1/p' test/oracle/names/drive/rules.go | while read -r what; do
		grep -qF "| $what |" doc/go.md || echo "rules.go: '$what' is no row of doc/go.md"
	done
	for program in examples/guide/*.c; do
		name=$(basename "$program" .c)
		[ -f "test/go/$name.go" ] || echo "$program: no test/go/$name.go"
		grep -qF "[$name]($name.c)" examples/guide/README.md || echo "$program: not in examples/guide/README.md"
	done
} | grep . && exit 1
echo "go.md: $sum"
