/* What a step of the tour is, and how it tells what it saw. Each part of the guide has a file of steps. */
#ifndef TOUR_H
#define TOUR_H

#include "cmd.h"

enum verdict { STEP_OK, STEP_WRONG, STEP_SKIPPED };

/* A step while it runs. */
struct step {
	int number;
	char command[256];	/* the hoy command line that does the same */
	char output[8192];	/* lines, each ended by \n */
	size_t len;
	char reason[HOY_ERR_STRLEN + 128];	/* why wrong, or skipped */
};

struct tour_step {
	const char *heading;	/* the guide's */
	const char *example;	/* the C program that does the same */
	enum verdict (*run)(struct step *s);
};

extern const struct tour_step tour_ip[], tour_tcp[];	/* end with a NULL heading */

/* The equivalent command; once, before the first line of output. */
void step_command(struct step *s, const char *format, ...) PRINTF(2, 3);
/* A line of output. */
void step_line(struct step *s, const char *format, ...) PRINTF(2, 3);
/* Both keep the reason and return the verdict. */
enum verdict step_wrong(struct step *s, const char *format, ...) PRINTF(2, 3);
enum verdict step_skipped(struct step *s, const char *format, ...) PRINTF(2, 3);
/* The same with an error's sentence. */
enum verdict step_failed(struct step *s, const hoy_err *err);

#endif
