// The name servers, one behind every address. What is answered to a question follows from
// the question and the address alone, so both sides are told the same however often and in
// whatever order they ask. What was odd about an answer is noted for rules.go.
package main

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"math/rand"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	typeA, typeNS, typeCNAME, typeSOA, typePTR          = 1, 2, 5, 6, 12
	typeMX, typeTXT, typeAAAA, typeSRV, typeOPT         = 15, 16, 28, 33, 41
	formErr, servFail, nxDomain, notImp, refused        = 1, 2, 3, 4, 5
	flagQR, flagAA, flagTC, flagRD, flagRA       uint16 = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080
)

// The address decides how a server is; what is not listed here just answers.
var characters = map[string]string{
	"127.0.0.3": "silent", "127.0.0.4": "refused", "127.0.0.5": "servfail", "127.0.0.7": "lame",
	"127.0.0.8": "noise", "127.0.0.9": "no EDNS", "127.0.0.10": "notimp", "127.0.0.11": "tc",
	"127.0.0.12": "tc, no TCP", "127.0.0.13": "tc, bad TCP",
	"127.0.0.14": "TCP alone",
}

type question struct {
	name   string // lower case, with the final dot
	kind   uint16
	raw    []byte // as it stood in the message
	id     []byte
	flags  uint16
	hasOPT bool
}

type section struct {
	count   uint16
	records [][]byte
}

type reply struct {
	flags        uint16
	sections     [3][][]byte
	counts       [3]int // added to the true ones
	cut          int    // bytes left of the message; 0: all
	edit         func(m []byte, r *rand.Rand)
	tags         []string
	silent, tc   bool
	noise        bool
	opt          []byte
	questionless bool
}

func (a *reply) tag(t string) { a.tags = append(a.tags, t) }

func (a *reply) has(t string) bool {
	for _, have := range a.tags {
		if have == t {
			return true
		}
	}
	return false
}

// ---- what was told ----

var told = struct {
	sync.Mutex
	tags map[string]map[string]bool
}{tags: map[string]map[string]bool{}}

func note(q *question, tags []string) {
	told.Lock()
	defer told.Unlock()
	key := q.name + "/" + string(rune(q.kind))
	if told.tags[key] == nil {
		told.tags[key] = map[string]bool{}
	}
	for _, t := range tags {
		told.tags[key][t] = true
	}
}

func toldOf(name string, kind uint16) map[string]bool {
	told.Lock()
	defer told.Unlock()
	tags := map[string]bool{}
	for t := range told.tags[strings.ToLower(name)+"/"+string(rune(kind))] {
		tags[t] = true
	}
	return tags
}

// ---- messages ----

func wireName(name string) []byte {
	var w []byte
	for _, label := range strings.Split(strings.TrimSuffix(name, "."), ".") {
		if label != "" {
			w = append(append(w, byte(len(label))), label...)
		}
	}
	return append(w, 0)
}

func u16(n ...int) []byte {
	var b []byte
	for _, v := range n {
		b = append(b, byte(v>>8), byte(v))
	}
	return b
}

func record(owner []byte, kind, class, ttl int, data []byte) []byte {
	b := append([]byte{}, owner...)
	b = append(b, u16(kind, class, ttl>>16, ttl, len(data))...)
	return append(b, data...)
}

func parseQuestion(m []byte) *question {
	if len(m) < 17 || binary.BigEndian.Uint16(m[4:]) != 1 {
		return nil
	}
	q := &question{id: m[:2], flags: binary.BigEndian.Uint16(m[2:]), hasOPT: m[11] > 0}
	at := 12
	for at < len(m) && m[at] != 0 {
		end := at + 1 + int(m[at])
		if end+5 > len(m) {
			return nil
		}
		q.name += strings.ToLower(string(m[at+1:end])) + "."
		at = end
	}
	if q.name == "" {
		q.name = "."
	}
	q.kind = binary.BigEndian.Uint16(m[at+1:])
	q.raw = m[12 : at+5]
	return q
}

func (a *reply) pack(q *question, id []byte, r *rand.Rand) []byte {
	questions := 1
	if a.questionless {
		questions = 0
	}
	m := append([]byte{}, id...)
	m = append(m, u16(int(a.flags), questions)...)
	for i, s := range a.sections {
		m = append(m, u16(len(s)+a.counts[i])...)
	}
	if questions == 1 {
		m = append(m, q.raw...)
	}
	body := len(m)
	for _, s := range a.sections {
		for _, rr := range s {
			m = append(m, rr...)
		}
	}
	if a.edit != nil && len(m) > body {
		a.edit(m[body:], r)
	}
	if a.cut > 0 && body+a.cut < len(m) {
		m = m[:body+a.cut]
	}
	return m
}

// ---- what there is to know about a name ----

var oddNames = []string{"a b.test", "-x.test", "x-.test", "a\\b.test", "*.test", "\x01.test", "192.0.2.9", "10", "\xc3\xa9.test",
	strings.Repeat("l", 63) + ".test", "a_b.test", "3com.test", "."}

func hostName(r *rand.Rand, a *reply) string {
	if r.Intn(14) == 0 {
		if r.Intn(6) == 0 {
			a.tag("dot in label")
			return "dot\x00in.test"
		}
		return oddNames[r.Intn(len(oddNames))]
	}
	return randomLabel(r) + "." + []string{"a.test", "b.test", "Example.TEST", "c.example.test"}[r.Intn(4)]
}

func hostWire(name string) []byte {
	w := wireName(name)
	for i, c := range w { // a dot inside a label
		if name == "dot\x00in.test" && c == 0 && i < len(w)-1 {
			w[i] = '.'
		}
	}
	return w
}

func address4(r *rand.Rand) []byte {
	base := [][]byte{{192, 0, 2}, {192, 0, 2}, {198, 51, 100}, {127, 0, 0}, {10, 0, 0}, {169, 254, 3}, {224, 0, 0}}[r.Intn(7)]
	return append(append([]byte{}, base...), byte(1+r.Intn(250)))
}

func address6(r *rand.Rand, a *reply) []byte {
	texts := []string{"2001:db8::1", "2001:db8::", "2001:db8:1::", "::1", "fe80::1", "fc00::1", "2002:c000:201::", "64:ff9b::",
		"ff02::1", "::ffff:192.0.2.7", "2001:db8::53"}
	b := append([]byte{}, net.ParseIP(texts[r.Intn(len(texts))]).To16()...)
	if r.Intn(2) == 0 {
		b[15] ^= byte(r.Intn(256))
	}
	if net.IP(b).To4() != nil {
		a.tag("mapped")
	}
	return b
}

func text(r *rand.Rand) []byte {
	var b []byte
	for n := 1 + r.Intn(3); n > 0; n-- {
		length := r.Intn(20)
		if r.Intn(10) == 0 {
			length = 255
		}
		b = append(b, byte(length))
		for ; length > 0; length-- {
			b = append(b, "abc \x00\"\\;%=\xff"[r.Intn(11)])
		}
	}
	return b
}

func dataOf(kind uint16, r *rand.Rand, a *reply) []byte {
	switch kind {
	case typeA:
		return address4(r)
	case typeAAAA:
		return address6(r, a)
	case typeMX:
		return append(u16(10*r.Intn(3)), hostWire(hostName(r, a))...)
	case typeSRV:
		return append(u16(r.Intn(2), 10*r.Intn(3), 1+r.Intn(9)), hostWire(hostName(r, a))...)
	case typeTXT:
		return text(r)
	case typeSOA:
		return append(append(wireName("ns.test"), wireName("mail.test")...), make([]byte, 20)...)
	}
	return hostWire(hostName(r, a))
}

var toQuestion = []byte{0xc0, 12}

// An answer that has what was asked for: perhaps behind a chain of CNAMEs, perhaps with other things beside it.
func (a *reply) fill(q *question, r *rand.Rand, records int) {
	a.tag(map[bool]string{true: "none", false: "data"}[records == 0])
	owner, answers := toQuestion, [][]byte{}
	if r.Intn(5) == 0 {
		owner = wireName(q.name)
	}
	of := rand.New(rand.NewSource(seedOf(q.name, "chain"))) // both families have the same
	if of.Intn(4) == 0 {
		links := 1 + of.Intn(3)
		if of.Intn(12) == 0 {
			links = 40
			a.tag("long chain")
		}
		seen := map[string]bool{}
		for ; links > 0; links-- {
			next := hostWire(hostName(of, a))
			if seen[string(next)] {
				a.tag("long chain") // a loop
			}
			seen[string(next)] = true
			answers = append(answers, record(owner, typeCNAME, 1, 60, next))
			owner = next
		}
		a.tag("chain")
	}
	for i := 0; i < records; i++ {
		answers = append(answers, record(owner, int(q.kind), 1, 60+i, dataOf(q.kind, r, a)))
	}
	switch r.Intn(40) {
	case 0:
		a.tag("stray")
		kind := []uint16{typeA, typeAAAA, q.kind, q.kind}[r.Intn(4)]
		answers = append(answers, record(wireName("stray.test"), int(kind), 1, 60, dataOf(kind, r, a)))
	case 1: // of another type, same owner
		kind := []uint16{typeTXT, 46, 999}[r.Intn(3)]
		answers = append(answers, record(owner, int(kind), 1, 60, text(r)))
	case 2:
		a.tag("class")
		answers = append(answers, record(owner, int(q.kind), []int{3, 255}[r.Intn(2)], 60, dataOf(q.kind, r, a)))
	case 3:
		r.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	}
	a.sections[0] = answers
}

func (a *reply) negative(r *rand.Rand) {
	a.tag("none")
	if r.Intn(3) > 0 {
		a.sections[1] = [][]byte{record(wireName("test"), typeSOA, 1, 60, dataOf(typeSOA, r, a))}
	}
}

func (a *reply) rcode(n uint16) {
	a.flags |= n
	switch n {
	case servFail:
		a.tag("servfail")
	case nxDomain:
		a.tag("nxdomain")
	default:
		a.tag("rcode")
	}
}

// Some names are asked for where patience is long.
func maySilence(name string) bool {
	first, _, _ := strings.Cut(name, ".")
	for _, list := range [][]string{specials, hostsNames} {
		for _, s := range list {
			if head, _, _ := strings.Cut(strings.ToLower(s), "."); head == first {
				return false
			}
		}
	}
	return !strings.Contains("."+name, ".q") && !strings.HasSuffix(name, ".arpa.")
}

// What goes wrong with one question and not with others.
func (a *reply) misbehave(q *question, r *rand.Rand) {
	switch n := r.Intn(20); n {
	case 0:
		a.rcode(servFail)
	case 1:
		a.rcode(refused)
	case 2:
		a.rcode([]uint16{formErr, notImp, 6, 9, 15}[r.Intn(5)])
	case 3, 4:
		a.lame(q, r)
	case 5:
		a.fill(q, r, 1+r.Intn(3))
		a.rcode([]uint16{servFail, refused, nxDomain}[r.Intn(3)])
	case 6, 7:
		a.fill(q, r, 1+r.Intn(3))
		a.cut = 1 + r.Intn(60)
		a.tag("malformed")
	case 8, 9:
		a.fill(q, r, 1+r.Intn(3))
		a.edit = func(m []byte, r *rand.Rand) { m[r.Intn(len(m))] ^= 1 << r.Intn(8) }
		a.tag("malformed")
	case 10:
		a.fill(q, r, 1+r.Intn(3))
		a.counts[r.Intn(3)] = 1
		a.tag("malformed")
	case 11:
		a.fill(q, r, 1)
		a.sections[2] = append(a.sections[2], record(wireName("x"), typeA, 1, 60, make([]byte, 3)))
		a.tag("malformed")
	case 12:
		a.fill(q, r, 2+r.Intn(2))
		a.counts[0] = -1
		a.tag("malformed")
	case 13:
		if a.silent = maySilence(q.name); !a.silent {
			a.negative(r)
		}
	case 14:
		a.fill(q, r, 1)
		if a.questionless = maySilence(q.name); a.questionless {
			a.tag("no question")
		}
	case 15:
		a.fill(q, r, 80)
		a.tag("large")
	case 16:
		a.fill(q, r, 1+r.Intn(3))
		a.opt = record([]byte{0}, typeOPT, 1232, 1<<24, nil)
		a.tag("extended rcode")
		a.tag("rcode")
	case 17:
		a.fill(q, r, 0) // a chain that leads nowhere
	case 18:
		a.fill(q, r, 1+r.Intn(3))
		a.tc = true
	case 19:
		a.fill(q, r, 1+r.Intn(3))
		a.noise = true
	}
}

func (a *reply) lame(q *question, r *rand.Rand) {
	a.flags &^= flagAA | flagRA
	a.tag("lame")
	switch r.Intn(3) {
	case 0:
		a.sections[1] = [][]byte{record(wireName("test"), typeNS, 1, 60, wireName("ns.test"))}
	case 1: // a delegation with glue is none, to a newer Go
		a.sections[1] = [][]byte{record(wireName("test"), typeNS, 1, 60, wireName("ns.test"))}
		a.sections[2] = [][]byte{record(wireName("ns.test"), typeA, 1, 60, address4(r))}
		a.tag("glue")
	}
}

func seedOf(parts ...string) int64 {
	h := fnv.New64a()
	for _, p := range parts {
		io.WriteString(h, p+"/")
	}
	return int64(h.Sum64())
}

func answer(q *question, address string) (*reply, *rand.Rand) {
	of := rand.New(rand.NewSource(seedOf(q.name)))
	kind := of.Intn(100)
	if q.kind != typeA && q.kind != typeAAAA && kind >= 50 && kind < 64 {
		kind = of.Intn(50) // more of the rarer types have data
	}
	r := rand.New(rand.NewSource(seedOf(q.name, string(rune(q.kind)))))
	a := &reply{flags: flagQR | flagRD | flagRA}
	if r.Intn(3) == 0 {
		a.flags |= flagAA
		if of.Intn(3) == 0 {
			a.flags &^= flagRA // who knows need not ask
		}
	}
	switch {
	case kind < 50 && r.Intn(100) < 88:
		a.fill(q, r, 1+r.Intn(4))
	case kind < 50:
		a.negative(r)
	case kind < 64:
		a.rcode(nxDomain)
		a.negative(r)
		if r.Intn(6) == 0 {
			a.fill(q, r, 0)
		}
	default:
		a.misbehave(q, r)
	}
	switch characters[address] {
	case "silent":
		a.silent = true
	case "refused", "servfail", "notimp":
		*a = reply{flags: flagQR | flagRD}
		a.rcode(map[string]uint16{"refused": refused, "servfail": servFail, "notimp": notImp}[characters[address]])
	case "lame":
		*a = reply{flags: flagQR}
		a.tag("lame")
	case "noise":
		a.noise = true
	case "no EDNS":
		if q.hasOPT {
			*a = reply{flags: flagQR | formErr, tags: a.tags}
		}
		a.tag("no EDNS")
	case "tc", "tc, no TCP":
		a.tc = true
	case "tc, bad TCP":
		a.tc = true
	}
	if q.hasOPT && a.opt == nil && r.Intn(4) > 0 {
		a.opt = record([]byte{0}, typeOPT, 1232, 0, nil)
	}
	if a.opt != nil && !a.has("malformed") {
		a.sections[2] = append(a.sections[2], a.opt)
	}
	return a, r
}

// Packets that are no reply to this question.
func noise(q *question, r *rand.Rand) [][]byte {
	good := &reply{flags: flagQR | flagRA}
	good.sections[0] = [][]byte{record(toQuestion, typeA, 1, 60, []byte{192, 0, 2, 66})}
	other := *q
	other.raw = append(append([]byte{5}, "other"...), q.raw...)
	query := &reply{flags: flagRD}
	return [][]byte{
		good.pack(q, []byte{q.id[0], q.id[1] ^ 1}, r), good.pack(&other, q.id, r), query.pack(q, q.id, r),
		append([]byte{}, q.id...), good.pack(q, q.id, r)[:14],
	}
}

func serveUDP(c *net.UDPConn, address string) {
	b := make([]byte, 4096)
	for {
		n, peer, err := c.ReadFromUDP(b)
		if err != nil {
			return
		}
		q := parseQuestion(append([]byte{}, b[:n]...))
		if q == nil {
			continue
		}
		a, r := answer(q, address)
		if characters[address] == "TCP alone" {
			*a = reply{flags: flagQR | flagRD, tags: a.tags}
			a.rcode(refused)
		}
		if a.noise {
			for _, m := range noise(q, r) {
				c.WriteToUDP(m, peer)
			}
		}
		if a.silent || a.questionless {
			a.tag("silent")
			if a.silent {
				note(q, a.tags)
				continue
			}
		}
		if a.tc {
			*a = reply{flags: a.flags&^0xf | flagTC, tags: a.tags}
		}
		m := a.pack(q, q.id, r)
		if len(m) > 1232 {
			a.tag("large")
		}
		note(q, a.tags)
		c.WriteToUDP(m, peer)
	}
}

// Both families' questions come over one connection, and one that is not answered does not hold up the other.
func serveTCP(c net.Conn, address string) {
	defer c.Close()
	for {
		head := make([]byte, 2)
		c.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		b := make([]byte, binary.BigEndian.Uint16(head))
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		q := parseQuestion(b)
		if q == nil {
			return
		}
		a, r := answer(q, address)
		bad := characters[address] == "tc, bad TCP"
		if bad {
			a.tag("malformed")
		}
		if a.silent {
			a.tag("silent")
		}
		note(q, a.tags)
		if a.silent {
			continue
		}
		m := a.pack(q, q.id, r)
		if bad {
			m = m[:len(m)-1-r.Intn(len(m)-1)]
		}
		c.Write(append(u16(len(m)), m...))
	}
}

// serve starts a server at every address that is to have one.
func serve() {
	addresses := []string{"127.0.0.1", "127.0.0.2", "::1", "2001:db8::53", "192.0.2.53", "fe80::53%here"}
	for a := range characters {
		addresses = append(addresses, a)
	}
	for _, a := range addresses {
		where := net.JoinHostPort(a, "53")
		udp, err := net.ResolveUDPAddr("udp", where)
		check(err)
		c, err := net.ListenUDP("udp", udp)
		check(err)
		c.SetReadBuffer(1 << 20)
		go serveUDP(c, a)
		if characters[a] == "tc, no TCP" {
			continue
		}
		l, err := net.Listen("tcp", where)
		check(err)
		go func(a string) {
			for {
				c, err := l.Accept()
				check(err)
				go serveTCP(c, a)
			}
		}(a)
	}
}
