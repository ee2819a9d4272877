// The same file from several mirrors at once, the first whole answer wins: FastestMirror.c in Go, by net alone.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"
)

type answer struct {
	mirror string
	text   []byte
	err    error
}

func get(ctx context.Context, path, mirror string) ([]byte, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", mirror)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	// reads and writes know nothing of a context
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-ctx.Done():
			c.SetDeadline(time.Now())
		case <-done:
		}
	}()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, mirror); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(c, 1<<20))
}

var lengthOf = regexp.MustCompile(`(?i)\r\nContent-Length:\s*(\d+)`)

// The body of an answer that is whole: its status is 200, and it has the length that it says.
func bodyOf(text []byte) ([]byte, bool) {
	head, body, found := bytes.Cut(text, []byte("\r\n\r\n"))
	if !found || !bytes.HasPrefix(head, []byte("HTTP/1.")) || !bytes.HasPrefix(head[8:], []byte(" 200 ")) {
		return nil, false
	}
	if m := lengthOf.FindSubmatch(head); m != nil {
		if n, _ := strconv.Atoi(string(m[1])); n != len(body) {
			return nil, false
		}
	}
	return body, true
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintf(os.Stderr, "Usage: %s PATH HOST:PORT...\n", os.Args[0])
		os.Exit(1)
	}
	path, mirrors := os.Args[1], os.Args[2:]
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	answers := make(chan answer, len(mirrors))
	var asking sync.WaitGroup
	for _, mirror := range mirrors {
		asking.Add(1)
		go func(mirror string) {
			defer asking.Done()
			text, err := get(ctx, path, mirror)
			answers <- answer{mirror, text, err}
		}(mirror)
	}
	code := 1
	for range mirrors {
		a := <-answers
		if body, ok := bodyOf(a.text); a.err == nil && ok {
			fmt.Fprintf(os.Stderr, "from %s\n", a.mirror)
			os.Stdout.Write(body)
			code = 0
			break
		}
		if a.err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s\n", a.mirror, a.err)
		} else {
			fmt.Fprintf(os.Stderr, "%s: not a whole answer\n", a.mirror)
		}
	}
	cancel()
	asking.Wait()
	os.Exit(code)
}
