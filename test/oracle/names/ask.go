// Go's answers to the lines of standard input, one line for each; ask.c is the same in C.
//
// A line is FUNCTION ARGUMENT..., an answer "= ITEM..." or "! FLAGS SENTENCE", or both; in
// FLAGS n is not found, o timed out, t temporary. Other bytes than visible ones are %XX.
// All lines are asked at once. With the argument `strict` one failure of two is one.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
)

var resolver = &net.Resolver{PreferGo: true}

func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '%' {
			fmt.Fprintf(&b, "%%%02x", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			var c byte
			fmt.Sscanf(s[i+1:i+3], "%02x", &c)
			b.WriteByte(c)
			i += 2
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func tell(items []string, err error) string {
	var parts []string
	if err == nil || items != nil {
		parts = append(parts, "=")
		for _, item := range items {
			parts = append(parts, escape(item))
		}
	}
	if err != nil {
		flags := "-"
		if e, ok := err.(*net.DNSError); ok {
			for _, f := range []struct {
				letter string
				set    bool
			}{{"n", e.IsNotFound}, {"o", e.Timeout()}, {"t", e.Temporary()}} {
				if f.set {
					flags += f.letter
				}
			}
		}
		parts = append(parts, "!", flags, strings.ReplaceAll(escape(err.Error()), "%20", " "))
	}
	return strings.Join(parts, " ")
}

func ask(f string, arg []string) string {
	ctx := context.Background()
	var items []string
	var err error
	add := func(item any) { items = append(items, fmt.Sprint(item)) }
	one := func(item fmt.Stringer, e error) {
		if err = e; e == nil {
			add(item)
		}
	}
	switch f {
	case "LookupIP":
		var list []net.IP
		list, err = resolver.LookupIP(ctx, arg[0], arg[1])
		for _, ip := range list {
			add(ip)
		}
	case "LookupIPAddr":
		var list []net.IPAddr
		list, err = resolver.LookupIPAddr(ctx, arg[0])
		for _, a := range list {
			add(a.String())
		}
	case "LookupHost":
		items, err = resolver.LookupHost(ctx, arg[0])
	case "LookupAddr":
		items, err = resolver.LookupAddr(ctx, arg[0])
	case "LookupCNAME":
		var cname string
		if cname, err = resolver.LookupCNAME(ctx, arg[0]); err == nil {
			add(cname)
		}
	case "LookupMX":
		var list []*net.MX
		list, err = resolver.LookupMX(ctx, arg[0])
		for _, mx := range list {
			add(fmt.Sprintf("%d/%s", mx.Pref, mx.Host))
		}
	case "LookupNS":
		var list []*net.NS
		list, err = resolver.LookupNS(ctx, arg[0])
		for _, ns := range list {
			add(ns.Host)
		}
	case "LookupTXT":
		items, err = resolver.LookupTXT(ctx, arg[0])
	case "LookupSRV":
		var cname string
		var list []*net.SRV
		cname, list, err = resolver.LookupSRV(ctx, arg[0], arg[1], arg[2])
		if err == nil || len(list) > 0 {
			add(cname)
		}
		for _, srv := range list {
			add(fmt.Sprintf("%d/%d/%d/%s", srv.Priority, srv.Weight, srv.Port, srv.Target))
		}
	case "LookupPort":
		var port int
		if port, err = resolver.LookupPort(ctx, arg[0], arg[1]); err == nil {
			add(port)
		}
	case "ResolveTCPAddr":
		one(net.ResolveTCPAddr(arg[0], arg[1]))
	case "ResolveUDPAddr":
		one(net.ResolveUDPAddr(arg[0], arg[1]))
	case "ResolveIPAddr":
		one(net.ResolveIPAddr(arg[0], arg[1]))
	case "ResolveUnixAddr":
		one(net.ResolveUnixAddr(arg[0], arg[1]))
	default:
		return "? " + f
	}
	return tell(items, err)
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "strict" {
		resolver.StrictErrors, net.DefaultResolver.StrictErrors = true, true
	}
	var group sync.WaitGroup
	var answers []*string
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		for i := range words {
			words[i] = unescape(words[i])
		}
		answer := new(string)
		answers = append(answers, answer)
		group.Add(1)
		go func() {
			defer group.Done()
			*answer = ask(words[0], words[1:])
		}()
	}
	group.Wait()
	for _, answer := range answers {
		fmt.Println(*answer)
	}
}
