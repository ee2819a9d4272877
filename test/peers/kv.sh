#!/bin/sh
# examples/kv, a server of the protocol of Redis, with the clients of Redis.
. "$SOURCE/test/lib.sh"
need ss
export LD_LIBRARY_PATH="$PEERS/usr/lib/$(uname -m)-linux-gnu"
cli=$(peer bin/redis-cli) benchmark=$(peer bin/redis-benchmark)
[ "$cli" ] && [ "$benchmark" ] || { echo "skipped: redis-tools are missing"; exit 77; }

start "$EXAMPLES/KeyValue" 127.0.0.1:0
redis() { "$cli" -p "$port" "$@"; }

same 'PING' "$(redis PING; redis PING hello)" "PONG
hello"
same 'SET and GET' "$(redis SET name value; redis GET name; redis SET name 'another value'; redis GET name)" "OK
value
OK
another value"
same 'no such key' "$(redis --no-raw GET nothing)" '(nil)'
same 'DEL, EXISTS, DBSIZE' "$(redis EXISTS name nothing name; redis DEL name nothing; redis EXISTS name; redis DBSIZE)" "2
1
0
0"
same 'INCR' "$(redis INCR n; redis INCR n; redis SET n 9223372036854775806 >/dev/null; redis INCR n; redis INCR n; redis SET n x >/dev/null; redis INCR n)" \
	"1
2
9223372036854775807
ERR value is not an integer or out of range

ERR value is not an integer or out of range"
head -c 3000000 /dev/urandom >large
same 'a large value, of any bytes' "$(redis -x SET large <large; redis --raw GET large | head -c 3000000 | cksum)" "OK
$(cksum <large)"
same 'an unknown command' "$(redis NONE | head -n 1)" 'ERR unknown command'
same 'too few arguments' "$(redis SET only | head -n 1)" 'ERR wrong number of arguments'
same 'typed by hand' "$(printf 'SET a 1\r\nGET a\r\nQUIT\r\n' | timeout 10 socat -t 5 - "TCP:127.0.0.1:$port" | tr -d '\r')" "+OK
\$1
1
+OK"
same 'no protocol' "$(printf '*1\r\n$x\r\n' | timeout 10 socat -t 5 - "TCP:127.0.0.1:$port")" "$(printf -- '-ERR Protocol error\r')"
same 'many keys' "$(redis FLUSHALL; seq 20000 | awk '{ printf "SET key%d %d\r\n", $1, $1 }' | redis --pipe 2>&1 | tail -n 1; redis DBSIZE; redis GET key12345)" "OK
errors: 0, replies: 20000
20000
12345"
"$benchmark" -p "$port" -n 20000 -P 32 -t set,get,incr -q >out 2>&1
same 'redis-benchmark' "$? $(grep -c 'requests per second' out)" '0 3'
finish
