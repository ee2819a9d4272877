#!/bin/sh
# README.md tells the truth: its programs compile and echo, and the commands print what it
# says they print, numbers apart.
. "$SOURCE/test/lib.sh"
need go

# numbers are N, but those of the steps; runs of blanks one blank
shape() { sed -E '/^[0-9]+\. /b; s/^([0-9]+) steps,.*/\1 steps/; t; s/[0-9]+(\.[0-9]+)?/N/g; s/(N-)+N N:N:N [+]N UTC/TIME/; s/ +/ /g; s/ $//'; }

block 1 c >echo.c
block 1 go >echo.go
cc -std=c11 -D_DEFAULT_SOURCE -Wall -Wextra -Werror -I"$SOURCE/include" -o echo_c echo.c "$BUILD/libhoy.a" -pthread || bad "the C program"
go build -o echo_go echo.go || bad "the Go program"
for server in ./echo_c ./echo_go; do
	start $server
	same "$server echoes" "$(printf 'hello\n' | socat -t2 - TCP:127.0.0.1:"$port")" hello
	stop "$pid"
done

# "..." stands for any number of lines
block 1 console | shape >want
{ echo '$ ./try' && "$HOY" tour; } | shape >got
awk '
	NR == FNR { got[++lines] = $0; next }
	$0 == "..." { any = 1; next }
	{
		at++
		while (any && at < lines && got[at] != $0)
			at++
		if (got[at] != $0) {
			print "README: " $0 "\nprinted: " got[at]
			exit wrong = 1
		}
		any = 0
	}
	END { exit wrong || (at < lines && !any) }' got want || bad "./try prints something else than README says"

# The last lines of a real ctest run, of one quick test.
block 2 console | shape >want
{ echo '$ ./check' && ctest --test-dir "$BUILD" -R 'base_heap$' 2>&1 | grep -A1 'tests passed' | head -1; } | shape >got
diff want got || bad "./check ends otherwise than README says"
finish
