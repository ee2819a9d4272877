// The guide's masks: the network of an address by a length, and by the default mask of its class.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

func main() {
	ip := net.ParseIP(os.Args[1])
	if ip == nil {
		checkError(&net.ParseError{Type: "IP address", Text: os.Args[1]})
	}
	mask := ip.DefaultMask()
	if len(os.Args) > 2 {
		ones, err := strconv.Atoi(os.Args[2])
		checkError(err)
		mask = net.CIDRMask(ones, bitsOf(ip))
	}
	ones, bits := mask.Size()
	fmt.Println("Address is", ip)
	fmt.Printf("Mask is %s, %d ones of %d bits\n", mask, ones, bits)
	fmt.Println("Network is", ip.Mask(mask))
}

func bitsOf(ip net.IP) int {
	if ip.To4() != nil {
		return 32
	}
	return 128
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
