// The sieve of Eratosthenes as a pipeline: Pipeline.c in Go.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
)

func send(ctx context.Context, out chan<- int, n int) bool {
	select {
	case out <- n:
		return true
	case <-ctx.Done():
		return false
	}
}

func countUp(ctx context.Context, out chan<- int) {
	for n := 2; send(ctx, out, n); n++ {
	}
}

func sieve(ctx context.Context, in <-chan int, out chan<- int, prime int) {
	for {
		select {
		case n := <-in:
			if n%prime != 0 && !send(ctx, out, n) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func main() {
	count, err := 0, error(nil)
	if len(os.Args) == 2 {
		count, err = strconv.Atoi(os.Args[1])
	}
	if err != nil || count < 1 || count > 10000 {
		fmt.Fprintf(os.Stderr, "Usage: %s COUNT, from 1 to 10000\n", os.Args[0])
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var stages sync.WaitGroup
	start := func(stage func()) {
		stages.Add(1)
		go func() {
			defer stages.Done()
			stage()
		}()
	}
	out := make(chan int)
	first := out
	start(func() { countUp(ctx, first) })
	for i := 0; i < count; i++ {
		prime, in, next := <-out, out, make(chan int)
		fmt.Println(prime)
		start(func() { sieve(ctx, in, next, prime) })
		out = next
	}
	cancel()
	stages.Wait()
}
