"""
hoy's tasks in gdb, of a process or of a core file: (gdb) source tools/gdb/hoy.py

	info hoy-tasks		every task: where it is and what it waits for
	hoy-bt ID [OPTION]...	the backtrace of one, with the options of bt

A parked task's registers are where hoy__switch left them. hoy-bt puts them below the
selected thread's innermost frame by a frame unwinder, hence it writes nothing, neither
registers nor memory, and a core file will do. Needs hoy's debug information.
"""
import re
import time

import gdb
import gdb.types
import gdb.unwinder

# Where switch_ARCHITECTURE.S leaves them: (register, offset from the saved sp), and its size.
SAVED = {
	"i386:x86-64": ([(name, 8 * i) for i, name in enumerate("r15 r14 r13 r12 rbx rbp rip".split())], 56),
	"aarch64": ([("x29", 0), ("x30", 8), ("pc", 8)] + [(f"x{i}", 8 * i - 136) for i in range(19, 29)], 160),
}
STACK_POINTER = {"i386:x86-64": "rsp", "aarch64": "sp"}
ON_SOURCES = ("read", "write", "accept", "connect")


def enum(name, prefix):
	"""The names of an enumeration's values, in words."""
	fields = gdb.lookup_type("enum " + name).fields()
	return {f.enumval: f.name[len(prefix):].lower().replace("_", " ") for f in fields}


def is_arena_list(value):
	target = value.type.strip_typedefs()
	if value.is_optimized_out or target.code != gdb.TYPE_CODE_PTR:
		return False
	target = target.target().strip_typedefs()
	return target.code == gdb.TYPE_CODE_STRUCT and gdb.types.has_field(target, "carved")


def arenas():
	"""After link-time optimisation the file that has it is another than the one that declares it."""
	for symbol in gdb.lookup_static_symbols("arenas"):
		if is_arena_list(value := symbol.value()):
			return value
	raise gdb.GdbError("no hoy here, or it has no debug information")


def slots():
	"""Every slot in use, oldest arena last."""
	arena, pointer = arenas(), gdb.lookup_type("struct hoy__slot").pointer()
	while int(arena):
		first = arena["slots"].address.cast(pointer)
		for i in range(int(arena["carved"])):
			if int(first[i]["state"]):
				yield first + i
		arena = arena["next"]


def number(value):
	"""What a field holds, atomic or not, as a plain integer."""
	return int(value) & (1 << 64) - 1


def task_of(slot):
	return slot["top"].cast(gdb.lookup_type("struct hoy__task").pointer()) - 1


def is_current(slot):
	return number(slot["worker"]["current"]) == number(task_of(slot))


def now(workers):
	"""The moment that `since` is compared with: of a core, the latest that a worker has seen."""
	if gdb.selected_inferior().connection.type == "native":
		return time.monotonic_ns()
	return max((int(w["now"]) for w in workers), default=0)


def symbol(address):
	"""The function and the line of a call, given where it returns to, or of a function."""
	if not address:
		return "-"
	text = gdb.execute(f"info symbol {address:#x}", to_string=True)
	address -= " + " in text
	text = gdb.execute(f"info symbol {address:#x}", to_string=True)
	name = re.sub(r" \+ \d+|\.(lto_priv|constprop|isra|part)[.0-9]*", "", text.split(" in section")[0]).strip()
	sal = gdb.find_pc_line(address)
	return f"{name} ({sal.symtab.filename.rsplit('/', 1)[-1]}:{sal.line})" if sal.symtab else name


def state(slot, at, reasons):
	"""(state, what it waits for, since when)"""
	kind = enum("hoy__slot_state", "HOY__SLOT_")[int(slot["state"])]
	if kind != "live":
		return kind, "-", "-"
	task = task_of(slot)
	if not number(task["worker"]):
		return "not in the core", "-", "-"
	why = reasons.get(int(task["why"]) & 0xff, "?")
	if is_current(slot) and why == "none":
		return "running", "-", "-"
	since = f"{max(0, at - int(task['since'])) / 1e9:.3f} s"
	if why in ("none", "yield"):
		return "ready", "-", since
	waits, thing = why, number(task["object"])
	if why in ON_SOURCES and thing:
		source = task["object"].cast(gdb.lookup_type("struct hoy__source").pointer())
		waits += f" of fd {int(source['sys'])}"
	elif thing:
		waits += f" of {thing:#x}"
	return "ready" if int(task["claim"]) != 1 else "parked", waits, since


class Tasks(gdb.Command):
	"""Lists hoy's tasks: state, what each waits for and how long, its function, where it was started."""

	def __init__(self):
		super().__init__("info hoy-tasks", gdb.COMMAND_STATUS)

	def invoke(self, argument, from_tty):
		all_slots, reasons = list(slots()), enum("hoy__why", "HOY__WHY_")
		at = now([s["worker"] for s in all_slots if number(s["worker"])])
		rows = [("id", "name", "worker", "state", "waits for", "since", "function", "started at")]
		for slot in all_slots:
			name = slot["name"].cast(gdb.lookup_type("char").pointer())
			rows.append((f"{number(slot):#x}", name.string(errors="replace") if int(name) else "-",
				     str(int(slot["worker"]["index"])) if int(slot["worker"]) else "-",
				     *state(slot, at, reasons),
				     symbol(number(slot["fn"])).split(" (")[0], symbol(number(slot["site"]))))
		widths = [max(map(len, column)) for column in zip(*rows)]
		for row in rows:
			print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())


class FrameId:
	def __init__(self, sp, pc):
		self.sp, self.pc = sp, pc


class Parked(gdb.unwinder.Unwinder):
	"""While it has a task: what called the thread's innermost frame is what called hoy__switch there."""

	def __init__(self):
		super().__init__("hoy-parked-task")
		self.sp = self.top = None

	def __call__(self, frame):
		if self.sp is None or number(frame.read_register("sp")) != self.top:
			return None
		arch, word = frame.architecture().name(), gdb.lookup_type("unsigned long")
		saved, size = SAVED[arch]
		info = frame.create_unwind_info(FrameId(gdb.Value(self.sp).cast(word), gdb.Value(0).cast(word)))
		for name, offset in saved:
			info.add_saved_register(name, gdb.Value(self.sp + offset).cast(word.pointer()).dereference())
		info.add_saved_register(STACK_POINTER[arch], gdb.Value(self.sp + size).cast(word))
		return info

	def backtrace(self, sp, options):
		"""Without the thread's own innermost frame, and what is inlined there: numbered from 0."""
		self.top, own, frame = number(gdb.newest_frame().read_register("sp")), 0, gdb.newest_frame()
		while frame and frame.type() == gdb.INLINE_FRAME:
			own, frame = own + 1, frame.older()
		own, self.sp = own + 1, sp
		gdb.invalidate_cached_frames()
		try:
			lines = gdb.execute(f"with width 0 -- bt {options}", to_string=True).splitlines(True)
		finally:
			self.sp = None
			gdb.invalidate_cached_frames()
		while lines and re.match(r"#(\d+)", lines[0]) and int(re.match(r"#(\d+)", lines[0])[1]) < own:
			del lines[0]
		return re.sub(r"^#(\d+) *", lambda m: f"#{int(m[1]) - own:<3}", "".join(lines), flags=re.M)


def running(slot, options):
	"""A running task has its thread's registers, whichever thread that is."""
	for thread in gdb.selected_inferior().threads():
		selected = gdb.selected_thread()
		thread.switch()
		try:
			if number(slot["bottom"]) <= number(gdb.newest_frame().read_register("sp")) < number(slot["top"]):
				return gdb.execute(f"with width 0 -- bt {options}", to_string=True)
		finally:
			selected.switch()
	raise gdb.GdbError("it is being switched to or from: look at its worker's thread")


class Backtrace(gdb.Command):
	"""hoy-bt ID [OPTION]...: the backtrace of the task that info hoy-tasks lists with this id."""

	def __init__(self, parked):
		super().__init__("hoy-bt", gdb.COMMAND_STACK)
		self.parked = parked

	def invoke(self, argument, from_tty):
		ident, _, options = argument.partition(" ")
		if not ident:
			raise gdb.GdbError("hoy-bt ID [OPTION]...; info hoy-tasks lists the ids")
		wanted = number(gdb.parse_and_eval(ident))
		slot = next((s for s in slots() if number(s) == wanted), None)
		if slot is None:
			raise gdb.GdbError(f"no task {ident}")
		if enum("hoy__slot_state", "HOY__SLOT_")[int(slot["state"])] != "live":
			raise gdb.GdbError("it has not started: there is no stack yet")
		if not number(task_of(slot)["worker"]):
			raise gdb.GdbError("its stack is not in the core: see HACKING.md")
		print(running(slot, options) if is_current(slot)
		      else self.parked.backtrace(number(task_of(slot)["sp"]), options), end="")


parked = Parked()
gdb.unwinder.register_unwinder(None, parked, replace=True)
Tasks()
Backtrace(parked)
