# dnsmasq.conf for what dnsmasq can hold of a transferred zone: the transfer as TYPEnn \# LEN HEX, then as text.
# It cannot: names with escapes, wildcards, chains that go round or lead nowhere, lines of more than 1024 bytes.
FNR == NR { for (i = 7; i <= NF; i++) hex[NR] = hex[NR] $i; type[NR] = substr($4, 5); next }
function name(text) { return substr(text, 1, length(text) - 1) }
function line(text) { if (length(text) < 1024) print text; else left++ }
$1 ~ /\\|^\*|\.\*\./ || $1 ~ /^(round1|round2|to-itself)\./ { left++; next }
$4 == "A" || $4 == "AAAA" { line("host-record=" name($1) "," $5 "," $2); next }
$4 == "CNAME" { line("cname=" name($1) "," name($5) "," $2); next }
$4 == "MX" && $6 !~ /\\/ && $6 != "." { line("mx-host=" name($1) "," name($6) "," $5); next }
$4 == "SRV" && $8 !~ /\\/ && $8 != "." { line("srv-host=" name($1) "," name($8) "," $7 "," $5 "," $6); next }
$4 == "PTR" && $5 !~ /\\/ { line("ptr-record=" name($1) "," name($5)); next }
$4 == "CAA" && !/\\/ && $7 != "\"\"" { line("caa-record=" name($1) "," $5 "," $6 "," substr($0, index($0, "\""))); next }
$4 == "SOA" && seen[$1]++ { next }
{ line("dns-rr=" name($1) "," type[FNR] "," hex[FNR]) }
END { print left " records left out" >"/dev/stderr" }
