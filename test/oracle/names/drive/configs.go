// Configurations and questions. The first configurations go through the lists below one
// after the other, so that each entry is there; later ones are drawn.
package main

import (
	"fmt"
	"math/rand"
	"strings"
)

type config struct {
	resolv, hosts, nsswitch, hostname string
	noResolv, noHosts, noNsswitch     bool
	prompt                            bool // only names that are answered at once: its timeouts are long
	real                              bool // its servers are real ones
	strict                            bool // with StrictErrors
	shared                            bool // every server answers every time: hoy's own memory of them changes nothing
}

var serverSets = []string{
	"127.0.0.1", "127.0.0.1 127.0.0.2", "::1", "2001:db8::53", "fe80::53%here", "", "192.0.2.53",
	"127.0.0.4 127.0.0.1", "127.0.0.5 127.0.0.2", "127.0.0.3 127.0.0.1", "127.0.0.6 127.0.0.1", "127.0.0.7 127.0.0.1",
	"127.0.0.8", "127.0.0.9", "127.0.0.10 127.0.0.1", "127.0.0.11", "127.0.0.12", "127.0.0.13",
	"127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", "127.0.0.10",
	"127.0.0.1 127.0.0.3 127.0.0.2", "127.0.0.4 127.0.0.5", "127.0.0.5 127.0.0.7", "127.0.0.6 127.0.0.4 127.0.0.1 127.0.0.2 127.0.0.5",
	"198.51.100.1 127.0.0.1", "198.51.100.1", "127.0.0.13 127.0.0.1", "127.0.0.12 127.0.0.1",
	"127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4", "127.0.1.5", "127.0.1.6", "127.0.0.3 127.0.1.1",
	"127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4", "127.0.1.5", "127.0.1.6", "127.0.0.4 127.0.1.4",
	"127.0.0.01 ns.test 127.0.0.1x 127.0.0.1", "127.0.0.1#53 ::1%lo", "[::1] 127.0.0.1:53 127.0.0.2", "::ffff:127.0.0.1", "2001:DB8:0::53", "127.0.0.14",
}

var searches = []string{
	"search hoy.example", "", "search a.test", "search a.test b.test", "domain a.test", "domain a.test junk", "search a.test. b.test.", "search .",
	"search a.test . b.test", "domain .", "search", "domain", "search a.test\nsearch b.test", "search a.test\ndomain b.test",
	"domain a.test\nsearch", "search\ta.test  \tb.test ", "SEARCH a.test", "search one.a.test two.a.test three.a.test four.a.test five.a.test six.a.test seven.a.test",
	"search " + strings.Repeat("long.", 45) + "test", "search A.Test", "search -bad.test a..b.test b.test", " search a.test",
}

var optionLists = []string{
	"", "ndots:0", "ndots:1", "ndots:2", "ndots:3", "ndots:15", "ndots:16", "ndots:99999999999", "ndots:-1", "ndots:x", "ndots:", "ndots:2x",
	"rotate", "single-request", "single-request-reopen", "use-vc", "usevc", "tcp", "trust-ad", "edns0", "no-reload", "no-aaaa",
	"debug", "inet6", "foo:bar", "rotate ndots:2 single-request", "attempts:1 attempts:x", "timeout:x attempts:1", "timeout:-3 attempts:0",
	"NDOTS:3", "ndots:2\toptions", "use-vc single-request rotate",
}

var junk = []string{
	"", "# a comment", "; another", " # an indented one", " ; an indented one", "sortlist 130.155.160.0/255.255.240.0", "lookup file bind",
	"lookup bind", "nameserver", "family inet4", "options", "#nameserver 127.0.0.5", "\t", "nameserver # 127.0.0.5", "\x01\x02",
}

var hostsNames = []string{"one", "two.test", "Three.Test", "four.a.test.", "localhost", "x.localhost", "alias", "ALIAS2.test", "under_score.test",
	"-dash.test", "5", "1.2.3", "six.onion", "seven.invalid", "printer.local", "a b", "box", "box.example.test", "many.test", "*", "eight.test.."}

var hostsAddresses = []string{"192.0.2.10", "192.0.2.11", "198.51.100.9", "127.0.0.1", "127.0.1.1", "::1", "2001:db8::10", "2001:db8::0:11", "fe80::1%here",
	"fe80::1%nosuch", "fe80::2", "::ffff:192.0.2.12", "10.0.0.1", "192.0.2.010", "192.0.2", "2001:DB8::A", "host.test", "0.0.0.0", "::", "256.1.1.1", "00001::1"}

var hostsFixed = []string{
	"",
	"127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
	"127.0.0.1\tlocalhost\r\n192.0.2.10 one two.test\r\n2001:db8::10\tone\r\n",
	"192.0.2.10 one",
	"192.0.2.10 one # alias\n#192.0.2.11 one\n192.0.2.11#one\n192.0.2.11 alias#two.test\n",
	"192.0.2.10 Three.Test alias\n2001:db8::10 three.test.\n192.0.2.11 THREE.TEST ALIAS\n198.51.100.9 many.test\n192.0.2.11 many.test\n::1 many.test\n192.0.2.11 many.test\n",
	"fe80::1%here printer.local\nfe80::1 printer.local\n::ffff:192.0.2.12 one\n192.0.2.12 two.test\n",
	"\n\n   \n\t192.0.2.10\tone\n192.0.2.11\n bad line here\nhost.test one\n192.0.2.010 two.test\n127.0.0.1\n\x00\n192.0.2.11 two.test",
	"192.0.2.10 six.onion seven.invalid localhost x.localhost 5 1.2.3 -dash.test under_score.test *\n",
	"192.0.2.10 one\n" + strings.Repeat("# filler\n", 300) + "192.0.2.11 one\n",
}

var nsswitchFixed = []string{
	"hosts: files dns\n", "hosts: dns files\n", "hosts: files\n", "hosts: dns\n", "", "passwd: files\n", "hosts:\n", "hosts: files dns", "hosts:files dns\n",
	"hosts: files mdns4_minimal [NOTFOUND=return] dns\n", "hosts: files mdns4_minimal [NOTFOUND=return] dns mdns4\n", "hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n",
	"hosts: files myhostname\n", "hosts: resolve\n", "hosts: files [NOTFOUND=return] dns\n", "hosts: dns [!UNAVAIL=return] files\n", "hosts: dns [NOTFOUND=continue] files\n",
	"hosts: files dns # comment\nnetworks: files\n", "# hosts: dns\nhosts: files dns\n", "hosts files dns\n", "hosts: files [x] dns\n", "hosts: files [NOTFOUND=return dns\n",
	"hosts: dns\nhosts: files\n", "HOSTS: dns\n", " hosts : dns files\n", "hosts:\tdns\n", "hosts:\tfiles\tdns\n", "hosts: dns files dns\n", "hosts: files files dns\n",
	"hosts: nis files dns\n", "hosts: compat\n", "hosts: files dns\r\n", "junk\nhosts: dns\n", "hosts: dns myhostname files\n", "hosts: files [SUCCESS=return] dns\n",
}

var hostnames = []string{"box", "box.example.test", "box.", "a.b.c", ".x", "box.a.test"}

func choose(r *rand.Rand, list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return list[r.Intn(len(list))]
}

func randomHosts(r *rand.Rand) string {
	var b strings.Builder
	for n := r.Intn(14); n > 0; n-- {
		line := hostsAddresses[r.Intn(len(hostsAddresses))]
		for k := r.Intn(4); k >= 0; k-- {
			name := hostsNames[r.Intn(len(hostsNames))]
			if r.Intn(4) == 0 {
				name = swapCase(r, name)
			}
			line += []string{" ", "\t", "  ", " \t"}[r.Intn(4)] + name
		}
		if r.Intn(8) == 0 {
			line += []string{"#", " # end", " ", "\t", "\r"}[r.Intn(5)]
		}
		if r.Intn(12) == 0 {
			line = []string{"#", " ", "\t", "x"}[r.Intn(4)] + line
		}
		b.WriteString(line)
		if n > 1 || r.Intn(3) > 0 {
			b.WriteString([]string{"\n", "\n", "\n", "\r\n"}[r.Intn(4)])
		}
	}
	return b.String()
}

func randomNsswitch(r *rand.Rand) string {
	line := "hosts:"
	for n := r.Intn(5); n >= 0; n-- {
		line += " " + []string{"files", "dns", "files", "dns", "myhostname", "mdns4", "mdns", "nis", "resolve", "db"}[r.Intn(10)]
		if r.Intn(5) == 0 {
			line += " " + []string{"[NOTFOUND=return]", "[!UNAVAIL=return]", "[SUCCESS=continue]", "[notfound=continue unavail=continue]", "[TRYAGAIN=continue]", "[]", "[x=y]"}[r.Intn(7)]
		}
	}
	return line + "\n"
}

var silentServers = []string{"127.0.0.3", "127.0.0.13"}

func hasAny(text string, words ...string) bool {
	for _, w := range words {
		for _, have := range strings.Fields(text) {
			if have == w {
				return true
			}
		}
	}
	return false
}

func makeConfig(i int, r *rand.Rand) *config {
	c := &config{hostname: choose(r, hostnames, i)}
	servers, options := choose(r, serverSets, i), choose(r, optionLists, i)
	if hasAny(options, "use-vc", "usevc", "tcp") && r.Intn(2) == 0 {
		servers = "127.0.0.14"
	}
	filesLast := i >= len(serverSets) && r.Intn(30) == 0
	if filesLast {
		servers = "127.0.0.4" // which refuses everything
	}
	slow := hasAny(servers, silentServers...)
	var lines []string
	for _, s := range strings.Fields(servers) {
		lines = append(lines, "nameserver "+s)
	}
	search := choose(r, searches, i)
	if slow && (strings.Contains(search, "seven") || strings.Contains(options, "use-vc") || options == "tcp" || options == "usevc") {
		search, options = "search a.test", "ndots:2"
	}
	lines = append(lines, search)
	if options != "" {
		lines = append(lines, "options "+options)
	}
	c.prompt = !slow && !hasAny(servers, "198.51.100.1") && r.Intn(5) == 0
	if !c.prompt {
		attempts := 1
		if !slow && r.Intn(3) == 0 {
			attempts = 2
		}
		lines = append(lines, fmt.Sprintf("options timeout:1 attempts:%d", attempts))
	}
	c.real = strings.Contains(servers, "127.0.1.")
	c.shared = servers == "127.0.0.1" || servers == "::1"
	for n := r.Intn(3); n > 0; n-- {
		at := r.Intn(len(lines) + 1)
		lines = append(lines[:at], append([]string{junk[r.Intn(len(junk))]}, lines[at:]...)...)
	}
	end := []string{"\n", "\n", "\n", "\r\n"}[r.Intn(4)]
	c.resolv = strings.Join(lines, end)
	if r.Intn(4) > 0 {
		c.resolv += end
	}
	if c.hosts = choose(r, hostsFixed, i); i >= len(hostsFixed) && r.Intn(4) > 0 {
		c.hosts = randomHosts(r)
	}
	if c.nsswitch = choose(r, nsswitchFixed, i); i >= len(nsswitchFixed) && r.Intn(3) == 0 {
		c.nsswitch = randomNsswitch(r)
	}
	if filesLast {
		c.nsswitch, c.hosts = "hosts: dns files\n", hostsFixed[5]
	}
	c.noNsswitch = c.nsswitch == "" && r.Intn(2) == 0
	c.noHosts = c.hosts == "" && r.Intn(2) == 0
	c.noResolv = servers == "" && r.Intn(2) == 0
	if c.noResolv {
		c.prompt = true
	}
	c.strict = !c.shared && r.Intn(6) == 0
	return c
}

// ---- names ----

var zoneNames []string

func randomLabel(r *rand.Rand) string {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	n := 1 + r.Intn(8)
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.Intn(len(letters))]
	}
	return string(b)
}

func swapCase(r *rand.Rand, s string) string {
	b := []byte(s)
	for i, c := range b {
		if (c|0x20) >= 'a' && (c|0x20) <= 'z' && r.Intn(3) == 0 {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

var specials = []string{"localhost", "LOCALHOST", "localhost.", "x.localhost", "localhost.localdomain", "foo.onion", "onion", "foo.ONION.", "x.invalid", "invalid.",
	"foo.local", "foo.local.", "", ".", "..", "-", "_", "1", "1.2.3", "0x7f.1", "127.1", "127.0.0.1", "::1", "fe80::1%here", "::ffff:192.0.2.1", "[::1]", "192.0.2.1.",
	"::", "0.0.0.0", "box", "box.example.test", "gateway", "_gateway", "a..b", ".a", "a.", "a..", "a b", "a%lo", "a\\b", "a/b", "\xc3\xa9.test", "a-.test", "-a.test", "a_b", "_sip._tcp.a.test",
	"fe80::1%", "fe80::1%a%b", "1:2:3:4:5:6:7:8", "00001::", "192.0.2.01", "xn--4ca.test", "a,b", "a:b", "*.test", "test", "wpad"}

const nearNames = "abcxyzABC019-_. \\%:/\x01\xff"

// C's texts end at the first NUL.
func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "0") }

func randomName(c *config, r *rand.Rand) string {
	var s string
	n := r.Intn(20)
	if c.real && n >= 4 {
		if s = zoneNames[r.Intn(len(zoneNames))]; r.Intn(3) == 0 {
			s = strings.TrimSuffix(s, ".")
		}
		if r.Intn(6) == 0 {
			s, _, _ = strings.Cut(s, ".")
		}
		return s
	}
	switch {
	case n < 4:
		return specials[r.Intn(len(specials))]
	case n < 8:
		words := strings.Fields(c.hosts)
		if len(words) == 0 {
			words = hostsNames
		}
		s = words[r.Intn(len(words))]
		if r.Intn(3) == 0 {
			s = swapCase(r, s)
		}
		if r.Intn(4) == 0 {
			s += "."
		}
		if r.Intn(6) == 0 {
			s = strings.TrimSuffix(s, ".")
		}
	case n < 9: // about as long as names may be
		for len(s) < 230 {
			s += strings.Repeat("l", 1+r.Intn(64)) + "."
		}
		s = "q" + s[:len(s)-r.Intn(3)] + randomLabel(r)
	default:
		s = randomLabel(r)
		for k := r.Intn(4); k > 0; k-- {
			s += "." + randomLabel(r)
		}
		if c.prompt {
			s = "q" + s
		}
		switch r.Intn(8) {
		case 0:
			s = swapCase(r, s)
		case 1, 2:
			s += "."
		}
	}
	if r.Intn(12) == 0 {
		at := r.Intn(len(s) + 1)
		s = s[:at] + string(nearNames[r.Intn(len(nearNames))]) + s[at:]
		if c.prompt {
			s = "q" + s
		}
	}
	return s
}

func randomAddress(c *config, r *rand.Rand) string {
	list := append([]string{"192.0.2.1", "::1", "2001:db8::1", "1.2.3.4", "fe80::1%here", "fe80::1", "::ffff:1.2.3.4", "", "x", "1.2.3", "1.2.3.4.", "01.2.3.4", "[::1]"}, hostsAddresses...)
	if r.Intn(3) == 0 {
		return fmt.Sprintf("192.0.2.%d", r.Intn(256))
	}
	return list[r.Intn(len(list))]
}

var servicesFile = "http 80/tcp www www-http # World Wide Web\nfoo\t1234/udp\tFoo BAR\nboth 5000/tcp\nboth 5001/udp\n#no 1/tcp\nbad x/tcp\nbad2 7\nbig 70000/tcp\nzero 0/tcp\n" +
	"Upper 4321/tcp\ntwice 11/tcp\ntwice 12/tcp\nsctp 9/sctp\nhttp-alt 8080/tcp http\ncr 13/tcp x\r\nlast 99/tcp"

var services = []string{"http", "www", "foo", "Foo", "bar", "both", "no", "bad", "bad2", "big", "zero", "Upper", "upper", "twice", "sctp", "http-alt", "cr", "x", "last", "HTTP", "https", "domain",
	"ssh", "nosuch", "80", "0", "65535", "65536", "-1", "+80", "080", "", " ", "80 ", "99999999999", "1-2", "ftp", "telnet", "smtp", "imap2", "ntp", "tftp"}

var networks = []string{"tcp", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "ip", "", "unix", "tcp5", "foo"}

func pick(r *rand.Rand, list ...string) string { return list[r.Intn(len(list))] }

func randomQuestion(c *config, r *rand.Rand) []string {
	name := func() string { return withoutNUL(randomName(c, r)) }
	switch r.Intn(20) {
	case 0, 1:
		return []string{"LookupIP", pick(r, "ip", "ip", "ip4", "ip6", "ip4", "ip6", "tcp", "", "ip5", "ip4:icmp"), name()}
	case 2, 3, 4:
		return []string{"LookupIPAddr", name()}
	case 5, 6, 7:
		return []string{"LookupHost", name()}
	case 8, 9:
		return []string{"LookupAddr", randomAddress(c, r)}
	case 10, 11:
		return []string{"LookupCNAME", name()}
	case 12:
		return []string{"LookupMX", name()}
	case 13:
		return []string{"LookupNS", name()}
	case 14:
		return []string{"LookupTXT", name()}
	case 15:
		if r.Intn(3) == 0 {
			return []string{"LookupSRV", "", "", name()}
		}
		return []string{"LookupSRV", pick(r, "sip", "x", "ldap", "http", "", "a b"), pick(r, "tcp", "udp", ""), name()}
	case 16:
		return []string{"LookupPort", pick(r, networks...), pick(r, services...)}
	case 17:
		host, port := name(), pick(r, services...)
		if strings.Contains(host, ":") && r.Intn(4) > 0 {
			host = "[" + host + "]"
		}
		address := host + ":" + port
		if r.Intn(8) == 0 {
			address = pick(r, host, ":"+port, "", ":", "[]:80", "a:b:c")
		}
		return []string{pick(r, "ResolveTCPAddr", "ResolveUDPAddr"), pick(r, "tcp", "udp", "tcp", "udp", "tcp4", "tcp6", "udp4", "udp6", "", "ip", "foo"), address}
	case 18:
		return []string{"ResolveIPAddr", pick(r, "ip", "ip4", "ip6", "ip4:icmp", "ip6:58", "ip:nosuch", "", "tcp", "ip4:", "ip:1"), name()}
	default:
		return []string{"ResolveUnixAddr", pick(r, "unix", "unixgram", "unixpacket", "tcp", ""), pick(r, "/tmp/x", "", "@x", "@", strings.Repeat("p", 107), strings.Repeat("p", 108), "@"+strings.Repeat("p", 107))}
	}
}
