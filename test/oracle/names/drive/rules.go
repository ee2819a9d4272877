// Where the answers may differ, and why: "1.19" is what a newer Go does as hoy, "drawn" is chance,
// "purpose" hoy's own way. The id is what a row of doc/go.md is about; tools/go.sh looks for it there. A rule holds for as little as can be said of the question, the configuration
// and what was odd about the replies; where it can be, what hoy made of it is looked at too.
package main

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
)

// ---- what the question was about ----

// name is the one that is asked for: of the function's last argument, without a port.
func (c *comparison) name() string {
	last := c.words[len(c.words)-1]
	switch c.function() {
	case "LookupSRV":
		if c.words[1] == "" && c.words[2] == "" {
			return last
		}
		return "_" + c.words[1] + "._" + c.words[2] + "." + last
	case "LookupAddr":
		return reverse(last)
	case "ResolveTCPAddr", "ResolveUDPAddr":
		if at := strings.LastIndex(last, ":"); at >= 0 {
			return strings.Trim(last[:at], "[]")
		}
	}
	return last
}

// reverse is the name whose PTR records are an address's names.
func reverse(address string) string {
	ip := net.ParseIP(address)
	if four := ip.To4(); four != nil {
		return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa.", four[3], four[2], four[1], four[0])
	}
	name := "ip6.arpa."
	for _, b := range ip {
		name = fmt.Sprintf("%x.%x.", b&15, b>>4) + name
	}
	return name
}

func (c *comparison) isHost() bool {
	return strings.HasPrefix(c.function(), "Resolve") || c.function() == "LookupCNAME" || strings.HasPrefix(c.function(), "LookupIP") ||
		c.function() == "LookupHost"
}

func (c *comparison) isOfRecords() bool {
	return hasAny("LookupMX LookupNS LookupTXT LookupSRV LookupAddr", c.function())
}

// isUnder: is the name this one, or below it?
func (c *comparison) isUnder(top string, orItself bool) bool {
	name := strings.ToLower(strings.TrimSuffix(c.name(), "."))
	return strings.HasSuffix(name, "."+top) || (orItself && name == top)
}

func (c *comparison) isInHosts() bool {
	want := strings.ToLower(strings.TrimSuffix(c.name(), "."))
	for _, word := range strings.Fields(strings.ReplaceAll(c.config.hosts, "#", " ")) {
		if strings.ToLower(strings.TrimSuffix(word, ".")) == want {
			return true
		}
	}
	return false
}

// resolvLines are those that count, as words.
func (c *comparison) resolvLines() (lines [][]string) {
	if c.config.noResolv {
		return nil
	}
	for _, line := range strings.Split(c.config.resolv, "\n") {
		if line != "" && line[0] != '#' && line[0] != ';' {
			lines = append(lines, strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r", r) }))
		}
	}
	return lines
}

var knownIn119 = regexp.MustCompile(`^(ndots:|timeout:|attempts:)|^(rotate|single-request|single-request-reopen|use-vc|usevc|tcp)$`)

// Options that 1.19 does not know: it then does not look into nsswitch.conf.
func (c *comparison) hasUnknownOption() bool {
	for _, words := range c.resolvLines() {
		switch {
		case len(words) == 0:
		case words[0] == "options":
			for _, o := range words[1:] {
				if !knownIn119.MatchString(o) {
					return true
				}
			}
		case words[0] != "nameserver" && words[0] != "domain" && words[0] != "search" && words[0] != "lookup":
			return true
		}
	}
	return false
}

func (c *comparison) hasOption(name string) bool {
	for _, words := range c.resolvLines() {
		if len(words) > 0 && words[0] == "options" && hasAny(strings.Join(words[1:], " "), name) {
			return true
		}
	}
	return false
}

func (c *comparison) search() (list []string) {
	for _, words := range c.resolvLines() {
		if len(words) > 0 && (words[0] == "search" || words[0] == "domain" && len(words) > 1) {
			list = words[1:]
		}
	}
	return list
}

var plainNsswitch = regexp.MustCompile(`^(\s*hosts:( (files|dns))+\s*|\s*passwd: files\s*|hosts:\s*)$`)

// sourcesOf is the order of files and dns that nsswitch.conf says, to a resolver that passes over the rest.
func (c *comparison) sourcesOf() string {
	var order []string
	if !c.config.noNsswitch {
		for _, line := range strings.Split(c.config.nsswitch, "\n") {
			line, _, _ = strings.Cut(line, "#")
			name, rest, _ := strings.Cut(line, ":")
			if strings.TrimSpace(name) != "hosts" {
				continue
			}
			for _, w := range strings.Fields(rest) {
				if (w == "files" || w == "dns") && !hasAny(strings.Join(order, " "), w) {
					order = append(order, w)
				}
			}
		}
	}
	if len(order) == 0 {
		return "files dns"
	}
	return strings.Join(order, " ")
}

// 1.19 leaves everything that it does not know to the C library, and without one takes files, then dns.
func (c *comparison) isLeftToLibc() bool {
	return c.hasUnknownOption() || !plainNsswitch.MatchString(c.config.nsswitch) || strings.ContainsAny(c.name(), "%\\") || c.isUnder("local", false)
}

func (c *comparison) servers() (list []string) {
	for _, words := range c.resolvLines() {
		if len(words) > 1 && words[0] == "nameserver" && len(list) < 3 {
			if host, _, _ := strings.Cut(words[1], "%"); net.ParseIP(host) != nil {
				list = append(list, words[1])
			}
		}
	}
	return list
}

// hasOddServers: are there several, and some of them not like the others?
func (c *comparison) hasOddServers() bool {
	list := c.servers()
	for _, s := range list {
		if characters[s] != "" || s == "127.0.0.6" || s == "198.51.100.1" {
			return len(list) > 1
		}
	}
	return false
}

// hasLostQueries: is there a server that did not answer, or could not be reached?
func (c *comparison) hasLostQueries() bool {
	return c.tags["silent"] || hasAny(strings.Join(c.servers(), " "), "127.0.0.3", "127.0.0.6", "127.0.0.12", "127.0.0.13", "198.51.100.1")
}

// Each sentence, and the replies that can be its reason.
var reasons = map[string][]string{
	"server misbehaving":           {"servfail", "rcode", "no EDNS"},
	"lame referral":                {"lame"},
	"i/o timeout":                  {"silent"},
	"cannot unmarshal DNS message": {"malformed", "long chain", "no question"},
	"no such host":                 {"none", "nxdomain", "glue", "malformed", "stray", "class", "chain", "dot in label"},
}

// explain: is what a lookup failed with the fault of a reply with these tags?
func explain(tags map[string]bool, o *outcome) bool {
	why, known := reasons[o.sentence()]
	if !known {
		return true
	}
	if o.sentence() == "server misbehaving" && strings.Contains(o.flags, "t") {
		why = []string{"servfail"}
	} else if o.sentence() == "server misbehaving" {
		why = why[1:]
	}
	for _, tag := range why {
		if tags[tag] {
			return true
		}
	}
	return false
}

// isExplained: by the replies for the name as it was typed, or for any?
func (c *comparison) isExplained(o *outcome, typed bool) bool {
	if c.config.real || !o.failed {
		return true
	}
	if !typed {
		return (len(c.tags) == 0 || c.isUnder("invalid", true)) && o.endsIn(": no such host") || explain(c.tags, o)
	}
	for _, told := range c.told {
		if len(told) > 0 && explain(told[0], o) {
			return true
		}
	}
	return false
}

// familiesDiffer: did the two questions for the name as it was typed end in different ways?
func (c *comparison) familiesDiffer() bool {
	typed := c.typed()
	return c.config.real || len(typed) > 1 && strings.Join(typed[0], " ") != strings.Join(typed[1], " ")
}

// ---- what was answered ----

func (o *outcome) endsIn(text string) bool { return strings.HasSuffix(o.text, text) }

// sentence is what stands last.
func (o *outcome) sentence() string {
	return strings.TrimSpace(o.text[strings.LastIndex(o.text, ": ")+1:])
}

// fewer: is the list a part of the other one, perhaps none of it?
func (o *outcome) fewer(p *outcome) bool {
	count := map[string]int{}
	for _, item := range p.items {
		count[item]++
	}
	for _, item := range o.items {
		if count[item]--; count[item] < 0 {
			return false
		}
	}
	return !p.failed
}

// asText is how the programs print an error's words.
func asText(s string) string { return strings.ReplaceAll(escape(s), "%20", " ") }

const invalidNames = "DNS response contained records which contain invalid names"

type rule struct {
	class, id string
	// Rewrites Go's answer, or hoy's, to what it would be without the difference; or just says that the answers may differ.
	rewrite func(c *comparison, g, h *outcome) bool
	holds   func(c *comparison, g, h *outcome) bool
	unasked bool // no server was, whatever it said to others of that name
}

var socket = regexp.MustCompile(`(read|write|dial) (udp|tcp) \S+: ((read|write|connect|socket): )?`)
var extended = regexp.MustCompile(`(: (?:server misbehaving|cannot unmarshal DNS message|no such host|lame referral)) \(.*\)$`)
var onServer = regexp.MustCompile(` on \S+:53:`)
var longGroup = regexp.MustCompile(`\b0[0-9a-f]{4,}:|:0[0-9a-f]{4,}`)
var portOf = regexp.MustCompile(`^address ([a-z0-9]*)/(.*): unknown port$`)

var rules = []rule{
	{class: "purpose", id: "a query that was lost", rewrite: func(c *comparison, g, h *outcome) bool {
		before := g.text
		g.text = socket.ReplaceAllString(g.text, "")
		return g.text != before
	}},
	{class: "purpose", id: "why a server has no answer (RFC 8914)", rewrite: func(c *comparison, g, h *outcome) bool {
		before := h.text
		h.text = extended.ReplaceAllString(h.text, "$1")
		return c.config.real && h.text != before
	}},
	{class: "purpose", id: "the server in an error", rewrite: func(c *comparison, g, h *outcome) bool {
		before := g.text
		g.text = onServer.ReplaceAllStringFunc(g.text, func(on string) string {
			host, port, err := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(on, " on "), ":"))
			if ip := net.ParseIP(host); err == nil && ip != nil {
				on = " on " + net.JoinHostPort(ip.String(), port) + ":"
			}
			return on
		})
		return g.text != before
	}},
	{class: "drawn", id: "the server in an error, with `rotate`", rewrite: func(c *comparison, g, h *outcome) bool {
		before := g.text
		if c.hasOption("rotate") {
			g.text, h.text = onServer.ReplaceAllString(g.text, ":"), onServer.ReplaceAllString(h.text, ":")
		}
		return g.text != before
	}},
	{class: "1.19", id: "a port's sentence", rewrite: func(c *comparison, g, h *outcome) bool {
		m := portOf.FindStringSubmatch(g.text)
		if m != nil {
			g.text, g.flags = "lookup "+m[1]+"/"+m[2]+": unknown port", "-n"
		}
		return m != nil
	}},
	{class: "purpose", id: "errors about names of over 255 bytes", rewrite: func(c *comparison, g, h *outcome) bool {
		before := g.text
		for _, subject := range []struct{ of, text string }{{"lookup ", c.name()}, {"address ", c.words[len(c.words)-1]}} {
			if len(subject.text) > 255 {
				g.text = strings.Replace(g.text, subject.of+asText(subject.text)+":", subject.of+asText(subject.text[:255])+":", 1)
			}
		}
		return g.text != before
	}},
	{class: "1.19", id: "marshal for unmarshal", rewrite: func(c *comparison, g, h *outcome) bool {
		if !c.tags["malformed"] || !g.endsIn(": cannot marshal DNS message") {
			return false
		}
		g.text = strings.Replace(g.text, "cannot marshal", "cannot unmarshal", 1)
		return true
	}},
	{class: "1.19", id: "an address as mail host", rewrite: func(c *comparison, g, h *outcome) bool {
		if c.function() != "LookupMX" {
			return false
		}
		var kept []string
		for _, item := range h.items {
			_, host, _ := strings.Cut(item, "/")
			if net.ParseIP(strings.TrimSuffix(host, ".")) == nil {
				kept = append(kept, item)
			}
		}
		found := len(h.items) - len(kept)
		h.items, h.dropped = kept, h.dropped+found
		if found > 0 && len(kept) == 0 {
			h.text, h.flags, h.failed, h.listed, h.dropped = "lookup "+escape(c.name())+": "+invalidNames, "-", true, false, 0
		}
		return found > 0
	}},
	{class: "purpose", id: "records whose names are none", rewrite: func(c *comparison, g, h *outcome) bool {
		least := 1
		if c.function() == "LookupSRV" {
			least = 2
		}
		if !g.listed || !g.failed || !g.endsIn(": "+invalidNames) {
			return false
		}
		if len(g.items) < least {
			g.listed, g.items = false, nil
		} else if h.dropped > 0 {
			g.failed, g.text, g.flags, h.dropped = false, "", "", 0
		}
		return true
	}},
	{class: "1.19", id: "mapped addresses in hosts", rewrite: func(c *comparison, g, h *outcome) bool {
		if c.function() != "LookupHost" {
			return false
		}
		before := strings.Join(h.items, " ")
		h.items = strings.Fields(strings.ReplaceAll(before, "::ffff:", ""))
		return strings.Join(h.items, " ") != before
	}},
	{class: "1.19", id: "percent signs in zones", holds: func(c *comparison, g, h *outcome) bool {
		addr, err := netip.ParseAddr(c.name())
		return g.failed && err == nil && strings.Contains(addr.Zone(), "%")
	}},
	{class: "1.19", id: "names of mapped addresses", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupAddr" && net.ParseIP(c.words[1]).To4() != nil && strings.Contains(c.config.hosts, "::ffff:")
	}},
	{class: "1.19", id: "nothing and no error", holds: func(c *comparison, g, h *outcome) bool {
		nothing := g.listed && len(g.items) == 0 && !g.failed || g.endsIn(": no suitable address found") || c.function() == "LookupCNAME" && g.endsIn(invalidNames)
		return nothing && h.endsIn(": no such host") && c.isHost() && c.sourcesOf() == "files"
	}},
	{class: "1.19", id: "names under `onion`", holds: func(c *comparison, g, h *outcome) bool {
		return c.isUnder("onion", false) && h.endsIn(": no such host") && h.flags == "-n"
	}},
	{class: "1.19", id: "the hosts file's canonical name", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupCNAME" && g.endsIn(invalidNames) && len(h.items) == 1 && h.items[0] == strings.ToLower(h.items[0]) && c.isInHosts()
	}},
	{class: "1.19", id: "CNAMEs that lead nowhere", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupCNAME" && (c.tags["chain"] || c.config.real) && (len(h.items) == 1 || h.endsIn(invalidNames))
	}},
	{class: "1.19", id: "names of the hosts file first", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupAddr" && c.sourcesOf() != "files dns" && (g.listed || g.endsIn(invalidNames) || h.endsIn(": no such host"))
	}},
	{class: "1.19", id: "an nsswitch.conf that says more than `files` and `dns`", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && c.isLeftToLibc() && c.sourcesOf() != "files dns" && (c.isInHosts() || c.sourcesOf() == "files" && h.endsIn(": no such host"))
	}},
	{class: "1.19", id: "a suffix of one dot", holds: func(c *comparison, g, h *outcome) bool {
		search := strings.Join(c.search(), " ")
		return (c.isHost() || c.isOfRecords()) && hasAny(search, ".") && (g.endsIn(": cannot marshal DNS message") || search == ".")
	}},
	{class: "1.19", id: "a port of either protocol", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupPort" && (c.words[1] == "ip" || c.words[1] == "") && (g.endsIn("unknown network") || g.endsIn("unknown port")) && !g.same(h)
	}},
	{class: "1.19", id: "long groups of IPv6", holds: func(c *comparison, g, h *outcome) bool {
		written := strings.ToLower(strings.Join(c.words, " "))
		if c.isHost() && c.isInHosts() || c.function() == "LookupAddr" {
			written += " " + strings.ToLower(c.config.hosts)
		}
		return longGroup.MatchString(written)
	}},
	{class: "1.19", id: "a delegation with glue", holds: func(c *comparison, g, h *outcome) bool {
		return (c.tags["glue"] || c.config.real) && g.endsIn(": lame referral") && h.endsIn(": no such host")
	}},
	{class: "1.19", id: "rcodes over 15", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["extended rcode"]
	}},
	{class: "purpose", id: "names like `localhost`", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && c.isUnder("localhost", true) && (h.failed || hasAny("::1 127.0.0.1 localhost "+c.config.hosts, h.items...) || strings.HasPrefix(c.function(), "Resolve") || c.function() == "LookupCNAME")
	}},
	{class: "purpose", id: "names like `x.invalid`", holds: func(c *comparison, g, h *outcome) bool {
		return c.isUnder("invalid", true) && h.endsIn(": no such host") && h.flags == "-n"
	}},
	{class: "purpose", id: "records of the answer section", holds: func(c *comparison, g, h *outcome) bool {
		return (c.tags["stray"] || c.tags["class"]) && (g.failed || h.fewer(g) || !strings.HasSuffix(c.name(), ".") || h.endsIn(": no such host") || strings.HasPrefix(c.function(), "Resolve"))
	}},
	{class: "purpose", id: "a malformed reply", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["malformed"]
	}},
	{class: "purpose", id: "a reply larger than was asked for", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["large"] && (g.endsIn(": cannot marshal DNS message") || len(h.items) > len(g.items) || strings.HasPrefix(c.function(), "Resolve"))
	}},
	{class: "purpose", id: "A and AAAA over TCP", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["no question"]
	}},
	{class: "1.19", id: "dots inside labels", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["dot in label"] || c.config.real && c.function() == "LookupCNAME" && h.endsIn(invalidNames)
	}},
	{class: "1.19", id: "built-in services", holds: func(c *comparison, g, h *outcome) bool {
		last := strings.ToLower(c.words[len(c.words)-1])
		return g.endsIn(": unknown port") && (strings.HasPrefix(c.words[1], "tcp") || c.function() == "ResolveTCPAddr") && (strings.HasSuffix(last, "domain") || strings.HasSuffix(last, "submissions"))
	}},
	{class: "purpose", id: "services with capitals in /etc/services", holds: func(c *comparison, g, h *outcome) bool {
		last := strings.ToLower(c.words[len(c.words)-1])
		return g.endsIn(": unknown port") && (strings.HasSuffix(last, "bar") || strings.HasSuffix(last, "upper"))
	}},
	{class: "purpose", id: "services beyond port 65535 in /etc/services", holds: func(c *comparison, g, h *outcome) bool {
		return g.endsIn("address big: invalid port") && h.endsIn("/big: unknown port")
	}},
	{class: "purpose", id: "a chain of more than 16 CNAMEs, or a loop of them", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["long chain"] || c.config.real && g.failed && h.endsIn(": cannot unmarshal DNS message")
	}},
	{class: "purpose", id: "a server that answers FORMERR or NOTIMP to EDNS", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["no EDNS"] && g.endsIn(": server misbehaving")
	}},
	{class: "purpose", id: "one family has no data and the other failed", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && g.failed && h.failed && c.familiesDiffer() && c.isExplained(h, true)
	}},
	{class: "purpose", id: "both families failed, with StrictErrors", holds: func(c *comparison, g, h *outcome) bool {
		return c.config.strict && c.isHost() && strings.Contains(g.flags, "t") && strings.Contains(h.flags, "t")
	}},
	{class: "drawn", id: "the first server, with `rotate`", holds: func(c *comparison, g, h *outcome) bool {
		return (c.isHost() || c.isOfRecords()) && c.hasOption("rotate") && c.hasOddServers()
	}},
	{class: "1.19", id: "names of 254 bytes", holds: func(c *comparison, g, h *outcome) bool {
		return len(c.name()) == 254 && strings.HasSuffix(c.name(), ".") && (g.listed || g.endsIn(invalidNames) || g.endsIn(": cannot unmarshal DNS message") || g.endsIn(": no suitable address found"))
	}},
	{class: "drawn", id: "the order of what a server gives", holds: func(c *comparison, g, h *outcome) bool {
		return c.config.real && len(g.items) == len(h.items) && (h.fewer(g) || strings.HasPrefix(c.function(), "Resolve"))
	}},
	{class: "drawn", id: "the order of mapped addresses and those of IPv4", holds: func(c *comparison, g, h *outcome) bool {
		return c.tags["mapped"] && len(g.items) == len(h.items) && (h.fewer(g) || strings.HasPrefix(c.function(), "Resolve"))
	}},
	{class: "purpose", id: "looking up the addresses of an empty name", unasked: true, holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupIP" && c.name() == "" && h.endsIn(": no such host")
	}},
	{class: "drawn", id: "whose capitals", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupCNAME" && strings.EqualFold(strings.Join(g.items, " "), strings.Join(h.items, " "))
	}},
	{class: "purpose", id: "the option `no-aaaa` of resolv.conf", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && c.hasOption("no-aaaa") && !strings.Contains(strings.Join(h.items, " "), "::")
	}},
	{class: "purpose", id: "names that DNS does not know, like `*`, in a hosts file that comes after `dns`", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && c.sourcesOf() == "dns files" && g.endsIn(": no such host") && (h.listed || h.endsIn(invalidNames) || h.endsIn(": no suitable address found")) && c.isInHosts()
	}},
	{class: "purpose", id: "the order of `LookupHost`, of a hosts file that comes after `dns`", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "LookupHost" && c.sourcesOf() == "dns files" && c.isInHosts() && len(g.items) == len(h.items) && h.fewer(g)
	}},
	{class: "purpose", id: "the owner's name of SRV records is none", holds: func(c *comparison, g, h *outcome) bool {
		return g.endsIn(": SRV header name is invalid")
	}},
	{class: "purpose", id: "no name of the search list has data", holds: func(c *comparison, g, h *outcome) bool {
		return c.isOfRecords() && g.failed && h.failed && !strings.HasSuffix(c.name(), ".") && c.isExplained(h, true)
	}},
	{class: "purpose", id: "servers that did not answer", holds: func(c *comparison, g, h *outcome) bool {
		return (c.isHost() || c.isOfRecords()) && (g.failed || c.config.strict) && h.failed && len(c.servers()) > 1 && c.hasLostQueries() && c.isExplained(h, !c.config.strict)
	}},
	{class: "purpose", id: "a host or a port in host:port", holds: func(c *comparison, g, h *outcome) bool {
		return h.endsIn(": host longer than 255 bytes")
	}},
	{class: "purpose", id: "a name with the address `::` alone", holds: func(c *comparison, g, h *outcome) bool {
		return c.isHost() && strings.Contains(strings.Join(g.items, " "), "0.0.0.0") && (strings.Contains(strings.Join(h.items, " "), "::") ||
			h.endsIn(": no suitable address found") && !(strings.HasPrefix(c.function(), "Resolve") && c.name() == "::"))
	}},
	{class: "1.19", id: "empty zones", holds: func(c *comparison, g, h *outcome) bool {
		return strings.HasSuffix(c.name(), "%") && h.endsIn(": no such host")
	}},
	{class: "purpose", id: "a path longer than the system's", holds: func(c *comparison, g, h *outcome) bool {
		return c.function() == "ResolveUnixAddr" && len(c.words[2]) > 107 && h.endsIn("path longer than 107 bytes")
	}},
}

func excuses(c *comparison) []string {
	g, h := *c.goSays, *c.hoySays
	var used []string
	for _, r := range rules {
		if r.rewrite != nil && r.rewrite(c, &g, &h) {
			used = append(used, r.id)
		}
		if g.same(&h) {
			return used
		}
	}
	for _, r := range rules {
		if r.holds != nil && r.holds(c, &g, &h) && (r.class == "1.19" || r.unasked || c.isExplained(&h, false)) {
			return append(used, r.id)
		}
	}
	return nil
}
