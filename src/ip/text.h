/* Writing into a caller's buffer: each function returns the place after what it wrote. */
#ifndef HOY_IP_TEXT_H
#define HOY_IP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <hoy/ip.h>

char *hoy__put_text(char *p, const char *text);
char *hoy__put_decimal(char *p, unsigned value);
char *hoy__put_hex(char *p, const uint8_t *bytes, size_t len);
/*
 * The digits of an address, up to 39, without a NUL; p needs HOY_IP_STRLEN bytes of room.
 * The first dots IPv4 in either form, the second writes ::ffff: before it.
 */
char *hoy__put_ip(char *p, const hoy_ip *ip);
char *hoy__put_ip_4in6(char *p, const hoy_ip *ip);

#endif
