#!/bin/sh
# The TLS of examples/tls, a user-made connection and listener, against openssl s_client, s_server and curl.
. "$SOURCE/test/lib.sh"
need ss socat curl openssl
[ -x "$EXAMPLES/TlsProxy" ] || { echo "skipped: built without OpenSSL"; exit 77; }

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 2 -subj /CN=localhost 2>/dev/null
head -c 3000000 /dev/urandom >page

# ---- as a server: before a plain echo, and a plain web server ----
start "$HOY" serve echo 127.0.0.1:0 2>/dev/null; echo_at=127.0.0.1:$port
start "$EXAMPLES/TlsProxy" server 127.0.0.1:0 "$echo_at" cert.pem key.pem; tls_echo=127.0.0.1:$port
for version in -tls1_2 -tls1_3; do
	same "openssl s_client $version" "$( (echo through; sleep 0.3) | timeout 10 openssl s_client -connect "$tls_echo" $version -quiet -CAfile cert.pem -verify_return_error 2>err)" through
done
# the end of TLS is passed on as a half-close, and the answer comes to its end
same 'socat, half-close' "$(socat -t 10 - "OPENSSL:$tls_echo,cafile=cert.pem" <page | cksum)" "$(cksum <page)"

(printf 'HTTP/1.0 200 OK\r\n\r\n'; cat page) >answer
start socat TCP-LISTEN:0,bind=127.0.0.1,fork,reuseaddr SYSTEM:'head -n2 >/dev/null; cat answer'; web=127.0.0.1:$port
start "$EXAMPLES/TlsProxy" server 127.0.0.1:0 "$web" cert.pem key.pem; tls_web=$port
for _ in 1 2 3; do
	curl -s --cacert cert.pem "https://localhost:$tls_web/" | cmp - page
	same 'curl' $? 0
done
# a client that is none, and one that says nothing, hurt nobody
printf 'GET / HTTP/1.0\r\n\r\n' | timeout 10 socat -t 5 - "TCP:127.0.0.1:$tls_web" >/dev/null
sleep 5 | socat - "TCP:127.0.0.1:$tls_web" >/dev/null 2>&1 &
curl -s --cacert cert.pem "https://localhost:$tls_web/" | cmp - page
same 'curl, after a client without TLS' $? 0

# ---- as a client: of openssl s_server, whose certificate is checked ----
free_port; start openssl s_server -accept "127.0.0.1:$port" -cert cert.pem -key key.pem -WWW -quiet; secure=$port
start "$EXAMPLES/TlsProxy" client 127.0.0.1:0 "localhost:$secure" cert.pem
curl -s "http://127.0.0.1:$port/page" | cmp - page
same 'curl, through TLS to openssl s_server' $? 0
start "$EXAMPLES/TlsProxy" client 127.0.0.1:0 "localhost:$secure" other.pem 2>err
same 'a certificate that nobody trusts' "$(curl -s "http://127.0.0.1:$port/page" | wc -c)" 0
like 'and why' "$(cat err)" 'TlsProxy: (read|write) tls .*: protocol error$'

# ---- both, one behind the other ----
start "$EXAMPLES/TlsProxy" client 127.0.0.1:0 "localhost:${tls_echo##*:}" cert.pem
same 'TLS on and off again' "$("$HOY" connect "127.0.0.1:$port" <page | cksum)" "$(cksum <page)"
finish
