#!/bin/sh
# hoy tour: right on this machine in under five seconds, and wrong when something is wrong.
. "$SOURCE/test/lib.sh"
need jq cc ss

skipped=0
"$HOY" ping --bytes 127.0.0.1 >/dev/null 2>&1 || skipped=1	# where ICMP is not permitted
before=$(date +%s%N)
"$HOY" tour >out 2>err
same "the tour's exit" $? 0
took=$((($(date +%s%N) - before) / 1000000 / ${HOY_TEST_SCALE:-1}))
same "its time: $took ms" "$((took < 5000))" 1
same "nothing to complain about" "$(cat err)" ""
steps=$(grep -cE '^[0-9]+\. ' out)
ok=$((steps - skipped))
like "its sum" "$(cat out)" "^$steps steps, $ok ok, 0 wrong, $skipped skipped in [0-9.]+ s\$"
for example in $(sed -n 's/.*; in C: //p' out); do
	checks=$((checks + 1))
	[ -f "$SOURCE/$example" ] || bad "the tour names $example, which is not there"
done
for verb in $(sed -n '/^Now try/d; s/.*\$ //p' out | sed 's/ & /\n/g' | sed -n 's/^hoy \([a-z]*\) .*/\1/p' | sort -u); do
	"$HOY" help "$verb" >/dev/null 2>&1
	same "the tour shows hoy $verb" $? 0
done
if unshare -rn true 2>/dev/null; then
	unshare -rn sh -c 'ip link set lo up && exec "$HOY" tour' >out
	same "without any network but its own" "$? $(grep -c "^$steps steps, $steps ok" out)" "0 1"
fi

"$HOY" tour --json >out
same "as JSON" "$(jq -c 'select(.type == "step") | .ok or .skipped' out | sort | uniq -c | tr -s ' ')" " $steps true"
same "as JSON, the sum" "$(jq -c 'select(.type == "tour") | [.steps, .ok_steps, .wrong_steps]' out)" "[$steps,$ok,0]"
for step in $(seq "$steps"); do
	"$HOY" tour --step "$step" >out
	same "step $step alone" "$? $(grep -E '^[0-9]+ steps?,' out | cut -d, -f1,3)" "0 1 step, 0 wrong"
done

# Names that are not what the guide says: its own zone from a server with one fact changed.
"$HOY" tour --zone >guide.zone
same "its zone's exit" $? 0
tour_of() {
	start "$HOY" serve dns guide.zone.changed 127.0.0.1:0 2>/dev/null
	"$HOY" tour --server "127.0.0.1:$port" >out
	echo "$? $(sed -n 's/^ *WRONG.*guide\/\(.*\)\.c$/\1/p' out | paste -sd' ')"
	stop "$pid"
}
cp guide.zone guide.zone.changed
same "its own zone, served by hoy serve dns" "$(tour_of)" "0 "
# each command line that asks, asked of that zone
start "$HOY" serve dns guide.zone 127.0.0.1:0 2>/dev/null
sed -nE "s/^ *[$] hoy ((lookup|resolve|port) .*)/\\1/p" out | sed "s/@[^ ]*/@127.0.0.1:$port/" >asking
same "there are some" "$(($(wc -l <asking) > 10))" 1
while read -r line; do
	# shellcheck disable=SC2086
	"$HOY" $line >answer
	same "hoy $line" "$? $(($(wc -c <answer) > 0))" "0 1"
done <asking
stop "$pid"
while IFS='|' read -r change wrong; do
	sed "$change" guide.zone >guide.zone.changed
	cmp -s guide.zone guide.zone.changed && bad "$change changes nothing"
	same "$change" "$(tour_of)" "1 $wrong"
done <<'TABLE'
s/25.132/25.133/|LookupIP LookupHost
/:807:/d|LookupIP LookupHost
s/www.A 172/www	A 182/|LookupIP LookupHost ResolveIPAddr ResolveAddr
s/dns.google\.$/dns.example./|LookupAddr
s/CNAME ghs.google.com./A 192.0.2.1/|LookupCNAME
/CNAME jono01/d|LookupCNAME
s/MX 10/MX 11/|LookupMX
s/MX 10.*/&\n	MX 20 alt1/|LookupMX
/NS ns3.google.com./d|LookupNS
s/alt2/alt5/|LookupSRV
s/SRV 5 0/SRV 50 0/|LookupSRV
/globalsign/d|LookupTXT
s/v=spf1/V=spf1/|LookupTXT
/127.0.0.2/d|IPGetHeadInfo
s/A 127.0.0.1$/A 127.0.0.4/|IPGetHeadInfo
TABLE
free_port
"$HOY" tour --server "127.0.0.1:$port" >out
same "nobody to ask" $? 1
like "nobody to ask" "$(cat out)" "WRONG: lookup google.com on 127.0.0.1:$port: connection refused"
told "$HOY" tour --server nobody >out
like "no address to ask" "$(cat out)" '^  a name server is an address'
same "its exit" "$(tail -n 1 out)" 2

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
	like "the others are right" "$(cat out)" "^$steps steps, $((ok - 1)) ok, 1 wrong"
	LD_PRELOAD=$PWD/lie.so "$HOY" tour --json >out
	same "as JSON" "$(tail -n 1 out | jq -c '[.ok, .exit]')" '[false,1]'
	;;
esac

(ulimit -n 40; "$HOY" tour) >out 2>&1
same "too few descriptors" $? 1
like "too few descriptors" "$(cat out)" 'WRONG'
finish
