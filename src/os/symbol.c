#include "os/symbol.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "os/module.h"
#include "os/os.h"

enum { NAME = 80 };	/* the longest that is shown */

/* Not in a program that is linked statically. */
#pragma weak dladdr

void hoy__symbols_open(struct hoy__symbols *s)
{
	struct hoy__file_info info;
	const void *at;
	int fd = hoy__os_open("/proc/self/exe", O_RDONLY);

	*s = (struct hoy__symbols){ 0 };
	if (fd < 0)
		return;
	if (hoy__os_stat(fd, &info) == 0 && info.size > sizeof(ElfW(Ehdr)) && hoy__os_map_file(fd, info.size, &at) == 0)
		*s = (struct hoy__symbols){ at, info.size };
	hoy__os_close(fd);
}

void hoy__symbols_close(struct hoy__symbols *s)
{
	if (s->file)
		hoy__os_unmap((void *)s->file, s->size);
	s->file = NULL;
}

/* n records of this size at this place of the file; NULL: they are not all in it. */
static const void *part(const struct hoy__symbols *s, uint64_t at, uint64_t n, size_t size)
{
	return at % 8 == 0 && at <= s->size && n <= (s->size - at) / size ? s->file + at : NULL;
}

static const ElfW(Shdr) *find_section(const struct hoy__symbols *s, uint32_t type, const ElfW(Shdr) **all)
{
	const ElfW(Ehdr) *head = (const void *)s->file;
	const ElfW(Shdr) *section = part(s, head->e_shoff, head->e_shnum, sizeof *section);

	*all = section;
	for (int i = 0; section && i < head->e_shnum; i++)
		if (section[i].sh_type == type && section[i].sh_link < head->e_shnum)
			return &section[i];
	return NULL;
}

/* The function that has this place of the file; NULL: its name is not there. */
static const char *find_in_file(const struct hoy__symbols *s, uintptr_t place, uintptr_t *begin)
{
	const ElfW(Shdr) *all, *table = s->file ? find_section(s, SHT_SYMTAB, &all) : NULL, *texts;
	const ElfW(Sym) *symbol;
	size_t n = table ? table->sh_size / sizeof *symbol : 0;

	if (!table || !(symbol = part(s, table->sh_offset, n, sizeof *symbol)))
		return NULL;
	texts = &all[table->sh_link];
	if (texts->sh_offset > s->size || texts->sh_size > s->size - texts->sh_offset)
		return NULL;
	for (; n > 0; n--, symbol++)
		if ((symbol->st_info & 0xf) == STT_FUNC && place - symbol->st_value < symbol->st_size &&
		    symbol->st_name < texts->sh_size) {
			*begin = symbol->st_value;
			return (const char *)s->file + texts->sh_offset + symbol->st_name;
		}
	return NULL;
}

static const char *find_in_memory(uintptr_t pc, uintptr_t base, uintptr_t *begin)
{
	Dl_info info;

	if (!dladdr || !dladdr((const void *)pc, &info) || !info.dli_sname)
		return NULL;
	*begin = (uintptr_t)info.dli_saddr - base;
	return info.dli_sname;
}

/* Without what compilers append to the name of a clone: ".isra.0". */
static int length_of(const char *name)
{
	int len = (int)strcspn(name, ".");

	return len < NAME ? len : NAME;
}

char *hoy__symbol_text(const struct hoy__symbols *s, uintptr_t pc, char text[HOY__SYMBOL])
{
	uintptr_t place, begin = 0;
	const char *name = NULL;
	struct hoy__module m;

	if (!hoy__module_find(pc, &m)) {
		snprintf(text, HOY__SYMBOL, "%#lx", (unsigned long)pc);
		return text;
	}
	place = pc - m.base;
	if (m.is_program)
		name = find_in_file(s, place, &begin);
	if (!name)
		name = find_in_memory(pc, m.base, &begin);
	if (name)
		snprintf(text, HOY__SYMBOL, "%.*s+%#lx (%.40s+%#lx)", length_of(name), name, (unsigned long)(place - begin), m.name,
			 (unsigned long)place);
	else
		snprintf(text, HOY__SYMBOL, "%.40s+%#lx", m.name, (unsigned long)place);
	return text;
}
