// The guide's server on several sockets: daytime over UDP at each address, a goroutine for each socket.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	addresses := os.Args[1:]
	for _, address := range addresses[1:] {
		go serve(address)
	}
	serve(addresses[0])
}

func serve(address string) {
	udpAddr, err := net.ResolveUDPAddr("udp", address)
	checkError(err)
	conn, err := net.ListenUDP("udp", udpAddr)
	checkError(err)
	for {
		handleClient(conn)
	}
}

func handleClient(conn *net.UDPConn) {
	var buf [512]byte
	_, addr, err := conn.ReadFromUDP(buf[0:])
	if err != nil {
		return
	}
	daytime := time.Now().String()
	conn.WriteToUDP([]byte(daytime), addr)
}

func checkError(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "Fatal error: %s\n", err.Error())
		os.Exit(1)
	}
}
