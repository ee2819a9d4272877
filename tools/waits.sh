#!/bin/sh
# Every public function that can wait is cancelled by a row of test/api/cancel_*.c or test/unit/net_cancel_*.c. A function can
# wait if the compiled library can get from it to hoy__park, by calls and by functions whose address is taken; the library's own
# guards (hoy_mutex_lock) do not count. tools/waits.txt has the exceptions. waits.sh OBJECT-DIRECTORY [TREE]
# The objects are those of a build without optimisation, for this machine.
here=$(cd "$(dirname "$0")" && pwd)
objects=$1 tree=${2:-$here/..}

find "$objects" -name '*.o' | sort | while read -r object; do
	objdump -dr --no-show-raw-insn "$object" | awk -v object="$object" '
		function in_full(name) { return name ~ /^hoy_/ ? name : object ":" name }
		/^[0-9a-f]+ <.*>:$/ { caller = $2; gsub(/[<>:]/, "", caller); next }
		/R_X86_64_/ { callee = $3; sub(/[-+]0x.*/, "", callee) }
		!/R_X86_64_/ { callee = match($0, /<[A-Za-z_0-9]+>/) ? substr($0, RSTART + 1, RLENGTH - 2) : "" }
		callee != "" && callee !~ /^\./ && callee != caller { print in_full(caller), in_full(callee) }'
done | sort -u | awk '
	$2 != "hoy_mutex_lock" { callers[$2] = callers[$2] " " $1 }
	END {
		reached["hoy__park"] = queue[n = 1] = "hoy__park"
		for (i = 1; i <= n; i++) {
			split(callers[queue[i]], caller)
			for (k in caller)
				if (!(caller[k] in reached)) {
					reached[caller[k]] = queue[i]	# by which it waits
					queue[++n] = caller[k]
				}
		}
		for (i = 1; i <= n; i++)
			if (queue[i] ~ /^hoy_[a-z]/)
				print queue[i], reached[queue[i]]
	}' | sort | awk -v list="$here/waits.txt" '
	BEGIN {
		while ((getline line < list) > 0)
			if (line ~ /^hoy_/)
				excepted[line]
	}
	FNR == NR && FILENAME == "-" { sub(/ .*\//, " ", $0); waits[$1] = $2; n++; next }
	match($0, /^\t\{ "hoy_[a-z0-9_]+/) { has_row[substr($0, 5, RLENGTH - 4)] }
	END {
		for (f in waits)
			if (!(f in has_row) && !(f in excepted)) {
				print f " can wait, by " waits[f] ": no row of the tests cancels it"
				wrong = 1
			}
		for (f in excepted)
			if (!(f in waits) || f in has_row) {
				print "tools/waits.txt: " f (f in has_row ? " has a row" : " cannot wait")
				wrong = 1
			}
		if (!wrong)
			print "waits: " n " functions can wait, and each is cancelled but for those that only might"
		exit wrong || !n
	}' - "$tree"/test/api/cancel_*.c "$tree"/test/unit/net_cancel_*.c
