// A client of the guide's Dial on a Unix network: sends one text and prints what comes back.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	conn, err := net.Dial(os.Args[1], os.Args[2])
	checkError(err)
	_, err = conn.Write([]byte(os.Args[3]))
	checkError(err)
	var buf [512]byte
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
