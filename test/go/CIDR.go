// The guide's CIDR notation: which address and which network a text such as 127.0.0.1/23 means.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	ip, network, err := net.ParseCIDR(os.Args[1])
	checkError(err)
	fmt.Println("Address is", ip)
	fmt.Println("Network is", network)
	fmt.Println("Mask is", network.Mask)
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
