/* An address with its zone, inside a longer text. */
#ifndef HOY_IP_PARSE_H
#define HOY_IP_PARSE_H

#include <hoy/addr.h>

/* Reads [s, end) into ip and zone of addr, which was empty. 0, or a code with its place in *at. */
int hoy__scan_zoned_addr(const char *s, const char *end, hoy_addr *addr, const char **at);

#endif
