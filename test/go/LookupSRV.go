// The guide's LookupSRV: where a domain offers a service.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	cname, srvs, err := net.LookupSRV(argument(1, "xmpp-server"), argument(2, "tcp"), argument(3, "google.com"))
	checkError(err)
	fmt.Printf("\ncname: %s \n\n", cname)
	for _, srv := range srvs {
		fmt.Printf("%v:%v:%d:%d\n", srv.Target, srv.Port, srv.Priority, srv.Weight)
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
