/* The words of hoy ip, and how they read addresses. */
#ifndef IP_H
#define IP_H

#include "cmd.h"

/* ip_read.c: each -1 after having shown the text with a mark under the wrong character. */

/* "192.0.2.1/24", or an address alone, which is a network of one. */
int read_prefix(const char *text, hoy_prefix *p);
/* A network, or "FIRST-LAST". */
int read_range(const char *text, hoy_ip_range *range);

/* ip_net.c and ip_grep.c: argv[0] is the word itself. */
int ip_contains(int argc, char **argv);
int ip_split(int argc, char **argv);
int ip_merge(int argc, char **argv);
int ip_grep(int argc, char **argv);

/* Flags of grep. */
extern int ip_invert, ip_count_only;

#endif
