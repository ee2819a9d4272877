// The Go side of a comparison: it does and prints what ask.c does.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func iface(name string) *net.Interface {
	ifi, err := net.InterfaceByName(name)
	must(err)
	return ifi
}

func addr(text string) *net.UDPAddr {
	a, err := net.ResolveUDPAddr("udp", text)
	must(err)
	return a
}

func listen(args []string) {
	c, err := net.ListenMulticastUDP("udp", iface(args[0]), addr(args[1]))
	must(err)
	n, _ := strconv.Atoi(args[2])
	buf := make([]byte, 2000)
	fmt.Println("listening")
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for i := 0; i < n; i++ {
		n, _, _, from, err := c.ReadMsgUDP(buf, nil)
		must(err)
		fmt.Printf("%s from %s\n", buf[:n], from.IP)
	}
}

func send(args []string) {
	to := addr(args[1])
	c, err := net.ListenMulticastUDP("udp", iface(args[0]), &net.UDPAddr{IP: to.IP})
	must(err)
	_, _, err = c.WriteMsgUDP([]byte(args[2]), nil, to)
	must(err)
}

func show(what string, n int, err error) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
	} else {
		fmt.Printf("%s: %d\n", what, n)
	}
}

func listening(what, network string, group *net.UDPAddr) {
	_, err := net.ListenMulticastUDP(network, nil, group)
	show(what, 0, err)
}

func read(what string, c *net.UDPConn, buf []byte) {
	n, _, flags, from, err := c.ReadMsgUDP(buf, nil)
	show(what, n, err)
	if err == nil {
		fmt.Printf("cut %t from %s\n", flags&syscall.MSG_TRUNC != 0, from.IP)
	}
}

func write(what string, c *net.UDPConn, data []byte, to *net.UDPAddr) {
	n, _, err := c.WriteMsgUDP(data, nil, to)
	show(what, n, err)
}

func facts() {
	listening("no group", "udp", nil)
	listening("no address", "udp4", &net.UDPAddr{Port: 9})
	listening("tcp", "tcp", addr("239.1.2.3:9"))
	listening("no network", "udp5", nil)
	listening("not a group", "udp", addr("127.0.0.1:9"))
	listening("not a group of IPv6", "udp", addr("[::1]:9"))
	listening("IPv4 for udp6", "udp6", addr("239.1.2.3:9"))
	listening("IPv6 for udp4", "udp4", addr("[ff02::1]:9"))

	server, err := net.ListenUDP("udp", addr("127.0.0.1:0"))
	must(err)
	client, err := net.DialUDP("udp", nil, server.LocalAddr().(*net.UDPAddr))
	must(err)
	other, err := net.ListenUDP("udp4", addr("127.0.0.1:0"))
	must(err)
	six, err := net.ListenUDP("udp6", addr("[::1]:0"))
	must(err)
	buf := make([]byte, 8)
	for _, c := range []*net.UDPConn{server, client, other, six} {
		c.SetReadDeadline(time.Now().Add(10 * time.Second))
	}
	write("whole", client, []byte("12345678"), nil)
	read("whole", server, buf)
	write("cut", client, []byte("123456789"), nil)
	read("cut", server, buf)
	write("empty", client, nil, nil)
	read("empty", server, buf)
	write("no room", client, []byte("1"), nil)
	read("no room", server, nil)
	write("connected, with an address", client, []byte("1"), other.LocalAddr().(*net.UDPAddr))
	write("without an address", other, []byte("1"), nil)
	write("to IPv6", other, []byte("1"), addr("[::1]:9"))
	write("to IPv4", six, []byte("1"), addr("127.0.0.1:9"))
	write("too long", other, make([]byte, 70000), server.LocalAddr().(*net.UDPAddr))
	write("to somebody else", other, []byte("1"), server.LocalAddr().(*net.UDPAddr))
	read("by somebody else", server, buf)
	server.Close()
	write("nobody there", client, []byte("1"), nil)
	read("nobody there", client, buf)
	client.SetReadDeadline(time.Now().Add(-time.Second))
	read("too late", client, buf)
	read("closed", server, buf)
	write("closed", server, []byte("1"), addr("127.0.0.1:9"))
}

func main() {
	switch os.Args[1] {
	case "listen":
		listen(os.Args[2:])
	case "send":
		send(os.Args[2:])
	case "facts":
		facts()
	}
}
