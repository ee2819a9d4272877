// The guide's first lines about the IP type: addresses made of their bytes.
package main

import (
	"fmt"
	"net"
)

func main() {
	ipv6 := net.IP{0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	ipv4 := net.IP{10, 123, 0, 12}
	fmt.Println(ipv6)
	fmt.Println(ipv4)
	fmt.Println(net.IPv4(10, 255, 0, 0))
}
