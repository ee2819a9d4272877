#include "os/module.h"

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

struct search {
	uintptr_t pc;
	struct hoy__module *module;
};

static bool has_code_at(const struct dl_phdr_info *info, uintptr_t pc)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && p->p_flags & PF_X && pc - (info->dlpi_addr + p->p_vaddr) < p->p_memsz)
			return true;
	}
	return false;
}

static const uint8_t *find_eh_frame_hdr(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			return (const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* How the C library names the program: glibc not at all, musl as it was called, or like this if it is linked statically. */
static bool is_program(const char *name)
{
	return !name || !*name || !strcmp(name, program_invocation_name) || !strcmp(name, "/proc/self/exe");
}

static int match(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	bool program = is_program(info->dlpi_name);

	(void)size;
	if (!has_code_at(info, s->pc))
		return 0;
	*s->module = (struct hoy__module){
		.name = base_name(program ? program_invocation_name : info->dlpi_name),
		.is_program = program,
		.base = info->dlpi_addr,
		.eh_frame_hdr = find_eh_frame_hdr(info),
	};
	return 1;
}

bool hoy__module_find(uintptr_t pc, struct hoy__module *m)
{
	struct search s = { pc, m };

	return dl_iterate_phdr(match, &s);
}
