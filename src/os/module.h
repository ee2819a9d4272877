/* The program and the shared libraries in memory. */
#ifndef HOY_OS_MODULE_H
#define HOY_OS_MODULE_H

#include <stdbool.h>
#include <stdint.h>

struct hoy__module {
	const char *name;		/* without directories; valid until the library is unloaded */
	bool is_program;
	uintptr_t base;			/* what was added to the addresses of the file */
	const uint8_t *eh_frame_hdr;	/* the index of its unwind tables; NULL: none */
};

/* The module whose code is at pc; false: none. */
bool hoy__module_find(uintptr_t pc, struct hoy__module *m);

#endif
