// Go's opinion about generated addresses, for ip.c to compare with.
//
//	main COUNT SEED [FUNCTION...]
//
// prints COUNT lines "FUNCTION INPUT OUTCOME" for each function; input and outcome are in
// hex. An outcome begins with + (accepted: what came out) or - (refused: the error).
// Strings are made from a grammar of good texts, and less than half of them then
// suffer one to three small changes, so that most lie near the border of what is valid.
package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

var r *rand.Rand

func pick(list ...string) string { return list[r.Intn(len(list))] }

func octet() string {
	switch r.Intn(4) {
	case 0:
		return pick("0", "1", "9", "10", "99", "100", "127", "199", "200", "249", "250", "254", "255")
	default:
		return strconv.Itoa(r.Intn(256))
	}
}

func ipv4() string { return octet() + "." + octet() + "." + octet() + "." + octet() }

func group() string {
	v := r.Intn(65536) >> uint(4*r.Intn(4))
	if r.Intn(3) == 0 {
		v = []int{0, 0, 0, 1, 0xffff, 0x8000, 0xf, 0xfff}[r.Intn(8)]
	}
	s := fmt.Sprintf("%x", v)
	if r.Intn(6) == 0 {
		s = fmt.Sprintf("%04x", v)
	}
	if r.Intn(5) == 0 {
		s = strings.ToUpper(s)
	}
	return s
}

func groups(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = group()
	}
	return strings.Join(list, ":")
}

func ipv6() string {
	var s string
	n, tail := 8, ""
	if r.Intn(4) == 0 {
		n, tail = 6, ipv4()
	}
	if r.Intn(12) == 0 { // one too many or too few
		n += 2*r.Intn(2) - 1
	}
	switch r.Intn(6) {
	case 0:
		if s = groups(n); tail != "" {
			s += ":" + tail
		}
	case 1:
		s = pick("::ffff:", "::FFFF:", "0:0:0:0:0:ffff:", "::") + pick(ipv4(), groups(2))
	default:
		before := r.Intn(n)
		after := r.Intn(n - before)
		if r.Intn(12) == 0 { // a :: for nothing
			after = n - before
		}
		s = groups(before) + "::" + groups(after)
		if tail != "" {
			if after > 0 {
				s += ":"
			}
			s += tail
		}
	}
	return s
}

func zone() string {
	return pick("eth0", "lo", "1", "en0", "%25eth0", "a%b", "x.y:z", "12345", "br-0123456789ab")
}

func address() string {
	switch r.Intn(5) {
	case 0, 1:
		return ipv4()
	default:
		return ipv6()
	}
}

func zoned() string {
	s := address()
	if strings.Contains(s, ":") && r.Intn(4) == 0 {
		s += "%" + zone()
	}
	return s
}

func length(s string) string {
	most := 32
	if strings.Contains(s, ":") {
		most = 128
	}
	if r.Intn(12) == 0 {
		return pick("0", "00", "032", "33", "129", "128", "+8", "-1", "", "08", "1e", "99999999999999999999")
	}
	return strconv.Itoa(r.Intn(most + 1))
}

func mac() string {
	n := []int{6, 6, 8, 20}[r.Intn(4)]
	sep := pick(":", "-", ".")
	s := ""
	for i := 0; i < n; i++ {
		if i > 0 && (sep != "." || i%2 == 0) {
			s += sep
		}
		s += fmt.Sprintf(pick("%02x", "%02X"), r.Intn(256))
	}
	return s
}

func port() string {
	if r.Intn(50) == 0 {
		return pick("65536", "-1", "+1")
	}
	return pick(strconv.Itoa(r.Intn(65536)), "80", "0", "65535", "00080", strconv.Itoa(r.Intn(100)))
}

func hostPort() string {
	p := pick(port(), "http", "", port())
	switch r.Intn(6) {
	case 0:
		return "[" + zoned() + "]:" + p
	case 1:
		return pick("", "localhost", "a.example", "x%lo", "[]", "[a]") + ":" + p
	default:
		s := zoned()
		if strings.Contains(s, ":") {
			s = "[" + s + "]"
		}
		return s + ":" + p
	}
}

func addrPort() string {
	s := zoned()
	if strings.Contains(s, ":") != (r.Intn(20) == 0) {
		s = "[" + s + "]"
	}
	return s + ":" + port()
}

const near = "0123456789abcdefABCDEF.:::..%/[]-+ gxXzZ\x01\t\"\\"

func mutate(s string) string {
	for n := 1 + r.Intn(3); n > 0; n-- {
		i := r.Intn(len(s) + 1)
		c := string(near[r.Intn(len(near))])
		switch r.Intn(5) {
		case 0: // insert
			s = s[:i] + c + s[i:]
		case 1: // replace
			if i < len(s) {
				s = s[:i] + c + s[i+1:]
			}
		case 2: // delete
			if i < len(s) {
				s = s[:i] + s[i+1:]
			}
		case 3: // say one again
			if i < len(s) {
				s = s[:i] + s[i:i+1] + s[i:]
			}
		case 4: // cut, or begin later
			if r.Intn(2) == 0 {
				s = s[:i]
			} else {
				s = s[i:]
			}
		}
	}
	return s
}

func refused(err error) string { return "-" + err.Error() }

func doIP(s string) string {
	ip := net.ParseIP(s)
	if ip == nil {
		return "-" + (&net.ParseError{Type: "IP address", Text: s}).Error()
	}
	return fmt.Sprintf("+%x %s", []byte(ip.To16()), ip)
}

func doAddr(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return refused(err)
	}
	return fmt.Sprintf("+%s %s %d %v", a, a.StringExpanded(), a.BitLen(), a.Is4In6())
}

func doCIDR(s string) string {
	ip, n, err := net.ParseCIDR(s)
	if err != nil {
		return refused(err)
	}
	ones, bits := n.Mask.Size()
	return fmt.Sprintf("+%s %s %s %d %d", ip, n.IP, n, ones, bits)
}

func doPrefix(s string) string {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return refused(err)
	}
	return fmt.Sprintf("+%s %d %s %v", p, p.Bits(), p.Masked(), p.IsSingleIP())
}

func doMAC(s string) string {
	m, err := net.ParseMAC(s)
	if err != nil {
		return refused(err)
	}
	return "+" + m.String()
}

func doHostPort(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return refused(err)
	}
	return "+" + host + "\x00" + port + "\x00" + net.JoinHostPort(host, port)
}

func doAddrPort(s string) string {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return refused(err)
	}
	return fmt.Sprintf("+%s %s %d", a, a.Addr(), a.Port())
}

// Addresses at the edges of everything that has a name in the registries.
var edges []netip.Addr

func init() {
	for _, s := range strings.Fields(`0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
		192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
		224.0.0.0/4 224.0.0.0/24 224.0.1.0/24 239.0.0.0/8 240.0.0.0/4 255.255.255.255/32 ::/128 ::1/128
		::ffff:0:0/96 ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7
		fe80::/10 fec0::/10 ff00::/8 ff01::/16 ff02::/16 ff05::/16 ff11::/16 ff12::/16 ff0e::/16
		::ffff:127.0.0.0/104 ::ffff:10.0.0.0/104 ::ffff:224.0.0.0/120 ::ffff:169.254.0.0/112
		::ffff:255.255.255.255/128 ::ffff:0.0.0.0/128`) {
		p := netip.MustParsePrefix(s)
		first := p.Masked().Addr()
		b := first.AsSlice()
		for i := p.Bits(); i < len(b)*8; i++ {
			b[i/8] |= 0x80 >> (i % 8)
		}
		last, _ := netip.AddrFromSlice(b)
		for _, a := range []netip.Addr{first, last, first.Prev(), last.Next(), first.Next(), last.Prev()} {
			if a.IsValid() {
				edges = append(edges, a)
			}
		}
	}
}

func randomAddr() netip.Addr {
	b := make([]byte, 4+12*r.Intn(2))
	r.Read(b)
	a, _ := netip.AddrFromSlice(b)
	switch r.Intn(4) {
	case 0:
		return edges[r.Intn(len(edges))]
	case 1: // near the edge: some bytes of one
		e := edges[r.Intn(len(edges))].AsSlice()
		copy(b, e[:r.Intn(len(e)+1)])
		a, _ = netip.AddrFromSlice(b)
	case 2: // with runs of zeros
		for i := range b {
			if r.Intn(2) == 0 {
				b[i] = 0
			}
		}
		a, _ = netip.AddrFromSlice(b)
	}
	return a
}

func bit(b bool) byte {
	if b {
		return '1'
	}
	return '0'
}

// What net and netip say about an address, and about it together with a second one. The
// classes are net's: 1.19's netip does not look inside ::ffff: yet.
func value(in string) string {
	b := []byte(in)
	n := int(b[0])
	one, _ := netip.AddrFromSlice(b[3 : 3+n])
	two, _ := netip.AddrFromSlice(b[3+n:])
	ip, ip2 := net.IP(one.AsSlice()), net.IP(two.AsSlice())
	class := []byte{bit(ip.IsUnspecified()), bit(ip.IsLoopback()), bit(ip.IsPrivate()), bit(ip.IsMulticast()),
		bit(ip.IsInterfaceLocalMulticast()), bit(ip.IsLinkLocalMulticast()), bit(ip.IsLinkLocalUnicast()),
		bit(ip.IsGlobalUnicast())}
	bits, bits2 := int(b[1])%(one.BitLen()+1), int(b[2])%(two.BitLen()+1)
	p, q := netip.PrefixFrom(one, bits), netip.PrefixFrom(two, bits2)
	mask := net.CIDRMask(bits, one.BitLen())
	network := net.IPNet{IP: ip, Mask: mask}
	text := func(a netip.Addr) string { // 1.19 calls it the same
		return a.String()
	}
	return fmt.Sprintf("+%s %s %s %s %v %s %s %s %d %v %v %v %v %s %s %s %s", ip, one, one.StringExpanded(), class,
		ip.Equal(ip2), ip.DefaultMask(), text(one.Next()), text(one.Prev()), one.Compare(two), p.Contains(two),
		p.Overlaps(q), network.Contains(ip2), ip.To4() != nil, p.Masked(), ip2.Mask(mask), &network, mask)
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	seed, _ := strconv.ParseInt(os.Args[2], 10, 64)
	functions := []struct {
		name string
		make func() string
		do   func(string) string
	}{
		{"ParseIP", address, doIP},
		{"ParseAddr", zoned, doAddr},
		{"ParseCIDR", func() string { s := address(); return s + "/" + length(s) }, doCIDR},
		{"ParsePrefix", func() string { s := address(); return s + "/" + length(s) }, doPrefix},
		{"ParseMAC", mac, doMAC},
		{"SplitHostPort", hostPort, doHostPort},
		{"ParseAddrPort", addrPort, doAddrPort},
		{"values", func() string {
			one, two := randomAddr(), randomAddr()
			if r.Intn(4) == 0 {
				two = one.Next()
				if !two.IsValid() {
					two = one
				}
			}
			if one.Is4() && r.Intn(4) == 0 {
				two = netip.AddrFrom16(one.As16())
			}
			a, b := one.AsSlice(), two.AsSlice()
			return string([]byte{byte(len(a)), byte(r.Intn(256)), byte(r.Intn(256))}) + string(a) + string(b)
		}, value},
	}
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	defer out.Flush()
	for _, f := range functions {
		if len(os.Args) > 3 && !strings.Contains(" "+strings.Join(os.Args[3:], " ")+" ", " "+f.name+" ") {
			continue
		}
		r = rand.New(rand.NewSource(seed))
		for i := 0; i < count; i++ {
			s := f.make()
			if f.name != "values" && r.Intn(100) < 45 {
				s = mutate(s)
			}
			fmt.Fprintf(out, "%s %x %x\n", f.name, s, f.do(s))
		}
	}
}
