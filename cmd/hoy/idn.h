/*
 * Converts names with letters that ASCII lacks to the form that DNS servers know: "bücher.example" to
 * "xn--bcher-kva.example" (RFC 5890).
 */
#ifndef IDN_H
#define IDN_H

#include "cmd.h"

#define IDN_WHY_STRLEN 400

/*
 * idn_libidn2.c, or idn_none.c in a build without that library. Converts a name that is not ASCII. False: why says
 * why it cannot be converted, or to what the user has to.
 */
bool idn_convert(const char *name, char ascii[HOY_HOST_STRLEN], char why[IDN_WHY_STRLEN]);

#endif
