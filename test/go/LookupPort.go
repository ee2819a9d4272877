// The guide's LookupPort: the port of a service.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	port, err := net.LookupPort(argument(1, "tcp"), argument(2, "telnet"))
	checkError(err)
	fmt.Println(port)
}

// argument is the nth of the command line, or what the guide has.
func argument(n int, usual string) string {
	if len(os.Args) > n {
		return os.Args[n]
	}
	return usual
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
