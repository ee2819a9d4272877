// Controlling TCP connections, b): stays connected to a server, with a probe every 30 s.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func main() {
	conn, err := net.Dial("tcp", os.Args[1])
	checkError(err)
	tcp := conn.(*net.TCPConn)
	checkError(tcp.SetKeepAlive(true))
	checkError(tcp.SetKeepAlivePeriod(30 * time.Second))
	_, err = io.Copy(os.Stdout, conn)
	checkError(err)
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
