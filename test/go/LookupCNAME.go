// The guide's LookupCNAME: the name at the end of a host's aliases.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	cname, err := net.LookupCNAME(argument(1, "research.swtch.com"))
	checkError(err)
	fmt.Printf("%s\n", cname)
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
