// Interfaces, their addresses and groups, as Go has them: one line for each fact.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	list, err := net.Interfaces()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	all := 0
	for _, i := range list {
		fmt.Println(i.Index, i.Name, i.MTU, i.Flags, i.HardwareAddr)
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			fmt.Println(i.Index, "address", a)
		}
		all += len(addrs)
		groups, _ := i.MulticastAddrs()
		for _, g := range groups {
			fmt.Println(i.Index, "group", g)
		}
		byName, err := net.InterfaceByName(i.Name)
		if err != nil || byName.Index != i.Index {
			fmt.Println(i.Name, err)
		}
	}
	if addrs, _ := net.InterfaceAddrs(); len(addrs) != all {
		fmt.Println("InterfaceAddrs:", len(addrs), "and not", all)
	}
}
