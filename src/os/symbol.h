/* The names of functions, for messages. */
#ifndef HOY_OS_SYMBOL_H
#define HOY_OS_SYMBOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * The program's own file, which names more functions than are in memory: static ones, and those of programs linked statically.
 * All zero: not opened, and then only what the C library finds is named.
 */
struct hoy__symbols {
	const uint8_t *file;
	size_t size;
};

void hoy__symbols_open(struct hoy__symbols *s);
void hoy__symbols_close(struct hoy__symbols *s);

enum { HOY__SYMBOL = 160 };

/*
 * "function+0x1f (program+0x12a3)": what is in parentheses is the place in the file, as addr2line takes it. Without the name
 * if it is not known; "0x55d0c0ffee" for what is in no module.
 */
char *hoy__symbol_text(const struct hoy__symbols *s, uintptr_t pc, char text[HOY__SYMBOL]);

#endif
