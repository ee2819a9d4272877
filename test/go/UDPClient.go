// The guide's UDP client: reads, then writes. The server cannot have sent anything yet, so the guide's program waits for
// ever; here the read ends after a second.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	conn, err := net.Dial("udp", os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer conn.Close()
	buffer := make([]byte, 1024)
	conn.SetReadDeadline(time.Now().Add(time.Second))
	if _, err := conn.Read(buffer); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	conn.Write([]byte("Hello from client"))
}
