// The guide's LookupTXT: the text records of a domain.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	txts, err := net.LookupTXT(argument(1, "gmail.com"))
	checkError(err)
	for _, txt := range txts {
		fmt.Printf("%s\n", txt)
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
