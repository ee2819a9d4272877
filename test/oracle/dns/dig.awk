# What `dig -f` prints, as ask.c does: NAME TYPE, the section, and the record with one space between its columns.
# A reply without an answer from a server that neither knows nor asks others is of no use to a resolver, only to dig;
# so is a failure.
function end() {
	if (asked && lame && status == "NOERROR")
		print asked, "failed: lame referral"
	else if (asked && records == "" && status == "SERVFAIL")
		print asked, "failed: server misbehaving"
	else if (asked)
		printf "%s status %s\n%s", asked, status, records
	asked = records = ""
}
/^;; ->>HEADER<<-/ { end(); status = $6; sub(",", "", status) }
/^;; flags:/ { lame = !/ aa|ra[ ;]/ && / ANSWER: 0,/ && /ADDITIONAL: 1$/ }
/^;; QUESTION SECTION:/ { getline; asked = substr($1, 2) " " $3 }
/^;; ANSWER SECTION:/ { section = 1 }
/^;; AUTHORITY SECTION:/ { section = 2 }
/^;; ADDITIONAL SECTION:/ { section = 3 }
/^[^;]/ {
	front = asked " " section " " $1 " " $2 " " $3 " " $4
	sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]*/, "")
	sub(/ key7=/, " dohpath=")	# dig 9.18 does not know its name (RFC 9461)
	records = records front " " $0 "\n"
}
END { end() }
