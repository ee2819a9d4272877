// A chat whose slow readers are cut off: ChatServer.c in Go.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

type member struct {
	conn  net.Conn
	lines chan string // for its writer
	name  string

	isCutOff bool
}

var room = struct {
	sync.Mutex
	members map[*member]bool
}{members: make(map[*member]bool)}

func (m *member) send(line string) {
	if m.isCutOff {
		return
	}
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case m.lines <- line:
	case <-patience.C:
		m.isCutOff = true
		m.conn.Close()
	}
}

func say(from *member, text string) {
	room.Lock()
	defer room.Unlock()
	for m := range room.members {
		m.send(from.name + text + "\n")
	}
}

func join(m *member) {
	room.Lock()
	room.members[m] = true
	room.Unlock()
	say(m, " joined")
}

func leave(m *member) {
	room.Lock()
	delete(room.members, m)
	room.Unlock()
	say(m, " left")
}

func (m *member) writeLines() {
	for line := range m.lines {
		if _, err := m.conn.Write([]byte(line)); err != nil {
			return
		}
	}
}

func serve(c net.Conn) {
	defer c.Close()
	m := &member{conn: c, lines: make(chan string, 64)}
	var writer sync.WaitGroup
	writer.Add(1)
	go func() {
		defer writer.Done()
		m.writeLines()
	}()
	lines := bufio.NewScanner(c)
	if lines.Scan() {
		m.name = lines.Text()
		join(m)
		for lines.Scan() {
			say(m, ": "+lines.Text())
		}
		leave(m)
	}
	close(m.lines)
	c.SetWriteDeadline(time.Now().Add(time.Second))
	writer.Wait()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintf(os.Stderr, "Usage: %s ADDRESS\n", os.Args[0])
		os.Exit(1)
	}
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", os.Args[0], err)
		os.Exit(1)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			continue
		}
		go serve(c)
	}
}
