/* Memory that hoy allocated and handed out: the lists of hoy/dns.h, what hoy_read_all (hoy/conn.h) read. */
#ifndef HOY_MEM_H
#define HOY_MEM_H

#ifdef __cplusplus
extern "C" {
#endif

/* Frees such a block, once; the list and the texts in it are one. NULL is ignored. free() would not do. */
void hoy_free(void *block);

#ifdef __cplusplus
}
#endif
#endif
