// The guide's LookupHost: the addresses of a host as text.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	addrs, err := net.LookupHost(argument(1, "www.google.com"))
	checkError(err)
	for _, addr := range addrs {
		fmt.Println(addr)
	}
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
