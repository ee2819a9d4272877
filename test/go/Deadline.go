// Controlling TCP connections, a): reads until the server closes, for two seconds at most, or as many milliseconds as given.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

func main() {
	patience := 2000
	if len(os.Args) > 2 {
		patience, _ = strconv.Atoi(os.Args[2])
	}
	conn, err := net.Dial("tcp", os.Args[1])
	checkError(err)
	checkError(conn.SetDeadline(time.Now().Add(time.Duration(patience) * time.Millisecond)))
	result, err := io.ReadAll(conn)
	fmt.Print(string(result))
	checkError(err)
	fmt.Println()
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
