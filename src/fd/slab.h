/* Records of descriptors: memory that is used again, but only ever for records. */
#ifndef HOY_FD_SLAB_H
#define HOY_FD_SLAB_H

struct hoy__fd;

/* A record; its state keeps the generation of its last life. NULL for want of memory. */
struct hoy__fd *hoy__fd_slab_take(void);
void hoy__fd_slab_give(struct hoy__fd *fd);
/* Its lock is held over forks from now on. 0 or a code. */
int hoy__slab_watch_forks(void);

#endif
