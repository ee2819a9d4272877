// Which TCP ports of a host are open, 200 dials at once: PortScanner.c in Go.
package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

func portOf(text string) int {
	port, err := strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		fmt.Fprintf(os.Stderr, "%s: '%s' is no port\n", os.Args[0], text)
		os.Exit(1)
	}
	return port
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintf(os.Stderr, "Usage: %s HOST FIRST LAST\n", os.Args[0])
		os.Exit(1)
	}
	host, first, last := os.Args[1], portOf(os.Args[2]), portOf(os.Args[3])
	var isOpen [65536]bool
	var probes sync.WaitGroup
	permits := make(chan struct{}, 200)
	for port := first; port <= last; port++ {
		permits <- struct{}{}
		probes.Add(1)
		go func(port int) {
			defer probes.Done()
			c, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.Itoa(port)), time.Second)
			if err == nil {
				isOpen[port] = true
				c.Close()
			}
			<-permits
		}(port)
	}
	probes.Wait()
	for port := first; port <= last; port++ {
		if isOpen[port] {
			fmt.Println(port)
		}
	}
}
