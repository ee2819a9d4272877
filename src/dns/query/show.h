#ifndef HOY_DNS_SHOW_H
#define HOY_DNS_SHOW_H

/* From now on dumps of tasks say which server a lookup waits for. */
void hoy__lookups_show(void);

#endif
