#include "dns/msg/type.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hoy/dns.h>

#include "base/base.h"
#include "dns/msg/slice.h"

#define ROW(name, format) { HOY_TYPE_##name, #name, format }

/* By number, for the search. The letters are explained in field.c. */
static const struct hoy__type types[] = {
	ROW(A, "4"), ROW(NS, "n"), ROW(MD, "n"), ROW(MF, "n"), ROW(CNAME, "n"), ROW(SOA, "nndtttt"), ROW(MB, "n"),
	ROW(MG, "n"), ROW(MR, "n"), ROW(NULL, NULL), ROW(WKS, "4W"), ROW(PTR, "n"), ROW(HINFO, "ss"), ROW(MINFO, "nn"),
	ROW(MX, "wn"), ROW(TXT, "S"), ROW(RP, "nn"), ROW(AFSDB, "wn"), ROW(X25, "s"), ROW(ISDN, "so"), ROW(RT, "wn"),
	ROW(NSAP, "X"), { HOY_TYPE_NSAP_PTR, "NSAP-PTR", "n" }, ROW(SIG, "YKbdTTwnB"), ROW(KEY, "FbKJ"), ROW(PX, "wnn"),
	ROW(GPOS, "sss"), ROW(AAAA, "6"), ROW(LOC, "L"), ROW(NXT, "nM"), ROW(EID, "h"), ROW(NIMLOC, "h"),
	ROW(SRV, "wwwn"), ROW(ATMA, "E"), ROW(NAPTR, "wwsssn"), ROW(KX, "wn"), ROW(CERT, "CwcB"), ROW(A6, "a"),
	ROW(DNAME, "N"), ROW(SINK, "bbbk"), ROW(OPT, NULL), ROW(APL, "A"), ROW(DS, "wKDh"), ROW(SSHFP, "bbh"),
	ROW(IPSECKEY, "bbbGk"), ROW(RRSIG, "YKbdTTwNB"), ROW(NSEC, "Nm"), ROW(DNSKEY, "FbKJ"), ROW(DHCID, "B"),
	ROW(NSEC3, "bbwHzm"), ROW(NSEC3PARAM, "bbwH"), ROW(TLSA, "bbbh"), ROW(SMIMEA, "bbbh"), ROW(HIP, "IQ"),
	ROW(NINFO, "S"), ROW(RKEY, "FbKJ"), ROW(TALINK, "NN"), ROW(CDS, "wKDh"), ROW(CDNSKEY, "FbKJ"),
	ROW(OPENPGPKEY, "B"), ROW(CSYNC, "dwm"), ROW(ZONEMD, "dbbh"), ROW(SVCB, "wNp"), ROW(HTTPS, "wNp"),
	ROW(DSYNC, "YywN"), ROW(HHIT, "B"), ROW(BRID, "B"), ROW(SPF, "S"), ROW(UINFO, NULL), ROW(UID, NULL),
	ROW(GID, NULL), ROW(UNSPEC, NULL), ROW(NID, "wl"), ROW(L32, "w4"), ROW(L64, "wl"), ROW(LP, "wN"),
	ROW(EUI48, "e"), ROW(EUI64, "f"), ROW(NXNAME, NULL), ROW(TKEY, NULL), ROW(TSIG, NULL), ROW(IXFR, NULL),
	ROW(AXFR, NULL), ROW(MAILB, NULL), ROW(MAILA, NULL), ROW(ANY, NULL), ROW(URI, "wwv"), ROW(CAA, "bgv"),
	ROW(AVC, "S"), ROW(DOA, "ddbsx"), ROW(AMTRELAY, "bR"), ROW(RESINFO, "S"), ROW(WALLET, "S"), ROW(CLA, "S"),
	ROW(IPN, "q"), ROW(TA, "wKDh"), ROW(DLV, "wKDh"),
};

static int compare_number(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct hoy__type *)row)->number;
}

const struct hoy__type *hoy__type_find(uint16_t number)
{
	static const struct hoy__type unknown;
	const struct hoy__type *found = bsearch(&number, types, LEN(types), sizeof *types, compare_number);

	return found ? found : &unknown;
}

const struct hoy__type *hoy__types(size_t *count)
{
	*count = LEN(types);
	return types;
}

bool hoy__type_is_meta(uint16_t number)
{
	return number == 0 || number == HOY_TYPE_OPT || (number >= 128 && number <= 255);
}

char *hoy__type_text(uint16_t type, char text[HOY__TYPE_STRLEN])
{
	const char *name = hoy__type_find(type)->name;

	if (name)
		snprintf(text, HOY__TYPE_STRLEN, "%s", name);
	else
		snprintf(text, HOY__TYPE_STRLEN, "TYPE%u", type);
	return text;
}

/* ASCII letters only, whatever the locale. */
static bool same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (hoy__lower(a[i]) != hoy__lower(b[i]))
			return false;
	return true;
}

static int parse_number(const char *text, size_t len)
{
	int number = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		number = number * 10 + (text[i] - '0');
		if (number > 0xffff)
			return -EINVAL;
	}
	return len ? number : -EINVAL;
}

int hoy__type_parse(const char *text, size_t len)
{
	for (size_t i = 0; i < LEN(types); i++)
		if (strlen(types[i].name) == len && same_letters(text, types[i].name, len))
			return types[i].number;
	return len > 4 && same_letters(text, "TYPE", 4) ? parse_number(text + 4, len - 4) : -EINVAL;
}
