// UnixErrors OP NETWORK ADDRESS: dials, listens or listens for packets, and prints the error.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	var err error

	switch network, address := os.Args[2], os.Args[3]; os.Args[1] {
	case "dial":
		_, err = net.Dial(network, address)
	case "listen":
		_, err = net.Listen(network, address)
	case "packet":
		_, err = net.ListenPacket(network, address)
	}
	fmt.Println(err)
}
