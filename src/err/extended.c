/* What the info-codes of RFC 8914 are called, by IANA's registry. */
#include <stdio.h>

#include <hoy/err.h>

static const char *const names[] = {
	"Other Error", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer", "Forged Answer",
	"DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid", "DNSKEY Missing",
	"RRSIGs Missing", "No Zone Key Bit Set", "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored",
	"Filtered", "Prohibited", "Stale NXDOMAIN Answer", "Not Authoritative", "Not Supported",
	"No Reachable Authority", "Network Error", "Invalid Data", "Signature Expired before Valid", "Too Early",
	"Unsupported NSEC3 Iterations Value", "Unable to conform to policy", "Synthesized", "Invalid Query Type",
};

char *hoy_extended_string(unsigned code, char buf[HOY_EXTENDED_STRLEN])
{
	if (code < sizeof names / sizeof *names)
		snprintf(buf, HOY_EXTENDED_STRLEN, "%s", names[code]);
	else
		snprintf(buf, HOY_EXTENDED_STRLEN, "extended error %u", code);
	return buf;
}
