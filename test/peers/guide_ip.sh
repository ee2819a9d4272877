#!/bin/sh
# The guide's programs about addresses, in C and in Go: the same output and exit code for each argument.
. "$SOURCE/test/lib.sh"
need go
compile IP ParseIP Mask CIDR

while read -r program arguments; do
	# shellcheck disable=SC2086
	same "$program $arguments" "$(told "$EXAMPLES/$program" $arguments)" "$(told "./go_$program" $arguments)"
done <<'TABLE'
IP
ParseIP
ParseIP ::ffff:192.0.2.1 fe80::1%eth0 192.0.2.01 1.2.3.4.5 :: 2001:DB8:0:0:1:0:0:1 ::1.2.3.4 12345:: 1:2
Mask 192.168.1.3
Mask 10.1.2.3
Mask 172.16.5.4
Mask 127.0.0.1 24
Mask 192.0.2.77 0
Mask 192.0.2.77 32
Mask 192.0.2.77 33
Mask 2404:6800:4007:818::2004 64
Mask 2404:6800:4007:818::2004 128
Mask 2404:6800:4007:818::2004 129
Mask 192.0.2
CIDR 127.0.0.1/23
CIDR 192.0.2.1/32
CIDR 2001:db8::1/33
CIDR ::ffff:192.0.2.1/112
CIDR 127.0.0.1
CIDR 127.0.0.1/33
CIDR 127.0.0.1/-1
CIDR nowhere/8
TABLE
finish
