#!/bin/sh
# No header of src/ or cmd/ includes itself, not even by way of others: so each can be read after those that it names.
# (Of the public ones addr.h, ip.h and err.h do: an error has an address, and whatever parses an address has an error.)
# circles.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2
edges=$(find src cmd -name '*.h' -exec awk '
	FNR == 1 { dir = FILENAME; sub(/[^\/]*$/, "", dir) }
	/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
		split($0, part, /[<>"]/)
		print FILENAME, dir part[2]; print FILENAME, "src/" part[2]
	}' {} +)
[ "$edges" ] || { echo "no includes: what was checked?"; exit 2; }
circle=$(printf '%s\n' "$edges" | tsort 2>&1 >/dev/null) || { printf 'circles: %s\n' "$circle"; exit 1; }
echo "circles: no header includes itself"
