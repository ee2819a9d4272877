#!/bin/sh
# hoy bench over every network, and how it measures: by servers that are slow, or stop for a second.
. "$SOURCE/test/lib.sh"
. "$SOURCE/test/cli/bench.lib"
need jq python3 ss ip
slow=${HOY_TEST_SCALE:-1}
short='-w 20ms -d 200ms'

# ---- echo over every network ----
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
sockets=-u start "$HOY" serve echo udp 127.0.0.1:0 2>/dev/null; udp_at=127.0.0.1:$port
for network in unix unixpacket unixgram; do
	"$HOY" serve echo $network "$PWD/$network" 2>/dev/null &
done
until [ -S unix ] && [ -S unixpacket ] && [ -S unixgram ]; do sleep 0.02; done
for target in "$echo_at" "tcp4 $echo_at" "tcp localhost:${echo_at#*:}" "udp $udp_at" "unix $PWD/unix" "unixpacket $PWD/unixpacket" \
	"unixgram $PWD/unixgram"; do
	for load in '-c 3' '-c 3 -r 300 -s 1001'; do
		# shellcheck disable=SC2086
		bench 0 $target $load $short
		holds "$target $load" '.answered > 0 and .answered == .requests and .wrong == 0 and .errors == [] and .complete
			and .sent_bytes == .received_bytes and .sent_bytes == .answered * .size_bytes
			and (.latency | .p50_us <= .p90_us and .p90_us <= .p99_us and .p99_us <= ."p99.9_us" and ."p99.9_us" <= .max_us
				and .mean_us <= .max_us)
			and ([.histogram[].count] | add) == .requests and .histogram[-1].to_us >= .latency.max_us
			and .histogram[0].count > 0'
	done
done
# shellcheck disable=SC2086
bench 0 $echo_at -c 2 -s 65507 $short
holds 'large messages' '.answered > 0 and .wrong == 0 and .sent_bytes == .answered * 65507'
# shellcheck disable=SC2086
bench 0 $echo_at -c 1 -s 1 $short
holds 'messages of a byte' '.answered > 0 and .wrong == 0 and .sent_bytes == .answered'
# shellcheck disable=SC2086
bench 0 $echo_at -c 200 $short
holds 'many connections' '.answered >= 200 and .wrong == 0 and .reconnects == 0'

# ---- the open loop asks at its rate, however that divides ----
for load in '-r 100 -c 7' '-r 250 -c 1' '-r 3 -c 10'; do
	# shellcheck disable=SC2086
	bench 0 $echo_at $load -d 1s -w 200ms
	holds "as many as are due, $load" '.requests == .rate and .answered == .rate and .loop == "open"'
	holds "its length, $load" ".elapsed_us >= 1000000 and .elapsed_us < 1000000 * (1 + $slow)"
done

# ---- text ----
# shellcheck disable=SC2086
LC_ALL=C.UTF-8 "$HOY" bench $echo_at $short >out
same 'the load' "$(sed -n '1,2p' out)" "tcp $echo_at, messages of 64 bytes, 10 connections
closed loop: each connection asks again once it has its answer, so a slow server is asked less"
like 'the counts' "$(sed -n 3p out)" '^[0-9]+ requests in [0-9]+ms, [0-9]+ answered: [0-9.]+/s, [0-9.]+ MB/s out, [0-9.]+ MB/s in$'
like 'the times' "$(sed -n 4p out)" '^latency    p50 [0-9.]+  p90 [0-9.]+  p99 [0-9.]+  p99\.9 [0-9.]+  max [0-9.]+  mean [0-9.]+ ms$'
like 'the histogram' "$(tail -n +6 out)" '^  to +[0-9]+(us|ms) +[0-9]+ +[0-9]+\.[0-9]{2}%  ████'
# shellcheck disable=SC2086
LC_ALL=C "$HOY" bench $echo_at $short -r 200 >out
like 'the open loop' "$(sed -n 2p out)" '^open loop: 200 requests/s, latency from the moment each was due$'
like 'how late it was itself' "$(cat out)" '^sent late  p50 [0-9.]+ .* ms$'
like 'the histogram in ASCII' "$(cat out)" '^  to +[0-9]+(us|ms) +[0-9]+ +[0-9]+\.[0-9]{2}%  ###'

# ---- latency is measured right ----
server delay
bench 0 "$at" -c 4 -w 100ms -d 1s
holds 'a delay of 50 ms, closed loop' ".latency.p50_us >= 50000 and .latency.p50_us < 50000 * (2 + $slow) and .answered <= 84"
bench 0 "$at" -c 4 -w 100ms -d 1s -r 40
holds 'a delay of 50 ms, open loop' ".latency.p50_us >= 50000 and .latency.p50_us < 50000 * (2 + $slow) and .answered == 40"
bench 5 "$at" -c 1 -w 0 -d 1s -r 100
holds 'a rate that is five times what it can' '.requests == 100 and .unsent >= 50 and .answered + .unsent == 100 and .latency.max_us > 800000'
like 'a rate that is five times what it can' "$(cat err)" 'did not keep up with the rate'
stop $server

# A server that stops for one second of two: what was due then waits for the rest of that second. The closed loop asks once
# in that second, and has nothing to show but its maximum.
server stall
bench 0 "$at" -c 4 -r 200 -w 300ms -d 2s
holds 'a stall, open loop' '.requests == 400 and .answered == 400 and .latency.max_us >= 900000'
holds 'a stall, open loop: the percentiles show it' '.latency.p90_us >= 600000 and .latency.p99_us >= 900000'
stop $server
server stall
bench 0 "$at" -c 4 -w 300ms -d 2s
holds 'a stall, closed loop: only the longest' ".latency.max_us >= 900000 and .latency.p90_us < 300000 * $slow"
stop $server

finish
