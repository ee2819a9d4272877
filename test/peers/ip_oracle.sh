#!/bin/sh
# Addresses as hoy reads and writes them, against Go's net and net/netip on generated texts.
# A short run; `test/oracle/ip/run COUNT` is the long one.
command -v go >/dev/null || { echo "no Go compiler"; exit 77; }
exec sh "$SOURCE/test/oracle/ip/run" "${HOY_ORACLE_COUNT:-150000}" "$BUILD"
