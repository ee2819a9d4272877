// The guide's summary of addresses: each network has its resolver.
package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintf(os.Stderr, "Usage: %s network address\n", os.Args[0])
		os.Exit(1)
	}
	network, address := os.Args[1], os.Args[2]
	switch {
	case strings.HasPrefix(network, "t"):
		addr, err := net.ResolveTCPAddr(network, address)
		show(addr, err)
		fmt.Printf("IP %s, port %d, zone %s\n", addr.IP, addr.Port, addr.Zone)
	case strings.HasPrefix(network, "ud"):
		addr, err := net.ResolveUDPAddr(network, address)
		show(addr, err)
		fmt.Printf("IP %s, port %d, zone %s\n", addr.IP, addr.Port, addr.Zone)
	case strings.HasPrefix(network, "i"):
		addr, err := net.ResolveIPAddr(network, address)
		show(addr, err)
		fmt.Printf("IP %s, zone %s\n", addr.IP, addr.Zone)
	default:
		addr, err := net.ResolveUnixAddr(network, address)
		show(addr, err)
	}
}

func show(addr net.Addr, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
	fmt.Println(addr.Network(), addr)
}
