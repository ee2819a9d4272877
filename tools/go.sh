#!/bin/sh
# Every hoy name in the tables of doc/go.md is declared in include/, and each table row
# says how it is there; every rule of the comparison with Go has its row. go.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2
rows=$(grep -c '^| `' doc/go.md)
[ "$rows" -gt 0 ] || { echo "no rows in doc/go.md"; exit 2; }
{
	grep '^|' doc/go.md | grep -oE '\b(hoy|HOY)_[A-Za-z0-9_]+\b' | sort -u | while read -r name; do
		grep -rqw "$name" include || echo "doc/go.md: $name is not declared"
	done
	grep -nE '^\| `' doc/go.md | grep -vE '\| (name|folded|none)(;[^|]*)? \|$' | sed 's/^/doc\/go.md:/; s/$/: how?/'
	sed -n 's/.*{class: "[^"]*", id: "\([^"]*\)".*/\1/p' test/oracle/names/drive/rules.go | while read -r what; do
		grep -qF "| $what |" doc/go.md || echo "rules.go: '$what' is no row of doc/go.md"
	done
} | grep . && exit 1
echo "go.md: $rows rows, every name declared"
