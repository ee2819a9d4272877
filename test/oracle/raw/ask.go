// The Go side of a comparison: it does and prints what ask.c does.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func text(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

func addr(network, at string) *net.IPAddr {
	a, err := net.ResolveIPAddr(network, at)
	must(err)
	return a
}

func try(op, network, address string) {
	switch op {
	case "dial":
		c, err := net.Dial(network, address)
		must(err)
		fmt.Println(text(c.LocalAddr()), "->", text(c.RemoteAddr()))
	case "packet":
		c, err := net.ListenPacket(network, address)
		must(err)
		fmt.Println(text(c.LocalAddr()), "-> ")
	default:
		_, err := net.Listen(network, address)
		must(err)
	}
}

func receive(network, address, how string, room int) {
	pc, err := net.ListenPacket(network, address)
	must(err)
	c := pc.(*net.IPConn)
	fmt.Println("listening")
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, room)
	var from net.Addr
	n := 0
	switch how {
	case "read":
		n, err = c.Read(buf)
	case "from":
		n, from, err = c.ReadFrom(buf)
	default:
		var a *net.IPAddr
		n, _, _, a, err = c.ReadMsgIP(buf, nil)
		from = a
	}
	must(err)
	fmt.Printf("%d %x %s\n", n, buf[:n], text(from))
}

func main() {
	a := os.Args
	switch a[1] {
	case "try":
		try(a[2], a[3], a[4])
	case "receive":
		room, _ := strconv.Atoi(a[5])
		receive(a[2], a[3], a[4], room)
	case "dial":
		c, err := net.DialIP(a[2], addr(a[2], a[3]), addr(a[2], a[4]))
		must(err)
		_, err = c.Write([]byte(a[5]))
		must(err)
	case "send":
		c, err := net.ListenIP(a[2], addr(a[2], a[3]))
		must(err)
		_, err = c.WriteToIP([]byte(a[5]), addr(a[2], a[4]))
		must(err)
	}
}
