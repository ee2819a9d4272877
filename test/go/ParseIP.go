// The guide's ParseIP: an address from its text, <nil> for what is not one.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	texts := []string{"192.0.2.1", "2001:db8::68", "192.0.2"}
	if len(os.Args) > 1 {
		texts = os.Args[1:]
	}
	for _, text := range texts {
		fmt.Println(net.ParseIP(text))
	}
}
