#!/bin/sh
# A file of src/ includes only its own layer and those before it; the command, the
# examples and test/api see the public headers and nothing else. layers.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2
layers="base ip os task fd sock dns net debug"

rank() { echo "$layers" | tr ' ' '\n' | grep -nx "$1" | cut -d: -f1; }

# FILE:"included" for every quoted include below the given directories
includes()
{
	find "$@" -name '*.[chS]' -exec grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]*"' {} + |
		sed -E 's/:[^"]*"([^"]*)"$/ \1/'
}

{
	includes src | while read -r file include; do
		own=$(echo "$file" | cut -d/ -f2) other=${include%%/*}
		if [ ! -f "src/$include" ]; then
			echo "$file: \"$include\" is not written from src/"
		elif [ -z "$(rank "$own")" ] || [ -z "$(rank "$other")" ]; then
			echo "$file: \"$include\": a folder that is no layer"
		elif [ "$(rank "$other")" -gt "$(rank "$own")" ]; then
			echo "$file: $own may not know $other (\"$include\")"
		fi
	done
	for dir in cmd examples test/api; do
		[ -d $dir ] || continue
		includes $dir | while read -r file include; do
			[ -f "$(dirname "$file")/$include" ] || { [ $dir = test/api ] && [ -f "test/$include" ]; } ||
				echo "$file: \"$include\" is not for $dir: only <hoy.h>"
		done
	done
} | grep . && exit 1
echo "layers: every include looks down"
