"""
hoy's tasks in gdb, of a process or of a core file. gdb loads this file by itself for an installed libhoy.so and the installed hoy
command; for other programs: (gdb) source SHARE/hoy/hoy-gdb.py

	info hoy-tasks			every task: where it is and what it waits for
	hoy-bt ID [OPTION]...		the backtrace of one, with the options of bt
	hoy-apply all COMMAND		COMMAND in the innermost frame of every task that has started: hoy-apply all bt
	hoy-apply ID... COMMAND		the same for these tasks

A parked task's registers are where hoy__switch left them. A frame unwinder puts them below the selected thread's innermost
frame, so nothing is written, neither registers nor memory, and a core file will do. Needs hoy's debug information.
"""
import contextlib
import functools
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
ARMED = (1, 3)		# enum hoy__claim, for any thread or for the task's own
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


def slot_state(slot):
	return enum("hoy__slot_state", "HOY__SLOT_")[int(slot["state"])]


def task_of(slot):
	return slot["top"].cast(gdb.lookup_type("struct hoy__task").pointer()) - 1


def is_current(slot):
	return number(slot["worker"]["current"]) == number(task_of(slot))


def now(workers):
	"""The moment that `since` is compared with: of a core, the latest that a worker has seen."""
	if gdb.selected_inferior().connection.type == "native":
		return time.monotonic_ns()
	return max((int(w["now"]) for w in workers), default=0)


@functools.lru_cache(maxsize=None)
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
	kind = slot_state(slot)
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
	return "parked" if int(task["claim"]) in ARMED else "ready", waits, since


def rows():
	"""(slot, what info hoy-tasks shows of it) for each task."""
	symbol.cache_clear()
	all_slots, reasons = list(slots()), enum("hoy__why", "HOY__WHY_")
	at = now([s["worker"] for s in all_slots if number(s["worker"])])
	for slot in all_slots:
		name = slot["name"].cast(gdb.lookup_type("char").pointer())
		yield slot, (str(number(slot["id"])), name.string(errors="replace") if int(name) else "-",
			     str(int(slot["worker"]["index"])) if int(slot["worker"]) else "-", *state(slot, at, reasons),
			     symbol(number(slot["shown"])).split(" (")[0], symbol(number(slot["site"])))


class Tasks(gdb.Command):
	"""Lists hoy's tasks: state, what each waits for and how long, its function, where it was started."""

	def __init__(self):
		super().__init__("info hoy-tasks", gdb.COMMAND_STATUS)

	def invoke(self, argument, from_tty):
		table = [("id", "name", "worker", "state", "waits for", "since", "function", "started at")]
		table += (row for slot, row in rows())
		widths = [max(map(len, column)) for column in zip(*table)]
		for row in table:
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

	@contextlib.contextmanager
	def selected(self, slot):
		"""Inside, the innermost frame of the task is selected: its level, above what is the thread's own."""
		selected, level, frame = gdb.selected_frame(), 1, gdb.newest_frame()
		while frame and frame.type() == gdb.INLINE_FRAME:
			level, frame = level + 1, frame.older()
		self.top, self.sp = number(gdb.newest_frame().read_register("sp")), number(task_of(slot)["sp"])
		gdb.invalidate_cached_frames()
		try:
			frame = gdb.newest_frame()
			for _ in range(level):
				frame = frame.older()
			frame.select()
			yield level
		finally:
			self.sp = None
			gdb.invalidate_cached_frames()
			if selected.is_valid():
				selected.select()


@contextlib.contextmanager
def running(slot):
	"""A running task has its thread's registers, whichever thread that is."""
	selected = gdb.selected_thread()
	try:
		for thread in gdb.selected_inferior().threads():
			thread.switch()
			if number(slot["bottom"]) <= number(gdb.newest_frame().read_register("sp")) < number(slot["top"]):
				yield 0
				return
		raise gdb.GdbError("it is being switched to or from: look at its worker's thread")
	finally:
		selected.switch()


def inside(slot):
	"""The task's innermost frame is the selected one while the result is in use; its level."""
	if slot_state(slot) != "live":
		raise gdb.GdbError("it has not started: there is no stack yet")
	if not number(task_of(slot)["worker"]):
		raise gdb.GdbError("its stack is not in the core: see HACKING.md")
	return running(slot) if is_current(slot) else parked.selected(slot)


def backtrace(options, level):
	"""bt of the selected task, whose frames are numbered from 0."""
	options = " ".join(str(int(option) + level) if option.isdigit() else option for option in options.split())
	text = gdb.execute(f"with width 0 -- bt {options}", to_string=True)
	text = re.sub(rf"\A.*?(?=^#{level} )", "", text, flags=re.M | re.S)
	return re.sub(r"^#(\d+) *", lambda m: f"#{int(m[1]) - level:<3}", text, flags=re.M)


def in_task(slot, command):
	"""What the command prints in the task's innermost frame."""
	name, _, options = command.partition(" ")
	with inside(slot) as level:
		if name in ("bt", "backtrace", "where"):
			return backtrace(options, level)
		return gdb.execute(command, to_string=True)


def find(ident):
	"""By the id that hoy_dump and hoy top show too, or by the address that the static probes have."""
	wanted = number(gdb.parse_and_eval(ident))
	slot = next((s for s in slots() if wanted in (number(s["id"]), number(s))), None)
	if slot is None:
		raise gdb.GdbError(f"no task {ident}")
	return slot


class Backtrace(gdb.Command):
	"""hoy-bt ID [OPTION]...: the backtrace of the task that info hoy-tasks lists with this id."""

	def __init__(self):
		super().__init__("hoy-bt", gdb.COMMAND_STACK)

	def invoke(self, argument, from_tty):
		ident, _, options = argument.partition(" ")
		if not ident:
			raise gdb.GdbError("hoy-bt ID [OPTION]...; info hoy-tasks lists the ids")
		print(in_task(find(ident), f"bt {options}"), end="")


class Apply(gdb.Command):
	"""hoy-apply all|ID... COMMAND: the command in the innermost frame of each task, or of these."""

	def __init__(self):
		super().__init__("hoy-apply", gdb.COMMAND_STACK)

	def invoke(self, argument, from_tty):
		match = re.fullmatch(r"\s*(all|(?:(?:\d|\$)\S*\s+)*(?:\d|\$)\S*)\s+([^\d\s$].*)", argument)
		if not match:
			raise gdb.GdbError("hoy-apply all|ID... COMMAND; info hoy-tasks lists the ids")
		ids, command = match[1], match[2]
		wanted = None if ids == "all" else [number(find(ident)) for ident in ids.split()]
		for slot, row in rows():
			if wanted is None or number(slot) in wanted:
				self.one(slot, row, command)

	def one(self, slot, row, command):
		ident, name, worker, state, waits, since, function, site = row
		wait = "" if waits == "-" else f": {waits}, for {since}"
		print(f"\nTask {ident} ({name}), {state}{wait}; {function}, started at {site}")
		try:
			print(in_task(slot, command), end="")
		except (gdb.error, gdb.GdbError) as failure:	# the other tasks are worth seeing all the same
			print(failure)


parked = Parked()
gdb.unwinder.register_unwinder(None, parked, replace=True)
Tasks()
Backtrace()
Apply()
