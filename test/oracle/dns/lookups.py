# What every lookup of a name should find, worked out from what dig was told, and what ask.c
# printed: lookups.py DIG HOY. Two lines for each that differs; how many there are.
import base64, ipaddress, re, sys
from collections import Counter, defaultdict

ENDLESS = "failed: cannot unmarshal DNS message"
NO_NAMES = "failed: DNS response contained records which contain invalid names"
status, records = {}, defaultdict(list)
for line in open(sys.argv[1]):
    name, kind, section, rest = line.rstrip("\n").split(" ", 3)
    if section in ("status", "failed:"):
        status[name, kind] = f"failed: {rest}" if section == "failed:" else "not found"
    elif section == "1":
        owner, _, _, found, data = rest.split(" ", 4)
        records[name, kind].append((owner, found, data))

def is_domain(name):
    if name == ".":
        return True
    labels = name.removesuffix(".").split(".")
    return all(re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?", l) for l in labels) and \
        not name.replace(".", "").isdigit() and len(name) <= 254 and max(map(len, labels)) < 64

def is_address(name):
    try:
        return bool(ipaddress.ip_address(name.removesuffix(".")))
    except ValueError:
        return False

def follow(name, kind):
    """Where the chain ends, its length, and what is there; or the line that tells why not."""
    asked, reply, links = name, records[name, kind], 0
    aliases = {owner.lower(): data for owner, found, data in reply if found == "CNAME"}
    while name.lower() in aliases:
        name, links = aliases[name.lower()], links + 1
        if links > 16:
            return name, 0, ENDLESS
    there = [(owner, data) for owner, found, data in reply if found == kind and owner.lower() == name.lower()]
    if there:
        name = there[0][0]  # as the server writes it
    return name, links, [data for _, data in there] or status[asked, kind]

def find(name, kind, item):
    """Each record as `item` has it, without those it has nothing for."""
    _, _, data = follow(name, kind)
    if isinstance(data, str):
        return [data]
    return list(filter(None, map(item, data))) or [NO_NAMES]

def addresses(name):
    both = [follow(name, kind)[2] for kind in ("A", "AAAA")]
    found = [a for data in both if isinstance(data, list) for a in data]
    return [a.removeprefix("::ffff:") for a in found] or [min(both)]

def cname(name):
    name, links, data = follow(name, "A")
    if isinstance(data, str) and (data != "not found" or not links):
        data = follow(name, "AAAA")[2]
    if not links and isinstance(data, str):
        return [data]
    return [name if is_domain(name) else NO_NAMES]

def mx(data):
    return data if is_domain(data.split()[1]) or is_address(data.split()[1]) else None

def host(data):
    return data if is_domain(data) else None

def txt(data):
    strings = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', data))
    octets = re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if m[1].isdigit() else m[1], strings)
    return "=" + "".join(c if c.isascii() and c.isalnum() else "\\%03d" % ord(c) for c in octets)

known = ["alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath"]

def unescape(text):
    return re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m[1])) if m[1].isdigit() else m[1], text)

def tell(key, value):
    if key == "ech":
        return f" ech of {len(base64.b64decode(value))}"
    if key == "alpn" or "hint" in key:
        return "".join(f" {key}=" + re.sub(r"\\(.)", r"\1", item) for item in re.findall(r"(?:\\.|[^,\\])+", value))
    return f" {key}" + (f"={value}" if value else "")

def service(data, owner):
    """As ask.c prints it; None when it cannot be used."""
    priority, target, *rest = data.split(" ", 2)
    pairs = re.findall(r'([a-z0-9-]+)=?(?:"((?:\\.|[^"\\])*)"|(\S*))', rest[0] if rest else "")
    params = {key: unescape(quoted or bare) for key, quoted, bare in pairs}
    target = owner if target == "." else target
    if not is_domain(target) or not set(params.pop("mandatory", "").split(",")) - {""} <= set(known) & set(params):
        return None
    return f"{priority} {target}" + "".join(tell(k, params[k]) for k in known if k in params and params[k] != "0")

def services(name, kind):
    """RFC 9460 section 3: aliases, eight at most, then the services, then where the aliases led."""
    end = []
    for _ in range(9):
        owner, _, data = follow(name, kind)
        if isinstance(data, str) and data != "not found":
            return [data]
        aliases = [d.split()[1] for d in data if d.startswith("0 ")] if data != "not found" else []
        if aliases == ["."]:
            return ["not found"]
        if not aliases:
            found = [] if data == "not found" else [service(d, owner) for d in data]
            return [f for f in found if f] + end or ["not found"]
        name, end = aliases[0], [f"0 {aliases[0]}"]
    return [ENDLESS]

def srv(name):
    end = follow(name, "SRV")[0]
    return find(name, "SRV", lambda d: f"{d} of {end}" if is_domain(d.split()[3]) else None)

def reverse(address):
    return find(ipaddress.ip_address(address.removeprefix("::ffff:")).reverse_pointer + ".", "PTR", host)

lookups = {
    "ip": addresses, "host": addresses, "cname": cname, "srv": srv, "addr": reverse,
    "mx": lambda name: find(name, "MX", mx), "ns": lambda name: find(name, "NS", host),
    "txt": lambda name: find(name, "TXT", txt),
    "https": lambda name: services(name, "HTTPS"), "svcb": lambda name: services(name, "SVCB"),
}

got, seen, wrong = defaultdict(list), Counter(), 0
for line in open(sys.argv[2]):
    name, what, item = line.rstrip("\n").split(" ", 2)
    got[name, what].append(item)
for (name, what), items in got.items():
    want = lookups[what](name) if what == "addr" or is_domain(name) else ["not found"]
    first = [int(item.split()[0]) or 65536 * (what in ("https", "svcb")) for item in items
             if what in ("mx", "srv", "https", "svcb") and item[0].isdigit()]
    seen["not found" if items == ["not found"] else "failed" if "failed:" in items[0] else "found"] += 1
    if sorted(items) != sorted(want) or first != sorted(first):
        wrong += 1
        print(f"{name} {what}: {items}\n  want: {want}")
print(f"{sum(seen.values())} lookups:", ", ".join(f"{n} {how}" for how, n in sorted(seen.items())))
sys.exit(wrong > 0)
