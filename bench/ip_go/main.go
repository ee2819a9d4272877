// What an address costs in Go: the same list as bench/ip.c, the same lines.
package main

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

const count, rounds = 1000, 1000

var state uint64 = 88172645463325252

func draw() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state
}

// The process's CPU time in nanoseconds, as in ip.c: another program's turn does not count.
func cpu() int64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}

var sink int

func main() {
	var addrs [count]netip.Addr
	var ips [count]net.IP
	var texts [count]string
	for i := range addrs {
		var b [16]byte
		n := 4
		if i&1 == 1 {
			n = 16
		}
		for j := range b {
			if c := byte(draw()); j < n {
				b[j] = c
			}
		}
		if i%4 == 3 {
			at := 4 + int(draw()%4)
			copy(b[at:at+6], make([]byte, 6))
		}
		addrs[i], _ = netip.AddrFromSlice(b[:n])
		ips[i] = net.IP(addrs[i].AsSlice())
		texts[i] = addrs[i].String()
	}
	buf := make([]byte, 0, 64)
	steps := []struct {
		name string
		do   func(i int)
	}{
		{"netip-parse", func(i int) { a, _ := netip.ParseAddr(texts[i]); sink += a.BitLen() }},
		{"netip-format", func(i int) { sink += len(addrs[i].AppendTo(buf[:0])) }},
		{"net-parse", func(i int) { sink += len(net.ParseIP(texts[i])) }},
		{"net-format", func(i int) { sink += len(ips[i].String()) }},
	}
	parts := []struct {
		name        string
		first, step int
	}{{"v4", 0, 2}, {"v6", 1, 2}, {"mixed", 0, 1}}
	for _, p := range parts {
		for _, s := range steps {
			start := cpu()
			for round := 0; round < rounds; round++ {
				for i := p.first; i < count; i += p.step {
					s.do(i)
				}
			}
			fmt.Printf("%s-%s %.1f\n", s.name, p.name, float64(cpu()-start)/float64(rounds*(count/p.step)))
		}
	}
}
