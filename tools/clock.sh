#!/bin/sh
# A moment plus a duration may lie beyond the clock's range, and one of them may be a caller's: only
# base/moment.h adds and subtracts them, and makes a struct timespec of a moment. Inside the library a
# deadline that never comes is HOY__NEVER, not 0. What is a moment is known by its name, and by the calls that return
# one. Not checked: src/os, where the kernel's times are read. clock.sh [TREE]
cd "${1:-$(dirname "$0")/..}" || exit 2

find src cmd -name '*.[ch]' ! -path src/base/moment.h ! -path 'src/os/*' | sort | xargs awk '
	BEGIN {
		name = "(now|deadline|until|due|moment|when)(\\[[^]]*\\])?"
		call = "(coarse_now|os_monotonic|hoy_now|hoy_in)\\([^()]*\\)(\\.ns)?"
		clock = "(" name "|" call "|[a-z_.>-]\\.ns)"
		path = "[A-Za-z_][A-Za-z0-9_.>-]*(->|\\.)"
		raw = "(^|[^A-Za-z0-9_])(" path ")?(hoy__)?"
		plus_after = raw clock " *\\+(=|[^+=])"
		plus_before = "[^+]\\+=? *(" path ")?(hoy__)?" clock "([^A-Za-z0-9_(]|$)"
		minus_before = "-=? *(" path ")?(hoy__)?(now|" call ")([^A-Za-z0-9_(]|$)"
		end = "(deadline|until|moment|sweep_at)(\\[[^]]*\\])?(\\.ns)?"
		none = "!(" path ")?" end "([^A-Za-z0-9_(]|$)|(^|[(?:;&|{]|[^<>=!]=|return) *(" path ")?" end " *(&&|\\?|[!=]= *0)"
		minus_after = raw "(deadline|until|due|moment|when)(\\[[^]]*\\])? *-(=|[^->=])"
	}
	function wrong(what) { print FILENAME ":" start ": " what ": " statement; status = 1 }
	function check() {
		if (statement ~ plus_after || statement ~ plus_before)
			wrong("an addition to a clock, not by hoy__moment_add")
		if (statement ~ minus_after || statement ~ minus_before)
			wrong("a subtraction from a moment, not by hoy__moment_sub")
		if (statement ~ /\.?tv_n?sec *=[^=]/)
			wrong("a struct timespec, not by hoy__moment_timespec")
		if (FILENAME ~ /^src/ && statement ~ none)
			wrong("a moment tested for 0, not for HOY__NEVER")
		statement = ""
	}
	FNR == 1 { statement = ""; comment = 0; files++ }
	{
		line = $0
		gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
		while (comment || match(line, /\/\*/)) {	# comments, of one line or of several
			if (!comment) { before = substr(line, 1, RSTART - 1); line = substr(line, RSTART + 2) } else before = ""
			comment = !match(line, /\*\//)
			line = before (comment ? "" : substr(line, RSTART + 2))
			if (comment) break
		}
		if (line !~ /[^ \t]/) next
		if (statement == "") start = FNR
		sub(/^[ \t]+/, " ", line)
		statement = statement line
		if (line ~ /[;{}:][ \t]*$/ || line ~ /^#/) check()
	}
	END {
		if (files && !status)
			print "clock: " files " files, and no sum of a moment is made by hand"
		exit !files || status
	}'
