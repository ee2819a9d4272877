// The guide's LookupMX: who takes a domain's mail.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	mxs, err := net.LookupMX(argument(1, "google.com"))
	checkError(err)
	for _, mx := range mxs {
		fmt.Printf("%s %v\n", mx.Host, mx.Pref)
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
