// A fixed number of workers behind a queue with a limit: WorkerPool.c in Go.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
)

type job struct {
	number, steps int
}

func readJobs(ctx context.Context, jobs chan<- job) error {
	defer close(jobs)
	lines := bufio.NewScanner(os.Stdin)
	for n := 1; lines.Scan(); n++ {
		number, err := strconv.Atoi(lines.Text())
		if err != nil || number < 1 || number > 1000000000 {
			return fmt.Errorf("line %d: '%s' is no number from 1 to 1000000000", n, lines.Text())
		}
		select {
		case jobs <- job{number: number}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return lines.Err()
}

func work(ctx context.Context, jobs <-chan job, results chan<- job) {
	for j := range jobs {
		for n := j.number; n != 1; j.steps++ {
			if n%2 == 1 {
				n = 3*n + 1
			} else {
				n /= 2
			}
		}
		select {
		case results <- j:
		case <-ctx.Done():
			return
		}
	}
}

func main() {
	count := 0
	if len(os.Args) == 2 {
		count, _ = strconv.Atoi(os.Args[1])
	}
	if count < 1 || count > 1000 {
		fmt.Fprintf(os.Stderr, "Usage: %s WORKERS, from 1 to 1000\n", os.Args[0])
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	jobs, results, failed := make(chan job, 16), make(chan job), make(chan error, 1)
	var workers sync.WaitGroup
	workers.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer workers.Done()
			work(ctx, jobs, results)
		}()
	}
	go func() {
		err := readJobs(ctx, jobs)
		if err != nil {
			cancel()
		}
		failed <- err
	}()
	go func() {
		workers.Wait()
		close(results)
	}()
	for j := range results {
		fmt.Println(j.number, j.steps)
	}
	if err := <-failed; err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", os.Args[0], err)
		os.Exit(1)
	}
}
