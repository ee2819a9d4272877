#ifndef HOY_DNS_SHOW_H
#define HOY_DNS_SHOW_H

/* From now on dumps of tasks show the server that a lookup waits for. */
void hoy__lookups_show(void);

#endif
