// The guide's LookupNS: the name servers of a domain.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	nss, err := net.LookupNS(argument(1, "gmail.com"))
	checkError(err)
	for _, ns := range nss {
		fmt.Printf("%s\n", ns.Host)
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
