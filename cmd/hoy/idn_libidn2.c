/* By libidn2: IDNA 2008 with the mapping of UTS #46, so that upper case and composed letters are what was meant. */
#include <string.h>

#include <idn2.h>

#include "idn.h"

bool idn_convert(const char *name, char ascii[HOY_HOST_STRLEN], char why[IDN_WHY_STRLEN])
{
	char *converted = NULL;
	int code = idn2_to_ascii_8z(name, &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	bool fits = code == IDN2_OK && strlen(converted) < HOY_HOST_STRLEN;

	if (fits)
		strcpy(ascii, converted);
	else
		snprintf(why, IDN_WHY_STRLEN, "%s", idn2_strerror(code == IDN2_OK ? IDN2_TOO_BIG_DOMAIN : code));
	idn2_free(converted);
	return fits;
}
