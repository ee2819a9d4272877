/* Cases of hoy_select that wait for a descriptor: what the tables of the layer above are made of. */
#ifndef HOY_FD_SELECT_H
#define HOY_FD_SELECT_H

#include "task/case.h"

struct hoy__fd;

/* The direction is HOY__OUT for HOY_CASE_WRITABLE, else HOY__IN. */
hoy_case hoy__fd_case(int kind, struct hoy__fd *fd, const struct hoy__case_ops *ops);
struct hoy__fd *hoy__fd_of_case(hoy_case *a);
/* In place of hoy__fd_case_begin: the case happens with this code. */
void hoy__fd_case_fail(hoy_case *a, int code);

/* As struct hoy__case_ops has them. */
void hoy__fd_case_begin(hoy_case *a);
int hoy__fd_case_look(hoy_case *a);
int hoy__fd_case_watch(hoy_case *a, int64_t *until);
bool hoy__fd_case_has_changed(hoy_case *a);
void hoy__fd_case_unwatch(hoy_case *a);
void hoy__fd_case_end(hoy_case *a);

#endif
