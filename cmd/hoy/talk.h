/* Between standard input and output and one peer: what connect and listen have in common. */
#ifndef TALK_H
#define TALK_H

#include "cmd.h"

/* The flags of both. */
extern struct talking {
	hoy_duration idle, linger;
	int verbose;
} talking;

#define TALKING_FLAGS \
	{ "idle", 0, FLAG_DURATION, &talking.idle, NULL, "how long both sides may be silent; 0: for ever", 0, 0 }, \
	{ "linger", 0, FLAG_DURATION, &talking.linger, NULL, \
	  "once one side has ended, how long the other one may be silent where nothing tells its end; 0: for ever", 0, 0 }, \
	{ "verbose", 'v', FLAG_BOOL, &talking.verbose, NULL, "says on standard error who the peer is, and how much was moved", 0, 0 }

/*
 * Sends what is read from standard input and prints what comes back, until both have ended. start: when the verb began.
 * The descriptors keep their mode, which others share. Does not return.
 */
_Noreturn void talk_with(hoy_conn *peer, bool has_datagrams, hoy_time start);

#endif
