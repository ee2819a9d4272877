#!/bin/sh
# hoy tour: right on this machine in under five seconds, and wrong when something is wrong.
. "$SOURCE/test/lib.sh"
need jq cc

before=$(date +%s%N)
"$HOY" tour >out 2>err
same "the tour's exit" $? 0
took=$((($(date +%s%N) - before) / 1000000 / ${HOY_TEST_SCALE:-1}))
same "its time: $took ms" "$((took < 5000))" 1
same "nothing to complain about" "$(cat err)" ""
steps=$(grep -cE '^[0-9]+\. ' out)
like "its sum" "$(cat out)" "^$steps steps, $steps ok, 0 wrong, 0 skipped in [0-9.]+ s\$"
for example in $(sed -n 's/.*; in C: //p' out); do
	checks=$((checks + 1))
	[ -f "$SOURCE/$example" ] || bad "the tour names $example, which is not there"
done

"$HOY" tour --json >out
same "as JSON" "$(jq -c 'select(.type == "step") | .ok' out | sort | uniq -c | tr -s ' ')" " $steps true"
same "as JSON, the sum" "$(jq -c 'select(.type == "tour") | [.steps, .ok_steps, .wrong_steps]' out)" "[$steps,$steps,0]"
for step in $(seq "$steps"); do
	"$HOY" tour --step "$step" >out
	same "step $step alone" "$? $(grep -E '^[0-9]+ steps?,' out | cut -d, -f1,2)" "0 1 step, 1 ok"
done

# Planted failures, from outside: the system lies about one thing.
case $(ldd "$HOY" 2>&1) in
*libasan*|*libtsan*|*'not a dynamic'*|*statically*)
	;;
*)
	cat >lie.c <<-C
		#define _GNU_SOURCE
		#include <sys/socket.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
		{
			long result = syscall(SYS_getsockopt, fd, level, name, value, len);

			if (level == SOL_SOCKET && name == SO_KEEPALIVE)
				*(int *)value = 0;
			return (int)result;
		}
	C
	cc -shared -fPIC -o lie.so lie.c || bad "the shim does not build"
	LD_PRELOAD=$PWD/lie.so "$HOY" tour >out
	same "a system that forgets keepalive" $? 1
	like "which step is wrong" "$(cat out)" '^ +WRONG: the system says otherwise'
	like "the others are right" "$(cat out)" "^$steps steps, $((steps - 1)) ok, 1 wrong"
	LD_PRELOAD=$PWD/lie.so "$HOY" tour --json >out
	same "as JSON" "$(tail -n 1 out | jq -c '[.ok, .exit]')" '[false,1]'
	;;
esac

(ulimit -n 40; "$HOY" tour) >out 2>&1
same "too few descriptors" $? 1
like "too few descriptors" "$(cat out)" 'WRONG'
finish
