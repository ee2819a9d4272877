/*
 * Filling the record of an error. Each returns the code it was given, so that a failing
 * call ends in `return hoy__addr_fail(…)`. A NULL err is not written.
 */
#ifndef HOY_BASE_FAIL_H
#define HOY_BASE_FAIL_H

#include <stddef.h>

#include <hoy/err.h>

/* address SUBJECT: text of code */
int hoy__addr_fail(int code, const char *subject, size_t offset, hoy_err *err);
/* invalid WHAT: SUBJECT */
int hoy__parse_fail(int code, const char *what, const char *subject, size_t offset, hoy_err *err);
/* CALL("SUBJECT"): text of code (at "rest") */
int hoy__netip_fail(int code, const char *call, const char *subject, size_t offset, hoy_err *err);
/* unknown network SUBJECT; returns HOY_ENETWORK */
int hoy__network_fail(const char *network, hoy_err *err);
/* lookup SUBJECT: text of code; whoever knows the server adds it in err->addr */
int hoy__lookup_fail(int code, const char *subject, hoy_err *err);
/* (its name: words), behind all that; words may be NULL */
void hoy__extended_tell(unsigned extended, const char *words, hoy_err *err);
/* invalid TYPE record: why */
int hoy__rdata_fail(int code, const char *type, const char *why, hoy_err *err);
/* text of code */
int hoy__plain_fail(int code, hoy_err *err);

#endif
