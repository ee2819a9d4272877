#!/bin/sh
# man/ is what the verbs' tables say today.
. "$SOURCE/test/lib.sh"
"$HOY" help man >hoy.1.scd
same "hoy help man" $? 0
checks=$((checks + 1))
diff -u "$SOURCE/man/hoy.1.scd" hoy.1.scd || bad "write it anew: hoy help man >man/hoy.1.scd && scdoc <man/hoy.1.scd >man/hoy.1"
if command -v scdoc >/dev/null; then
	scdoc <hoy.1.scd >hoy.1
	same "scdoc takes it" $? 0
	# the first lines carry scdoc's version and the date
	same "man/hoy.1 is made of it" "$(sed 1,/^.TH/d hoy.1)" "$(sed 1,/^.TH/d "$SOURCE/man/hoy.1")"
fi
finish
