// A client for datagrams on a Unix network, with a name of its own for the answer.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	local, err := net.ResolveUnixAddr("unixgram", fmt.Sprintf("@echo-client-%d", os.Getpid()))
	checkError(err)
	server, err := net.ResolveUnixAddr("unixgram", os.Args[1])
	checkError(err)
	conn, err := net.DialUnix("unixgram", local, server)
	checkError(err)
	_, err = conn.Write([]byte(os.Args[2]))
	checkError(err)
	var buf [1024]byte
	n, err := conn.Read(buf[0:])
	checkError(err)
	fmt.Println(string(buf[0:n]))
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
