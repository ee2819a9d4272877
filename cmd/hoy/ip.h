/* The words of hoy ip, and how they read addresses. */
#ifndef IP_H
#define IP_H

#include "cmd.h"

/* ip_read.c: each of the first two returns -1 after having shown the text with a mark under the wrong character. */

/*
 * "192.0.2.1/24", the length also as a mask: 255.255.255.0, ffffff00, 0xffffff00, or the wildcard 0.0.0.255. An
 * address alone is a network of one.
 */
int read_prefix(const char *text, hoy_prefix *p);
/* A network, or "FIRST-LAST". */
int read_range(const char *text, hoy_ip_range *range);
/* Would read_range take it? */
bool is_range(const char *text);
/* How many ones the mask of an address of len bytes has, in any of these forms but the length; -1: it is no mask. */
int mask_bits(const char *text, uint8_t len);

/* ip_count.c */
#define COUNT_STRLEN 40
/* 2^exponent, at most 2^128, in decimal. */
char *power_string(int exponent, char buf[COUNT_STRLEN]);
/* How many hosts a network of IPv4 has room for: its first and its last address are not theirs (but see RFC 3021). */
uint64_t ipv4_hosts(int bits);

/* ip_net.c, ip_split.c and ip_grep.c: argv[0] is the word itself. */
int ip_contains(int argc, char **argv);
int ip_merge(int argc, char **argv);
int ip_split(int argc, char **argv);
int ip_grep(int argc, char **argv);
/* One network of a result. */
void tell_prefix(hoy_prefix p);

/* The flags of split and grep. */
struct ip_flags {
	int hosts;
	int invert, count_only, only_matching, number, which;
	const char *list;
};
extern struct ip_flags ip_flags;

/* ip_find.c: addresses in a line of text. */
struct found {
	const char *at, *end;	/* its text */
	hoy_ip ip;
};
/* The first address of the line from at on that the set has. */
bool find_address(const hoy_ip_set *set, const char *line, const char *at, const char *end, struct found *found);

/* ip_which.c: which of many ranges, that may lie in each other, an address belongs to. */
struct labelled {
	hoy_ip_range range;
	char *text;		/* as it was given; owned by the list */
	size_t outer;		/* the narrowest other that has all of it; LABELS_NONE */
};
struct labels {
	struct labelled *list;
	size_t n, room;
};
#define LABELS_NONE SIZE_MAX
void labels_add(struct labels *l, hoy_ip_range range, const char *text);
/* After the last was added. */
void labels_sort(struct labels *l);
/* The text of the narrowest range that has the address; NULL: none has it. */
const char *labels_find(const struct labels *l, hoy_ip ip);
void labels_clear(struct labels *l);

#endif
