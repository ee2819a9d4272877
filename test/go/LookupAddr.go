// The guide's LookupAddr: the names of an address.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	names, err := net.LookupAddr(argument(1, "8.8.8.8"))
	checkError(err)
	for _, name := range names {
		fmt.Printf("%s\n", name)
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
