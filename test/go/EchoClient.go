// Sends its second argument to an echo server, half-closes, and prints what comes back.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
)

func main() {
	conn, err := net.Dial("tcp", os.Args[1])
	checkError(err)
	_, err = conn.Write([]byte(os.Args[2]))
	checkError(err)
	checkError(conn.(*net.TCPConn).CloseWrite())
	result, err := io.ReadAll(conn)
	checkError(err)
	fmt.Println(string(result))
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s", err.Error())
		os.Exit(1)
	}
}
