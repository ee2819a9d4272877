/* IPv6 zones: the name of an interface and its number. */
#ifndef HOY_SOCK_ZONE_H
#define HOY_SOCK_ZONE_H

#include <stdint.h>

/* A name, or a number written in decimal. 0, or -ENODEV when there is no such interface. */
int hoy__zone_index(const char *name, uint32_t *index);
/* The interface's name; its number in decimal when it has gone or nobody tells. */
char *hoy__zone_name(uint32_t index, char name[16]);

#endif
