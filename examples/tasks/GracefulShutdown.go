// A server that ends well: GracefulShutdown.c in Go.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const patience = 2 * time.Second

func answer(c net.Conn, request string) error {
	ms, _ := strconv.Atoi(request)
	if d := time.Duration(ms) * time.Millisecond; d > patience {
		time.Sleep(patience)
		return context.DeadlineExceeded
	} else {
		time.Sleep(d)
	}
	_, err := fmt.Fprintf(c, "done %d\n", ms)
	return err
}

func serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	// a read knows nothing of a context
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			c.SetReadDeadline(time.Now())
		case <-ended:
		}
	}()
	lines := bufio.NewScanner(c)
	for ctx.Err() == nil && lines.Scan() {
		if answer(c, lines.Text()) != nil {
			break
		}
	}
	c.SetWriteDeadline(time.Now().Add(time.Second))
	fmt.Fprintln(c, "bye")
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
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		<-ctx.Done()
		l.Close()
	}()
	var clients sync.WaitGroup
	for {
		c, err := l.Accept()
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			continue
		}
		clients.Add(1)
		go func() {
			defer clients.Done()
			serve(ctx, c)
		}()
	}
	clients.Wait()
	fmt.Println("all clients have left")
}
