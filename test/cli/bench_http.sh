#!/bin/sh
# hoy bench with web servers: every kind of answer, right and wrong.
. "$SOURCE/test/lib.sh"
. "$SOURCE/test/cli/bench.lib"
need jq python3 ss ip

server web
while read -r kind exit filter; do
	bench "$exit" "http://$at/$kind?b#c" -c 2 -w 0 -d 200ms -t 2s
	holds "http, $kind" ".protocol == \"http\" and (.answered + .failed == .requests) and ($filter)"
done <<'TABLE'
length 0 .statuses == {"200": .answered} and .reconnects == 0 and .answered > 0
twice-the-same 0 .statuses == {"200": .answered} and .reconnects == 0
chunked 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
chunked-and-length 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
announced 0 .statuses == {"200": .answered} and .reconnects == 0 and .wrong == 0
no-content 0 .statuses == {"204": .answered} and .reconnects == 0
missing 1 .statuses == {"404": .answered} and .wrong == 0
close 0 .statuses == {"200": .answered} and .reconnects >= .answered - 2 and .failed == 0
old 0 .statuses == {"200": .answered} and .reconnects >= .answered - 2 and .failed == 0
old-kept 0 .statuses == {"200": .answered} and .reconnects == 0
third 0 .statuses == {"200": .answered} and .failed == 0 and .reconnects >= .answered / 3 - 2 and .reconnects <= .answered / 3
other 1 (.first_wrong | test("answer 0: not HTTP/1.1$"))
two-lengths 1 (.first_wrong | test("a Content-Length that is no number, or two that differ$"))
bad-length 1 (.first_wrong | test("a Content-Length that is no number, or two that differ$"))
more 1 (.first_wrong | test("bytes follow it that belong to no answer$"))
bad-chunk 1 (.first_wrong | test("a chunk without a length$"))
long-chunk 1 (.first_wrong | test("a chunk that is longer than it says$"))
long-line 1 (.first_wrong | test("a line is longer than 16 KiB$"))
cut 3 .answered == 0 and .errors[0].op == "read" and .errors[0].code == -4109
cut-chunk 3 .answered == 0 and .errors[0].op == "read" and .errors[0].code == -4109
TABLE
bench 1 "http://$at/missing?b" -w 0 -d 100ms
like 'a page that is missing' "$(cat err)" 'most answers are errors'
bench 0 "http://$at/close?b" -c 1 -w 0 -d 1s
like 'no keep-alive' "$(cat err)" 'the server keeps no connection alive'
bench 1 "$at" -w 0 -d 100ms
like 'a web server is no echo server' "$(cat err)" 'that is a web server; try: hoy bench http://ADDRESS/'
stop $server
finish
