// The costs of bench/waiting_hoy.c in Go, under the same names, with as many of each.
package main

import (
	"context"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"syscall"
	"time"
)

const (
	switches, items, capacity, locks, groups, children, scopes = 500000, 500000, 64, 2000000, 20000, 10, 200000

	itemsAcross, contenders, locksEach = 100000, 4, 100000
	wakes, pause                       = 300, 300 * time.Microsecond
)

// The process's CPU time, as waiting_hoy.c uses on one worker.
func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

var start = time.Now()

func wall() time.Duration { return time.Since(start) }

func report(cost string, count int, now func() time.Duration, do func()) {
	began := now()
	do()
	fmt.Printf("%s\t%.1f\n", cost, float64(now()-began)/float64(count))
}

func pass(capacity, count int) {
	c := make(chan uint64, capacity)
	go func() {
		for i := 0; i < count; i++ {
			c <- uint64(i)
		}
	}()
	for i := 0; i < count; i++ {
		if <-c != uint64(i) {
			panic("items out of order")
		}
	}
}

func yieldOften() {
	for i := 0; i < switches; i++ {
		runtime.Gosched()
	}
}

func contend(tasks, each int) {
	var m sync.Mutex
	var all sync.WaitGroup
	counter := 0
	all.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func() {
			for i := 0; i < each; i++ {
				m.Lock()
				counter++
				m.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
}

func wakeSleeper() time.Duration {
	rung, heard := make(chan bool, 1), make(chan bool, 1)
	var at time.Duration
	late := make([]time.Duration, wakes)
	go func() {
		for i := range late {
			<-rung
			late[i] = wall() - at
			heard <- true
		}
	}()
	for range late {
		for end := wall() + pause; wall() < end; {
		}
		at = wall()
		rung <- true
		<-heard
	}
	sort.Slice(late, func(i, j int) bool { return late[i] < late[j] })
	return late[len(late)/2]
}

func main() {
	runtime.GOMAXPROCS(1)
	report("switch", 2*switches, cpu, func() { go yieldOften(); yieldOften() })
	report("unbuffered", items, cpu, func() { pass(0, items) })
	report("buffered", items, cpu, func() { pass(capacity, items) })
	report("lock", locks, cpu, func() {
		var m sync.Mutex
		for i := 0; i < locks; i++ {
			m.Lock()
			m.Unlock()
		}
	})
	report("group of ten", groups, cpu, func() {
		for i := 0; i < groups; i++ {
			var g sync.WaitGroup
			g.Add(children)
			for j := 0; j < children; j++ {
				go func() { g.Done() }()
			}
			g.Wait()
		}
	})
	report("scope", scopes, cpu, func() {
		deadline := time.Now().Add(time.Hour)
		for i := 0; i < scopes; i++ {
			_, cancel := context.WithDeadline(context.Background(), deadline)
			cancel()
		}
	})
	runtime.GOMAXPROCS(2)
	report("unbuffered, two workers", itemsAcross, wall, func() { pass(0, itemsAcross) })
	report("buffered, two workers", itemsAcross, wall, func() { pass(capacity, itemsAcross) })
	report("lock of four, two workers", contenders*locksEach, wall, func() { contend(contenders, locksEach) })
	fmt.Printf("wake a sleeping worker\t%d\n", wakeSleeper().Nanoseconds())
}
